/// What a text is, beside a configuration file of Flink's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// The command that starts a job: `run -m yarn-cluster …`.
    Job,
}

impl Form {
    /// What people call such a text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Job => "job command",
        }
    }
}

/// What a text is, by name and content; `None` for a configuration file of Flink's own, and for
/// what has nothing to do with Flink.
pub fn recognize(file_name: &str, text: &str) -> Option<Form> {
    let _ = file_name;
    is_job_command(text).then_some(Form::Job)
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
