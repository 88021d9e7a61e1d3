use super::{command, option_value, program};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::Meaning;
use crate::source::Span;

pub(in crate::lint::rules) struct ProgramLocation;

static META: RuleMeta = RuleMeta {
    code: "FJ004",
    name: "program-location",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "Quick start and FAQ of E-MapReduce (2020); CliFrontend.getJarFile, Flink 1.10.3",
    docs: r"
Flink's client opens the jar and scripts on its own disk. EMR's console downloads what is written
with `ossref://` and puts a local path in its place; what is written with `oss://` or `hdfs://`
stays as it is, and the client finds no such file. A path of the machine must start with `/`, as the
command runs in a folder of its own.
## Bad
# target: emr-3.28.2
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 oss://bucket/job.jar --input oss://bucket/in
## Good
# target: emr-3.28.2
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 ossref://bucket/job.jar --input oss://bucket/in
",
};

impl Rule for ProgramLocation {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(command) = command(ctx) else { return };
        let files =
            command.options.iter().filter(|option| option.known.meaning == Meaning::Program);
        let files = files.filter_map(|option| {
            let value = option.value.as_ref()?;
            Some((option.known.short, &*value.text, value.span))
        });
        let program = program(command).map(|word| ("", &*word.text, word.span));
        for (option, text, span) in files.chain(program) {
            // `-pyfs a,b` and `-pyarch a#b,c` are lists.
            for part in text.split(',') {
                let place = if part.len() == text.len() { span } else { part_of(span, text, part) };
                findings.extend(judge(ctx, option, part, place));
            }
        }
        if let Some(savepoint) = option_value(command, "s")
            && savepoint.text.starts_with("ossref://")
        {
            findings.push(
                Finding::new(&META, "a savepoint is no file to download")
                    .primary(savepoint.span, "only jars and scripts are written with ossref://")
                    .help("write oss://"),
            );
        }
    }
}

fn part_of(span: Span, text: &str, part: &str) -> Span {
    let at = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    if span.range().len() == text.len() { span.slice(at..at + part.len()) } else { span }
}

fn judge(ctx: &LintContext<'_>, option: &str, path: &str, span: Span) -> Option<Finding> {
    let is_emr = ctx.target.emr().is_some();
    match path.split_once("://") {
        // A class path is a URL that every node opens.
        Some(_) if option == "C" => None,
        Some((scheme @ ("oss" | "hdfs" | "s3" | "s3a" | "http" | "https"), _)) => {
            let help = if is_emr { "write ossref://" } else { "name a file of this machine" };
            Some(
                Finding::new(&META, format!("the client does not load programs from {scheme}://"))
                    .primary(
                        span,
                        if is_emr { "not downloaded" } else { "no path of this machine" },
                    )
                    .help(help)
                    .flink_message(format!("JAR file does not exist: {path}")),
            )
        }
        Some(("ossref", _)) if !is_emr && ctx.target.vvr().is_none() => Some(
            Finding::new(&META, "only the console of E-MapReduce knows ossref://")
                .primary(span, "no scheme of Flink's")
                .help("name a file of this machine, or the target with --target emr-…"),
        ),
        Some(_) => None,
        None if path.starts_with(['/', '$', '~']) || path.is_empty() => None,
        None => Some(relative(path, span, is_emr)),
    }
}

fn relative(path: &str, span: Span, is_emr: bool) -> Finding {
    let finding = Finding::new(&META, format!("the path `{path}` is relative"))
        .primary(span, "found only if the command starts in the right folder");
    if is_emr {
        finding.help("write ossref:// and the path in the bucket, or a path that starts with /")
    } else {
        finding.severity(Severity::Info).help("write a path that starts with /")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn schemes_and_relative_paths() {
        check(
            &ProgramLocation,
            "# target: emr-3.28.2
run -py oss://b/a.py -pyfs ossref://b/c.py,lib/d.py -C hdfs://h/e.jar x --input oss://b/in
#       ^^^^^^^^^^^^ FJ004 not downloaded
#                                          ^^^^^^^^ FJ004 found only if the command starts in the right folder
",
        );
        check(
            &ProgramLocation,
            "# target: emr-3.28.2
run job.jar --input data/in
#   ^^^^^^^ FJ004 found only if the command starts in the right folder
",
        );
        check(
            &ProgramLocation,
            "# target: flink-1.20
run ossref://b/job.jar
#   ^^^^^^^^^^^^^^^^^^ FJ004 no scheme of Flink's
",
        );
        check(&ProgramLocation, "# target: emr-3.28.2\nrun -c X /opt/job.jar oss://b/in\n");
    }
}
