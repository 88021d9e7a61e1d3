use super::{arguments, command};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct DataByOssref;

static META: RuleMeta = RuleMeta {
    code: "FJ005",
    name: "data-by-ossref",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "Quick start of E-MapReduce (2020)",
    docs: r"
What is written with `ossref://` is downloaded to the machine that submits the job, and a local path
takes its place. The TaskManagers on other machines find nothing under that path, and large data
fails the job. Data is written with `oss://`.
## Bad
# target: emr-3.28.2
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 ossref://bucket/job.jar --input ossref://bucket/in
## Good
# target: emr-3.28.2
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 ossref://bucket/job.jar --input oss://bucket/in
",
};

impl Rule for DataByOssref {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(command) = command(ctx) else { return };
        let is_code = |text: &str| {
            let path = text.to_ascii_lowercase();
            [".jar", ".py", ".zip", ".sql", ".conf", ".properties", ".yaml", ".json", ".txt"]
                .iter()
                .any(|end| path.ends_with(end))
        };
        let data = arguments(command)
            .iter()
            .filter(|word| word.text.contains("ossref://") && !is_code(&word.text));
        findings.extend(data.map(|word| data_downloaded(word.span)));
    }
}

fn data_downloaded(span: Span) -> Finding {
    Finding::new(&META, "ossref:// downloads this to the submitting machine")
        .primary(span, "a path of one machine to the job")
        .help("write oss:// for data")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn data_and_files_for_the_program() {
        check(
            &DataByOssref,
            "# target: emr-3.28.2
run ossref://b/a.jar --in ossref://b/in --conf ossref://b/app.conf --out=ossref://b/out
#                         ^^^^^^^^^^^^^ FJ005 a path of one machine to the job
#                                                                  ^^^^^^^^^^^^^^^^^^^^ FJ005 a path of one machine to the job
",
        );
    }
}
