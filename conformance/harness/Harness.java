import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks one real Flink release, one request per line. Everything of Flink is reached by reflection, so
 * the same classes serve every release; the class path decides which one answers.
 *
 * <p>Usage: {@code java -cp … Harness MODE}, where MODE is a class with a constructor without
 * parameters that implements {@link Mode}. A request is a line of tab-separated fields in base64: the
 * configuration file's name, its bytes, and then any number of {@code key=value} dynamic properties.
 * The answer is one line of JSON.
 */
public final class Harness {
    /** One kind of question; the answer is anything that {@link #writeJson} can write. */
    interface Mode {
        Object answer(Path configDirectory, Map<String, String> dynamicProperties) throws Throwable;
    }

    /** Where the configuration files of all requests are written in turn. */
    private static Path directory;

    public static void main(String[] arguments) throws Exception {
        PrintStream standardOut = System.out;
        System.setOut(System.err); // Flink must not write between the answers.
        Mode mode = (Mode) Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
        directory = Files.createTempDirectory("slotwise-conformance-");
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
                BufferedWriter out = new BufferedWriter(new OutputStreamWriter(standardOut, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                StringBuilder json = new StringBuilder();
                writeJson(json, answer(mode, line));
                out.append(json).append('\n');
            }
        } finally {
            Files.delete(directory);
        }
    }

    private static Object answer(Mode mode, String line) throws Exception {
        List<byte[]> fields = new ArrayList<>();
        for (String field : line.split("\t", -1)) {
            fields.add(Base64.getDecoder().decode(field));
        }
        Path file = directory.resolve(new String(fields.get(0), StandardCharsets.UTF_8));
        Files.write(file, fields.get(1));
        Map<String, String> dynamicProperties = new LinkedHashMap<>();
        for (byte[] field : fields.subList(2, fields.size())) {
            String[] property = new String(field, StandardCharsets.UTF_8).split("=", 2);
            dynamicProperties.put(property[0], property[1]);
        }
        try {
            return mode.answer(directory, dynamicProperties);
        } catch (Throwable failure) {
            return Collections.singletonMap("error", describe(failure));
        } finally {
            Files.delete(file);
        }
    }

    /** The chain of causes, outermost first, without the name of our own temporary directory. */
    static Object describe(Throwable failure) {
        List<Object> chain = new ArrayList<>();
        for (Throwable cause = failure; cause != null && chain.size() < 8; cause = cause.getCause()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("class", cause.getClass().getName());
            String message = cause.getMessage();
            entry.put("message", message == null ? null : message.replace(directory.toString(), "CONF_DIR"));
            chain.add(entry);
        }
        return chain;
    }

    // Reflection, shared by the modes.

    /** Flink's own loader: the file of that directory, the dynamic properties over it. */
    static Object loadConfiguration(Path configDirectory, Map<String, String> dynamicProperties) throws Throwable {
        Class<?> configuration = Class.forName("org.apache.flink.configuration.Configuration");
        Object dynamic = configuration.getDeclaredConstructor().newInstance();
        Method setString = configuration.getMethod("setString", String.class, String.class);
        for (Map.Entry<String, String> property : dynamicProperties.entrySet()) {
            setString.invoke(dynamic, property.getKey(), property.getValue());
        }
        Class<?> loader = Class.forName("org.apache.flink.configuration.GlobalConfiguration");
        return invoke(loader.getMethod("loadConfiguration", String.class, configuration), null, configDirectory.toString(), dynamic);
    }

    /** Calls a method and throws what it throws, not the wrapper of reflection. */
    static Object invoke(Method method, Object receiver, Object... parameters) throws Throwable {
        try {
            method.setAccessible(true);
            return method.invoke(receiver, parameters);
        } catch (InvocationTargetException wrapper) {
            throw wrapper.getCause();
        }
    }

    /** Calls the method of that name without parameters, wherever in the class hierarchy it is. */
    static Object call(Object receiver, String name) throws Throwable {
        for (Class<?> type = receiver.getClass(); type != null; type = type.getSuperclass()) {
            for (Method method : type.getDeclaredMethods()) {
                if (method.getName().equals(name) && method.getParameterCount() == 0) {
                    return invoke(method, receiver);
                }
            }
        }
        throw new NoSuchMethodException(receiver.getClass() + "." + name);
    }

    /** The static method of that name with that many parameters, or null where the release has none. */
    static Method staticMethod(String className, String name, int parameterCount) {
        try {
            return Arrays.stream(Class.forName(className).getDeclaredMethods())
                    .filter(method -> method.getName().equals(name) && method.getParameterCount() == parameterCount)
                    .findFirst()
                    .orElse(null);
        } catch (ClassNotFoundException absent) {
            return null;
        }
    }

    // JSON out: maps, lists, strings, numbers, booleans, null.

    static void writeJson(StringBuilder out, Object value) {
        if (value instanceof Map) {
            out.append('{');
            String separator = "";
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                out.append(separator);
                writeString(out, String.valueOf(entry.getKey()));
                out.append(':');
                writeJson(out, entry.getValue());
                separator = ",";
            }
            out.append('}');
        } else if (value instanceof Iterable) {
            out.append('[');
            String separator = "";
            for (Object element : (Iterable<?>) value) {
                out.append(separator);
                writeJson(out, element);
                separator = ",";
            }
            out.append(']');
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            writeString(out, value.toString());
        }
    }

    private static void writeString(StringBuilder out, String text) {
        out.append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= ' ' && c < 127) {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        out.append('"');
    }
}
