use super::command;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct PyflinkNotAvailable;

static META: RuleMeta = RuleMeta {
    code: "FJ007",
    name: "pyflink-not-available",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "Quick start of E-MapReduce (2020): PyFlink jobs from EMR 3.28.2 on",
    docs: r"
E-MapReduce runs PyFlink jobs from 3.28.2 on. Of the 4.x line no page says so; slotwise is silent
there.
## Bad
# target: emr-3.28.1
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 -py ossref://bucket/job.py
## Good
# target: emr-3.28.2
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 -py ossref://bucket/job.py
",
};

impl Rule for PyflinkNotAvailable {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let (Some(command), Some(version @ [3, ..])) = (command(ctx), ctx.target.emr()) else {
            return;
        };
        let mut options = command.options.iter();
        let python = options.find(|option| matches!(option.known.short, "py" | "pym"));
        if let Some(option) = python.filter(|_| version < [3, 28, 2]) {
            findings.push(too_old(option.span, ctx.target.name()));
        }
    }
}

fn too_old(span: Span, target: &str) -> Finding {
    Finding::new(&META, format!("{target} runs no PyFlink jobs"))
        .primary(span, "needs EMR 3.28.2 or later")
        .help("move to EMR 3.28.2 or later, or write the job in Java or Scala")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn the_version_decides() {
        check(
            &PyflinkNotAvailable,
            "# target: emr-3.27.2\nrun -py /a.py\n#   ^^^ FJ007 needs EMR 3.28.2 or later\n",
        );
        for target in ["emr-3.28.2", "emr-3.30.0", "emr-4.3.0", "flink-1.10"] {
            assert!(
                findings(&PyflinkNotAvailable, &format!("# target: {target}\nrun -py /a.py\n"))
                    .is_empty()
            );
        }
    }
}
