//! Charts as SVG, drawn by hand: no script, no fonts of their own, colors by the page's style.

use std::fmt::Write;

use super::super::printable;
use crate::capacity::{Assessment, Sensitivity, Unit, figure};
use crate::memory::Pool;
use crate::simulator::{CurveRow, TimelineSlice, per_million, per_second};

const WIDTH: f64 = 760.0;

fn open(height: f64, label: &str) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">", escaped(label))
}

/// Text within markup.
pub(super) fn escaped(text: &str) -> String {
    let text = printable(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Pools of the process, in the order in which they lie in it.
pub(super) const POOLS: [Pool; 8] = [
    Pool::FrameworkHeap,
    Pool::TaskHeap,
    Pool::Managed,
    Pool::Network,
    Pool::FrameworkOffHeap,
    Pool::TaskOffHeap,
    Pool::JvmMetaspace,
    Pool::JvmOverhead,
];

/// The process split into pools, one below the other, each starting where the last ended.
pub(super) fn waterfall(assessment: &Assessment) -> String {
    let memory = &assessment.setup.memory;
    let total = memory.total_process_memory.bytes().max(1) as f64;
    let mut text = open(8.0 * 26.0 + 4.0, "Memory pools of the TaskManager, to scale");
    let (left, room) = (150.0, WIDTH - 150.0 - 90.0);
    let mut start = 0.0;
    for (row, pool) in POOLS.into_iter().enumerate() {
        let size = memory.size(pool).bytes() as f64;
        let (x, width) = (left + start / total * room, (size / total * room).max(0.5));
        let y = row as f64 * 26.0 + 2.0;
        let _ = write!(
            text,
            "<text x=\"0\" y=\"{:.0}\">{}</text>\
             <rect class=\"p{row}\" x=\"{x:.1}\" y=\"{y:.0}\" width=\"{width:.1}\" height=\"20\"/>\
             <text x=\"{:.1}\" y=\"{:.0}\">{}</text>",
            y + 15.0,
            pool.title(),
            x + width + 6.0,
            y + 15.0,
            figure(size, Unit::Bytes)
        );
        start += size;
    }
    text.push_str("</svg>");
    text
}

/// A place on the curve.
pub(super) struct Mark {
    pub(super) label: String,
    pub(super) memory: u64,
}

/// Hits by memory, as a part of the most on the curve, with marks; memory grows by powers of two.
pub(super) fn curve(rows: &[CurveRow], marks: &[Mark]) -> String {
    let memories = rows.iter().map(|row| row.memory).chain(marks.iter().map(|mark| mark.memory));
    let (low, high) = memories.fold((u64::MAX, 1), |(low, high), it| (low.min(it), high.max(it)));
    let log = |memory: u64| (memory.max(1) as f64).log2();
    let span = (log(high) - log(low)).max(1.0);
    let (left, top, width, height) = (60.0, 30.0, WIDTH - 90.0, 180.0);
    let x = |memory: u64| left + (log(memory) - log(low)) / span * width;
    let most = rows.last().map_or(0, |row| row.hits_per_million);
    let y = |hits: u64| top + (1.0 - per_million(hits, most) as f64 / 1e6) * height;
    let mut text = open(top + height + 40.0, "Hit ratio by memory of a slot's cache");
    for percent in [0_u32, 25, 50, 75, 100] {
        let at = top + (1.0 - f64::from(percent) / 100.0) * height;
        let _ = write!(
            text,
            "<line class=\"grid\" x1=\"{left}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"0\" y=\"{:.1}\">{percent} %</text>",
            left + width,
            at + 4.0
        );
    }
    let points: Vec<String> = rows
        .iter()
        .map(|row| format!("{:.1},{:.1}", x(row.memory), y(row.hits_per_million)))
        .collect();
    let _ = write!(text, "<polyline class=\"line\" points=\"{}\"/>", points.join(" "));
    for (row, mark) in marks.iter().enumerate() {
        let at = x(mark.memory);
        let anchor = if at > WIDTH / 2.0 { "end" } else { "start" };
        let _ = write!(
            text,
            "<line class=\"mark m{row}\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>\
             <text text-anchor=\"{anchor}\" x=\"{at:.1}\" y=\"{:.1}\">{}</text>",
            top - 4.0 + row as f64 * 16.0,
            top + height,
            top - 8.0 + row as f64 * 16.0,
            escaped(&mark.label)
        );
    }
    let bottom = top + height + 20.0;
    let _ = write!(
        text,
        "<text x=\"{left}\" y=\"{bottom}\">{}</text>\
         <text text-anchor=\"end\" x=\"{:.1}\" y=\"{bottom}\">{}</text></svg>",
        figure(low as f64, Unit::Bytes),
        left + width,
        figure(high as f64, Unit::Bytes)
    );
    text
}

/// Records a second over the run, with a mark where a checkpoint begins.
pub(super) fn timeline(slices: &[TimelineSlice]) -> String {
    let rate = |slice: &TimelineSlice| per_second(slice.records, slice.elapsed);
    let most = slices.iter().map(rate).max().unwrap_or(1).max(1) as f64;
    let (top, height) = (20.0, 110.0);
    let mut text = open(top + height + 24.0, "Records a second over the run");
    let step = WIDTH / slices.len().max(1) as f64;
    for (index, slice) in slices.iter().enumerate() {
        let tall = rate(slice) as f64 / most * height;
        let x = index as f64 * step;
        let _ = write!(
            text,
            "<rect class=\"bar\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/>",
            top + height - tall,
            (step - 1.0).max(0.5)
        );
        if slice.checkpoints > 0 {
            let _ = write!(
                text,
                "<text text-anchor=\"middle\" x=\"{:.1}\" y=\"{:.1}\">c</text>",
                x + step / 2.0,
                top + height + 16.0
            );
        }
    }
    let _ = write!(
        text,
        "<text x=\"0\" y=\"14\">{} at most; c: a checkpoint begins</text></svg>",
        figure(most, Unit::RecordsPerSecond)
    );
    text
}

/// Bars to both sides of an axis.
pub(super) fn tornado(rows: &[Sensitivity]) -> String {
    let height = rows.len() as f64 * 34.0 + 24.0;
    let mut text = open(height, "Headroom at half and at one and a half of each input");
    let (left, width) = (190.0, WIDTH - 210.0);
    let x = |headroom: f64| left + (headroom.clamp(-1.0, 1.0) + 1.0) / 2.0 * width;
    let zero = x(0.0);
    for (index, row) in rows.iter().enumerate() {
        let y = index as f64 * 34.0 + 4.0;
        let (a, b) = (x(row.at_half), x(row.at_one_and_a_half));
        let _ = write!(
            text,
            "<text x=\"0\" y=\"{:.0}\">{}</text>\
             <rect class=\"bar\" x=\"{:.1}\" y=\"{y:.0}\" width=\"{:.1}\" height=\"22\"/>",
            y + 16.0,
            escaped(row.input),
            a.min(b),
            (a - b).abs().max(2.0)
        );
    }
    let bottom = height - 4.0;
    let _ = write!(
        text,
        "<line class=\"mark m0\" x1=\"{zero:.1}\" x2=\"{zero:.1}\" y1=\"0\" y2=\"{:.0}\"/>\
         <text text-anchor=\"middle\" x=\"{zero:.1}\" y=\"{bottom:.0}\">no headroom</text>\
         <text text-anchor=\"end\" x=\"{WIDTH}\" y=\"{bottom:.0}\">100 %</text></svg>",
        height - 20.0
    );
    text
}

/// Hits of a cache of this size, as a percentage of those of the largest on the curve.
pub(super) fn hits_at(rows: &[CurveRow], memory: u64) -> String {
    let row = rows.iter().rev().find(|row| row.memory <= memory).or(rows.first());
    let most = rows.last().map_or(0, |row| row.hits_per_million);
    row.map_or("?".to_owned(), |row| {
        format!("{:.1} %", per_million(row.hits_per_million, most) as f64 / 10_000.0)
    })
}
