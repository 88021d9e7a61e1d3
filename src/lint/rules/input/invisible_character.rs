use std::ops::Range;

use super::byte_order_mark::BYTE_ORDER_MARK;
use crate::catalog::{ValueType, option, options_with_alternate};
use crate::config::Setting;
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct InvisibleCharacter;

static META: RuleMeta = RuleMeta {
    code: "FI013",
    name: "invisible-character",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "java.lang.String.trim as GlobalConfiguration calls it, Flink 1.10 to 2.3",
    docs: "
A space that is none, copied from a web page or a chat: no-break space, ideographic space, zero
width space and the like. Flink trims only what ASCII calls a space, so such a character becomes
part of the key, which then names no option, or of the value, which is then no number.
## Bad
taskmanager.numberOfTaskSlots: 4\u{a0}
## Good
taskmanager.numberOfTaskSlots: 4
",
};

impl Rule for InvisibleCharacter {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let settings = ctx.loaded.settings.iter();
        let found = settings.filter_map(|setting| Some((setting, invisible(ctx, setting)?)));
        report(findings, found, |(setting, place)| match place {
            Place::Key(span, c) => in_key(setting, span, c),
            Place::Value(span, c) => {
                let finding = at_edge_of_value(setting, span, c);
                let severity =
                    if is_text(ctx, setting) { Severity::Warning } else { Severity::Error };
                finding.severity(severity)
            }
        });
    }
}

pub(super) enum Place {
    Key(Span, char),
    Value(Span, char),
}

/// The first invisible character of a setting that does harm.
pub(super) fn invisible(ctx: &LintContext<'_>, setting: &Setting<'_>) -> Option<Place> {
    let is_here = setting.key_span.file == ctx.file && setting.value_span.file == ctx.file;
    if is_here && ctx.is_ascii() {
        return None;
    }
    let text = |span: Span| ctx.sources.text(span);
    let (key, value) = (text(setting.key_span), text(setting.value_span));
    if key.is_ascii() && value.is_ascii() {
        return None;
    }
    // A byte order mark at the start of the file has a rule of its own.
    let mark = if setting.key_span.start == 0 { BYTE_ORDER_MARK } else { '\0' };
    let in_key = key.char_indices().find(|(_, c)| is_invisible(*c) && *c != mark);
    if let Some((at, c)) = in_key {
        return Some(Place::Key(setting.key_span.slice(at..at + c.len_utf8()), c));
    }
    let edge = edges(value)?;
    let c = value.get(edge.clone())?.chars().next()?;
    Some(Place::Value(setting.value_span.slice(edge), c))
}

/// Whether Flink takes any text as the value: numbers and the like it refuses to start with.
fn is_text(ctx: &LintContext<'_>, setting: &Setting<'_>) -> bool {
    let history = option(&setting.key);
    let alternates = options_with_alternate(&setting.key, ctx.release()).map(|(option, _)| option);
    let entry = history.into_iter().chain(alternates).find_map(|option| option.at(ctx.release()));
    entry.is_none_or(|entry| {
        matches!(entry.value_type, ValueType::String | ValueType::Map | ValueType::List(_))
    })
}

/// The run of invisible characters before or after a value.
fn edges(value: &str) -> Option<Range<usize>> {
    let before = value.len() - value.trim_start_matches(is_invisible).len();
    let after = value.trim_end_matches(is_invisible).len();
    match (before, after) {
        (0, after) if after == value.len() => None,
        (0, after) => Some(after..value.len()),
        (before, _) => Some(0..before),
    }
}

/// White space beyond ASCII, and characters without width.
fn is_invisible(c: char) -> bool {
    (c.is_whitespace() && c > '\u{20}')
        || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

fn in_key(setting: &Setting<'_>, span: Span, c: char) -> Finding {
    let key: String = setting.key.chars().filter(|c| !is_invisible(*c)).collect();
    Finding::new(&META, format!("an invisible {} is part of this key", name(c)))
        .primary(span, format!("so this is not `{key}`"))
        .help("remove the character")
        .fix(removal(span))
}

fn at_edge_of_value(setting: &Setting<'_>, span: Span, c: char) -> Finding {
    Finding::new(
        &META,
        format!("an invisible {} is part of the value of `{}`", name(c), setting.key),
    )
    .primary(span, "Flink does not trim this")
    .help("remove the character")
    .fix(removal(span))
}

fn removal(span: Span) -> Fix {
    let edit = Edit { span, text: String::new() };
    Fix::new("remove the invisible character", Applicability::Safe, edit)
}

fn name(c: char) -> String {
    let name = match c {
        '\u{85}' => "next line",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero width space",
        '\u{200e}' | '\u{200f}' => "direction mark",
        '\u{2060}' => "word joiner",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "byte order mark",
        _ => "character",
    };
    format!("{name} (U+{:04X})", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn at_the_edges_of_a_value() {
        check(
            &InvisibleCharacter,
            "a: 4\u{a0}\n#   ^^ FI013 Flink does not trim this\nb: \u{3000}4\n#  ^^^ FI013 Flink does not trim this\n\
             c: a\u{a0}word\n",
        );
    }

    #[test]
    fn an_error_where_the_value_is_no_text() {
        let text = "taskmanager.numberOfTaskSlots: 2\u{a0}\nenv.java.opts.all: -Da=b\u{a0}\n";
        let severities: Vec<_> = findings(&InvisibleCharacter, text)
            .into_iter()
            .map(|finding| finding.severity)
            .collect();
        assert_eq!(severities, [Severity::Error, Severity::Warning]);
    }

    #[test]
    fn anywhere_in_a_key() {
        check(
            &InvisibleCharacter,
            "rest\u{200b}.port: 1\n#   ^^^ FI013 so this is not `rest.port`\n",
        );
        check(&InvisibleCharacter, "\u{feff}rest.port: 1\nname: \u{e9}\u{4e2d}\n");
    }
}
