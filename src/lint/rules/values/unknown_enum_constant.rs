use super::{Typed, typed};
use crate::catalog::Release;
use crate::config::Setting;
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::placeholder::is_placeholder;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnknownEnumConstant;

static META: RuleMeta = RuleMeta {
    code: "FV005",
    name: "unknown-enum-constant",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "ConfigurationUtils.convertToEnum, HighAvailabilityMode and RestartBackoffTimeStrategyFactoryLoader, \
             Flink 1.10 to 2.3",
    docs: r"
The option takes one of a few words, in any case, and this is none of them. Flink refuses it, or takes
it for the name of a class and does not find it.
## Bad
execution.checkpointing.mode: EXACTLY_ONES
## Good
execution.checkpointing.mode: EXACTLY_ONCE
",
};

impl Rule for UnknownEnumConstant {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let refused = typed(ctx)
            .filter(|typed| !typed.entry.value_type.constants().is_empty())
            .filter(|typed| typed.refusal(ctx).is_some());
        report(findings, refused, |typed| no_constant(ctx, &typed));

        let (strategies, services) = words(ctx.release());
        for (keys, words) in [
            (["restart-strategy.type", "restart-strategy"], strategies),
            (["high-availability.type", "high-availability"], services),
        ] {
            let Some(setting) = ctx.lookup_renamed(&keys) else { continue };
            let value = setting.value.text();
            // With a dot it may be a class that is on the class path there.
            let known = words.iter().any(|word| word.eq_ignore_ascii_case(&value));
            if !known && !value.contains('.') && !is_placeholder(&value) {
                findings.push(no_word(ctx, setting, words));
            }
        }
    }
}

/// The names of restart strategies and high availability services that a release knows.
fn words(release: Release) -> (&'static [&'static str], &'static [&'static str]) {
    const STRATEGIES: &[&str] = &[
        "fixed-delay",
        "failure-rate",
        "none",
        "fixeddelay",
        "failurerate",
        "off",
        "disable",
        "false",
        "exponential-delay",
        "exponentialdelay",
    ];
    // Flink 1.13 brought exponential-delay, 1.12 high availability on Kubernetes by its short name.
    const OLD_STRATEGIES: &[&str] = &[
        "fixed-delay",
        "failure-rate",
        "none",
        "fixeddelay",
        "failurerate",
        "off",
        "disable",
        "false",
    ];
    let services: &[&str] = if release < Release::V1_13 {
        &["zookeeper", "none", "factory_class", "kubernetes"]
    } else {
        &["zookeeper", "kubernetes", "none", "factory_class"]
    };
    (if release < Release::V1_13 { OLD_STRATEGIES } else { STRATEGIES }, services)
}

fn no_constant(ctx: &LintContext<'_>, typed: &Typed<'_, '_>) -> Finding {
    let constants = typed.entry.value_type.constants();
    let value = typed.setting.value.text();
    let mut finding =
        Finding::new(&META, format!("`{}` does not take {value:?}", typed.setting.key))
            .primary(typed.setting.value_span, "none of the words that it takes")
            .flink_message(typed.flink_message());
    match nearest(&value, constants) {
        Some(word) => {
            finding.fix = typed.replace(ctx, word, Applicability::Unsafe);
            finding.help(format!("did you mean `{word}`? It takes {}", constants.join(", ")))
        }
        None => finding.help(format!("write one of {}", constants.join(", "))),
    }
}

fn no_word(ctx: &LintContext<'_>, setting: &Setting<'_>, words: &[&'static str]) -> Finding {
    let value = setting.value.text();
    let finding = Finding::new(&META, format!("`{}` does not take {value:?}", setting.key))
        .primary(setting.value_span, "taken for the name of a class");
    match nearest(&value, words) {
        Some(word) if ctx.sources.text(setting.value_span) == value => {
            let edit = Edit { span: setting.value_span, text: word.to_owned() };
            finding.help(format!("did you mean `{word}`?")).fix(Fix::new(
                format!("write `{word}`"),
                Applicability::Unsafe,
                edit,
            ))
        }
        _ => finding.help(format!("write one of {}", words.join(", "))),
    }
}

/// The word that a wrong one resembles, separators aside.
fn nearest(value: &str, words: &[&'static str]) -> Option<&'static str> {
    const MAX_LENGTH: usize = 100;
    if value.len() > MAX_LENGTH {
        return None;
    }
    let squash = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let wanted = squash(value);
    let distances = words.iter().map(|word| (strsim::osa_distance(&wanted, &squash(word)), *word));
    let (distance, word) = distances.min()?;
    (distance * 3 <= word.len()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn words_that_are_none() {
        check(
            &UnknownEnumConstant,
            r"
execution.checkpointing.mode: exactly-once
#                             ^^^^^^^^^^^^ FV005 none of the words that it takes
execution.runtime-mode: Batch
high-availability.type: zookeper
#                       ^^^^^^^^ FV005 taken for the name of a class
restart-strategy.type: com.example.Mine
",
        );
    }

    #[test]
    fn one_best_suggestion() {
        let help = |text: &str| findings(&UnknownEnumConstant, text).remove(0).help.unwrap();
        assert!(help("execution.checkpointing.mode: exactly-once\n").contains("`EXACTLY_ONCE`"));
        assert!(help("restart-strategy: fixed_delay\n").contains("`fixed-delay`"));
        assert!(help("execution.runtime-mode: whatever\n").starts_with("write one of STREAMING"));
    }

    #[test]
    fn releases_whose_words_differ() {
        let text = "restart-strategy: exponential-delay\n";
        let count = |target: &str| {
            findings(&UnknownEnumConstant, &format!("# target: {target}\n{text}")).len()
        };
        assert_eq!((count("flink-1.12"), count("flink-1.13")), (1, 0));
    }
}
