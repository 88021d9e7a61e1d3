use schemars::JsonSchema;
use serde::Serialize;

use super::{AssessmentJson, PlanJson, RangeJson};
use crate::capacity::Way;
use crate::render::capacity::Report;

/// A capacity report: everything that the page shows.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReportJson<'a> {
    /// Version of this shape.
    pub version: u32,
    /// The version of slotwise.
    pub slotwise: &'static str,
    /// What the inputs are known by: two reports with the same digest say the same.
    pub digest: &'a str,
    /// The configuration as it is.
    pub assessment: AssessmentJson<'a>,
    /// The plan, if there is one.
    pub plan: Option<PlanJson<'a>>,
    /// Why there is no plan.
    pub no_plan_because: Option<&'a str>,
    /// The configuration as the plan changes it.
    pub proposed: Option<AssessmentJson<'a>>,
    /// The plan as a unified difference of the file.
    pub patch: Option<&'a str>,
    /// The workload under each state backend, with the process as it is.
    pub backends: Vec<BackendJson<'a>>,
    /// What one TaskManager moves.
    pub bandwidth: Vec<TrafficJson<'a>>,
    /// How the verdict hangs on its inputs.
    pub sensitivity: Vec<SensitivityJson>,
    /// What `check` reports.
    pub findings: Vec<ReportFindingJson<'a>>,
    /// Other shapes of a TaskManager.
    pub what_if: Vec<WhatIfJson<'a>>,
    /// What changed since an earlier report, if one was given.
    pub changes: Option<Vec<FigureChangeJson<'a>>>,
}

/// A state backend under the workload.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BackendJson<'a> {
    /// `gemini`, `rocksdb` or `heap`.
    pub name: &'static str,
    /// Bytes of its store in a slot, if bounded.
    pub memory: Option<u64>,
    /// Records a second of the job.
    pub records_per_second: u64,
    /// Of a million reads, those answered without the disk.
    pub hits_per_million: u64,
    /// Bytes on the local disk.
    pub disk_bytes: u64,
    /// How the run failed.
    pub failure: Option<&'a str>,
    /// Seconds of a restore.
    pub restore_seconds: Option<f64>,
}

/// Bytes that a TaskManager moves.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TrafficJson<'a> {
    /// What.
    pub name: &'static str,
    /// `network-in`, `network-out`, `disk-read` or `disk-write`.
    pub way: &'static str,
    /// Bytes a second.
    pub bytes_per_second: RangeJson,
    /// How the figure came about.
    pub formula: &'a str,
}

/// What becomes of the headroom with an input.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SensitivityJson {
    /// The input.
    pub input: &'static str,
    /// The worst headroom at half of it.
    pub headroom_at_half: f64,
    /// The same at one and a half of it.
    pub headroom_at_one_and_a_half: f64,
    /// The factor from which on the job does not fit.
    pub breaks_at: Option<f64>,
}

/// A finding of `check`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReportFindingJson<'a> {
    /// Such as `FM004`.
    pub code: &'static str,
    /// Such as `warning`.
    pub severity: &'static str,
    /// Where.
    pub place: &'a str,
    /// The fact.
    pub message: &'a str,
    /// What to do.
    pub help: &'a str,
}

/// Another shape of a TaskManager.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhatIfJson<'a> {
    /// Task slots.
    pub slots: u32,
    /// Mebibytes of Total Process Memory.
    pub process_mebibytes: u64,
    /// The managed fraction.
    pub managed_fraction: &'a str,
    /// `fits`, `may-not-fit`, `does-not-fit` or, where Flink refuses the shape, `refused`.
    pub verdict: &'static str,
    /// The verdict in words.
    pub words: &'a str,
    /// TaskManagers for the parallelism.
    pub task_managers: u32,
    /// Bytes of a slot's store, if bounded.
    pub store: Option<u64>,
}

/// A figure before and now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FigureChangeJson<'a> {
    /// What.
    pub name: &'a str,
    /// Before.
    pub before: &'a str,
    /// Now.
    pub now: &'a str,
}

impl<'a> ReportJson<'a> {
    /// The shape of a report.
    pub fn new(report: &'a Report<'a>) -> Self {
        let path = &report.page.path;
        let plan = report.plan.ok();
        Self {
            version: 1,
            slotwise: env!("CARGO_PKG_VERSION"),
            digest: report.digest,
            assessment: AssessmentJson::new(path, report.assessment),
            plan: plan.map(PlanJson::new),
            no_plan_because: report.plan.err(),
            proposed: plan.map(|plan| AssessmentJson::new(path, &plan.assessment)),
            patch: report.patch.ok(),
            backends: report
                .backends
                .iter()
                .map(|row| BackendJson {
                    name: row.name,
                    memory: row.memory,
                    records_per_second: row.throughput,
                    hits_per_million: row.hits_per_million,
                    disk_bytes: row.disk_bytes,
                    failure: row.failure.as_deref(),
                    restore_seconds: row.restore,
                })
                .collect(),
            bandwidth: report
                .budget
                .traffic
                .iter()
                .map(|it| TrafficJson {
                    name: it.name,
                    way: match it.way {
                        Way::NetworkIn => "network-in",
                        Way::NetworkOut => "network-out",
                        Way::DiskRead => "disk-read",
                        Way::DiskWrite => "disk-write",
                    },
                    bytes_per_second: it.need.into(),
                    formula: &it.formula,
                })
                .collect(),
            sensitivity: report
                .sensitivity
                .iter()
                .map(|row| SensitivityJson {
                    input: row.input,
                    headroom_at_half: row.at_half,
                    headroom_at_one_and_a_half: row.at_one_and_a_half,
                    breaks_at: row.breaks_at,
                })
                .collect(),
            findings: report
                .findings
                .iter()
                .map(|it| ReportFindingJson {
                    code: it.code,
                    severity: it.severity,
                    place: &it.place,
                    message: &it.message,
                    help: &it.help,
                })
                .collect(),
            what_if: report
                .what_if
                .iter()
                .map(|row| WhatIfJson {
                    slots: row.slots,
                    process_mebibytes: row.process,
                    managed_fraction: &row.fraction,
                    verdict: row.verdict,
                    words: &row.words,
                    task_managers: row.task_managers,
                    store: row.memory.as_ref().and_then(|memory| memory.store),
                })
                .collect(),
            changes: report.comparison.map(|rows| {
                rows.iter()
                    .map(|row| FigureChangeJson {
                        name: &row.name,
                        before: &row.before,
                        now: &row.now,
                    })
                    .collect()
            }),
        }
    }
}
