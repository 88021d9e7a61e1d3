use gen_lsp_types as lsp;

use crate::config::Dialect;
use crate::lsp::server::Failure;
use crate::lsp::snapshot::Snapshot;
use crate::manifest::Form;

/// `textDocument/foldingRange`: comments of several lines, and what is nested below a key.
pub(in crate::lsp) fn folding_range(
    snapshot: &Snapshot,
    params: lsp::FoldingRangeParams,
) -> Result<Option<Vec<lsp::FoldingRange>>, Failure> {
    let Some(view) = snapshot.view(&params.text_document.uri) else { return Ok(None) };
    let subject = &view.analysis.subject;
    let is_manifest = subject.deployment.as_ref().is_some_and(|it| it.form == Form::Manifest);
    let nests = subject.dialect == Dialect::Yaml || is_manifest;
    let mut lines = Vec::new();
    let mut index = 0;
    while let Some(line) = view.positions.line(index) {
        lines.push(Line::of(view.positions.text.get(line).unwrap_or("")));
        index += 1;
    }
    let mut folds = comments(&lines);
    if nests {
        folds.extend(blocks(&lines));
    }
    folds.sort_by_key(|fold| (fold.start_line, fold.end_line));
    Ok(Some(folds))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Empty,
    Comment,
    Text { indentation: usize },
}

impl Line {
    fn of(line: &str) -> Self {
        let body = line.trim_start_matches([' ', '\t']);
        if body.trim().is_empty() {
            Self::Empty
        } else if body.starts_with('#') {
            Self::Comment
        } else {
            Self::Text { indentation: line.len() - body.len() }
        }
    }
}

fn fold(start: usize, end: usize, kind: Option<lsp::FoldingRangeKind>) -> lsp::FoldingRange {
    let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    lsp::FoldingRange {
        start_line: number(start),
        end_line: number(end),
        kind,
        ..lsp::FoldingRange::default()
    }
}

fn comments(lines: &[Line]) -> Vec<lsp::FoldingRange> {
    let mut folds = Vec::new();
    let mut start = None;
    for (index, line) in lines.iter().chain([&Line::Empty]).enumerate() {
        match (*line == Line::Comment, start) {
            (true, None) => start = Some(index),
            (false, Some(first)) => {
                if index - first > 1 {
                    folds.push(fold(first, index - 1, Some(lsp::FoldingRangeKind::Comment)));
                }
                start = None;
            }
            _ => {}
        }
    }
    folds
}

fn blocks(lines: &[Line]) -> Vec<lsp::FoldingRange> {
    let mut folds = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut last = 0;
    for (index, line) in lines.iter().enumerate() {
        let Line::Text { indentation } = *line else { continue };
        close(&mut open, &mut folds, indentation, last);
        open.push((index, indentation));
        last = index;
    }
    close(&mut open, &mut folds, 0, last);
    folds
}

/// Ends the blocks whose lines are indented at least as much; only some have lines below.
fn close(
    open: &mut Vec<(usize, usize)>,
    folds: &mut Vec<lsp::FoldingRange>,
    indentation: usize,
    last: usize,
) {
    while let Some((start, _)) = open.pop_if(|(_, indent)| *indent >= indentation) {
        if last > start {
            folds.push(fold(start, last, None));
        }
    }
}
