import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every option that the configuration contains, as {@code Configuration.get} reads it: the key it is
 * read from and the typed value as text, or an error; and every raw entry.
 */
public final class Effective implements Harness.Mode {
    private final Get known = new Get();

    public Effective() throws Exception {}

    @Override
    public Object answer(Path configDirectory, Map<String, String> dynamicProperties) throws Throwable {
        Object configuration = Harness.loadConfiguration(configDirectory, dynamicProperties);
        Class<?> optionClass = Class.forName("org.apache.flink.configuration.ConfigOption");
        Method contains = configuration.getClass().getMethod("contains", optionClass);
        Method get = configuration.getClass().getMethod("get", optionClass);
        Map<?, ?> raw = (Map<?, ?>) Harness.call(configuration, "toMap");
        Map<String, Object> read = new TreeMap<>();
        for (Map.Entry<String, Object> option : known.options.entrySet()) {
            if (!(Boolean) contains.invoke(configuration, option.getValue())) {
                continue;
            }
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("via", via(option.getKey(), option.getValue(), raw));
            try {
                entry.put("value", text(get.invoke(configuration, option.getValue())));
            } catch (InvocationTargetException wrapper) {
                entry.put("error", String.valueOf(wrapper.getCause().getMessage()));
            }
            read.put(option.getKey(), entry);
        }
        for (Map.Entry<String, Object> option : known.ambiguous.entrySet()) {
            if ((Boolean) contains.invoke(configuration, option.getValue())) {
                // Somebody reads it, as one type or another.
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("via", via(option.getKey(), option.getValue(), raw));
                entry.put("ambiguous", true);
                read.put(option.getKey(), entry);
            }
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("raw", new TreeMap<>(raw));
        answer.put("read", read);
        return answer;
    }

    private static String via(String key, Object option, Map<?, ?> raw) throws Throwable {
        if (raw.containsKey(key)) {
            return key;
        }
        for (Object fallback : (Iterable<?>) Harness.call(option, "fallbackKeys")) {
            String other = (String) Harness.call(fallback, "getKey");
            if (raw.containsKey(other)) {
                return other;
            }
        }
        return null; // A map of which the entries are set one by one.
    }

    /** Values of one meaning have one text, whatever the release. */
    private static Object text(Object value) {
        if (value instanceof Collection) {
            List<Object> items = new ArrayList<>();
            ((Collection<?>) value).forEach(item -> items.add(text(item)));
            return items;
        }
        if (value instanceof Map) {
            Map<String, Object> entries = new TreeMap<>();
            ((Map<?, ?>) value).forEach((key, item) -> entries.put(String.valueOf(key), text(item)));
            return entries;
        }
        return String.valueOf(value);
    }
}
