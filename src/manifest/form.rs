use super::Language;
use crate::catalog;
use crate::config::{Dialect, load};
use crate::source::{SourceFile, Sources};

/// What a text is, beside a configuration file of Flink's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// The command that starts a job: `run -m yarn-cluster …`.
    Job,
    /// YAML or JSON for Kubernetes, compose, Helm or a vendor's console.
    Manifest,
    /// A Dockerfile.
    Dockerfile,
    /// A SQL script or the code of a job.
    Script(Language),
}

impl Form {
    /// What people call such a text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Job => "job command",
            Self::Manifest => "manifest",
            Self::Dockerfile => "Dockerfile",
            Self::Script(Language::Sql) => "SQL script",
            Self::Script(_) => "program",
        }
    }
}

/// What a text is, by name and content; `None` for a configuration file of Flink's own, and for
/// what has nothing to do with Flink.
pub fn recognize(file_name: &str, text: &str) -> Option<Form> {
    if is_job_command(text) {
        return Some(Form::Job);
    }
    let ends = |ends: &[&str]| ends.iter().any(|end| file_name.ends_with(end));
    let marks: &[&str] = match file_name {
        // What comes on standard input goes by this name too.
        "flink-conf.yaml" | "config.yaml" => STRONG_MARKS,
        _ if file_name.starts_with("Dockerfile") || ends(&[".dockerfile", ".Dockerfile"]) => {
            return Some(Form::Dockerfile);
        }
        _ if ends(&[".sql"]) => return Some(Form::Script(Language::Sql)),
        _ if ends(&[".java", ".scala", ".kt"]) => return Some(Form::Script(Language::Java)),
        _ if ends(&[".py"]) => return Some(Form::Script(Language::Python)),
        _ if ends(&[".yaml", ".yml", ".json"]) => MARKS,
        _ => return None,
    };
    has_mark(text, marks).then_some(Form::Manifest)
}

/// Whether a file that nobody named may configure Flink: a configuration file by its name or its
/// keys, or a text that [`recognize`] knows and that mentions Flink.
pub fn configures_flink(file_name: &str, text: &str) -> bool {
    let mentions = |words: &[&str]| {
        words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    };
    if is_yaml(file_name) && is_template(text) {
        return false;
    }
    if file_name == "flink-conf.yaml" {
        return true;
    }
    const WORDS: [&str; 13] = [
        "flink",
        "Flink",
        "FLINK",
        "jobmanager",
        "taskmanager",
        "state.backend",
        "execution",
        "yarn-cluster",
        "ossref://",
        "StateBackend",
        "state_backend",
        "table.exec",
        "pipeline.",
    ];
    if !mentions(&WORDS) {
        return false;
    }
    match recognize(file_name, text) {
        Some(Form::Job) => mentions(&["flink run", "yarn-cluster", "ossref://"]),
        Some(form) => {
            let file = Sources::default().add(SourceFile::decode("", Vec::new()));
            !super::read(form, file, text).is_empty()
        }
        None => is_yaml(file_name) && has_keys_of_flink(text),
    }
}

/// Whether the text becomes a configuration later, as a chart's template does. The operator fills in
/// the two names of an ingress itself.
///
/// Source: `IngressUtils`, Flink Kubernetes Operator 1.12.
fn is_template(text: &str) -> bool {
    let actions = text.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap_or(rest));
    actions.into_iter().any(|action| !matches!(action.trim(), "name" | "namespace"))
}

fn is_yaml(file_name: &str) -> bool {
    file_name.ends_with(".yaml") || file_name.ends_with(".yml")
}

/// The starts of keys that no other software has; `rest.port` and the like prove nothing.
const PREFIXES: [&str; 8] = [
    "taskmanager.",
    "jobmanager.",
    "parallelism.default",
    "execution.checkpointing.",
    "state.backend",
    "state.checkpoints.",
    "high-availability.",
    "classloader.resolve-order",
];

/// Whether half of a file's keys or more are Flink's, and one of them nobody else's.
fn has_keys_of_flink(text: &str) -> bool {
    let file = Sources::default().add(SourceFile::decode("", Vec::new()));
    let is_nested = |line: &str| line.starts_with([' ', '\t']) || line.trim_end().ends_with(':');
    let dialect = if text.lines().any(is_nested) { Dialect::Yaml } else { Dialect::Legacy };
    let loaded = load(file, text, dialect);
    if loaded.error.is_some() {
        return false;
    }
    let is_known = |key: &str| catalog::option(key).is_some();
    let is_own = |key: &str| is_known(key) && PREFIXES.iter().any(|prefix| key.starts_with(prefix));
    let keys = || loaded.settings.iter().map(|setting| &*setting.key);
    let known = keys().filter(|key| is_known(key) || catalog::namespace(key).is_some()).count();
    keys().any(is_own) && known * 2 >= loaded.settings.len()
}

