use std::fmt::Write;
use std::ops::Range;

use crate::catalog::Release;
use crate::config::Setting;
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::nesting::{Block, BlockKind, Line, indentation, is_item, lines, lone_key};
use crate::lint::{LintContext, Rule, is_secret};
use crate::source::Span;

pub(in crate::lint::rules) struct NestedYaml;

static META: RuleMeta = RuleMeta {
    code: "FI004",
    name: "nested-yaml-in-legacy-file",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "GlobalConfiguration.loadYAMLResource, Flink 1.10 to 1.20; \
             https://cwiki.apache.org/confluence/display/FLINK/FLIP-366",
    docs: r"
`flink-conf.yaml` is read line by line and indentation means nothing in it. Of a nested block
Flink drops the outer keys and takes the inner ones for keys of their own, such as `size`. Only
`config.yaml`, from Flink 1.19 on, may nest.
## Bad
taskmanager:
  memory:
    process:
      size: 1728m
  numberOfTaskSlots: 2
## Good
taskmanager.memory.process.size: 1728m
taskmanager.numberOfTaskSlots: 2
",
};

impl Rule for NestedYaml {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        report(findings, ctx.nested_blocks(), |block| match block.kind {
            BlockKind::Nested => nested(ctx, block, &flatten(ctx, block)),
            BlockKind::MultiLine => multi_line(ctx, block),
        });
    }
}

fn nested(ctx: &LintContext<'_>, block: &Block, flat: &Flattened<'_, '_>) -> Finding {
    let header = ctx.text().get(block.header.clone()).unwrap_or("");
    let mut finding = Finding::new(&META, "nested YAML, but Flink reads this file line by line")
        .primary(Span::new(ctx.file, block.header.clone()), "dropped");
    const LABELED: usize = 3;
    for leaf in flat.leaves.iter().take(LABELED) {
        let label = format!("read as the key `{}`", leaf.setting.key);
        finding = finding.related(leaf.setting.key_span, label);
    }
    let mut help = if ctx.release() >= Release::V1_19 {
        "write every key in full, or move everything to config.yaml".to_owned()
    } else {
        "write every key in full".to_owned()
    };
    if flat.certain && !flat.leaves.is_empty() {
        let _ = write!(help, ":{}", written_in_full(&flat.leaves));
        if let Some(fix) = flat.fix(ctx, header) {
            finding = finding.fix(fix);
        }
    }
    finding.help(help)
}

fn multi_line(ctx: &LintContext<'_>, block: &Block) -> Finding {
    let indicator = block.header.end.saturating_sub(1)..block.header.end;
    let second = lines(ctx, block.range.clone()).nth(1);
    let rest = second.map_or(block.range.end, |line| line.range().start)..block.range.end;
    Finding::new(&META, "a value over several lines, but Flink reads this file line by line")
        .primary(Span::new(ctx.file, indicator), "this is the whole value to Flink")
        .related(Span::new(ctx.file, rest), "read as lines of their own")
        .help("write the value on the line of its key")
}

/// A key of a nested block, written in full.
struct Leaf<'c, 'a> {
    setting: &'c Setting<'a>,
    path: String,
    value: String,
}

/// A nested block written line by line.
struct Flattened<'c, 'a> {
    leaves: Vec<Leaf<'c, 'a>>,
    /// Lines to be removed: those of the outer keys.
    parents: Vec<Range<usize>>,
    /// Nothing in the block means more than key and value.
    certain: bool,
    /// Every key written in full is an option of Flink.
    known: bool,
}

fn flatten<'c, 'a>(ctx: &'c LintContext<'a>, block: &Block) -> Flattened<'c, 'a> {
    /// Deeper nesting is no configuration; the bound keeps paths short.
    const MAX_DEPTH: usize = 32;
    const MAX_LEAVES: usize = 500;
    let text = ctx.text();
    let mut flat =
        Flattened { leaves: Vec::new(), parents: Vec::new(), certain: true, known: true };
    let mut parents: Vec<(usize, &str)> = Vec::new();
    let mut parent_is_empty = false;
    for line in lines(ctx, block.range.clone()) {
        let range = line.range();
        let indentation = indentation(text, range.start);
        while parents.last().is_some_and(|(outer, _)| *outer >= indentation) {
            parents.pop();
            flat.certain &= !parent_is_empty;
            parent_is_empty = false;
        }
        let line_text = text.get(range.clone()).unwrap_or("");
        if flat.leaves.len() >= MAX_LEAVES || parents.len() >= MAX_DEPTH || is_item(line_text) {
            flat.certain = false;
            break;
        }
        let path = |key: &str| {
            let outer = parents.iter().map(|(_, key)| *key);
            outer.chain([key]).collect::<Vec<_>>().join(".")
        };
        match line {
            Line::Skipped(_) => match lone_key(line_text) {
                Some(key) => {
                    parents.push((indentation, key));
                    parent_is_empty = true;
                    flat.parents.push(range);
                }
                None => flat.certain = false,
            },
            Line::Pair(setting) => {
                parent_is_empty = false;
                let path = path(&setting.key);
                let Some(value) = plain_value(&setting.value.text()) else {
                    flat.certain = false;
                    continue;
                };
                flat.known &= ctx.is_known_key(&path);
                flat.leaves.push(Leaf { setting, path, value });
            }
        }
    }
    flat.certain &= !parent_is_empty;
    flat
}

