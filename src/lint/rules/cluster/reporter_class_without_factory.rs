use crate::catalog::Release;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct ReporterClassWithoutFactory;

static META: RuleMeta = RuleMeta {
    code: "FN009",
    name: "reporter-class-without-factory",
    severity: Severity::Warning,
    fix: FixAvailability::Never, // Which factory makes a class of somebody else's, only they know.
    source: "ReporterSetup, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/metric_reporters/",
    docs: r"
A metrics reporter is made by its factory. The older `class` alone is deprecated in 1.16, and from
1.17 on Flink does not start such a reporter: there are no metrics.
## Bad
# target: flink-1.17
metrics.reporter.prom.class: org.apache.flink.metrics.prometheus.PrometheusReporter
## Good
# target: flink-1.17
metrics.reporter.prom.factory.class: org.apache.flink.metrics.prometheus.PrometheusReporterFactory
",
};

impl Rule for ReporterClassWithoutFactory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if ctx.release() < Release::V1_16 {
            return;
        }
        let classes = ctx.config.settings().iter().filter_map(|setting| {
            let rest = setting.key.strip_prefix("metrics.reporter.")?;
            let name = rest.strip_suffix(".class")?;
            let factory = format!("metrics.reporter.{name}.factory.class");
            (!name.contains('.') && ctx.config.setting(&factory).is_none())
                .then_some((setting, factory))
        });
        report(findings, classes, |(setting, factory)| no_factory(ctx, setting, &factory));
    }
}

fn no_factory(ctx: &LintContext<'_>, setting: &Setting<'_>, factory: &str) -> Finding {
    let still_works = ctx.release() < Release::V1_17;
    let message = if still_works {
        format!("Flink {} is the last release to start a reporter by its class", ctx.release())
    } else {
        format!("Flink {} starts no reporter by its class: there are no metrics", ctx.release())
    };
    let finding = Finding::new(&META, message)
        .severity(if still_works { Severity::Info } else { Severity::Warning })
        .primary(setting.key_span, if still_works { "deprecated" } else { "ignored" });
    let class = setting.value.text();
    if class.starts_with("org.apache.flink.") && class.ends_with("Reporter") {
        finding.help(format!("write `{factory}: {class}Factory`"))
    } else {
        finding.help(format!("set `{factory}` to the reporter's factory"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn a_class_without_a_factory() {
        check(
            &ReporterClassWithoutFactory,
            r"
metrics.reporter.a.class: x.A
#^^^^^^^^^^^^^^^^^^^^^^^ FN009 ignored
metrics.reporter.b.class: x.B
metrics.reporter.b.factory.class: x.BFactory
",
        );
    }

    #[test]
    fn releases_whose_answers_differ() {
        let severity = |target: &str| {
            let text = format!("# target: {target}\nmetrics.reporter.a.class: x.A\n");
            findings(&ReporterClassWithoutFactory, &text).first().map(|found| found.severity)
        };
        assert_eq!(severity("flink-1.15"), None);
        assert_eq!(severity("flink-1.16"), Some(Severity::Info));
        assert_eq!(severity("flink-1.17"), Some(Severity::Warning));
    }
}
