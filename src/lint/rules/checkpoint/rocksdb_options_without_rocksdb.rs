use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{SelectedStateBackend, StateBackend};

pub(in crate::lint::rules) struct RocksdbOptionsWithoutRocksdb;

static META: RuleMeta = RuleMeta {
    code: "FC021",
    name: "rocksdb-options-without-rocksdb",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "StateBackendLoader, Flink 1.10 to 2.3",
    docs: r"
Options of RocksDB count only where RocksDB is the state backend. Where the file selects another
one they have no effect; where it selects none it is an info, since a job may select RocksDB in its
code.
## Bad
state.backend.type: hashmap
state.backend.rocksdb.thread.num: 4
## Good
state.backend.type: rocksdb
state.backend.rocksdb.thread.num: 4
",
};

const PREFIX: &str = "state.backend.rocksdb.";

impl Rule for RocksdbOptionsWithoutRocksdb {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let selected = ctx.state_backend();
        if matches!(selected.backend, StateBackend::RocksDb | StateBackend::Other) {
            return;
        }
        let settings = ctx.config.settings();
        let options = settings.iter().filter(|setting| setting.key.starts_with(PREFIX));
        let count = options.clone().count();
        if let Some(first) = options.min_by_key(|setting| setting.key_span) {
            let key = StateBackend::key(ctx.release());
            findings.push(no_effect(first, count, &selected, key));
        }
    }
}

fn no_effect(
    first: &Setting<'_>,
    count: usize,
    selected: &SelectedStateBackend<'_, '_>,
    key: &str,
) -> Finding {
    let title = selected.backend.title();
    let subject = if count == 1 {
        "an option of RocksDB has".to_owned()
    } else {
        format!("{count} options of RocksDB have")
    };
    let label = if count == 1 { "no effect" } else { "no effect, nor have the others" };
    let finding = Finding::new(&META, format!("{subject} no effect: the state backend is another"))
        .primary(first.key_span, label);
    match selected.setting {
        Some(setting) => finding
            .related(setting.value_span, format!("selects {title}"))
            .help("remove them, or select `rocksdb`"),
        None => finding.severity(Severity::Info).help(format!(
            "{title} is the default here; set `{key}: rocksdb` unless jobs do so in \
             their code"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn another_backend_selected() {
        check(
            &RocksdbOptionsWithoutRocksdb,
            r"
state.backend: hashmap
#              ^^^^^^^ selects the heap backend
state.backend.rocksdb.thread.num: 4
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FC021 no effect, nor have the others
state.backend.rocksdb.localdir: /data
",
        );
    }

    #[test]
    fn another_backend_by_default() {
        check(
            &RocksdbOptionsWithoutRocksdb,
            r"
# target: emr-3.28.2
state.backend.rocksdb.thread.num: 4
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FC021 no effect
",
        );
        check(
            &RocksdbOptionsWithoutRocksdb,
            "state.backend: RocksDB\nstate.backend.rocksdb.thread.num: 4\n",
        );
        check(
            &RocksdbOptionsWithoutRocksdb,
            "state.backend: com.acme.Backend\nstate.backend.rocksdb.thread.num: 4\n",
        );
    }
}
