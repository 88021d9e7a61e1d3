import java.lang.reflect.Method;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Every memory figure that Flink derives from a file: {@code task_manager} and {@code job_manager} as
 * the start scripts compute them, {@code start} as the started TaskManager goes on. Where Flink
 * throws, the figure is {@code {"error": […]}} with the chain of causes.
 */
public class Memory implements Harness.Mode {
    private static final String RUNTIME = "org.apache.flink.runtime.";
    private static final String CONFIGURATION = "org.apache.flink.configuration.";
    private static final String TASK_MANAGER = RUNTIME + "clusterframework.TaskExecutorProcessUtils";
    private static final String JOB_MANAGER = RUNTIME + "jobmanager.JobManagerProcessUtils";
    private static final String PROCESS = RUNTIME + "util.config.memory.ProcessMemoryUtils";

    /** What legacy heap keys stand for: the names of options in Flink's classes. */
    String legacyTaskManagerHeap() {
        return "TOTAL_FLINK_MEMORY";
    }

    String legacyJobManagerHeap() {
        return "JVM_HEAP_MEMORY";
    }

    /** Only the start scripts append the user's -D to what they computed. */
    boolean startedByScript() {
        return true;
    }

    @Override
    public Object answer(Path configDirectory, Map<String, String> dynamicProperties) throws Throwable {
        Object configuration = Harness.loadConfiguration(configDirectory, dynamicProperties);
        Map<String, Object> answer = new LinkedHashMap<>();
        Map<String, String> computed = new LinkedHashMap<>();
        answer.put("task_manager", attempt(() -> taskManager(configuration, computed)));
        if (!computed.isEmpty()) {
            answer.put("start", attempt(() -> start(configDirectory, dynamicProperties, computed)));
        }
        answer.put("job_manager", attempt(() -> jobManager(configuration)));
        return answer;
    }

    private interface Question {
        Object ask() throws Throwable;
    }

    private static Object attempt(Question question) {
        try {
            return question.ask();
        } catch (Throwable failure) {
            return Map.of("error", Harness.describe(failure));
        }
    }

    private Object taskManager(Object configuration, Map<String, String> computed) throws Throwable {
        Method map = Harness.staticMethod(TASK_MANAGER, "getConfigurationMapLegacyTaskManagerHeapSizeToConfigOption", 2);
        Object mapped = map == null
                ? configuration
                : Harness.invoke(map, null, configuration, option("TaskManagerOptions", legacyTaskManagerHeap()));
        Object spec = Harness.invoke(Harness.staticMethod(TASK_MANAGER, "processSpecFromConfig", 1), null, mapped);
        Map<String, Object> answer = sizes(
                spec,
                "framework_heap", "getFrameworkHeapSize",
                "task_heap", "getTaskHeapSize",
                "framework_off_heap", "getFrameworkOffHeapMemorySize",
                "task_off_heap", "getTaskOffHeapSize",
                "network", "getNetworkMemSize",
                "managed", "getManagedMemorySize",
                "jvm_metaspace", "getJvmMetaspaceSize",
                "jvm_overhead", "getJvmOverheadSize",
                "total_flink_memory", "getTotalFlinkMemorySize",
                "total_process_memory", "getTotalProcessMemorySize");
        Method arguments = Harness.staticMethod(PROCESS, "generateJvmParametersStr", 1);
        if (arguments == null) { // Flink 1.10.
            arguments = Harness.staticMethod(TASK_MANAGER, "generateJvmParametersStr", 1);
        }
        answer.put("jvm_arguments", Harness.invoke(arguments, null, spec).toString().trim());
        Object dynamic = Harness.invoke(Harness.staticMethod(TASK_MANAGER, "generateDynamicConfigsStr", 1), null, spec);
        for (String property : dynamic.toString().trim().split("\\s*-D\\s+")) {
            String[] parts = property.split("=", 2);
            if (parts.length == 2) {
                computed.put(parts[0], parts[1].trim());
            }
        }
        return answer;
    }

