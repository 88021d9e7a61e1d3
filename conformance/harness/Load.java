import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the loader makes of a file: every entry as {@code Configuration.toMap} writes it, and its Java type. */
public final class Load implements Harness.Mode {
    @Override
    public Object answer(Path configDirectory, Map<String, String> dynamicProperties) throws Throwable {
        restartAnchors();
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

    /**
     * Flink numbers the anchors that it writes into lists ({@code &id001}) by one counter for the whole
     * process, so the answer would depend on the files before. A process loads one file.
     */
    private static void restartAnchors() throws Throwable {
        try {
            Class<?> utils = Class.forName("org.apache.flink.configuration.YamlParserUtils");
            Field settings = utils.getDeclaredField("flowDumperSettings");
            settings.setAccessible(true);
            Object generator = Harness.call(settings.get(null), "getAnchorGenerator");
            Field count = generator.getClass().getDeclaredField("lastAnchorId");
            count.setAccessible(true);
            count.setInt(generator, 0);
        } catch (ClassNotFoundException absent) {
            // Releases before 1.19 have no YAML.
        }
    }
}
