import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the loader makes of a file: every entry as {@code Configuration.toMap} writes it, and its Java type. */
public final class Load implements Harness.Mode {
    @Override
    public Object answer(Path configDirectory, Map<String, String> dynamicProperties) throws Throwable {
        Object configuration = Harness.loadConfiguration(configDirectory, dynamicProperties);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("entries", new TreeMap<>((Map<?, ?>) Harness.call(configuration, "toMap")));
        Field data = configuration.getClass().getDeclaredField("confData");
        data.setAccessible(true);
        Map<String, Object> types = new TreeMap<>();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) data.get(configuration)).entrySet()) {
            types.put(String.valueOf(entry.getKey()), entry.getValue().getClass().getSimpleName());
        }
        answer.put("types", types);
        return answer;
    }
}
