import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads every option that the configuration contains by {@code Configuration.get}: for each key, null
 * where that works, else the messages of the exception and its causes. Keys that several classes
 * declare with different types are left out, since which of them Flink reads depends on the place.
 */
public final class Get implements Harness.Mode {
    private static final String OPTION = "org.apache.flink.configuration.ConfigOption";
    final Map<String, Object> options = new TreeMap<>();
    /** Those that are left out. */
    final Map<String, Object> ambiguous = new TreeMap<>();

    public Get() throws Exception {
        Map<String, List<String>> types = new LinkedHashMap<>();
        for (String jar : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!jar.endsWith(".jar")) {
                continue;
            }
            for (String name : Options.classesThatMention(jar)) {
                try {
                    collect(Class.forName(name, false, Get.class.getClassLoader()), types);
                } catch (Throwable absent) {
                    // A class that needs Hadoop, say, declares nothing here.
                }
            }
        }
        types.forEach((key, found) -> {
            if (found.stream().distinct().count() > 1) {
                ambiguous.put(key, options.remove(key));
            }
        });
    }

    private void collect(Class<?> owner, Map<String, List<String>> types) throws Throwable {
        for (Field field : owner.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType().getName().equals(OPTION)) {
                field.setAccessible(true);
                Object option = field.get(null);
                String key = (String) Harness.call(option, "key");
                String type = read(option, "clazz") + " " + read(option, "isList");
                types.computeIfAbsent(key, absent -> new ArrayList<>()).add(type);
                options.putIfAbsent(key, option);
            }
        }
    }

    private static Object read(Object owner, String name) throws Exception {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    @Override
    public Object answer(Path configDirectory, Map<String, String> dynamicProperties) throws Throwable {
        Object configuration = Harness.loadConfiguration(configDirectory, dynamicProperties);
        Method contains = configuration.getClass().getMethod("contains", Class.forName(OPTION));
        Method get = configuration.getClass().getMethod("get", Class.forName(OPTION));
        Map<String, Object> answer = new TreeMap<>();
        for (Map.Entry<String, Object> option : options.entrySet()) {
            if (!(Boolean) contains.invoke(configuration, option.getValue())) {
                continue;
            }
            try {
                get.invoke(configuration, option.getValue());
                answer.put(option.getKey(), null);
            } catch (InvocationTargetException wrapper) {
                List<Object> messages = new ArrayList<>();
                for (Throwable cause = wrapper.getCause(); cause != null; cause = cause.getCause()) {
                    messages.add(cause.getMessage());
                }
                answer.put(option.getKey(), messages);
            }
        }
        return answer;
    }
}
