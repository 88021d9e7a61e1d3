use crate::config::{Dialect, Setting};
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct DuplicateKey;

static META: RuleMeta = RuleMeta {
    code: "FI005",
    name: "duplicate-key",
    severity: Severity::Warning,
    fix: FixAvailability::Sometimes,
    source: "GlobalConfiguration and YamlParserUtils, Flink 1.10 to 2.3",
    docs: r"
The same key is set twice in one file. In `flink-conf.yaml` the last line wins without a word; in
`config.yaml` so does the later one of a dotted and a nested spelling, while the same key twice
in one map is an error (FI010).
## Bad
parallelism.default: 4
parallelism.default: 8
## Good
parallelism.default: 8
",
};

impl Rule for DuplicateKey {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let settings = &ctx.loaded.settings;
        let mut sorted: Vec<&Setting<'_>> =
            settings.iter().filter(|setting| !ctx.is_nested(start(setting))).collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key)); // Stable: file order within a key.
        let mut duplicates: Vec<&[&Setting<'_>]> =
            sorted.chunk_by(|a, b| a.key == b.key).filter(|group| group.len() > 1).collect();
        duplicates.sort_by_key(|group| group.first().map(|setting| start(setting)));
        report(findings, duplicates, |group| set_again(ctx, group));
    }
}

fn start(setting: &Setting<'_>) -> usize {
    setting.key_span.range().start
}

fn set_again(ctx: &LintContext<'_>, group: &[&Setting<'_>]) -> Finding {
    let Some((winner, losers)) = group.split_last() else {
        return Finding::new(&META, "a key is set twice");
    };
    let same = losers.iter().all(|loser| loser.value == winner.value);
    let count =
        if losers.len() == 1 { "twice".to_owned() } else { format!("{} times", group.len()) };
    let message = format!("`{}` is set {count}, and the last one wins", winner.key);
    let mut finding = Finding::new(&META, message)
        .severity(if same { Severity::Info } else { Severity::Warning })
        .help(if same {
            "remove all but one"
        } else {
            "keep the value that you mean, remove the rest"
        });
    const LABELED: usize = 5;
    for (index, loser) in losers.iter().take(LABELED).enumerate() {
        let label = if same { "the same value" } else { "has no effect" };
        let span = whole(loser);
        finding =
            if index == 0 { finding.primary(span, label) } else { finding.related(span, label) };
    }
    finding = finding.related(whole(winner), "wins");
    match removal(ctx, losers, same) {
        Some(fix) => finding.fix(fix),
        None => finding,
    }
}

/// Key and value.
fn whole(setting: &Setting<'_>) -> Span {
    let (key, value) = (setting.key_span.range(), setting.value_span.range());
    if key.start < value.end {
        Span::new(setting.key_span.file, key.start..value.end)
    } else {
        setting.key_span
    }
}

/// Removes the lines that lose, but for comments.
fn removal(ctx: &LintContext<'_>, losers: &[&Setting<'_>], same: bool) -> Option<Fix> {
    const MAX_EDITS: usize = 50;
    if ctx.dialect != Dialect::Legacy || losers.len() > MAX_EDITS {
        return None;
    }
    let text = ctx.text();
    let mut edits = Vec::new();
    for loser in losers {
        let span = whole(loser).range();
        let line_start = text.get(..span.start)?.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let rest = text.get(span.end..)?;
        let line_length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        if let Some(comment) = rest.get(..line_length)?.find('#') {
            // What somebody wrote about the line may matter without it.
            let edit = Span::new(ctx.file, span.start..span.end + comment);
            edits.push(Edit { span: edit, text: String::new() });
            continue;
        }
        let line_end = match rest.find(['\n', '\r']) {
            Some(at) if rest.get(at..at + 2) == Some("\r\n") => span.end + at + 2,
            Some(at) => span.end + at + 1,
            None => text.len(),
        };
        edits.push(Edit { span: Span::new(ctx.file, line_start..line_end), text: String::new() });
    }
    let applicability = if same { Applicability::Safe } else { Applicability::Unsafe };
    Some(Fix { title: "remove what has no effect".to_owned(), applicability, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_last_one_wins() {
        check(
            &DuplicateKey,
            r"
rest.port: 8081
#^^^^^^^^^^^^^^ FI005 has no effect
a: b
rest.port: 8082
#^^^^^^^^^^^^^^ has no effect
rest.port: 8083
#^^^^^^^^^^^^^^ wins
",
        );
    }

    #[test]
    fn the_same_value_twice_is_harmless() {
        check(
            &DuplicateKey,
            r"
rest.port: 8081
#^^^^^^^^^^^^^^ FI005 the same value
rest.port: 8081
#^^^^^^^^^^^^^^ wins
Rest.port: 8081
# -D rest.port=1
",
        );
    }
}
