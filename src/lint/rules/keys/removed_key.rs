use super::rename;
use crate::catalog::{Classification, Release, options_with_alternate};
use crate::config::Setting;
use crate::finding::{Applicability, Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct RemovedKey;

static META: RuleMeta = RuleMeta {
    code: "FK003",
    name: "removed-key",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "The options of the real releases, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-release-2.0/release-notes/flink-2.0/",
    docs: r"
An earlier release read this key; the target ignores it without a word, and what it set has its
default again. An error if another option does the same now, a warning if nothing does.
## Bad
# target: flink-1.14
containerized.heap-cutoff-ratio: 0.3
## Good
# target: flink-1.14
taskmanager.memory.jvm-overhead.fraction: 0.3
",
};

impl Rule for RemovedKey {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let removed = ctx.classified().filter_map(|(setting, class)| match class {
            Classification::Removed { last, replacement } => Some((setting, last, replacement)),
            _ => None,
        });
        report(findings, removed, |(setting, last, replacement)| match replacement {
            Some(new) => match ctx.config.setting(new) {
                Some(set) => left_over(ctx, setting, last, set),
                None => replaced(ctx, setting, last, new),
            },
            None => gone(ctx, setting, last),
        });
    }
}

fn message(ctx: &LintContext<'_>, setting: &Setting<'_>, last: Release) -> String {
    let release = ctx.release();
    format!("Flink {release} ignores `{}`: {last} was the last release to read it", setting.key)
}

fn replaced(
    ctx: &LintContext<'_>,
    setting: &Setting<'_>,
    last: Release,
    new: &'static str,
) -> Finding {
    // A key that some release read for the new option's holds the same values.
    let same = Release::ALL.into_iter().any(|release| {
        options_with_alternate(&setting.key, release).any(|(option, _)| option.key == new)
    });
    let applicability = if same { Applicability::Safe } else { Applicability::Unsafe };
    let mut finding = Finding::new(&META, message(ctx, setting, last))
        .primary(setting.key_span, "ignored")
        .help(format!("use `{new}`"));
    finding.fix = rename(ctx, setting, new, applicability);
    finding
}

fn left_over(
    ctx: &LintContext<'_>,
    setting: &Setting<'_>,
    last: Release,
    set: &Setting<'_>,
) -> Finding {
    Finding::new(&META, message(ctx, setting, last))
        .severity(Severity::Info)
        .primary(setting.key_span, "ignored")
        .related(set.key_span, "does the same, and counts")
        .help("remove the old key")
}

fn gone(ctx: &LintContext<'_>, setting: &Setting<'_>, last: Release) -> Finding {
    Finding::new(&META, message(ctx, setting, last))
        .severity(Severity::Warning)
        .primary(setting.key_span, "ignored")
        .help("remove it; no option takes its place")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn the_target_decides() {
        check(
            &RemovedKey,
            r"
# target: flink-2.3
# file: config.yaml.txt
# dialect: legacy
jobmanager.heap.size: 1g
#^^^^^^^^^^^^^^^^^^^ FK003 ignored
state.backend.async: true
#^^^^^^^^^^^^^^^^^^ FK003 ignored
state.backend.type: rocksdb
taskmanager.network.memory.min: 64m
",
        );
        check(
            &RemovedKey,
            "# target: flink-1.20\njobmanager.heap.size: 1g\nstate.backend.async: true\n",
        );
    }

    #[test]
    fn severity_by_effect() {
        let severity = |text: &str| {
            let text = format!("# target: flink-2.3\n# dialect: legacy\n{text}");
            findings(&RemovedKey, &text).iter().map(|found| found.severity).collect::<Vec<_>>()
        };
        assert_eq!(severity("taskmanager.heap.size: 1g\n"), [Severity::Error]);
        assert_eq!(severity("state.backend.async: true\n"), [Severity::Warning]);
        assert_eq!(
            severity("taskmanager.heap.size: 1g\ntaskmanager.memory.flink.size: 1g\n"),
            [Severity::Info]
        );
    }
}
