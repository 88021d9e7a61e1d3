use std::fmt::Write;

use super::Page;
use crate::capacity::{
    Assessment, Constraint, ConstraintKind, Failover, Range, Standing, Unit, Verdict, Weight,
    figure, headroom, range_text,
};
use crate::render::printable;
use crate::simulator::{Ending, per_million};

/// Everything that an assessment says, for a terminal.
pub fn assessment_text(assessment: &Assessment, page: &Page) -> String {
    let mut text = String::new();
    let setup = &assessment.setup;
    let line = format!(
        "{} on {} for {}: {}",
        assessment.workload, page.path, setup.target, page.target_reason
    );
    page.paragraph(&mut text, "", &line);
    text.push('\n');
    page.paragraph(&mut text, "", &verdict_line(assessment));
    if let Some(kind) = assessment.binding
        && let Some(constraint) = assessment.constraint(kind)
    {
        page.paragraph(&mut text, "  ", &format!("because: {}", constraint.formula));
    }
    for change in &assessment.changes {
        let current = change.current.as_deref().unwrap_or("not set");
        let line = format!(
            "{}: mended by `{}: {}` (now {current})",
            change.mends.title(),
            change.key,
            change.value
        );
        page.paragraph(&mut text, "  ", &line);
    }
    table(&mut text, assessment, page);
    evidence(&mut text, assessment, page);
    failover(&mut text, &assessment.failover, page);
    inputs(&mut text, assessment, page);
    text
}

/// The verdict and what it hangs on, in a sentence.
pub(super) fn verdict_line(assessment: &Assessment) -> String {
    let parallelism = assessment.parallelism;
    let verdict = match assessment.verdict {
        Verdict::Fits { headroom } => format!("FITS with {:.0} % headroom", headroom * 100.0),
        Verdict::MayNotFit => "MAY NOT FIT".to_owned(),
        Verdict::DoesNotFit => "DOES NOT FIT".to_owned(),
    };
    let failed = match assessment.observation.report.ending {
        Ending::Failed(error) => format!(" The run fails: {error}."),
        Ending::Completed => String::new(),
    };
    let binding = assessment.binding.and_then(|kind| assessment.constraint(kind));
    match binding {
        Some(constraint) => format!(
            "{verdict} at parallelism {parallelism}: {} needs {} of {}.{failed}",
            constraint.kind.title(),
            constraint.need.map_or("?".to_owned(), |need| range_text(need, constraint.unit)),
            constraint.limit.map_or("?".to_owned(), |limit| range_text(limit, constraint.unit)),
        ),
        None => format!("{verdict} at parallelism {parallelism}.{failed}"),
    }
}

/// The word for how a constraint stands.
pub(super) fn standing_word(constraint: &Constraint) -> &'static str {
    match (constraint.standing(), constraint.weight) {
        (Standing::Holds, _) => "ok",
        (Standing::Unknown, _) => "-",
        (Standing::MayBreak, Weight::Hard) => "may break",
        (Standing::Broken, Weight::Hard) => "BROKEN",
        (Standing::MayBreak, Weight::Soft) => "may slow",
        (Standing::Broken, Weight::Soft) => "slow",
    }
}

fn table(text: &mut String, assessment: &Assessment, page: &Page) {
    page.heading(text, "Constraints");
    let mut rows = vec![["", "needs", "has", "left", ""].map(str::to_owned)];
    for constraint in &assessment.constraints {
        let show = |range: Option<Range>| {
            range.map_or("?".to_owned(), |range| page.ascii(&range_text(range, constraint.unit)))
        };
        let mark = if Some(constraint.kind) == assessment.binding { "> " } else { "  " };
        let left = match (constraint.kind, constraint.headroom()) {
            (ConstraintKind::Slots, _) | (_, None) => "-".to_owned(),
            (_, Some(left)) => page.ascii(&headroom(left)),
        };
        rows.push([
            format!("{mark}{}", constraint.kind.title()),
            show(constraint.need),
            show(constraint.limit),
            left,
            standing_word(constraint).to_owned(),
        ]);
    }
    page.columns(text, &rows);
    page.paragraph(
        text,
        "",
        "> breaks first, or has the least left at worst; ? nobody says. Figures are of a slot; \
         local disk of a TaskManager; throughput and task slots of the job.",
    );
}

