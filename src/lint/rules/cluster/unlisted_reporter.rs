use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnlistedReporter;

static META: RuleMeta = RuleMeta {
    code: "FN010",
    name: "unlisted-reporter",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "ReporterSetup, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/metric_reporters/",
    docs: r"
`metrics.reporters` chooses among the reporters that `metrics.reporter.NAME.` options describe. A
reporter that is described and not chosen does not run; a name that is chosen and not described
names nothing. Without `metrics.reporters` all of them run.
## Bad
metrics.reporters: prometheus
metrics.reporter.prom.factory.class: org.apache.flink.metrics.prometheus.PrometheusReporterFactory
## Good
metrics.reporters: prom
metrics.reporter.prom.factory.class: org.apache.flink.metrics.prometheus.PrometheusReporterFactory
",
};

impl Rule for UnlistedReporter {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(list) = ctx.config.setting("metrics.reporters") else { return };
        let value = list.value.text();
        let mut listed: Vec<&str> =
            value.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        listed.sort_unstable();
        let mut described = described(ctx);
        described.sort_by_key(|(name, _)| *name);
        described.dedup_by_key(|(name, _)| *name);

        let unlisted = described.iter().filter(|(name, _)| listed.binary_search(name).is_err());
        report(findings, unlisted, |(name, setting)| not_listed(name, setting, list));
        let unknown = listed.iter().filter(|name| {
            described.binary_search_by_key(*name, |(described, _)| described).is_err()
        });
        report(findings, unknown, |name| not_described(name, list));
    }
}

/// Reporters with a class or factory: their names, each with what makes it.
fn described<'c, 'a>(ctx: &'c LintContext<'a>) -> Vec<(&'c str, &'c Setting<'a>)> {
    let settings = ctx.config.settings().iter();
    settings
        .filter_map(|setting| {
            let rest = setting.key.strip_prefix("metrics.reporter.")?;
            let name =
                rest.strip_suffix(".factory.class").or_else(|| rest.strip_suffix(".class"))?;
            (!name.contains('.')).then_some((name, setting))
        })
        .collect()
}

fn not_listed(name: &str, setting: &Setting<'_>, list: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("the reporter `{name}` does not run: it is not listed"))
        .primary(setting.key_span, "described here")
        .related(list.value_span, "only these run")
        .help(format!("add `{name}` to `metrics.reporters`, or remove its options"))
}

fn not_described(name: &str, list: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("there is no reporter `{name}`"))
        .primary(list.value_span, format!("`{name}` has no factory"))
        .help(format!("set `metrics.reporter.{name}.factory.class`, or take it off the list"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn list_and_options_must_agree() {
        check(
            &UnlistedReporter,
            r"
metrics.reporters: a, c
#                  ^^^^ FN010 `c` has no factory
#                  ^^^^ only these run
metrics.reporter.a.factory.class: x
metrics.reporter.b.factory.class: y
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FN010 described here
metrics.reporter.b.port: 1
",
        );
    }

    #[test]
    fn without_a_list_all_run() {
        check(&UnlistedReporter, "metrics.reporter.a.factory.class: x\n");
        check(&UnlistedReporter, "metrics.reporters: a\nmetrics.reporter.a.class: x\n");
    }
}
