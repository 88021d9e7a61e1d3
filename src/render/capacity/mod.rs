//! Assessments and plans for people.

mod assessment;
mod html;
mod load;
mod markdown;
mod plan;

use std::collections::BTreeMap;

pub use assessment::assessment_text;
pub use html::report_html;
pub use load::load_text;
pub use markdown::{report_csv, report_markdown};
pub use plan::{less_text, plan_text, reasons_text};

use super::terminal::Style;
use crate::capacity::{Assessment, Budget, Provenance, Sensitivity};
use crate::memory::Pool;
use crate::plan::Plan;
use crate::simulator::SimulationReport;

/// Pools of the process, in the order in which they lie in it.
pub const POOLS: [Pool; 8] = [
    Pool::FrameworkHeap,
    Pool::TaskHeap,
    Pool::Managed,
    Pool::Network,
    Pool::FrameworkOffHeap,
    Pool::TaskOffHeap,
    Pool::JvmMetaspace,
    Pool::JvmOverhead,
];

/// Where the figures of a page come from, and how the screen wants it.
#[derive(Debug, Clone)]
pub struct Page {
    /// The configuration's path as the user wrote it.
    pub path: String,
    /// Why this target.
    pub target_reason: String,
    /// Where each key stands, as `flink-conf.yaml:3`.
    pub lines: BTreeMap<String, String>,
    /// What the screen can show.
    pub style: Style,
}

/// Everything that a report shows, computed beforehand.
#[derive(Debug)]
pub struct Report<'a> {
    /// Where figures come from.
    pub page: &'a Page,
    /// The configuration as it is.
    pub assessment: &'a Assessment,
    /// What would be better, or why there is no plan.
    pub plan: Result<&'a Plan, &'a str>,
    /// The plan as a difference of the file, or why it cannot be one.
    pub patch: Result<&'a str, &'a str>,
    /// What goes over the wires.
    pub budget: &'a Budget,
    /// A run to look at.
    pub timeline: Timeline<'a>,
    /// What the inputs are known by: the configuration, the workload and the arguments.
    pub digest: &'a str,
    /// The state backends with the same process, the configured one first.
    pub backends: &'a [BackendRow],
    /// How the verdict hangs on its inputs.
    pub sensitivity: &'a [Sensitivity],
    /// The same once the plan is made, if it changes anything.
    pub sensitivity_proposed: &'a [Sensitivity],
    /// What `check` reports.
    pub findings: &'a [FindingRow],
    /// Other shapes of a TaskManager, for the controls.
    pub what_if: &'a [WhatIfRow],
    /// What changed since an earlier report.
    pub comparison: Option<&'a [ComparisonRow]>,
}

/// A run over time.
#[derive(Debug, Clone)]
pub struct Timeline<'a> {
    /// The run.
    pub run: &'a SimulationReport,
    /// How its checkpoints differ from the workload's, which may be too rare to be seen.
    pub brought_forward: Option<String>,
}

/// A state backend under the workload.
#[derive(Debug)]
pub struct BackendRow {
    /// Its name.
    pub name: &'static str,
    /// Memory of its store in a slot, if bounded.
    pub memory: Option<u64>,
    /// Records a second of the job.
    pub throughput: u64,
    /// Of a million reads, those answered without the disk.
    pub hits_per_million: u64,
    /// How long 99 of 100 records took at most.
    pub p99: String,
    /// Bytes of a slot's store on the local disk at the end.
    pub disk_bytes: u64,
    /// How the run ended, if not well.
    pub failure: Option<String>,
    /// Seconds of a restore.
    pub restore: Option<f64>,
}

/// A finding, in words.
#[derive(Debug)]
pub struct FindingRow {
    /// Such as `FM004`.
    pub code: &'static str,
    /// Such as `warning`.
    pub severity: &'static str,
    /// The fact.
    pub message: String,
    /// Where, such as `flink-conf.yaml:3`.
    pub place: String,
    /// What to do.
    pub help: String,
}

/// A shape of the TaskManager and what it would mean.
#[derive(Debug)]
pub struct WhatIfRow {
    /// Task slots.
    pub slots: u32,
    /// Mebibytes of Total Process Memory.
    pub process: u64,
    /// The managed fraction, as text.
    pub fraction: String,
    /// Whether it is the shape as configured, or the one nearest to it.
    pub is_now: bool,
    /// Its memory; nothing if Flink refuses.
    pub memory: Option<WhatIfMemory>,
    /// The verdict's stable name.
    pub verdict: &'static str,
    /// The verdict in words.
    pub words: String,
    /// TaskManagers for the parallelism.
    pub task_managers: u32,
}

/// Bytes of a shape.
#[derive(Debug)]
pub struct WhatIfMemory {
    /// In the order of [`POOLS`].
    pub pools: [u64; 8],
    /// Managed Memory of the TaskManager.
    pub managed: u64,
    /// The store of a slot, if bounded.
    pub store: Option<u64>,
    /// Task Heap of a slot.
    pub task_heap: u64,
    /// Network Memory of a slot.
    pub network: u64,
}

/// A figure before and now.
#[derive(Debug)]
pub struct ComparisonRow {
    /// What.
    pub name: String,
    /// Before.
    pub before: String,
    /// Now.
    pub now: String,
}

impl Page {
    /// A page that points nowhere.
    fn bare(style: Style) -> Self {
        Self { path: String::new(), target_reason: String::new(), lines: BTreeMap::new(), style }
    }

    /// Where an input comes from, in words.
    pub fn provenance(&self, provenance: &Provenance) -> String {
        match provenance {
            Provenance::Configuration(key) => match self.lines.get(*key) {
                Some(line) => line.clone(),
                None => format!("set: {key}"),
            },
            Provenance::Default(_) => "default".to_owned(),
            Provenance::Workload => "workload".to_owned(),
            Provenance::Given => "given".to_owned(),
            Provenance::Simulated => "simulated".to_owned(),
            Provenance::Assumed(why) => format!("assumed: {why}"),
            Provenance::Unknown => "unknown".to_owned(),
        }
    }
}
