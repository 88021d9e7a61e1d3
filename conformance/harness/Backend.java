import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What RocksDB gets of a slot's managed memory. The slot's size and the figures to compute with are
 * dynamic properties of this harness: {@code slot}, {@code budget}, {@code ratio}, {@code buffer}; the
 * consumer weights come from the configuration.
 */
public final class Backend implements Harness.Mode {
    private static final String UTILS = "org.apache.flink.runtime.util.config.memory.ManagedMemoryUtils";
    private static final String USE_CASE = "org.apache.flink.core.memory.ManagedMemoryUseCase";
    private static final String[] ROCKSDB = {
        "org.apache.flink.contrib.streaming.state.RocksDBMemoryControllerUtils",
        "org.apache.flink.state.rocksdb.RocksDBMemoryControllerUtils",
    };

    @Override
    public Object answer(Path configDirectory, Map<String, String> figures) throws Throwable {
        Object configuration = Harness.loadConfiguration(configDirectory, Map.of());
        long slot = Long.parseLong(figures.get("slot"));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("alone", share(configuration, slot, "STATE_BACKEND"));
        answer.put("beside_python", share(configuration, slot, "STATE_BACKEND", "PYTHON"));
        long budget = Long.parseLong(figures.get("budget"));
        double ratio = Double.parseDouble(figures.get("ratio"));
        long buffer = Long.parseLong(figures.get("buffer"));
        long capacity = (Long) Harness.invoke(rocksDb("calculateWriteBufferManagerCapacity", 2), null, budget, ratio);
        answer.put("cache_capacity", Harness.invoke(rocksDb("calculateActualCacheCapacity", 2), null, budget, ratio));
        answer.put("write_buffer_manager_capacity", capacity);
        if (rocksDb("calculateRocksDBMutableLimit", 1) != null) { // From Flink 1.12 on.
            long block = (Long) Harness.invoke(rocksDb("calculateRocksDBDefaultArenaBlockSize", 1), null, buffer);
            long limit = (Long) Harness.invoke(rocksDb("calculateRocksDBMutableLimit", 1), null, capacity);
            answer.put("arena_block_size", block);
            answer.put("mutable_limit", limit);
            answer.put("sane", Harness.invoke(rocksDb("validateArenaBlockSize", 2), null, block, limit));
        }
        return answer;
    }

    private static Method rocksDb(String name, int parameterCount) {
        return Arrays.stream(ROCKSDB)
                .map(type -> Harness.staticMethod(type, name, parameterCount))
                .filter(method -> method != null)
                .findFirst()
                .orElse(null);
    }

    /** The bytes that the state backend gets where these kinds of consumers run in a slot. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object share(Object configuration, long slot, String... consumers) throws Throwable {
        Method fraction = null;
        for (int parameterCount : new int[] {6, 7}) {
            Method found = Harness.staticMethod(UTILS, "convertToFractionOfSlot", parameterCount);
            fraction = found == null ? fraction : found;
        }
        if (fraction == null) { // Before Flink 1.12.
            return null;
        }
        Class type = Class.forName(USE_CASE);
        Set useCases = EnumSet.noneOf(type);
        for (String consumer : consumers) {
            useCases.add(Enum.valueOf(type, consumer.equals("STATE_BACKEND") ? stateBackend(type) : consumer));
        }
        Object[] parameters = new Object[fraction.getParameterCount()];
        parameters[0] = Enum.valueOf(type, stateBackend(type));
        parameters[1] = 1.0;
        parameters[2] = useCases;
        parameters[3] = configuration;
        parameters[parameters.length - 3] = configuration;
        parameters[parameters.length - 2] = Optional.of(true);
        parameters[parameters.length - 1] = Backend.class.getClassLoader();
        double share = (Double) Harness.invoke(fraction, null, parameters);
        return (long) Math.floor(slot * share); // As MemoryManager.computeMemorySize does.
    }

    @SuppressWarnings("rawtypes")
    private static String stateBackend(Class type) {
        return Arrays.stream(type.getEnumConstants()).anyMatch(it -> it.toString().equals("STATE_BACKEND"))
                ? "STATE_BACKEND"
                : "ROCKSDB"; // Older names of the same.
    }
}
