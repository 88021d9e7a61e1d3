use super::script;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::Mention;

pub(in crate::lint::rules) struct StateBackendInCode;

static META: RuleMeta = RuleMeta {
    code: "FA001",
    name: "state-backend-in-code",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "GeminiStateBackend pages of E-MapReduce and Realtime Compute; StreamExecutionEnvironment, Flink 1.10 to 1.20",
    docs: r#"
A state backend that the code of a job chooses outranks the configuration: with a Ververica Runtime
GeminiStateBackend is not used then, and its options do nothing. On other targets it is mentioned
only. Calls in strings and comments do not count; calls by reflection or in a library are not seen.
## Bad
// target: vvr-8.0.5
// file: Orders.java
class Orders { void run() { env.setStateBackend(new EmbeddedRocksDBStateBackend(true)); } }
## Good
// target: vvr-8.0.5
// file: Orders.java
class Orders { void run() { config.set("execution.checkpointing.interval", "1 min"); } }
"#,
};

impl Rule for StateBackendInCode {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = script(ctx) else { return };
        findings.extend(spec.backends.iter().map(|mention| chosen(ctx, mention)));
    }
}

fn chosen(ctx: &LintContext<'_>, mention: &Mention) -> Finding {
    if ctx.target.gemini().is_some() {
        return Finding::new(&META, "the code chooses a state backend, so Gemini is not used")
            .primary(mention.span, "outranks the configuration")
            .help("remove the call, and leave the choice to the configuration");
    }
    Finding::new(&META, "the code chooses a state backend, whatever the configuration says")
        .severity(Severity::Info)
        .primary(mention.span, "outranks the configuration")
        .help("set state.backend.type instead, unless the job works with this one only")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn comments_and_strings_do_not_count() {
        check(
            &StateBackendInCode,
            r##"
# target: vvr-8.0.5
# file: orders.py
env.set_state_backend(EmbeddedRocksDBStateBackend())
#   ^^^^^^^^^^^^^^^^^ FA001 outranks the configuration
text = "env.set_state_backend(x)"
b = HashMapStateBackend()
#   ^^^^^^^^^^^^^^^^^^^ FA001 outranks the configuration
"##,
        );
    }
}
