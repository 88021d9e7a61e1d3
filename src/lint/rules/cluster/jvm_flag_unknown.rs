use super::java::{Java, java};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct JvmFlagUnknown;

static META: RuleMeta = RuleMeta {
    code: "FN013",
    name: "jvm-flag-unknown",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "java -XX:FLAG -version of OpenJDK 17.0.15 and 25; JEP 158 and JEP 271 (Java 9), JEP 363; \
        class files of Flink 2.0.2 and 2.3.0 need Java 11",
    docs: r#"
`env.java.opts` and its variants hold a flag that the Java in use does not know: the JVM ends with
`Unrecognized VM option` before Flink begins. Flags for logs of garbage collection went with Java 9,
those of the CMS collector, of biased locking and of the permanent generation later. Java is known by
the image's tag (`flink:1.20-java17`), and is at least 11 from Flink 2.0 on. Where the flag is unknown
to a later Java only, and Java is not known, it is an info.
## Bad
# target: flink-2.0
env.java.opts.taskmanager: -XX:+UseG1GC -XX:+PrintGCDateStamps -Xloggc:/var/log/gc.log
## Good
# target: flink-2.0
env.java.opts.taskmanager: -XX:+UseG1GC -Xlog:gc*:file=/var/log/gc.log:time,uptime
"#,
};

/// Flags that Java refuses, each with the first release of long-term support that does.
///
/// Source: `java -XX:FLAG -version` of 17.0.15, which refuses all of them but the last; those of
/// 11 went with the unified logging of Java 9 (JEP 271).
const REFUSED: [(&str, u32); 21] = [
    ("PrintGCDateStamps", 11),
    ("PrintGCTimeStamps", 11),
    ("UseGCLogFileRotation", 11),
    ("NumberOfGCLogFiles", 11),
    ("GCLogFileSize", 11),
    ("PrintTenuringDistribution", 11),
    ("PrintGCApplicationStoppedTime", 11),
    ("PrintGCApplicationConcurrentTime", 11),
    ("PrintAdaptiveSizePolicy", 11),
    ("PrintHeapAtGC", 11),
    ("PrintPromotionFailure", 11),
    ("PrintReferenceGC", 11),
    ("UseConcMarkSweepGC", 17),
    ("UseParNewGC", 17),
    ("CMSInitiatingOccupancyFraction", 17),
    ("UseCMSInitiatingOccupancyOnly", 17),
    ("CMSClassUnloadingEnabled", 17),
    ("CMSParallelRemarkEnabled", 17),
    ("AggressiveOpts", 17),
    ("MaxPermSize", 17),
    ("UseBiasedLocking", 25),
];

impl Rule for JvmFlagUnknown {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let java = java(ctx);
        let settings = ctx.config.settings().iter();
        let of_jvm =
            settings.filter(|it| it.key == "env.java.opts" || it.key.starts_with("env.java.opts."));
        for setting in of_jvm {
            let text = setting.value.text();
            for word in text.split_whitespace() {
                let flag = word.trim_matches(['"', '\'']).strip_prefix("-XX:");
                let name = flag.map(|flag| flag.trim_start_matches(['+', '-']));
                let name = name.map(|name| name.split('=').next().unwrap_or(name));
                let refused = REFUSED.iter().find(|(refused, _)| name == Some(*refused));
                findings.extend(refused.and_then(|it| unknown(setting, it.0, it.1, java)));
            }
        }
    }
}

fn unknown(setting: &Setting<'_>, flag: &str, refused: u32, java: Java) -> Option<Finding> {
    let (severity, message) = match java {
        Java::Known(java) if java < refused => return None,
        Java::Known(java) => (Severity::Error, format!("Java {java} does not know `{flag}`")),
        Java::AtLeast(java) if java >= refused => {
            (Severity::Error, format!("Java {java} and later do not know `{flag}`"))
        }
        Java::AtLeast(_) => (Severity::Info, format!("Java {refused} does not know `{flag}`")),
    };
    let finding = Finding::new(&META, message).severity(severity);
    let finding = finding.primary(setting.value_span, "the JVM would not start");
    let help = if refused == 11 {
        "remove it; -Xlog:gc* writes what such flags wrote"
    } else {
        "remove it"
    };
    Some(finding.help(help).flink_message(format!("Unrecognized VM option '{flag}'")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::findings;

    #[test]
    fn java_decides() {
        let severity = |scene: &str, flag: &str| {
            let text = format!("{scene}env.java.opts.all: -Dx=y -XX:+{flag}=1 -Xmx1g\n");
            findings(&JvmFlagUnknown, &text).first().map(|it| it.severity)
        };
        assert_eq!(severity("# target: flink-2.0\n", "PrintGCDateStamps"), Some(Severity::Error));
        assert_eq!(severity("# target: flink-2.0\n", "UseConcMarkSweepGC"), Some(Severity::Info));
        assert_eq!(severity("# target: flink-1.20\n", "PrintGCDateStamps"), Some(Severity::Info));
        assert_eq!(severity("# target: flink-2.0\n", "UseG1GC"), None);
    }

    #[test]
    fn the_tag_of_an_image_names_java() {
        let count = |tag: &str| {
            let text = format!(
                "# file: compose.yaml\nservices:\n  tm:\n    image: flink:{tag}\n    command: taskmanager\n    environment:\n      FLINK_PROPERTIES: |\n        env.java.opts.all: -XX:+UseConcMarkSweepGC\n"
            );
            let found = findings(&JvmFlagUnknown, &text);
            found.first().map(|it| it.severity)
        };
        assert_eq!(count("1.18.1-scala_2.12-java17"), Some(Severity::Error));
        assert_eq!(count("1.18.1-java11"), None);
        assert_eq!(count("1.18.1"), Some(Severity::Info));
    }
}
