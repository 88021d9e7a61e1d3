import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** Submits statements to a cluster. Arguments: host, port, options as `key=value;key=value`, statements. */
public final class SqlJob {
    public static void main(String[] arguments) {
        var environment =
                StreamExecutionEnvironment.createRemoteEnvironment(arguments[0], Integer.parseInt(arguments[1]));
        var tables = StreamTableEnvironment.create(environment);
        for (String option : arguments[2].split(";")) {
            String[] keyAndValue = option.split("=", 2);
            tables.getConfig().getConfiguration().setString(keyAndValue[0], keyAndValue[1]);
        }
        for (int index = 3; index < arguments.length; index++) {
            tables.executeSql(arguments[index]);
        }
    }
}
