use crate::config::{LoadError, LoadErrorKind};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnreadableYaml;

static META: RuleMeta = RuleMeta {
    code: "FI010",
    name: "unreadable-yaml",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "GlobalConfiguration and YamlParserUtils, Flink 1.19 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/",
    docs: r"
Flink refuses the whole `config.yaml`: it is not YAML 1.2, sets one key twice in one map, has a
key without a value, or is not a map of text keys. No Flink process starts.
## Bad
# target: flink-1.20
# file: config.yaml
rest:
  port: 8081
  port: 8082
## Good
# target: flink-1.20
# file: config.yaml
rest:
  port: 8081
",
};

impl Rule for UnreadableYaml {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        // FI008 tells of bytes that are not UTF-8, FO001 of manifests.
        if let Some(error) = &ctx.loaded.error
            && !matches!(error.kind, LoadErrorKind::InvalidUtf8 | LoadErrorKind::ManifestSyntax)
        {
            findings.push(refused(error));
        }
    }
}

fn refused(error: &LoadError) -> Finding {
    let mut logged = error.flink_message.clone();
    if let Some(cause) = &error.flink_cause {
        logged.push_str(" Caused by: ");
        logged.push_str(cause);
    }
    let finding = Finding::new(&META, format!("Flink refuses this file: {}", error.message))
        .primary(error.span, "here")
        .flink_message(logged);
    match error.kind {
        LoadErrorKind::NullValue => finding.help("write a value, or remove the key"),
        LoadErrorKind::KeyNotAString => finding.help("write the key in quotes"),
        LoadErrorKind::RootNotAMap => finding.help("write `key: value` lines"),
        _ => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_flink_refuses() {
        check(
            &UnreadableYaml,
            "# file: config.yaml\nrest:\n  port: 1\n  port: 2\n# ^^^^ FI010 here\n",
        );
        check(&UnreadableYaml, "# file: config.yaml\nrest:\n  port: 1\nrest.port: 2\n");
    }
}
