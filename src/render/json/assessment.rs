use schemars::JsonSchema;
use serde::Serialize;

use crate::capacity::{Assessment, Constraint, Provenance, Range, Standing, Verdict, Weight};
use crate::simulator::Ending;

/// Whether a job fits a configuration.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AssessmentJson<'a> {
    /// Version of this shape.
    pub version: u32,
    /// The version of slotwise.
    pub slotwise: &'static str,
    /// The configuration's path.
    pub path: &'a str,
    /// What it is for.
    pub target: &'a str,
    /// The workload's name.
    pub workload: &'a str,
    /// The job's parallelism.
    pub parallelism: u32,
    /// `fits`, `may-not-fit` or `does-not-fit`.
    pub verdict: &'static str,
    /// The part of the binding limit that is left, where it fits.
    pub headroom: Option<f64>,
    /// The constraint that breaks first.
    pub binding: Option<&'static str>,
    /// All constraints.
    pub constraints: Vec<ConstraintJson<'a>>,
    /// Single options that would mend what is broken.
    pub changes: Vec<ChangeJson<'a>>,
    /// The slot's store.
    pub store: StoreJson,
    /// What the run showed.
    pub evidence: EvidenceJson,
    /// What the loss of one TaskManager means.
    pub failover: FailoverJson,
    /// What it was concluded from.
    pub inputs: Vec<InputJson<'a>>,
}

/// Something that a job needs and a deployment gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConstraintJson<'a> {
    /// Which.
    pub name: &'static str,
    /// What both figures count: `bytes`, `bytes/s`, `records/s`, `seconds`, `count`, `share`.
    pub unit: &'static str,
    /// What the job needs.
    pub need: Option<RangeJson>,
    /// What there is.
    pub limit: Option<RangeJson>,
    /// The part of the limit that is left.
    pub headroom: Option<RangeJson>,
    /// `holds`, `unknown`, `may-break` or `broken`.
    pub standing: &'static str,
    /// Whether the job fails without it, rather than being slow.
    pub hard: bool,
    /// How the figures came about.
    pub formula: &'a str,
}

/// A figure known within bounds.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct RangeJson {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

/// One option that mends a constraint.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeJson<'a> {
    /// The constraint.
    pub mends: &'static str,
    /// The option.
    pub key: &'static str,
    /// Its value now.
    pub current: Option<&'a str>,
    /// The value that mends it.
    pub value: &'a str,
}

/// The store of a slot.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StoreJson {
    /// `gemini`, `rocksdb` or `heap`.
    pub backend: &'static str,
    /// Its memory in bytes, if bounded.
    pub memory: Option<u64>,
    /// Slots of a TaskManager.
    pub slots: u32,
    /// Total Process Memory in bytes.
    pub total_process_memory: u64,
}

/// What the run of one subtask showed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EvidenceJson {
    /// What the run is reproduced from.
    pub seed: u64,
    /// Why the job would have failed.
    pub failure: Option<String>,
    /// Source records measured.
    pub records: u64,
    /// Source records a second of one slot.
    pub records_per_second: u64,
    /// Of a million reads, those answered without the disk.
    pub hits_per_million: u64,
    /// Serialized bytes of state at the end.
    pub state_bytes: f64,
    /// The same at the horizon.
    pub state_bytes_at_horizon: RangeJson,
    /// Timers at most.
    pub timers: u64,
    /// Hits of an LRU cache of single entries, by its size.
    pub hit_ratio_curve: Vec<CurveRowJson>,
}

/// A point of the hit-ratio curve.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CurveRowJson {
    /// Bytes.
    pub memory: u64,
    /// Hits of a million accesses.
    pub hits_per_million: u64,
}

/// What the loss of one TaskManager means.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FailoverJson {
    /// TaskManagers before.
    pub task_managers: u32,
    /// Slots left.
    pub slots_left: u32,
    /// Slots that the job needs.
    pub slots_needed: u32,
    /// Seconds until the state is back.
    pub restore_seconds: Option<RangeJson>,
    /// Seconds from then on until the job is up to date.
    pub catch_up_seconds: Option<RangeJson>,
}

