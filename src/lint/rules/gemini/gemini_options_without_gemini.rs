use super::options::gemini_settings;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct GeminiOptionsWithoutGemini;

static META: RuleMeta = RuleMeta {
    code: "FG011",
    name: "gemini-options-without-gemini",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "Configure a VVR-based Flink job, EMR (2020-12): a backend that is set replaces Gemini",
    docs: r"
Options of GeminiStateBackend count only where it is the state backend. Another one is selected
here, or the target is open-source Flink, which has no Gemini.
## Bad
# target: emr-3.28.2
state.backend: rocksdb
state.checkpoints.dir: oss://bucket/checkpoints
state.backend.gemini.memory.managed: true
## Good
# target: emr-3.28.2
state.backend.gemini.memory.managed: true
state.backend.gemini.local.dir: /mnt/disk1/gemini
state.backend.gemini.ttl.ms: 129600000
",
};

impl Rule for GeminiOptionsWithoutGemini {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let selected = ctx.state_backend();
        if matches!(selected.backend, StateBackend::Gemini) {
            return;
        }
        let count = gemini_settings(ctx).count();
        if let Some(first) = gemini_settings(ctx).min_by_key(|setting| setting.key_span) {
            findings.push(match selected.setting {
                Some(setting) => another_backend(first, count, setting, selected.backend),
                None => no_gemini(first, count, ctx.target.name()),
            });
        }
    }
}

fn label(count: usize) -> &'static str {
    if count == 1 { "no effect" } else { "no effect, nor have the others" }
}

fn subject(count: usize) -> String {
    match count {
        1 => "an option of GeminiStateBackend has".to_owned(),
        _ => format!("{count} options of GeminiStateBackend have"),
    }
}

fn another_backend(
    first: &Setting<'_>,
    count: usize,
    setting: &Setting<'_>,
    backend: StateBackend,
) -> Finding {
    Finding::new(&META, format!("{} no effect: the state backend is another", subject(count)))
        .primary(first.key_span, label(count))
        .related(setting.value_span, format!("selects {}", backend.title()))
        .help("remove them, or do not select another state backend")
}

fn no_gemini(first: &Setting<'_>, count: usize, target: &str) -> Finding {
    Finding::new(&META, format!("{} no effect: {target} has no Gemini", subject(count)))
        .primary(first.key_span, label(count))
        .help("remove them, or name the engine with --target, such as emr-3.28.2 or vvr-8.0.5")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn another_backend_or_another_engine() {
        check(
            &GeminiOptionsWithoutGemini,
            r"
# target: vvr-8.0.5
state.backend: rocksdb
#              ^^^^^^^ selects RocksDB
state.backend.gemini.ttl.ms: 1000
#^^^^^^^^^^^^^^^^^^^^^^^^^^ FG011 no effect
",
        );
        check(
            &GeminiOptionsWithoutGemini,
            r"
# target: flink-1.20
state.backend.gemini.local.dir: /data
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG011 no effect, nor have the others
state.backend.gemini.memory.managed: true
",
        );
        check(&GeminiOptionsWithoutGemini, "# target: vvr-8.0.5\nstate.backend.gemini.ttl.ms: 9\n");
        // The backend itself is the error there.
        check(
            &GeminiOptionsWithoutGemini,
            "# target: flink-1.20\nstate.backend: gemini\nstate.backend.gemini.ttl.ms: 9\n",
        );
    }
}
