//! What a configuration says about memory, as a picture and tables for people.

mod backend;
mod bar;
mod explain;
mod words;

use std::io::{self, Write};

use bar::{Group, Segment};
use words::Places;

use super::terminal::Style;
use super::{printable, printable_line};
use crate::catalog::Target;
use crate::memory::{
    Derivation, JobManagerMemory, JvmArguments, MemoryError, MemoryModel, Pool, Process, Step,
    TaskManagerMemory, TaskManagerProcess,
};
use crate::source::Sources;
use crate::units::MemorySize;

/// One configuration's memory, with what is needed to show it.
#[derive(Debug)]
pub struct MemoryReport<'a> {
    /// The file's path as the user wrote it.
    pub path: &'a str,
    /// What it was computed for.
    pub target: &'a Target,
    /// Why this target.
    pub target_reason: &'a str,
    /// All texts that settings point into.
    pub sources: &'a Sources,
    /// The figures.
    pub model: &'a MemoryModel<'a>,
}

/// Draws the process split into pools, tables with formulas and origins, slots and backend.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut impl Write, report: &MemoryReport<'_>, style: Style) -> io::Result<()> {
    let page = Page { report, style, places: Places::new(report.sources) };
    let mut text = page.heading();
    page.task_manager(&mut text);
    page.job_manager(&mut text);
    out.write_all(text.as_bytes())
}

/// Lists every step of the derivation with its options and the Flink class that takes it.
///
/// # Errors
/// Those of `out`.
pub fn write_steps(
    out: &mut impl Write,
    report: &MemoryReport<'_>,
    style: Style,
) -> io::Result<()> {
    let page = Page { report, style, places: Places::new(report.sources) };
    let mut text = page.heading();
    explain::steps(&mut text, &page);
    out.write_all(text.as_bytes())
}

/// Everything that the parts of a page share.
struct Page<'a> {
    report: &'a MemoryReport<'a>,
    style: Style,
    places: Places<'a>,
}

/// How a pool is shown: its number in the picture, and a background of the 256-color palette.
const POOLS: &[(Pool, u8)] = &[
    (Pool::FrameworkHeap, 152),
    (Pool::TaskHeap, 117),
    (Pool::Managed, 150),
    (Pool::Network, 222),
    (Pool::FrameworkOffHeap, 223),
    (Pool::TaskOffHeap, 216),
    (Pool::JvmHeap, 117),
    (Pool::OffHeap, 222),
    (Pool::JvmMetaspace, 183),
    (Pool::JvmOverhead, 188),
];

const HEAP: &[Pool] = &[Pool::FrameworkHeap, Pool::TaskHeap, Pool::JvmHeap];
const BEYOND_FLINK: &[Pool] = &[Pool::JvmMetaspace, Pool::JvmOverhead];

