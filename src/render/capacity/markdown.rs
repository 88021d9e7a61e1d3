use std::fmt::Write;

use super::Report;
use super::assessment::{standing_word, verdict_line};
use crate::capacity::{Range, headroom, range_text};
use crate::render::printable;

/// A report for a pull request.
pub fn report_markdown(report: &Report<'_>) -> String {
    let assessment = report.assessment;
    let mut text = format!("## {}\n\n", cell(&verdict_line(assessment)));
    let _ = writeln!(
        text,
        "{} on `{}` for {}\n",
        cell(&assessment.workload),
        cell(&report.page.path),
        assessment.setup.target
    );
    text.push_str(
        "| constraint | needs | has | left at worst | |\n| --- | --- | --- | --- | --- |\n",
    );
    for it in &assessment.constraints {
        let show = |range: Option<Range>| range.map_or("?".to_owned(), |r| range_text(r, it.unit));
        let left = it.headroom().map_or("–".to_owned(), headroom);
        let title = it.kind.title();
        let (need, limit, word) = (show(it.need), show(it.limit), standing_word(it));
        let _ = writeln!(text, "| {title} | {need} | {limit} | {left} | {word} |");
    }
    match (report.plan, report.patch) {
        (Ok(plan), Ok(patch)) => {
            let pick = &plan.pick;
            let _ = writeln!(
                text,
                "\n### Recommendation\n\n{} × {} with {} slots. It is minimal: {}.\n",
                pick.task_managers,
                pick.process.short(),
                pick.slots,
                cell(&plan.minimal)
            );
            let _ = writeln!(text, "```diff\n{}\n```", patch.trim_end().replace("```", "` ` `"));
        }
        (Err(why), _) | (_, Err(why)) => {
            let _ = writeln!(text, "\nNo plan: {}", cell(why));
        }
    }
    if !report.findings.is_empty() {
        text.push_str("\n### Findings\n\n| rule | where | what |\n| --- | --- | --- |\n");
        for it in report.findings {
            let _ = writeln!(text, "| {} | {} | {} |", it.code, cell(&it.place), cell(&it.message));
        }
    }
    if let Some(rows) = report.comparison {
        text.push_str("\n### Changed\n\n| | before | now |\n| --- | --- | --- |\n");
        for row in rows {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                cell(&row.name),
                cell(&row.before),
                cell(&row.now)
            );
        }
    }
    text
}

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    printable(text).replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}

/// The constraints, a line each.
pub fn report_csv(report: &Report<'_>) -> String {
    let mut text = String::from("constraint,need_low,need_high,limit_low,limit_high,standing\n");
    for it in &report.assessment.constraints {
        let bounds = |range: Option<Range>| {
            range.map_or(",".to_owned(), |range| format!("{},{}", range.low, range.high))
        };
        let (need, limit) = (bounds(it.need), bounds(it.limit));
        let _ = writeln!(text, "{},{need},{limit},{}", it.kind.name(), standing_word(it));
    }
    text
}
