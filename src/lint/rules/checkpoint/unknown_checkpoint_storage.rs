use super::options::STORAGE;
use crate::config::Setting;
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnknownCheckpointStorage;

static META: RuleMeta = RuleMeta {
    code: "FC019",
    name: "unknown-checkpoint-storage",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "CheckpointStorageLoader, Flink 1.13.6 to 2.3.0",
    docs: r"
Checkpoint storage is `jobmanager`, `filesystem` or the class of a factory; Flink takes any other
word for a class. Which file system it is, the scheme of the directory says.
## Bad
execution.checkpointing.storage: hdfs
execution.checkpointing.dir: hdfs:///flink/checkpoints
execution.checkpointing.interval: 60s
## Good
execution.checkpointing.storage: filesystem
execution.checkpointing.dir: hdfs:///flink/checkpoints
execution.checkpointing.interval: 60s
",
};

const NAMES: [&str; 2] = ["jobmanager", "filesystem"];

impl Rule for UnknownCheckpointStorage {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if let Some(storage) = ctx.lookup_renamed(&STORAGE) {
            let text = storage.value.text();
            // With a dot it may be a class that is on the class path there.
            if !text.contains('.') && !NAMES.iter().any(|name| text.eq_ignore_ascii_case(name)) {
                findings.push(unknown(storage, &text));
            }
        }
    }
}

fn unknown(storage: &Setting<'_>, text: &str) -> Finding {
    Finding::new(&META, format!("Flink knows no checkpoint storage {text:?}"))
        .primary(storage.value_span, "taken for the name of a class")
        .help("write `filesystem`; the scheme of the directory says which")
        .flink_message(format!("Cannot find configured state backend factory class: {text}"))
        .fix(Fix::new(
            "replace with `filesystem`",
            Applicability::Unsafe,
            Edit { span: storage.value_span, text: "filesystem".to_owned() },
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_scheme_is_no_storage() {
        check(
            &UnknownCheckpointStorage,
            r"
state.checkpoint-storage: s3
#                         ^^ FC019 taken for the name of a class
",
        );
        check(&UnknownCheckpointStorage, "state.checkpoint-storage: FileSystem\n");
        check(&UnknownCheckpointStorage, "state.checkpoint-storage: com.acme.Storage\n");
        check(&UnknownCheckpointStorage, "# target: flink-1.12\nstate.checkpoint-storage: s3\n");
    }
}
