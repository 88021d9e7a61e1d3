use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct PropertiesStripped;

static META: RuleMeta = RuleMeta {
    code: "FD001",
    name: "properties-stripped",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "docker-entrypoint.sh of the images of Flink 1.19 to 2.2; FLINK-38587",
    docs: r#"
The start script of Flink's images from 1.19 on takes every space out of a line of
`FLINK_PROPERTIES` and cuts it at the first colon. Options of a JVM are glued together, and a
comment becomes part of the value, or of a key. Images before 1.19 add the lines to
`flink-conf.yaml` as they are.
## Bad
# target: flink-1.20
# file: compose.yaml
services:
  taskmanager:
    image: flink:1.20
    command: taskmanager
    environment:
      FLINK_PROPERTIES: |
        taskmanager.memory.process.size: 2g
        env.java.opts.all: -XX:+UseG1GC -Dsun.net.inetaddr.ttl=60
## Good
# target: flink-1.20
# file: compose.yaml
services:
  taskmanager:
    image: flink:1.20
    command: taskmanager
    environment:
      FLINK_PROPERTIES: |
        taskmanager.memory.process.size: 2g
        env.java.opts.all: -XX:+UseG1GC
"#,
};

impl Rule for PropertiesStripped {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let embedded = ctx.deployment().and_then(|deployment| deployment.embedded.as_ref());
        let Some(embedded) = embedded.filter(|it| it.is_stripped(ctx.release())) else { return };
        for line in embedded.lines() {
            let text =
                |range: &std::ops::Range<usize>| embedded.view.get(range.clone()).unwrap_or("");
            let (key, value) = (text(&line.key), text(&line.value));
            if key.starts_with('#') {
                findings.push(comment(Span::new(ctx.file, line.key.start..line.value.end)));
            } else if let Some(at) = value.find('#') {
                let span = Span::new(ctx.file, line.value.start + at..line.value.end);
                findings.push(inline_comment(span));
            } else if value.contains(char::is_whitespace) && needs_space(value) {
                let joined: String = value.split_whitespace().collect();
                findings.push(glued(Span::new(ctx.file, line.value), &joined));
            }
        }
    }
}

/// Whether a value means something else without its spaces; a size or a duration does not.
fn needs_space(value: &str) -> bool {
    !value.starts_with(|c: char| c.is_ascii_digit()) && !value.contains([';', ','])
        || value.contains(" -")
}

fn glued(span: Span, joined: &str) -> Finding {
    Finding::new(&META, "the image takes the spaces out of this value")
        .primary(span, format!("Flink reads {joined:?}"))
        .help("pass it with -D in the command, or mount a configuration file")
}

fn inline_comment(span: Span) -> Finding {
    Finding::new(&META, "the image knows no comments: this becomes part of the value")
        .primary(span, "part of the value")
        .help("remove the comment")
}

fn comment(span: Span) -> Finding {
    Finding::new(&META, "the image knows no comments: this becomes an option of its own")
        .severity(Severity::Warning)
        .primary(span, "a key that starts with `#`")
        .help("remove the line")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn spaces_and_comments() {
        check(
            &PropertiesStripped,
            r#"# target: flink-1.20
# file: compose.yaml
services: {jm: {image: "flink:1.20", environment: {FLINK_PROPERTIES: 'env.java.opts.all: -Xa -Xb'}}}
#                                                                                        ^^^^^^^ FD001 Flink reads "-Xa-Xb"
"#,
        );
        check(
            &PropertiesStripped,
            r#"# target: flink-1.20
# file: compose.yaml
services: {jm: {image: "flink:1.20", environment: {FLINK_PROPERTIES: 'heartbeat.timeout: 30000#30 seconds'}}}
#                                                                                             ^^^^^^^^^^^ FD001 part of the value
"#,
        );
        check(
            &PropertiesStripped,
            r#"# target: flink-1.20
# file: compose.yaml
services: {jm: {image: "flink:1.20", environment: {FLINK_PROPERTIES: 'taskmanager.memory.process.size: 2 gb'}}}
"#,
        );
        check(
            &PropertiesStripped,
            r#"# target: flink-1.18
# file: compose.yaml
services: {jm: {image: "flink:1.18", environment: {FLINK_PROPERTIES: 'env.java.opts: -Xa -Xb'}}}
"#,
        );
    }
}
