use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct ClassloaderWorkaround;

static META: RuleMeta = RuleMeta {
    code: "FN011",
    name: "classloader-workaround",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: "https://nightlies.apache.org/flink/flink-docs-stable/docs/ops/debugging/debugging_classloading/",
    docs: r"
Two settings hide trouble with class loading and leave it there. Without the check for leaked class
loaders a library that keeps a class loader of a job that has ended fills Metaspace, job by job, in
a session cluster. With `parent-first` the classes of Flink win over those of the job.
## Bad
classloader.check-leaked-classloader: false
## Good
classloader.check-leaked-classloader: true
",
};

impl Rule for ClassloaderWorkaround {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let is = |key: &str, value: &str| {
            let setting = ctx.config.setting(key)?;
            setting.value.text().eq_ignore_ascii_case(value).then_some(setting)
        };
        findings.extend(is("classloader.check-leaked-classloader", "false").map(check_off));
        findings.extend(is("classloader.resolve-order", "parent-first").map(parent_first));
    }
}

fn check_off(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, "the check for leaked class loaders is off; the leak is not")
        .primary(setting.value_span, "each ended job may keep its classes in Metaspace")
        .help("move the library that leaks to Flink's lib directory, or update it")
}

fn parent_first(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, "the classes of Flink win over those of the job")
        .primary(setting.value_span, "for every class")
        .help("name the packages in `classloader.parent-first-patterns.additional` instead")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_hides_trouble() {
        check(
            &ClassloaderWorkaround,
            r"
classloader.check-leaked-classloader: false
#                                     ^^^^^ FN011 each ended job may keep its classes in Metaspace
classloader.resolve-order: parent-first
#                          ^^^^^^^^^^^^ FN011 for every class
",
        );
        check(
            &ClassloaderWorkaround,
            "classloader.check-leaked-classloader: true\nclassloader.resolve-order: child-first\n",
        );
    }
}
