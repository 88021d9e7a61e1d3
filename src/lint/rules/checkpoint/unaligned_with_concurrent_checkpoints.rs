use super::options::{MAX_CONCURRENT, MODE, UNALIGNED};
use crate::config::{Origin, Resolved, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnalignedWithConcurrentCheckpoints;

static META: RuleMeta = RuleMeta {
    code: "FC014",
    name: "unaligned-with-concurrent-checkpoints",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "CheckpointCoordinatorConfiguration, Flink 1.11.4 to 2.3.0",
    docs: r"
Unaligned checkpoints run one at a time. Flink refuses a job with more than one concurrent
checkpoint.
## Bad
execution.checkpointing.unaligned.enabled: true
execution.checkpointing.max-concurrent-checkpoints: 2
## Good
execution.checkpointing.unaligned.enabled: true
execution.checkpointing.max-concurrent-checkpoints: 1
",
};

impl Rule for UnalignedWithConcurrentCheckpoints {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        // With at least once Flink turns unaligned checkpoints off before it looks.
        let at_least_once = ctx
            .lookup(MODE)
            .is_some_and(|mode| mode.value.text().eq_ignore_ascii_case("AT_LEAST_ONCE"));
        if let Some(Resolved { value: 2.., origin: Origin::Setting(concurrent) }) =
            ctx.explicit::<i32>(MAX_CONCURRENT)
            && !at_least_once
            && let Some(Resolved { value: true, origin: Origin::Setting(unaligned) }) =
                ctx.explicit_renamed::<bool>(&UNALIGNED)
        {
            findings.push(refused(concurrent, unaligned));
        }
    }
}

fn refused(concurrent: &Setting<'_>, unaligned: &Setting<'_>) -> Finding {
    Finding::new(&META, "unaligned checkpoints cannot run concurrently")
        .primary(concurrent.value_span, "more than one at a time")
        .related(unaligned.value_span, "one at a time")
        .help("remove one of the two")
        .flink_message("maxConcurrentCheckpoints can't be > 1 if UnalignedCheckpoints enabled")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn two_are_too_many() {
        check(
            &UnalignedWithConcurrentCheckpoints,
            r"
execution.checkpointing.unaligned.enabled: true
#                                          ^^^^ one at a time
execution.checkpointing.max-concurrent-checkpoints: 2
#                                                   ^ FC014 more than one at a time
",
        );
        let silent = "execution.checkpointing.max-concurrent-checkpoints: 1\n";
        check(
            &UnalignedWithConcurrentCheckpoints,
            &format!("execution.checkpointing.unaligned: true\n{silent}"),
        );
        check(
            &UnalignedWithConcurrentCheckpoints,
            "execution.checkpointing.max-concurrent-checkpoints: 3\n",
        );
        check(
            &UnalignedWithConcurrentCheckpoints,
            "execution.checkpointing.mode: AT_LEAST_ONCE\nexecution.checkpointing.unaligned: true\nexecution.checkpointing.max-concurrent-checkpoints: 2\n",
        );
    }
}