/// The starts of lines that only manifests about Flink have.
const MARKS: &[&str] = &[
    "kind: Flink",
    "kind: ConfigMap",
    "kind: Deployment",
    "kind: StatefulSet",
    "kind: Job",
    "kind: Pod",
    "\"kind\": \"Flink",
    "FLINK_PROPERTIES",
    "JOB_MANAGER_RPC_ADDRESS",
    "TASK_MANAGER_NUMBER_OF_TASK_SLOTS",
    "defaultConfiguration:",
    "flinkConf",
    "engineVersion",
    "FlinkApplicationConfiguration",
    "ApplicationConfiguration",
    "services:",
];
/// Those that no configuration file can have.
const STRONG_MARKS: &[&str] = &["kind: Flink", "kind: ConfigMap", "FLINK_PROPERTIES"];

/// Whether a line starts with one of these.
fn has_mark(text: &str, marks: &[&str]) -> bool {
    let starts_line = |at: usize| {
        let before = text.get(..at).unwrap_or("");
        let indent = before.rsplit(['\n', '\r']).next().unwrap_or("");
        indent.chars().all(|c| matches!(c, ' ' | '\t' | '-' | '"' | '\'' | '{'))
    };
    marks.iter().any(|mark| memchr::memmem::find_iter(text.as_bytes(), mark).any(starts_line))
}

/// Whether the first words, comments left out, are `run` or `flink run`, and an option follows.
fn is_job_command(text: &str) -> bool {
    let lines = text.lines().map(str::trim_start);
    let Some(line) = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with('#'))
    else {
        return false;
    };
    let mut words = line.split_whitespace();
    let mut first = words.next().unwrap_or("");
    if first.rsplit('/').next() == Some("flink") {
        first = words.next().unwrap_or("");
    }
    matches!(first, "run" | "run-application") && words.next().is_none_or(follows_run)
}

/// Whether a word can follow `run`: an option, a continued line, or the program.
fn follows_run(word: &str) -> bool {
    word.starts_with('-')
        || word == "\\"
        || word.contains("://")
        || word.ends_with(".jar")
        || word.ends_with(".py")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_prose() {
        for text in [
            "run -m yarn-cluster a.jar",
            "# by hand\n\n  flink run \\\n -d a.jar",
            "/opt/flink/bin/flink run a.jar",
            "run ossref://b/a.jar",
        ] {
            assert_eq!(recognize("job.sh", text), Some(Form::Job), "{text:?}");
        }
        let decoys = [
            ("config.yaml", "rest:\n  port: 8080\nstate: on\n"),
            ("config.yaml", "server:\n  port: 1\ntaskmanager: {enabled: true}\n"),
            ("app.yaml", "execution:\n  checkpointing: true\nname: flink-shop\na: 1\nb: 2\n"),
            ("values.yaml", "image: flink\n"),
            ("config.yaml", "{{ .Values.flink }}\n"),
            ("notes.md", "taskmanager.numberOfTaskSlots: 2\n"),
        ];
        for (name, text) in decoys {
            assert!(!configures_flink(name, text), "{name} {text:?}");
        }
        for (name, text) in [
            ("config.yaml", "taskmanager:\n  numberOfTaskSlots: 2\nrest:\n  port: 8081\n"),
            ("prod.yaml", "taskmanager.numberOfTaskSlots: 2\nparallelism.default: 4\n"),
            ("flink-conf.yaml", ""),
            (
                "a.yaml",
                "kind: FlinkDeployment\nspec:\n  ingress: {template: '/{{name}}/{{ namespace }}'}\n",
            ),
            ("job.txt", "run -m yarn-cluster -ys 2 a.jar\n"),
        ] {
            assert!(configures_flink(name, text), "{name} {text:?}");
        }
        for text in ["run the tests", "running: yes", "", "rest.port: 1\n", "runner -x"] {
            assert_eq!(recognize("notes.txt", text), None, "{text:?}");
        }
    }
}