/// An input and where it comes from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InputJson<'a> {
    /// What.
    pub name: &'a str,
    /// Its value, for people.
    pub value: &'a str,
    /// `configuration`, `default`, `workload`, `given`, `simulated`, `assumed` or `unknown`.
    pub provenance: &'static str,
    /// The key that says it, or why it is assumed.
    pub detail: Option<&'static str>,
}

impl From<Range> for RangeJson {
    fn from(range: Range) -> Self {
        Self { low: range.low, high: range.high }
    }
}

impl<'a> AssessmentJson<'a> {
    /// The shape of an assessment of the configuration at `path`.
    pub fn new(path: &'a str, assessment: &'a Assessment) -> Self {
        let setup = &assessment.setup;
        let report = &assessment.observation.report;
        let failover = &assessment.failover;
        Self {
            version: 1,
            slotwise: env!("CARGO_PKG_VERSION"),
            path,
            target: &setup.target,
            workload: &assessment.workload,
            parallelism: assessment.parallelism,
            verdict: assessment.verdict.name(),
            headroom: match assessment.verdict {
                Verdict::Fits { headroom } => Some(headroom),
                Verdict::MayNotFit | Verdict::DoesNotFit => None,
            },
            binding: assessment.binding.map(|kind| kind.name()),
            constraints: assessment.constraints.iter().map(constraint).collect(),
            changes: assessment
                .changes
                .iter()
                .map(|change| ChangeJson {
                    mends: change.mends.name(),
                    key: change.key,
                    current: change.current.as_deref(),
                    value: &change.value,
                })
                .collect(),
            store: StoreJson {
                backend: setup.kind.name(),
                memory: setup.store_memory(),
                slots: setup.slot_count,
                total_process_memory: setup.memory.total_process_memory.bytes(),
            },
            evidence: EvidenceJson {
                seed: report.seed.0,
                failure: match report.ending {
                    Ending::Failed(error) => Some(error.to_string()),
                    Ending::Completed => None,
                },
                records: report.records,
                records_per_second: report.throughput(),
                hits_per_million: report.hits_per_million(),
                state_bytes: assessment.observation.state.bytes,
                state_bytes_at_horizon: assessment.growth.at_horizon.into(),
                timers: assessment.observation.state.timers,
                hit_ratio_curve: report
                    .curve
                    .iter()
                    .map(|row| CurveRowJson {
                        memory: row.memory,
                        hits_per_million: row.hits_per_million,
                    })
                    .collect(),
            },
            failover: FailoverJson {
                task_managers: failover.task_managers,
                slots_left: failover.slots_left,
                slots_needed: failover.slots_needed,
                restore_seconds: failover.restore.map(RangeJson::from),
                catch_up_seconds: failover.catch_up.map(RangeJson::from),
            },
            inputs: assessment
                .inputs
                .iter()
                .map(|input| {
                    let (provenance, detail) = provenance(&input.provenance);
                    InputJson { name: input.name, value: &input.value, provenance, detail }
                })
                .collect(),
        }
    }
}

fn constraint(constraint: &Constraint) -> ConstraintJson<'_> {
    ConstraintJson {
        name: constraint.kind.name(),
        unit: constraint.unit.name(),
        need: constraint.need.map(RangeJson::from),
        limit: constraint.limit.map(RangeJson::from),
        headroom: constraint.headroom().map(RangeJson::from),
        standing: match constraint.standing() {
            Standing::Holds => "holds",
            Standing::Unknown => "unknown",
            Standing::MayBreak => "may-break",
            Standing::Broken => "broken",
        },
        hard: constraint.weight == Weight::Hard,
        formula: &constraint.formula,
    }
}

fn provenance(provenance: &Provenance) -> (&'static str, Option<&'static str>) {
    match provenance {
        Provenance::Configuration(key) => ("configuration", Some(key)),
        Provenance::Default(key) => ("default", Some(key)),
        Provenance::Workload => ("workload", None),
        Provenance::Given => ("given", None),
        Provenance::Simulated => ("simulated", None),
        Provenance::Assumed(why) => ("assumed", Some(why)),
        Provenance::Unknown => ("unknown", None),
    }
}
