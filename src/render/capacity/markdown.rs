use std::fmt::Write;

use super::Report;
use super::assessment::{standing_word, verdict_line};
use crate::capacity::{Assessment, Constraint, Range, Unit, figure, headroom, range_text};
use crate::plan::Plan;
use crate::render::markdown_text::{code, text};

/// A report for a pull request.
pub fn report_markdown(report: &Report<'_>) -> String {
    let assessment = report.assessment;
    let then = report.plan.ok().filter(|plan| !plan.changes.is_empty());
    let mut out = format!("## {}\n\n", text(&verdict_line(assessment)));
    let _ = writeln!(
        out,
        "{} on {} for {}\n",
        text(&assessment.workload),
        code(&report.page.path),
        assessment.setup.target
    );
    if let Some(plan) = then {
        let _ = writeln!(out, "As proposed: **{}**\n", text(&verdict_line(&plan.assessment)));
    }
    changes(&mut out, report);
    recommendation(&mut out, report);
    constraints(&mut out, assessment, then.map(|plan| &plan.assessment));
    alternatives(&mut out, report);
    findings(&mut out, report);
    foot(&mut out, report);
    out
}

fn constraints(out: &mut String, now: &Assessment, then: Option<&Assessment>) {
    let left = |it: &Constraint| it.headroom().map_or("–".to_owned(), headroom);
    let (title, rule) = if then.is_some() { (" left as proposed |", " --: |") } else { ("", "") };
    let _ =
        writeln!(out, "### Constraints\n\n| constraint | needs | has | left at worst |{title} |");
    let _ = writeln!(out, "| --- | --: | --: | --: |{rule} --- |");
    for it in &now.constraints {
        let show = |range: Option<Range>| range.map_or("?".to_owned(), |r| range_text(r, it.unit));
        let binds = Some(it.kind) == now.binding;
        let name = if binds { format!("**{}**", it.kind.title()) } else { it.kind.title().into() };
        let _ = write!(out, "| {name} | {} | {} | {} |", show(it.need), show(it.limit), left(it));
        if let Some(then) = then {
            let left = then.constraint(it.kind).map_or("–".to_owned(), left);
            let _ = write!(out, " {left} |");
        }
        let _ = writeln!(out, " {} |", standing_word(it));
    }
}

fn recommendation(out: &mut String, report: &Report<'_>) {
    let plan = match report.plan {
        Ok(plan) => plan,
        Err(why) => {
            let _ = writeln!(out, "### Recommendation\n\nNo plan: {}\n", text(why));
            return;
        }
    };
    let pick = &plan.pick;
    let _ = writeln!(
        out,
        "### Recommendation\n\n{} × {} with {} slots, {} in all. It is minimal: {}.\n",
        pick.task_managers,
        pick.process.short(),
        pick.slots,
        figure(pick.total as f64, Unit::Bytes),
        text(&super::less_text(plan))
    );
    match report.patch {
        Ok("") => out.push_str("The configuration is as planned already.\n\n"),
        Ok(patch) => {
            let fence = fence(patch);
            let _ = writeln!(out, "{fence}diff\n{}\n{fence}\n", lines(patch));
        }
        Err(why) => {
            let _ = writeln!(out, "{}\n", text(why));
        }
    }
    reasons(out, plan);
}

fn reasons(out: &mut String, plan: &Plan) {
    for change in &plan.changes {
        let current = change.current.as_deref().unwrap_or("not set");
        let proposed = change.proposed.as_deref().unwrap_or("taken out");
        let _ = writeln!(
            out,
            "- {}: {} → **{}**: {}",
            code(change.key),
            text(current),
            text(proposed),
            text(&change.why)
        );
    }
    if !plan.changes.is_empty() {
        out.push('\n');
    }
}

/// Backticks in a row, more than the text has anywhere, so that it cannot end its block.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

/// Lines stay lines; other control characters are made visible.
fn lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(crate::render::printable_line).collect();
    lines.join("\n")
}

fn alternatives(out: &mut String, report: &Report<'_>) {
    let Ok(plan) = report.plan else { return };
    out.push_str(
        "\n<details><summary>Alternatives</summary>\n\n| shape | slots | in all | store of a slot | lost \
         with one |\n| --- | --: | --: | --: | --: |\n",
    );
    for shape in &plan.alternatives {
        let mark = if *shape == plan.pick { " (pick)" } else { "" };
        let _ = writeln!(
            out,
            "| {} × {}{mark} | {} | {} | {} | {} |",
            shape.task_managers,
            shape.process.short(),
            shape.slots,
            figure(shape.total as f64, Unit::Bytes),
            figure(shape.store_memory as f64, Unit::Bytes),
            figure(shape.lost_share(), Unit::Share)
        );
    }
    out.push_str("\n</details>\n");
}

fn findings(out: &mut String, report: &Report<'_>) {
    if report.findings.is_empty() {
        return;
    }
    out.push_str(
        "\n### Findings\n\n| rule | | where | what | help |\n| --- | --- | --- | --- | --- |\n",
    );
    for it in report.findings {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            it.code,
            it.severity,
            code(&it.place),
            text(&it.message),
            text(&it.help)
        );
    }
}

fn changes(out: &mut String, report: &Report<'_>) {
    let Some(rows) = report.comparison else { return };
    out.push_str("### Changed since the earlier report\n\n");
    if rows.is_empty() {
        out.push_str("Nothing.\n\n");
        return;
    }
    out.push_str("| | before | now |\n| --- | --- | --- |\n");
    for row in rows {
        let (name, before, now) = (text(&row.name), text(&row.before), text(&row.now));
        let _ = writeln!(out, "| {name} | {before} | {now} |");
    }
    out.push('\n');
}

fn foot(out: &mut String, report: &Report<'_>) {
    let run = &report.assessment.observation.report;
    let _ = writeln!(
        out,
        "\nTimes and rates are a simulator's: {} records of one subtask with seed {} on {}. slotwise {}, \
         inputs {}.",
        figure(run.records as f64, Unit::Count),
        run.seed.0,
        text(run.hardware),
        env!("CARGO_PKG_VERSION"),
        code(report.digest)
    );
}

/// The constraints, a line each. All texts are of this program's own, and none begins a formula.
pub fn report_csv(report: &Report<'_>) -> String {
    let mut out = String::from(
        "constraint,need_low,need_high,limit_low,limit_high,standing,unit,hard,binding,\
         proposed_limit_low,proposed_limit_high\n",
    );
    let then = report.plan.ok().map(|plan| &plan.assessment);
    for it in &report.assessment.constraints {
        let bounds = |range: Option<Range>| {
            range.map_or(",".to_owned(), |range| format!("{},{}", range.low, range.high))
        };
        let proposed = then.and_then(|then| then.constraint(it.kind)).and_then(|it| it.limit);
        let _ = writeln!(
            out,
            "{},{},{},{},{},{},{},{}",
            it.kind.name(),
            bounds(it.need),
            bounds(it.limit),
            standing_word(it),
            it.unit.name(),
            it.weight == crate::capacity::Weight::Hard,
            Some(it.kind) == report.assessment.binding,
            bounds(proposed)
        );
    }
    out
}