    /** The start script passes what it computed as -D; from 1.12 on the user's own come after that. */
    private Object start(Path configDirectory, Map<String, String> user, Map<String, String> computed) throws Throwable {
        Map<String, String> properties = new LinkedHashMap<>();
        boolean is112OrLater = computed.containsKey("taskmanager.memory.jvm-metaspace.size");
        boolean userLast = is112OrLater && startedByScript();
        properties.putAll(userLast ? computed : user);
        properties.putAll(userLast ? user : computed);
        Object configuration = Harness.loadConfiguration(configDirectory, properties);
        String resourceUtils = RUNTIME + "taskexecutor.TaskExecutorResourceUtils";
        String parserUtils = RUNTIME + "util.ConfigurationParserUtils";
        Object resources = Harness.invoke(Harness.staticMethod(resourceUtils, "resourceSpecFromConfig", 1), null, configuration);
        int slots = (Integer) Harness.invoke(Harness.staticMethod(parserUtils, "getSlot", 1), null, configuration);
        int segmentSize = ((Number) Harness.invoke(Harness.staticMethod(parserUtils, "getPageSize", 1), null, configuration)).intValue();
        Method profile = Harness.staticMethod(resourceUtils, "generateDefaultSlotResourceProfile", 2);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("slots", slots);
        answer.put("slot", sizes(
                Harness.invoke(profile, null, resources, slots),
                "managed", "getManagedMemory",
                "task_heap", "getTaskHeapMemory",
                "task_off_heap", "getTaskOffHeapMemory",
                "network", "getNetworkMemory"));
        Object shuffle = shuffle(configuration, Harness.call(resources, "getNetworkMemSize"), segmentSize);
        Map<String, Object> buffers = new LinkedHashMap<>();
        buffers.put("count", Harness.call(shuffle, "numNetworkBuffers"));
        buffers.put("size", Harness.call(shuffle, "networkBufferSize"));
        answer.put("network_buffers", buffers);
        return answer;
    }

    /** The parameters of this factory changed from release to release; their types say what they are. */
    private static Object shuffle(Object configuration, Object network, int segmentSize) throws Throwable {
        Class<?> type = Class.forName(RUNTIME + "taskmanager.NettyShuffleEnvironmentConfiguration");
        for (Method method : type.getDeclaredMethods()) {
            if (!method.getName().equals("fromConfiguration")) {
                continue;
            }
            Class<?>[] types = method.getParameterTypes();
            Object[] parameters = new Object[types.length];
            for (int i = 0; i < types.length; i++) {
                parameters[i] = types[i] == configuration.getClass() ? configuration
                        : types[i] == network.getClass() ? network
                        : types[i] == boolean.class ? Boolean.FALSE
                        : types[i] == int.class ? Integer.valueOf(segmentSize)
                        : types[i] == InetAddress.class ? InetAddress.getLoopbackAddress()
                        : null;
            }
            return Harness.invoke(method, null, parameters);
        }
        throw new NoSuchMethodException("fromConfiguration");
    }

    private Object jobManager(Object configuration) throws Throwable {
        if (Harness.staticMethod(JOB_MANAGER, "generateJvmParametersStr", 2) == null) { // Flink 1.10 sizes the heap only.
            Method heap = Harness.staticMethod(CONFIGURATION + "ConfigurationUtils", "getJobManagerHeapMemory", 1);
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("jvm_heap", Harness.call(Harness.invoke(heap, null, configuration), "getBytes"));
            return answer;
        }
        Method legacy = Harness.staticMethod(JOB_MANAGER, "processSpecFromConfigWithNewOptionToInterpretLegacyHeap", 2);
        Object spec = legacy != null
                ? Harness.invoke(legacy, null, configuration, option("JobManagerOptions", legacyJobManagerHeap()))
                : Harness.invoke(Harness.staticMethod(JOB_MANAGER, "processSpecFromConfig", 1), null, configuration);
        Map<String, Object> answer = sizes(
                spec,
                "jvm_heap", "getJvmHeapMemorySize",
                "off_heap", "getJvmDirectMemorySize",
                "jvm_metaspace", "getJvmMetaspaceSize",
                "jvm_overhead", "getJvmOverheadSize",
                "total_flink_memory", "getTotalFlinkMemorySize",
                "total_process_memory", "getTotalProcessMemorySize");
        Method arguments = Harness.staticMethod(JOB_MANAGER, "generateJvmParametersStr", 2);
        answer.put("jvm_arguments", Harness.invoke(arguments, null, spec, configuration).toString().trim());
        return answer;
    }

    private static Object option(String owner, String field) throws Exception {
        return Class.forName(CONFIGURATION + owner).getField(field).get(null);
    }

    private static Map<String, Object> sizes(Object receiver, String... nameAndGetter) throws Throwable {
        Map<String, Object> sizes = new LinkedHashMap<>();
        for (int i = 0; i < nameAndGetter.length; i += 2) {
            sizes.put(nameAndGetter[i], Harness.call(Harness.call(receiver, nameAndGetter[i + 1]), "getBytes"));
        }
        return sizes;
    }
}
