use super::options::{USE_OFF_HEAP, is_in_effect};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct GeminiHeapMemory;

static META: RuleMeta = RuleMeta {
    code: "FG017",
    name: "gemini-heap-memory",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "FAQ of Flink semi-managed on ACK (2020-12), the only page that names the option",
    docs: r"
`use.offheap: false` was one FAQ's advice against the error about the 256 MiB floor. It makes the
error go away, not the lack of memory, and nothing is published on how Gemini then behaves.
## Bad
# target: emr-3.28.2
state.backend.gemini.use.offheap: false
## Good
# target: emr-3.28.2
taskmanager.memory.process.size: 4g
taskmanager.numberOfTaskSlots: 1
",
};

impl Rule for GeminiHeapMemory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let off =
            ctx.lookup(USE_OFF_HEAP).filter(|it| it.value.text().eq_ignore_ascii_case("false"));
        if let Some(setting) = off.filter(|_| is_in_effect(ctx)) {
            findings.push(heap_memory(setting));
        }
    }
}

fn heap_memory(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, "Gemini is told to do without off-heap memory")
        .primary(setting.value_span, "hides a lack of memory")
        .help("remove it and give the TaskManager more memory, or fewer slots")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn only_false() {
        check(
            &GeminiHeapMemory,
            r"
# target: emr-3.28.2
state.backend.gemini.use.offheap: false
#                                 ^^^^^ FG017 hides a lack of memory
",
        );
        check(&GeminiHeapMemory, "# target: emr-3.28.2\nstate.backend.gemini.use.offheap: true\n");
    }
}
