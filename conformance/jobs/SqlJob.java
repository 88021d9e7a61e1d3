import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** Submits statements to a cluster. Arguments: host, port, options as `key=value;key=value`, statements. */
public final class SqlJob {
    public static void main(String[] arguments) {
        var options = new Configuration();
        for (String option : arguments[2].split(";")) {
            String[] keyAndValue = option.split("=", 2);
            options.setString(keyAndValue[0], keyAndValue[1]);
        }
        var environment = StreamExecutionEnvironment.createRemoteEnvironment(
                arguments[0], Integer.parseInt(arguments[1]), options);
        var tables = StreamTableEnvironment.create(environment);
        tables.getConfig().getConfiguration().addAll(options);
        for (int index = 3; index < arguments.length; index++) {
            tables.executeSql(arguments[index]);
        }
    }
}
