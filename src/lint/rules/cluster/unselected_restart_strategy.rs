use super::restart_strategy;
use crate::catalog::Release;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnselectedRestartStrategy;

static META: RuleMeta = RuleMeta {
    code: "FN005",
    name: "options-of-unselected-restart-strategy",
    severity: Severity::Warning,
    fix: FixAvailability::Never, // Either the options or the choice may be the mistake.
    source: "RestartBackoffTimeStrategyFactoryLoader, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/ops/state/task_failure_recovery/",
    docs: r"
Each restart strategy has options of its own, and Flink reads those of the selected one only. If none
is selected, checkpointing decides, and a fixed delay then does not read its options either.
## Bad
# target: flink-1.20
restart-strategy.type: exponential-delay
restart-strategy.fixed-delay.attempts: 100
## Good
# target: flink-1.20
restart-strategy.type: exponential-delay
restart-strategy.exponential-delay.max-backoff: 2 min
",
};

const STRATEGIES: [&str; 3] = ["exponential-delay", "failure-rate", "fixed-delay"];

impl Rule for UnselectedRestartStrategy {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let selected = restart_strategy(ctx);
        if matches!(selected, Some((None, _))) {
            return; // A factory of the user's own may read them.
        }
        for strategy in STRATEGIES {
            let of_strategy = |setting: &&Setting<'_>| {
                let rest = setting.key.strip_prefix("restart-strategy.");
                rest.and_then(|rest| rest.strip_prefix(strategy))
                    .is_some_and(|rest| rest.starts_with('.'))
            };
            let mut options = ctx.config.settings().iter().filter(of_strategy);
            let Some(first) = options.next() else { continue };
            match selected {
                Some((Some(name), choice)) if name != strategy => {
                    findings.push(not_selected(first, options, choice));
                }
                // From 1.19 on checkpointing makes exponential-delay the default, options and all.
                None if strategy != "exponential-delay" || ctx.release() < Release::V1_19 => {
                    findings.push(none_selected(first, options, strategy));
                }
                _ => {}
            }
        }
    }
}

fn not_selected<'s, 'a: 's>(
    first: &Setting<'_>,
    others: impl Iterator<Item = &'s Setting<'a>>,
    choice: &Setting<'_>,
) -> Finding {
    let name = choice.value.text();
    let finding =
        Finding::new(&META, format!("Flink ignores this: the restart strategy is {name}"))
            .primary(first.key_span, "of a strategy that is not selected")
            .related(choice.value_span, "selected")
            .help("select the strategy that these options are of, or remove them");
    others.fold(finding, |finding, other| finding.related(other.key_span, "ignored too"))
}

fn none_selected<'s, 'a: 's>(
    first: &Setting<'_>,
    others: impl Iterator<Item = &'s Setting<'a>>,
    strategy: &str,
) -> Finding {
    let finding = Finding::new(&META, "Flink ignores this: no restart strategy is selected")
        .primary(first.key_span, format!("read only if {strategy} is selected"))
        .help(format!("select `{strategy}`, or remove its options"));
    others.fold(finding, |finding, other| finding.related(other.key_span, "ignored too"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn options_of_another_strategy() {
        check(
            &UnselectedRestartStrategy,
            r"
restart-strategy: failure-rate
#                 ^^^^^^^^^^^^ selected
restart-strategy.fixed-delay.attempts: 3
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FN005 of a strategy that is not selected
restart-strategy.fixed-delay.delay: 3 s
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored too
restart-strategy.failure-rate.delay: 3 s
",
        );
    }

    #[test]
    fn no_strategy_at_all() {
        check(
            &UnselectedRestartStrategy,
            r"
# target: flink-1.18
restart-strategy.fixed-delay.attempts: 3
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FN005 read only if fixed-delay is selected
restart-strategy.exponential-delay.max-backoff: 3 s
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FN005 read only if exponential-delay is selected
",
        );
        check(
            &UnselectedRestartStrategy,
            "# target: flink-1.19\nrestart-strategy.exponential-delay.max-backoff: 3 s\n",
        );
    }

    #[test]
    fn a_factory_of_the_users_own() {
        check(
            &UnselectedRestartStrategy,
            "restart-strategy.type: com.example.Mine\nrestart-strategy.fixed-delay.attempts: 3\n",
        );
    }
}
