use super::options::{MODE, UNALIGNED};
use crate::config::{Origin, Resolved, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnalignedWithoutExactlyOnce;

static META: RuleMeta = RuleMeta {
    code: "FC013",
    name: "unaligned-without-exactly-once",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "StreamingJobGraphGenerator, Flink 1.11.4 to 2.0.2",
    docs: r"
Unaligned checkpoints need the mode `EXACTLY_ONCE`. With `AT_LEAST_ONCE` Flink turns them off and
says so in one line of the log.
## Bad
execution.checkpointing.mode: AT_LEAST_ONCE
execution.checkpointing.unaligned.enabled: true
## Good
execution.checkpointing.unaligned.enabled: true
",
};

impl Rule for UnalignedWithoutExactlyOnce {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if let Some(mode) = ctx.lookup(MODE)
            && mode.value.text().eq_ignore_ascii_case("AT_LEAST_ONCE")
            && let Some(Resolved { value: true, origin: Origin::Setting(unaligned) }) =
                ctx.explicit_renamed::<bool>(&UNALIGNED)
        {
            findings.push(turned_off(unaligned, mode));
        }
    }
}

fn turned_off(unaligned: &Setting<'_>, mode: &Setting<'_>) -> Finding {
    Finding::new(&META, "Flink turns unaligned checkpoints off: the mode is not EXACTLY_ONCE")
        .primary(unaligned.value_span, "no effect")
        .related(mode.value_span, "needs no alignment anyway")
        .help("remove one of the two; at least once never waits for alignment")
        .flink_message(
            "Unaligned checkpoints can only be used with checkpointing mode EXACTLY_ONCE",
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn at_least_once() {
        check(
            &UnalignedWithoutExactlyOnce,
            r"
# target: flink-1.14
execution.checkpointing.mode: at_least_once
#                             ^^^^^^^^^^^^^ needs no alignment anyway
execution.checkpointing.unaligned: true
#                                  ^^^^ FC013 no effect
",
        );
        check(
            &UnalignedWithoutExactlyOnce,
            "execution.checkpointing.mode: EXACTLY_ONCE\nexecution.checkpointing.unaligned: true\n",
        );
        check(
            &UnalignedWithoutExactlyOnce,
            "execution.checkpointing.mode: AT_LEAST_ONCE\nexecution.checkpointing.unaligned: false\n",
        );
    }
}
