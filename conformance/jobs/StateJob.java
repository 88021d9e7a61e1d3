import java.util.ArrayList;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Submits a job with one kind of keyed state to a cluster. Arguments: host, port, the jar of these
 * classes, options as `key=value;key=value`, kind of state, keys, records a second of a subtask.
 */
public final class StateJob {
    public static void main(String[] arguments) throws Exception {
        var options = new Configuration();
        for (String option : arguments[3].split(";")) {
            String[] keyAndValue = option.split("=", 2);
            options.setString(keyAndValue[0], keyAndValue[1]);
        }
        var environment = StreamExecutionEnvironment.createRemoteEnvironment(
                arguments[0], Integer.parseInt(arguments[1]), options, arguments[2]);
        long keys = Long.parseLong(arguments[5]);
        environment
                .fromSequence(0, Long.MAX_VALUE / 2)
                .map(new Throttle(Integer.parseInt(arguments[6])))
                .keyBy(number -> Math.floorMod(number * 0x9e3779b97f4a7c15L >>> 20, keys))
                .process(new Keep(arguments[4]))
                .print();
        environment.executeAsync(options.toMap().get("pipeline.name"));
    }

    /** Lets so many records a second pass. */
    static final class Throttle implements MapFunction<Long, Long> {
        private final int rate;
        private long start;
        private long count;

        Throttle(int rate) {
            this.rate = rate;
        }

        @Override
        public Long map(Long number) throws Exception {
            if (start == 0) {
                start = System.nanoTime();
            }
            long ahead = start + count++ * 1_000_000_000L / rate - System.nanoTime();
            if (ahead > 1_000_000) {
                Thread.sleep(ahead / 1_000_000);
            }
            return number;
        }
    }

    /** Keeps something for each key, by the kind of state. */
    static final class Keep extends KeyedProcessFunction<Long, Long, String> {
        private static final String ROW = "a row of a few words, as a session or an order may hold";
        private final String kind;
        private transient ValueState<String> value;
        private transient ListState<String> list;
        private transient MapState<Long, String> map;

        Keep(String kind) {
            this.kind = kind;
        }

        @Override
        public void processElement(Long number, Context context, Collector<String> out) throws Exception {
            var timers = context.timerService();
            switch (kind) {
                case "value" -> value().update(ROW + number);
                case "list" -> {
                    var rows = new ArrayList<String>();
                    list().get().forEach(rows::add);
                    if (rows.size() >= 8) {
                        list().clear();
                    }
                    list().add(ROW + number);
                }
                case "map" -> map().put(number % 5, ROW + number);
                default -> {
                    value().update(ROW + number);
                    timers.registerProcessingTimeTimer(timers.currentProcessingTime() / 1000 * 1000 + 3_600_000);
                }
            }
        }

        private ValueState<String> value() {
            if (value == null) {
                value = getRuntimeContext().getState(new ValueStateDescriptor<>("row", String.class));
            }
            return value;
        }

        private ListState<String> list() {
            if (list == null) {
                list = getRuntimeContext().getListState(new ListStateDescriptor<>("rows", String.class));
            }
            return list;
        }

        private MapState<Long, String> map() {
            if (map == null) {
                map = getRuntimeContext().getMapState(new MapStateDescriptor<>("rows", Long.class, String.class));
            }
            return map;
        }
    }
}
