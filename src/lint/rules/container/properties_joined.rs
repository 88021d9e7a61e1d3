use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::PropertiesProblem;

pub(in crate::lint::rules) struct PropertiesJoined;

static META: RuleMeta = RuleMeta {
    code: "FD003",
    name: "properties-joined",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "Block folding of YAML 1.2; docker-entrypoint.sh of the images of Flink 1.10 to 2.2",
    docs: r#"
`FLINK_PROPERTIES` needs a line for each option. A folded (`>`), quoted or plain value of several
lines is one line to Flink, and all options become the value of the first.
## Bad
# target: flink-1.20
# file: compose.yaml
services:
  jobmanager:
    image: flink:1.20
    command: jobmanager
    environment:
      FLINK_PROPERTIES: >
        jobmanager.rpc.address: jobmanager
        parallelism.default: 2
## Good
# target: flink-1.20
# file: compose.yaml
services:
  jobmanager:
    image: flink:1.20
    command: jobmanager
    environment:
      FLINK_PROPERTIES: |
        jobmanager.rpc.address: jobmanager
        parallelism.default: 2
"#,
};

impl Rule for PropertiesJoined {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let container = ctx.deployment().and_then(|deployment| deployment.container());
        findings.extend(container.and_then(|it| it.problem.as_ref()).map(joined));
    }
}

fn joined(problem: &PropertiesProblem) -> Finding {
    Finding::new(&META, "all properties end up in one line, as the value of the first")
        .primary(problem.span, problem.cause)
        .help("use a literal block, `|`, with a line for each option")
}
