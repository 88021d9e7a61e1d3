/// What a text is, beside a configuration file of Flink's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// The command that starts a job: `run -m yarn-cluster …`.
    Job,
    /// YAML or JSON for Kubernetes, compose, Helm or a vendor's console.
    Manifest,
}

impl Form {
    /// What people call such a text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Job => "job command",
            Self::Manifest => "manifest",
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
        _ if ends(&[".yaml", ".yml", ".json"]) => MARKS,
        _ => return None,
    };
    has_mark(text, marks).then_some(Form::Manifest)
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
    "flinkConfiguration",
    "\"flinkConfiguration",
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
        for text in ["run the tests", "running: yes", "", "rest.port: 1\n", "runner -x"] {
            assert_eq!(recognize("notes.txt", text), None, "{text:?}");
        }
    }
}
