import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Lists every option that a release declares: each static field of type {@code ConfigOption} in the
 * class path's jars, one line of JSON each.
 *
 * <p>Usage: {@code java -cp … Options}. Classes that cannot be loaded, for lack of Hadoop say, are
 * named on standard error.
 */
public final class Options {
    private static final String OPTION = "org.apache.flink.configuration.ConfigOption";

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
        System.setOut(System.err); // Static initializers of Flink must not write between the lines.
        Set<String> seen = new LinkedHashSet<>();
        for (String jar : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!jar.endsWith(".jar")) {
                continue;
            }
            for (String name : classesThatMention(jar)) {
                if (seen.add(name)) {
                    list(name, new File(jar).getName(), out);
                }
            }
        }
        out.flush();
    }

    /** Flink's own classes of a jar whose constant pool names the option type. */
    static List<String> classesThatMention(String jar) throws Exception {
        List<String> names = new ArrayList<>();
        String descriptor = "L" + OPTION.replace('.', '/') + ";";
        try (ZipFile zip = new ZipFile(jar)) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                String path = entry.getName();
                boolean flink = path.startsWith("org/apache/flink/") && !path.startsWith("org/apache/flink/shaded/");
                if (!flink || !path.endsWith(".class")) {
                    continue;
                }
                try (InputStream in = zip.getInputStream(entry)) {
                    if (new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).contains(descriptor)) {
                        names.add(path.substring(0, path.length() - ".class".length()).replace('/', '.'));
                    }
                }
            }
        }
        return names;
    }

    private static void list(String className, String jar, PrintStream out) {
        try {
            Class<?> type = Class.forName(className, false, Options.class.getClassLoader());
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType().getName().equals(OPTION)) {
                    field.setAccessible(true);
                    StringBuilder line = new StringBuilder();
                    Harness.writeJson(line, describe(type, field, field.get(null), jar));
                    out.println(line);
                }
            }
        } catch (Throwable failure) {
            System.err.println(className + ": " + failure);
        }
    }

    private static Map<String, Object> describe(Class<?> type, Field field, Object option, String jar) throws Throwable {
        Map<String, Object> row = new LinkedHashMap<>();
        String key = (String) Harness.call(option, "key");
        Class<?> value = (Class<?>) read(option, "clazz");
        row.put("key", key);
        row.put("type", (Boolean) read(option, "isList") ? "List<" + typeName(value) + ">" : typeName(value));
        if (value.isEnum()) {
            // Flink reads an enum by toString, which need not be the constant's name.
            List<String> constants = new ArrayList<>();
            for (Object constant : value.getEnumConstants()) {
                constants.add(constant.toString());
            }
            row.put("enum", constants);
        }
        Object standard = Harness.call(option, "defaultValue");
        if (standard != null) {
            row.put("default", written(option, key, standard));
        }
        List<Object> alternates = new ArrayList<>();
        for (Object alternate : (Iterable<?>) Harness.call(option, "fallbackKeys")) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("key", Harness.call(alternate, "getKey"));
            entry.put("deprecated", Harness.call(alternate, "isDeprecated"));
            alternates.add(entry);
        }
        row.put("alternates", alternates);
        row.put("class", type.getName());
        row.put("field", field.getName());
        row.put("public", Modifier.isPublic(field.getModifiers()));
        row.put("deprecated", annotated(field, type, "Deprecated"));
        row.put("suffix", annotated(field, type, "SuffixOption"));
        row.put("jar", jar);
        return row;
    }

    /** A default as the release itself writes it into a configuration. */
    private static String written(Object option, String key, Object standard) throws Throwable {
        Class<?> type = Class.forName("org.apache.flink.configuration.Configuration");
        Object configuration = type.getDeclaredConstructor().newInstance();
        Method set = type.getMethod("set", Class.forName(OPTION), Object.class);
        Harness.invoke(set, configuration, option, standard);
        return ((Map<?, ?>) Harness.call(configuration, "toMap")).get(key).toString();
    }

    private static String typeName(Class<?> type) {
        if (type.isEnum()) {
            return "Enum";
        }
        return Map.class.isAssignableFrom(type) ? "Map" : type.getSimpleName();
    }

    private static Object read(Object owner, String name) throws Exception {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    private static boolean annotated(Field field, Class<?> type, String name) {
        for (AnnotatedElement element : List.of(field, type)) {
            for (Annotation annotation : element.getAnnotations()) {
                if (annotation.annotationType().getSimpleName().equals(name)) {
                    return true;
                }
            }
        }
        return false;
    }
}
