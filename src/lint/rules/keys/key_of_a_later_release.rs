use super::rename;
use crate::catalog::{Classification, Release};
use crate::config::Setting;
use crate::finding::{Applicability, Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct KeyOfALaterRelease;

static META: RuleMeta = RuleMeta {
    code: "FK004",
    name: "key-of-a-later-release",
    severity: Severity::Warning,
    fix: FixAvailability::Sometimes,
    source: "The options of the real releases, Flink 1.10 to 2.3",
    docs: r"
The option comes with a later release; the target ignores the key without a word. Often the
option has an older key that the target knows.
## Bad
# target: flink-1.14
state.backend.type: rocksdb
## Good
# target: flink-1.14
state.backend: rocksdb
",
};

impl Rule for KeyOfALaterRelease {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let later = ctx.classified().filter_map(|(setting, class)| match class {
            Classification::NotYet { first, instead } => Some((setting, first, instead)),
            _ => None,
        });
        report(findings, later, |(setting, first, instead)| not_yet(ctx, setting, first, instead));
    }
}

fn not_yet(
    ctx: &LintContext<'_>,
    setting: &Setting<'_>,
    first: Release,
    instead: Option<&'static str>,
) -> Finding {
    let release = ctx.release();
    let message = format!("Flink {release} ignores `{}`: it comes with {first}", setting.key);
    let mut finding = Finding::new(&META, message).primary(setting.key_span, "ignored");
    let Some(key) = instead else {
        return finding.help(format!("remove it, or use Flink {first} or later"));
    };
    match ctx.config.setting(key) {
        Some(set) => finding = finding.related(set.key_span, "counts in its place"),
        None => finding.fix = rename(ctx, setting, key, Applicability::Safe),
    }
    finding.help(format!("use `{key}`, the same option in Flink {release}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_first_release_that_has_it_is_the_boundary() {
        check(
            &KeyOfALaterRelease,
            r"
# target: flink-1.14
job-result-store.storage-path: hdfs:///x
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FK004 ignored
state.backend.type: rocksdb
#^^^^^^^^^^^^^^^^^ FK004 ignored
state.backend: rocksdb
#^^^^^^^^^^^^ counts in its place
",
        );
        check(
            &KeyOfALaterRelease,
            "# target: flink-1.15\njob-result-store.storage-path: hdfs:///x\n",
        );
    }
}
