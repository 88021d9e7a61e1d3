//! Runs of the simulator for people: a table, the hit-ratio curve, a timeline.

mod chart;

use std::fmt::Write;

use self::chart::{Chart, Marks};
use crate::render::printable_line;
use crate::simulator::{Ending, Nanos, Purpose, SimulationReport, per_million, per_second};

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Columns.
    pub width: usize,
    /// Whether block characters can be drawn.
    pub unicode: bool,
}

/// Everything about one or several runs of one workload.
pub fn simulation_text(reports: &[SimulationReport], screen: Screen) -> String {
    let mut text = String::new();
    let Some(first) = reports.first() else { return text };
    let _ = writeln!(
        text,
        "{} on {}, seed {}: virtual time, nothing here was measured on this machine\n",
        printable_line(&first.workload),
        first.hardware,
        first.seed.0
    );
    text.push_str(&table(reports));
    for report in reports {
        if let Ending::Failed(error) = report.ending {
            let _ = writeln!(
                text,
                "\n{}: the job fails after {} measured records: {error}",
                report.backend, report.records
            );
        }
    }
    text.push_str(&curve(first, screen));
    for report in reports.iter().filter(|report| !report.timeline.is_empty()) {
        text.push_str(&timeline(report, screen));
    }
    text
}

/// A line for each figure, a column for each store.
fn table(reports: &[SimulationReport]) -> String {
    type Cell = fn(&SimulationReport) -> String;
    let rows: [(&str, Cell); 23] = [
        ("", |r| r.backend.to_owned()),
        ("records/s", |r| grouped(r.throughput())),
        ("state operations/s", |r| grouped(per_second(r.operations, r.elapsed))),
        ("virtual time", |r| r.elapsed.to_string()),
        ("latency p50", |r| r.latency.p50.to_string()),
        ("latency p99", |r| r.latency.p99.to_string()),
        ("latency p99.9", |r| r.latency.p999.to_string()),
        ("latency max", |r| r.latency.max.to_string()),
        ("reads answered without the disk", |r| percent(r.hits_per_million())),
        ("disk reads of a thousand records", |r| {
            grouped(per_million(r.io_for(Purpose::Foreground).reads, r.records) / 1_000)
        }),
        ("disk read", |r| bytes(r.disk_read())),
        ("disk written: flushes", |r| bytes(r.io_for(Purpose::Flush).written)),
        ("disk written: compactions", |r| bytes(r.io_for(Purpose::Compaction).written)),
        ("disk written: checkpoints", |r| bytes(r.io_for(Purpose::Checkpoint).written)),
        ("waits for background work", |r| {
            format!("{} ({})", grouped(r.statistics.stalls), r.statistics.stall_time)
        }),
        ("garbage collections", |r| {
            format!("{} ({})", grouped(r.statistics.pauses), r.statistics.pause_time)
        }),
        ("memory used", |r| format!("{} of {}", bytes(r.memory.used), bytes(r.memory.budget))),
        ("  of it lost to fragmentation", |r| bytes(r.memory.fragmentation)),
        ("checkpoints completed", |r| grouped(r.checkpoints.len() as u64)),
        ("  longest synchronous part", |r| {
            let longest = r.checkpoints.iter().map(|row| row.report.sync).max();
            longest.map_or("-".to_owned(), |span| span.to_string())
        }),
        ("  uploaded by the last", |r| {
            let last = r.checkpoints.last();
            last.map_or("-".to_owned(), |row| bytes(row.report.uploaded))
        }),
        ("restore from the local disk", |r| {
            r.recovery
                .and_then(|recovery| recovery.local)
                .map_or("-".to_owned(), |span| span.to_string())
        }),
        ("restore from the checkpoint storage", |r| {
            r.recovery.map_or("-".to_owned(), |recovery| recovery.remote.to_string())
        }),
    ];
    let label_width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    let cells: Vec<Vec<String>> =
        rows.iter().map(|(_, cell)| reports.iter().map(cell).collect()).collect();
    let width = cells.iter().flatten().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for ((label, _), row) in rows.iter().zip(&cells) {
        let _ = write!(text, "{label:label_width$}");
        for cell in row {
            let _ = write!(text, "  {cell:>width$}");
        }
        text.push('\n');
    }
    text
}

fn curve(report: &SimulationReport, screen: Screen) -> String {
    let (Some(first), Some(last)) = (report.curve.first(), report.curve.last()) else {
        return String::new();
    };
    let values: Vec<u64> = report.curve.iter().map(|row| row.hits_per_million).collect();
    let chart = Chart {
        values: &values,
        top: 1_000_000,
        top_label: "100 %".to_owned(),
        marks: Marks::None,
    };
    format!(
        "\nState accesses that a cache of single entries answers, by its size (LRU; the rest are \
         first accesses)\n{}{}\n",
        chart.draw(screen),
        chart::axis(&bytes(first.memory), &bytes(last.memory), screen),
    )
}

fn timeline(report: &SimulationReport, screen: Screen) -> String {
    let throughput: Vec<u64> =
        report.timeline.iter().map(|slice| per_second(slice.records, slice.elapsed)).collect();
    let latency: Vec<u64> = report.timeline.iter().map(|slice| slice.p99.0).collect();
    let checkpoints: Vec<bool> =
        report.timeline.iter().map(|slice| slice.checkpoints > 0).collect();
    let mut text = String::new();
    for (title, values, unit) in [
        ("records/s", &throughput, (|value| grouped(value)) as fn(u64) -> String),
        ("p99 of the latency", &latency, |value| Nanos(value).to_string()),
    ] {
        let top = values.iter().copied().max().unwrap_or(0).max(1);
        let chart = Chart {
            values,
            top,
            top_label: unit(top),
            marks: if title == "records/s" { Marks::None } else { Marks::At(&checkpoints) },
        };
        let _ = write!(text, "\n{}: {title}\n{}", report.backend, chart.draw(screen));
    }
    let end = report.elapsed.to_string();
    let _ = writeln!(text, "{}", chart::axis("0 (c: a checkpoint begins)", &end, screen));
    text
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn percent(per_million: u64) -> String {
    format!("{}.{:02} %", per_million / 10_000, per_million / 100 % 100)
}

fn bytes(bytes: u64) -> String {
    const UNITS: [(&str, u32); 4] = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];
    let fits = |(_, shift): &&(&str, u32)| bytes >> shift > 0;
    match UNITS.iter().find(fits) {
        Some(("B", _)) | None => format!("{bytes} B"),
        Some((unit, shift)) => {
            let tenths = (u128::from(bytes) * 10) >> shift;
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_easily() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
        assert_eq!(percent(976_543), "97.65 %");
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(u64::MAX), "17179869183.9 GiB");
    }
}
