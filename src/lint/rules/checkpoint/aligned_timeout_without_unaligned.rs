use super::options::{ALIGNED_TIMEOUT, UNALIGNED};
use crate::config::{Origin, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::units::FlinkDuration;

pub(in crate::lint::rules) struct AlignedTimeoutWithoutUnaligned;

static META: RuleMeta = RuleMeta {
    code: "FC015",
    name: "aligned-timeout-without-unaligned",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT, Flink 1.12 to 2.3",
    docs: r"
The timeout says when an aligned checkpoint becomes unaligned, so it counts only where unaligned
checkpoints are on, and they are off by default.
## Bad
execution.checkpointing.aligned-checkpoint-timeout: 30s
## Good
execution.checkpointing.aligned-checkpoint-timeout: 30s
execution.checkpointing.unaligned.enabled: true
",
};

impl Rule for AlignedTimeoutWithoutUnaligned {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(timeout) = ctx.explicit_renamed::<FlinkDuration>(&ALIGNED_TIMEOUT) else { return };
        let Some(key) = ctx.key_of(&UNALIGNED) else { return };
        let unaligned = ctx.lookup(key);
        let on = unaligned.is_some_and(|it| it.value.text().eq_ignore_ascii_case("true"));
        if let Origin::Setting(setting) = timeout.origin
            && timeout.value > FlinkDuration::default()
            && !on
        {
            findings.push(no_effect(setting, unaligned, key));
        }
    }
}

fn no_effect(timeout: &Setting<'_>, unaligned: Option<&Setting<'_>>, key: &str) -> Finding {
    let finding = Finding::new(&META, "the timeout of aligned checkpoints has no effect")
        .primary(timeout.key_span, "counts only for unaligned checkpoints")
        .help(format!("set `{key}: true`, or remove the timeout"));
    match unaligned {
        Some(setting) => finding.related(setting.value_span, "off"),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn unaligned_off() {
        check(
            &AlignedTimeoutWithoutUnaligned,
            r"
# target: flink-1.13
execution.checkpointing.alignment-timeout: 30s
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FC015 counts only for unaligned checkpoints
execution.checkpointing.unaligned: false
#                                  ^^^^^ off
",
        );
        check(
            &AlignedTimeoutWithoutUnaligned,
            "execution.checkpointing.aligned-checkpoint-timeout: 0\n",
        );
        check(
            &AlignedTimeoutWithoutUnaligned,
            "execution.checkpointing.alignment-timeout: 5s\nexecution.checkpointing.unaligned: true\n",
        );
    }
}