/// The text of a YAML scalar, or `None` for what is more than one.
fn plain_value(value: &str) -> Option<String> {
    let first = value.chars().next()?;
    if matches!(first, '[' | '{' | '&' | '*' | '|' | '>' | '!' | '`' | '@') {
        return None;
    }
    if !matches!(first, '"' | '\'') {
        return Some(value.to_owned());
    }
    let inner = value.strip_prefix(first)?.strip_suffix(first)?;
    let plain = !inner.contains(['"', '\'', '\\']) && !inner.is_empty();
    plain.then(|| inner.to_owned())
}

fn written_in_full(leaves: &[Leaf<'_, '_>]) -> String {
    const SHOWN: usize = 10;
    let mut lines = String::new();
    for leaf in leaves.iter().take(SHOWN) {
        let value = if is_secret(&leaf.path) { "******" } else { &leaf.value };
        let _ = write!(lines, "\n{}: {value}", leaf.path);
    }
    if leaves.len() > SHOWN {
        let _ = write!(lines, "\n... and {} more", leaves.len() - SHOWN);
    }
    lines
}

impl Flattened<'_, '_> {
    /// Removes the outer keys' lines and writes the inner keys in full; values stay as they are
    /// but for quotes, and comments beside them too.
    fn fix(&self, ctx: &LintContext<'_>, header: &str) -> Option<Fix> {
        let text = ctx.text();
        let mut edits = Vec::new();
        for parent in &self.parents {
            let start = parent.start - indentation(text, parent.start);
            let rest = text.get(parent.end..)?;
            let end = rest.find(['\n', '\r']).map_or(text.len(), |at| {
                let crlf = rest.get(at..).is_some_and(|line_end| line_end.starts_with("\r\n"));
                parent.end + at + if crlf { 2 } else { 1 }
            });
            // A comment beside an outer key would be lost.
            if text.get(parent.end..end)?.contains('#') {
                return None;
            }
            edits.push(Edit { span: Span::new(ctx.file, start..end), text: String::new() });
        }
        for leaf in &self.leaves {
            let key = leaf.setting.key_span.range();
            let start = key.start - indentation(text, key.start);
            edits.push(Edit { span: Span::new(ctx.file, start..key.end), text: leaf.path.clone() });
            let value = leaf.setting.value_span;
            if leaf.value.len() < value.range().len() {
                let (start, end) = (value.slice(0..1), value.range().len());
                edits.push(Edit { span: start, text: String::new() });
                edits.push(Edit { span: value.slice(end - 1..end), text: String::new() });
            }
        }
        let applicability = if self.known { Applicability::Safe } else { Applicability::Unsafe };
        Some(Fix {
            title: format!("write the keys below `{header}` in full"),
            applicability,
            edits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::apply;
    use crate::lint::testing::{Scene, check};

    fn fixed(text: &str) -> Option<(Applicability, String)> {
        let scene = Scene::new(text);
        let findings = scene.run(|ctx| {
            let mut findings = Vec::new();
            NestedYaml.check(ctx, &mut findings);
            findings
        });
        let fix = findings.into_iter().next()?.fix?;
        Some((fix.applicability, apply(scene.file(), text, &fix.edits).unwrap()))
    }

    #[test]
    fn a_block_is_one_finding() {
        check(
            &NestedYaml,
            r#"
taskmanager:
#^^^^^^^^^^^ FI004 dropped
  memory:
    process:
      size: 1728m
#     ^^^^ read as the key `size`
  numberOfTaskSlots: "2"
# ^^^^^^^^^^^^^^^^^ read as the key `numberOfTaskSlots`
parallelism.default: 2
"#,
        );
    }

    #[test]
    fn the_fix_writes_keys_in_full() {
        let nested = "taskmanager:\n  memory:\n    process:\n      size: \"1g\" # why\n  numberOfTaskSlots: 2\na: b\n";
        let flat =
            "taskmanager.memory.process.size: 1g # why\ntaskmanager.numberOfTaskSlots: 2\na: b\n";
        assert_eq!(fixed(nested), Some((Applicability::Safe, flat.to_owned())));
        let unknown = "a:\n  b: c\n";
        assert_eq!(fixed(unknown), Some((Applicability::Unsafe, "a.b: c\n".to_owned())));
        assert_eq!(fixed("a:\n  - b\n"), None);
        assert_eq!(fixed("a: # why\n  b: c\n"), None);
        assert_eq!(fixed("a:\n  b: [c, d]\n"), None);
        assert_eq!(fixed("a:\n  b:\n  c: d\n"), None);
    }

    #[test]
    fn a_value_over_several_lines() {
        check(
            &NestedYaml,
            r"
env.java.opts.all: >
#                  ^ FI004 this is the whole value to Flink
  -Xmx1g
# ^^^^^^ read as lines of their own
rest.port: 8081
",
        );
    }

    #[test]
    fn keys_in_full_below_a_wrapper_are_read() {
        check(&NestedYaml, "flinkConfiguration:\n  taskmanager.numberOfTaskSlots: 2\n");
        check(&NestedYaml, "rest.port:\nrest.address: a\n");
    }
}
