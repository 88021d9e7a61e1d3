use super::restart_strategy;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct FewRestartAttempts;

static META: RuleMeta = RuleMeta {
    code: "FN004",
    name: "few-restart-attempts",
    severity: Severity::Warning,
    fix: FixAvailability::Never, // How long an outage may last, only the user knows.
    source: "FixedDelayRestartBackoffTimeStrategy, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/ops/state/task_failure_recovery/",
    docs: r"
The fixed-delay strategy counts restarts over the whole life of a job and never forgets one: with
three attempts, the fourth failure in a year ends the job. A short outage of a source or of storage
uses up a few attempts within seconds. Batch jobs are left alone.
## Bad
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 3
restart-strategy.fixed-delay.delay: 10 s
## Good
restart-strategy.type: exponential-delay
",
};

/// The most attempts that a short outage is taken to use up, as files with this mistake have.
const FEW: i64 = 10;

impl Rule for FewRestartAttempts {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some((Some("fixed-delay"), strategy)) = restart_strategy(ctx) else { return };
        let batch = ctx
            .lookup("execution.runtime-mode")
            .is_some_and(|mode| mode.value.text().eq_ignore_ascii_case("batch"));
        if batch {
            return;
        }
        match ctx.lookup("restart-strategy.fixed-delay.attempts") {
            Some(attempts) => {
                // What is no number is told of elsewhere.
                if let Ok(count @ ..=FEW) = attempts.value.text().parse::<i64>() {
                    findings.push(few(attempts, count));
                }
            }
            None => findings.push(one_by_default(strategy)),
        }
    }
}

const HELP: &str = "use `exponential-delay`, which forgets failures after a stable time, or \
                    `failure-rate`";

fn few(attempts: &Setting<'_>, count: i64) -> Finding {
    let times = if count == 1 { "restart".to_owned() } else { format!("{count} restarts") };
    Finding::new(&META, format!("the job ends for good after {times} in its whole life"))
        .primary(attempts.value_span, "never counted anew")
        .help(HELP)
}

fn one_by_default(strategy: &Setting<'_>) -> Finding {
    Finding::new(&META, "the job ends for good after one restart in its whole life")
        .primary(strategy.value_span, "`restart-strategy.fixed-delay.attempts` is 1 (default)")
        .help(HELP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn ten_is_the_boundary() {
        check(
            &FewRestartAttempts,
            r"
restart-strategy: fixed-delay
restart-strategy.fixed-delay.attempts: 10
#                                      ^^ FN004 never counted anew
",
        );
        check(
            &FewRestartAttempts,
            "restart-strategy: fixed-delay\nrestart-strategy.fixed-delay.attempts: 11\n",
        );
    }

    #[test]
    fn one_by_default() {
        check(
            &FewRestartAttempts,
            r"
# target: flink-1.14
restart-strategy: fixeddelay
#                 ^^^^^^^^^^ FN004 `restart-strategy.fixed-delay.attempts` is 1 (default)
",
        );
    }

    #[test]
    fn other_strategies_and_batch() {
        for quiet in [
            "restart-strategy.fixed-delay.attempts: 3\n",
            "restart-strategy.type: failure-rate\nrestart-strategy.fixed-delay.attempts: 3\n",
            "restart-strategy.type: fixed-delay\nrestart-strategy.fixed-delay.attempts: x\n",
            "restart-strategy.type: fixed-delay\nexecution.runtime-mode: BATCH\n",
        ] {
            check(&FewRestartAttempts, quiet);
        }
    }
}