fn evidence(text: &mut String, assessment: &Assessment, page: &Page) {
    let report = &assessment.observation.report;
    let state = &assessment.observation.state;
    page.heading(text, "Evidence: one subtask in virtual time");
    let setup = &assessment.setup;
    let memory = setup
        .store_memory()
        .map_or("unbounded".to_owned(), |bytes| figure(bytes as f64, Unit::Bytes));
    let hits = report.hits_per_million() as f64 / 1e6;
    let retained = per_million(report.memory.used, report.memory.budget.max(1));
    let mut rows = vec![
        ["backend".to_owned(), format!("{}, {memory} in a slot", setup.kind.name())],
        ["records".to_owned(), figure(report.records as f64, Unit::Count)],
        [
            "sustained by a slot".to_owned(),
            figure(report.throughput() as f64, Unit::RecordsPerSecond),
        ],
        ["reads answered without the disk".to_owned(), format!("{:.2} %", hits * 100.0)],
        ["memory used at the end".to_owned(), format!("{} %", retained / 10_000)],
        ["state at the end".to_owned(), figure(state.bytes, Unit::Bytes)],
        [
            "state at the horizon".to_owned(),
            page.ascii(&range_text(assessment.growth.at_horizon, Unit::Bytes)),
        ],
        ["state added by a record".to_owned(), figure(assessment.growth.per_record, Unit::Bytes)],
        ["latency p50, p99".to_owned(), format!("{}, {}", report.latency.p50, report.latency.p99)],
    ];
    if let Some(set) = crate::capacity::working_set(&report.curve) {
        rows.push(["working set (99 % of hits)".to_owned(), figure(set as f64, Unit::Bytes)]);
    }
    for [label, _] in &mut rows {
        label.insert_str(0, "  ");
    }
    page.columns(text, &rows);
}

fn failover(text: &mut String, failover: &Failover, page: &Page) {
    page.heading(text, "Loss of one TaskManager");
    let slots = format!(
        "{} of {} TaskManagers stay, with {} slots for {}: {}",
        failover.task_managers.saturating_sub(1),
        failover.task_managers,
        failover.slots_left,
        failover.slots_needed,
        if failover.goes_on() { "the job goes on" } else { "the job waits for a new TaskManager" }
    );
    page.paragraph(text, "  ", &slots);
    let time = |range: Option<Range>| {
        range.map_or("unknown".to_owned(), |range| range_text(range, Unit::Seconds))
    };
    let times =
        format!("restore {}, then catch up {}", time(failover.restore), time(failover.catch_up));
    page.paragraph(text, "  ", &times);
}

fn inputs(text: &mut String, assessment: &Assessment, page: &Page) {
    page.heading(text, "Inputs");
    let rows: Vec<_> = assessment
        .inputs
        .iter()
        .map(|input| {
            let provenance = page.provenance(&input.provenance);
            [format!("  {}", input.name), printable(&input.value).into_owned(), provenance]
        })
        .collect();
    page.columns(text, &rows);
}

impl Page {
    pub(super) fn heading(&self, text: &mut String, heading: &str) {
        let heading = printable(heading);
        let _ = if self.style.color {
            writeln!(text, "\n\x1b[1m{heading}\x1b[0m")
        } else {
            writeln!(text, "\n{heading}")
        };
    }

    /// Wraps `body`, each line behind `indent`.
    pub(super) fn paragraph(&self, text: &mut String, indent: &str, body: &str) {
        let room = self.style.width.saturating_sub(indent.len()).max(16);
        let mut column = 0;
        text.push_str(indent);
        for word in self.ascii(&printable(body)).split_whitespace() {
            let width = word.chars().count();
            if column > 0 && column + 1 + width > room {
                text.push('\n');
                text.push_str(indent);
                column = 0;
            }
            if column > 0 {
                text.push(' ');
                column += 1;
            }
            text.push_str(word);
            column += width;
        }
        text.push('\n');
    }

    /// The text in what the screen has characters for.
    pub(super) fn ascii(&self, text: &str) -> String {
        if self.style.unicode { text.to_owned() } else { text.replace('–', "-") }
    }

    /// Columns as wide as their widest cell, the last one wrapped at the screen's edge.
    pub(super) fn columns<const COUNT: usize>(&self, text: &mut String, rows: &[[String; COUNT]]) {
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..COUNT).map(width).collect();
        for row in rows {
            let (mut line, mut indent) = (String::new(), 0);
            let (last, cells) = row
                .split_last()
                .map_or(("", [].as_slice()), |(last, cells)| (last.as_str(), cells));
            for (cell, width) in cells.iter().zip(&widths) {
                let _ = write!(line, "{cell:<width$}  ");
                indent += width + 2;
            }
            let room = self.style.width.saturating_sub(indent).max(12);
            let mut column = 0;
            for word in last.split(' ') {
                let width = word.chars().count();
                if column > 0 && column + 1 + width > room {
                    text.push_str(line.trim_end());
                    text.push('\n');
                    line = " ".repeat(indent);
                    column = 0;
                }
                if column > 0 {
                    line.push(' ');
                    column += 1;
                }
                line.push_str(word);
                column += width;
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
}
