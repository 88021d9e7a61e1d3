use crate::config::Dialect;
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::nesting::{Line, lines};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct ByteOrderMark;

static META: RuleMeta = RuleMeta {
    code: "FI009",
    name: "byte-order-mark",
    severity: Severity::Error,
    fix: FixAvailability::Always,
    source: "GlobalConfiguration.loadYAMLResource, Flink 1.10 to 1.20",
    docs: "
Some editors on Windows start a file with an invisible U+FEFF. The reader of `flink-conf.yaml`
takes it for a part of the first key, so that this option is not set. `config.yaml` may have one.
## Bad
\u{feff}jobmanager.rpc.port: 6123
## Good
jobmanager.rpc.port: 6123
",
};

impl Rule for ByteOrderMark {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if ctx.dialect == Dialect::Yaml || !ctx.text().starts_with(BYTE_ORDER_MARK) {
            return;
        }
        let mark = Span::new(ctx.file, 0..BYTE_ORDER_MARK.len_utf8());
        let first = lines(ctx, 0..BYTE_ORDER_MARK.len_utf8()).next();
        findings.push(match first {
            Some(Line::Pair(setting)) => sticks(&setting.key, mark),
            _ => does_nothing(mark),
        });
    }
}

pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

fn sticks(key: &str, mark: Span) -> Finding {
    let key = key.trim_start_matches(BYTE_ORDER_MARK);
    Finding::new(&META, format!("an invisible byte order mark keeps `{key}` from being set"))
        .primary(mark, "part of the key to Flink")
        .help("save the file as UTF-8 without a byte order mark")
        .fix(removal(mark))
}

fn does_nothing(mark: Span) -> Finding {
    Finding::new(&META, "the file starts with an invisible byte order mark")
        .severity(Severity::Info)
        .primary(mark, "would become part of a key on this line")
        .help("save the file as UTF-8 without a byte order mark")
        .fix(removal(mark))
}

fn removal(mark: Span) -> Fix {
    let edit = Edit { span: mark, text: String::new() };
    Fix::new("remove the byte order mark", Applicability::Safe, edit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn it_sticks_to_the_first_key() {
        check(&ByteOrderMark, "\u{feff}a: b\n#^^ FI009 part of the key to Flink\nc: d\u{feff}\n");
    }

    #[test]
    fn a_comment_in_the_first_line_takes_it() {
        check(
            &ByteOrderMark,
            "\u{feff}# hello\n#^^ FI009 would become part of a key on this line\nc: d\n",
        );
        check(&ByteOrderMark, "a: b\n");
    }
}