impl Page<'_> {
    fn heading(&self) -> String {
        let Self { report, .. } = self;
        let flink = report.target.flink_version();
        let target = if report.target.vvr().is_some() {
            format!("{} (Flink {flink})", report.target)
        } else {
            report.target.to_string()
        };
        let line = format!(
            "{} for {target}: {}",
            printable_line(report.path),
            printable(report.target_reason)
        );
        let mut text = String::new();
        self.paragraph(&mut text, "", &line);
        if let Some(note) = report.target.note() {
            self.paragraph(&mut text, "", &note);
        }
        text
    }

    fn task_manager(&self, text: &mut String) {
        let derivation = &self.report.model.task_manager;
        match &derivation.result {
            Ok(memory) => {
                let arguments = JvmArguments::of_task_manager(memory).ok();
                self.process(text, Process::TaskManager, derivation, arguments);
                self.slots(text, memory);
            }
            Err(error) => self.refused(text, Process::TaskManager, error, &derivation.steps),
        }
    }

    fn job_manager(&self, text: &mut String) {
        let derivation: &Derivation<'_, JobManagerMemory> = &self.report.model.job_manager;
        match &derivation.result {
            Ok(memory) => {
                let arguments = JvmArguments::of_job_manager(memory);
                self.process(text, Process::JobManager, derivation, Some(arguments));
            }
            Err(error) => self.refused(text, Process::JobManager, error, &derivation.steps),
        }
    }

    /// Picture and table of a process.
    fn process<M>(
        &self,
        text: &mut String,
        process: Process,
        derivation: &Derivation<'_, M>,
        arguments: Option<JvmArguments>,
    ) {
        let total = derivation.step(Pool::TotalProcessMemory).map(|step| step.value);
        let rows: Vec<&Step<'_>> =
            POOLS.iter().filter_map(|(pool, _)| derivation.step(*pool)).collect();
        let heading = match total {
            Some(total) => format!("{process}: {} for the whole process", total.short()),
            // Flink 1.10 sizes a JobManager's heap and nothing else.
            None => format!("{process}: heap only, as Flink 1.10 computes no more"),
        };
        self.section(text, &heading);
        if total.is_some() {
            self.picture(text, &rows);
        }
        let totals = [Pool::TotalFlinkMemory, Pool::TotalProcessMemory];
        let totals = totals.iter().filter_map(|pool| derivation.step(*pool));
        for (index, step) in rows.iter().enumerate() {
            self.row(text, Some(index + 1), step);
        }
        for step in totals {
            self.row(text, None, step);
        }
        if let Some(arguments) = arguments {
            self.paragraph(text, "  JVM: ", &arguments.to_string());
        }
    }

    fn picture(&self, text: &mut String, rows: &[&Step<'_>]) {
        let segments: Vec<Segment> = rows
            .iter()
            .enumerate()
            .filter(|(_, step)| step.value > MemorySize::ZERO)
            .map(|(index, step)| Segment {
                number: index + 1,
                title: step.pool.title(),
                size: step.value,
                color: color_of(step.pool),
            })
            .collect();
        let group_of = |pool: Pool| {
            if HEAP.contains(&pool) {
                "JVM heap"
            } else if BEYOND_FLINK.contains(&pool) {
                "JVM itself"
            } else {
                "off-heap"
            }
        };
        let mut groups: Vec<Group> = Vec::new();
        for step in rows.iter().filter(|step| step.value > MemorySize::ZERO) {
            let label = group_of(step.pool);
            match groups.last_mut() {
                Some(group) if group.label == label => {
                    group.segment_count += 1;
                    group.size = group.size.checked_add(step.value).unwrap_or(group.size);
                }
                _ => groups.push(Group { label, segment_count: 1, size: step.value }),
            }
        }
        text.push_str(&bar::draw(&segments, &groups, self.style));
    }

    /// Number, name, size, bytes, and how it came about.
    fn row(&self, text: &mut String, number: Option<usize>, step: &Step<'_>) {
        let number = match number {
            Some(number) => self.swatch(&number.to_string(), color_of(step.pool)),
            None => " ".to_owned(),
        };
        let title = step.pool.title();
        let size = step.value.short();
        let how = words::how(step, &self.places);
        let start = format!("{number} {title:<18} {size:>9} {:>14}  ", step.value.bytes());
        const START: usize = 1 + 1 + 18 + 1 + 9 + 1 + 14 + 2;
        let fits_beside = START + how.chars().count() <= self.style.width;
        if self.style.width >= 76 || fits_beside {
            self.hanging(text, &start, START, &how);
        } else {
            text.push_str(start.trim_end());
            text.push('\n');
            self.hanging(text, "    ", 4, &how);
        }
    }

    fn slots(&self, text: &mut String, memory: &TaskManagerMemory) {
        match &self.report.model.task_manager_process {
            Some(Ok(process)) => {
                self.slot(text, process, memory);
                if let Some(backend) = &self.report.model.backend {
                    backend::draw(text, self, backend);
                }
            }
            Some(Err(error)) => {
                self.section(text, "The started TaskManager dies");
                self.error(text, error, &error.start_messages(self.report.target.release()));
            }
            None => {}
        }
    }

    fn slot(
        &self,
        text: &mut String,
        process: &TaskManagerProcess<'_>,
        memory: &TaskManagerMemory,
    ) {
        let slots = super::count_of(process.slot_count as usize, "slot");
        let origin = self.places.origin(&process.slots);
        self.section(text, &format!("{slots} ({origin}), each with"));
        let parts = [
            ("Managed", process.slot.managed),
            ("Task Heap", process.slot.task_heap),
            ("Task Off-Heap", process.slot.task_off_heap),
            ("Network", process.slot.network),
        ];
        for (title, size) in parts {
            text.push_str(&format!("  {title:<18} {:>9} {:>14}\n", size.short(), size.bytes()));
        }
        let buffers = format!(
            "{} network buffers of {} in the whole TaskManager, {} CPU cores",
            process.network_buffer_count,
            process.segment_size.value.short(),
            memory.cpu_cores,
        );
        self.paragraph(text, "  ", &buffers);
    }

    fn refused(
        &self,
        text: &mut String,
        process: Process,
        error: &MemoryError,
        steps: &[Step<'_>],
    ) {
        self.section(text, &format!("{process}: Flink refuses this configuration"));
        let messages = error.flink_messages(process, self.report.target.release());
        self.error(text, error, &messages);
        if !steps.is_empty() {
            self.paragraph(text, "  ", "derived until then:");
        }
        for step in steps {
            self.row(text, None, step);
        }
    }

    fn error(&self, text: &mut String, error: &MemoryError, messages: &[String]) {
        self.hanging(text, &format!("  {} ", self.mark(Mark::Error)), 4, &error.to_string());
        // The message of a wrapper is that of its cause with a prefix; the last says it all.
        let mut unwrapped: Vec<&String> = messages.iter().collect();
        if let [first, second, ..] = messages
            && first.ends_with(second.as_str())
        {
            unwrapped.remove(1);
        }
        for message in unwrapped {
            self.paragraph(text, "    Flink: ", message);
        }
    }

    // Building blocks.

    fn section(&self, text: &mut String, heading: &str) {
        text.push('\n');
        let heading = printable(heading);
        if self.style.color {
            text.push_str(&format!("\x1b[1m{heading}\x1b[0m\n"));
        } else {
            text.push_str(&heading);
            text.push('\n');
        }
    }

    fn swatch(&self, label: &str, color: u8) -> String {
        if self.style.color {
            format!("\x1b[30;48;5;{color}m{label}\x1b[0m")
        } else {
            label.to_owned()
        }
    }

    fn mark(&self, mark: Mark) -> String {
        let (symbol, letter, color) = match mark {
            Mark::Error => ("✗", "x", 31),
            Mark::Warning => ("⚠", "!", 33),
            Mark::Hint => ("·", "-", 36),
        };
        let symbol = if self.style.unicode { symbol } else { letter };
        if self.style.color { format!("\x1b[1;{color}m{symbol}\x1b[0m") } else { symbol.to_owned() }
    }

    /// Wraps `body` behind `start`, with further lines indented by as much.
    fn paragraph(&self, text: &mut String, start: &str, body: &str) {
        let indent = start.chars().count();
        self.hanging(text, start, indent, body);
    }

    /// As [`paragraph`](Self::paragraph), where `start` takes `indent` columns on the screen.
    fn hanging(&self, text: &mut String, start: &str, indent: usize, body: &str) {
        let body = if self.style.unicode { body.to_owned() } else { words::ascii(body) };
        let room = self.style.width.saturating_sub(indent).max(16);
        text.push_str(start);
        let mut column = 0;
        for word in printable(&body).split_whitespace() {
            let width = word.chars().count();
            if column > 0 && column + 1 + width > room {
                text.push('\n');
                text.extend(std::iter::repeat_n(' ', indent));
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
}

#[derive(Debug, Clone, Copy)]
enum Mark {
    Error,
    Warning,
    Hint,
}

fn color_of(pool: Pool) -> u8 {
    POOLS.iter().find(|(it, _)| *it == pool).map_or(188, |(_, color)| *color)
}
