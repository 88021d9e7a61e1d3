//! Charts: lines and bars as SVG that stretches with the page, words as HTML that does not.

use std::fmt::Write;

use maud::{Markup, html};

use super::percent;
use crate::capacity::{Unit, figure};
use crate::simulator::{CurveRow, Nanos, SimulationReport, per_million, per_second};

/// A place on the curve.
pub(super) struct Mark {
    pub(super) label: &'static str,
    pub(super) memory: u64,
}

/// Hits by memory, as a part of the most on the curve, with marks; memory grows by powers of two.
pub(super) fn curve(rows: &[CurveRow], marks: &[Mark]) -> Markup {
    let memories = rows.iter().map(|row| row.memory).chain(marks.iter().map(|mark| mark.memory));
    let (low, high) = memories.fold((u64::MAX, 1), |(low, high), it| (low.min(it), high.max(it)));
    let log = |memory: u64| (memory.max(1) as f64).log2();
    let (start, span) = (log(low), (log(high) - log(low)).max(1.0));
    let x = |memory: u64| (log(memory) - start) / span * 100.0;
    let y = |memory: u64| 100.0 - part(rows, memory) * 100.0;
    let mut line = String::new();
    for row in rows {
        let _ = write!(line, "{:.2},{:.2} ", x(row.memory), y(row.memory));
    }
    // Once all fits, more memory answers no more.
    let end = rows.last().map_or(0.0, |row| y(row.memory));
    let _ = write!(line, "100,{end:.2}");
    let area = format!("0,100 {line} 100,100");
    let said = marks.iter().map(|mark| {
        let memory = figure(mark.memory as f64, Unit::Bytes);
        format!("{}: {memory} answers {}", mark.label, hits_at(rows, mark.memory))
    });
    let said = said.collect::<Vec<_>>().join("; ");
    html! {
        div.plot role="img" aria-label=(format!("Hit ratio by memory of a slot's cache. {said}.")) {
            svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" {
                @for at in [0, 25, 50, 75, 100] {
                    line.grid x1="0" x2="100" y1=(at) y2=(at) {}
                }
                polygon.area points=(area) {}
                polyline.line points=(line) {}
            }
            @for at in [0, 25, 50, 75, 100] {
                b.y style=(format!("top:{}%", 100 - at)) { (at) " %" }
            }
            @for (index, memory) in ticks(low, high).into_iter().enumerate() {
                b.x.odd[index % 2 == 1] style=(format!("left:{:.2}%", x(memory))) {
                    (figure(memory as f64, Unit::Bytes))
                }
            }
            @for (index, mark) in marks.iter().enumerate() {
                @let at = x(mark.memory);
                span.stem.(format!("m{index}")) style=(format!("left:{at:.2}%")) {}
                span.dot.(format!("m{index}")) style=(format!("left:{at:.2}%;top:{:.2}%", y(mark.memory))) {}
                b.tag.high[index > 0].left[at > 60.0] style=(format!("left:{at:.2}%")) {
                    (mark.label) ", " (figure(mark.memory as f64, Unit::Bytes)) ": "
                    (hits_at(rows, mark.memory))
                }
            }
        }
    }
}

/// Powers of two between two sizes, some seven of them.
fn ticks(low: u64, high: u64) -> Vec<u64> {
    let (first, last) = (low.max(1).ilog2(), high.max(1).ilog2());
    let step = ((last - first.min(last)) / 7 + 1) as usize;
    (first..=last).step_by(step).map(|power| 1 << power).filter(|size| *size >= low).collect()
}

/// Hits of a cache of this size as a part of those of the largest on the curve.
fn part(rows: &[CurveRow], memory: u64) -> f64 {
    let row = rows.iter().rev().find(|row| row.memory <= memory).or(rows.first());
    let most = rows.last().map_or(0, |row| row.hits_per_million);
    row.map_or(0.0, |row| per_million(row.hits_per_million, most) as f64 / 1e6)
}

/// The same for people.
pub(super) fn hits_at(rows: &[CurveRow], memory: u64) -> String {
    if rows.is_empty() { "?".to_owned() } else { format!("{:.1} %", part(rows, memory) * 100.0) }
}

/// Records a second over the run, with a mark where a checkpoint begins.
pub(super) fn timeline(run: &SimulationReport) -> Markup {
    let slices = &run.timeline;
    let rates: Vec<u64> =
        slices.iter().map(|slice| per_second(slice.records, slice.elapsed)).collect();
    let most = rates.iter().copied().max().unwrap_or(1).max(1) as f64;
    let least = rates.iter().copied().min().unwrap_or(0) as f64;
    let whole = run.elapsed.0.max(1) as f64;
    let at = |nanos: u64| nanos as f64 / whole * 100.0;
    let begin = slices.iter().filter(|slice| slice.checkpoints > 0);
    let begin: Vec<f64> = begin.map(|slice| at(slice.start.0 + slice.elapsed.0 / 2)).collect();
    let rate = |value: f64| figure(value, Unit::RecordsPerSecond);
    let label = format!(
        "Records a second over the run: {} to {}, with {} checkpoints",
        rate(least),
        rate(most),
        begin.len()
    );
    html! {
        div.plot.low role="img" aria-label=(label) {
            svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" {
                @for at in [0, 50, 100] { line.grid x1="0" x2="100" y1=(at) y2=(at) {} }
                @for (slice, rate) in slices.iter().zip(&rates) {
                    @let tall = *rate as f64 / most * 100.0;
                    @let wide = (at(slice.elapsed.0) - 0.15).max(0.1);
                    rect.bar x=(format!("{:.2}", at(slice.start.0))) width=(format!("{wide:.2}"))
                        y=(format!("{:.2}", 100.0 - tall)) height=(format!("{tall:.2}")) {}
                }
            }
            b.y style="top:0" { (short(most)) }
            b.y style="top:50%" { (short(most / 2.0)) }
            b.y style="top:100%" { "0/s" }
            @for quarter in 0..=4_u64 {
                b.x.odd[quarter % 2 == 1] style=(format!("left:{}%", quarter * 25)) {
                    @if quarter == 0 { "0" } @else { (Nanos(run.elapsed.0 / 4 * quarter)) }
                }
            }
            @for begin in &begin {
                span.stem style=(format!("left:{begin:.2}%;--m:var(--network)")) {}
            }
        }
        @if !begin.is_empty() {
            p.key { span { i style="--c:var(--network)" {} "a checkpoint begins" } }
        }
    }
}

/// A rate for an axis.
fn short(rate: f64) -> String {
    match rate {
        _ if rate >= 1e6 => format!("{:.1} M/s", rate / 1e6),
        _ if rate >= 1e3 => format!("{:.0} k/s", rate / 1e3),
        _ => format!("{rate:.0}/s"),
    }
}

/// A bar on a lane from one place to another.
pub(super) fn span(from: f64, to: f64, low: f64, high: f64) -> String {
    let whole = high - low;
    let (left, right) = (from.min(to), from.max(to));
    format!("left:{};width:{}", percent(left - low, whole), percent(right - left, whole))
}
