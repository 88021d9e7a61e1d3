use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::{Measured, Plan, Shape};

/// A plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanJson<'a> {
    /// Version of this shape.
    pub version: u32,
    /// The version of slotwise.
    pub slotwise: &'static str,
    /// The workload's name.
    pub workload: &'a str,
    /// The job's parallelism.
    pub parallelism: u32,
    /// `gemini`, `rocksdb` or `heap`.
    pub backend: &'static str,
    /// What was to be reached.
    pub goals: Vec<String>,
    /// Bytes that a slot's store needs for it.
    pub store_memory_needed: u64,
    /// Shapes that were derived.
    pub candidates: usize,
    /// Of these, shapes that give a slot what it needs.
    pub feasible: usize,
    /// The pick.
    pub pick: ShapeJson,
    /// The pick, and what costs more but loses less with one TaskManager.
    pub alternatives: Vec<ShapeJson>,
    /// What the pick changes.
    pub changes: Vec<PlannedChangeJson<'a>>,
    /// A fresh run of the pick.
    pub verification: VerificationJson,
    /// What the pick takes of the platform, if that is known.
    pub footprint: Option<FootprintJson>,
    /// Why it cannot do with four fifths of its memory.
    pub minimal: String,
    /// Records of each run of the search.
    pub search_records: u64,
    /// Runs of the search: bytes of the store, and what they reached.
    pub runs: Vec<RunJson>,
}

/// What a shape takes of a platform.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FootprintJson {
    /// `yarn`, `kubernetes`, `alibaba-cu` or `aws-kpu`.
    pub platform: &'static str,
    /// In its own words.
    pub text: String,
    /// Bytes of memory in all.
    pub memory: u64,
    /// Price of a month, where prices are known.
    pub month: Option<f64>,
    /// What the price is counted in.
    pub currency: String,
    /// When prices were looked up.
    pub prices_of: String,
}

/// A TaskManager, and how many of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShapeJson {
    /// Slots of each.
    pub slots: u32,
    /// How many.
    pub task_managers: u32,
    /// Bytes of Total Process Memory of each.
    pub process: u64,
    /// The managed fraction, where it is not the default.
    pub managed_fraction: Option<String>,
    /// Where the state's memory comes from: `managed 0.4`, `heap` or `own off-heap`.
    pub state_memory: String,
    /// Mebibytes of Network Memory, where the plan sets it.
    pub network_mebibytes: Option<u32>,
    /// Bytes of a slot's store.
    pub store_memory: u64,
    /// Bytes of Total Process Memory of all.
    pub total: u64,
}

/// An option that the pick changes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlannedChangeJson<'a> {
    /// The option.
    pub key: &'static str,
    /// Its value now.
    pub current: Option<&'a str>,
    /// Its value in the plan; absent if it is taken out.
    pub proposed: Option<&'a str>,
    /// Why.
    pub why: &'a str,
    /// How the value comes about, with numbers.
    pub formula: &'a str,
    /// The bound of Flink's that decided.
    pub cap: Option<&'a str>,
    /// `high` or `medium`.
    pub confidence: &'static str,
    /// What may go wrong with it.
    pub risk: &'a str,
}

/// A fresh run of the pick.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VerificationJson {
    /// Its seed.
    pub seed: u64,
    /// Records that were run.
    pub records: u64,
    /// Records that the workload has.
    pub of_records: u64,
    /// What it showed.
    pub measured: MeasuredJson,
}

/// What a run showed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MeasuredJson {
    /// From 0 to 1.
    pub hit_ratio: f64,
    /// Records a second of the job.
    pub throughput: f64,
    /// Seconds of the longest checkpoint.
    pub checkpoint_seconds: Option<f64>,
    /// Seconds of a restore.
    pub recovery_seconds: Option<f64>,
}

/// A run of the search.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunJson {
    /// Bytes of the store.
    pub memory: u64,
    /// What it showed.
    pub measured: MeasuredJson,
}

impl<'a> PlanJson<'a> {
    /// The shape of a plan.
    pub fn new(plan: &'a Plan) -> Self {
        Self {
            version: 1,
            slotwise: env!("CARGO_PKG_VERSION"),
            workload: &plan.workload,
            parallelism: plan.parallelism,
            backend: plan.kind.name(),
            goals: plan.goals.iter().map(ToString::to_string).collect(),
            store_memory_needed: plan.least.memory,
            candidates: plan.candidates,
            feasible: plan.feasible,
            pick: shape(&plan.pick),
            alternatives: plan.alternatives.iter().map(shape).collect(),
            changes: plan
                .changes
                .iter()
                .map(|change| PlannedChangeJson {
                    key: change.key,
                    current: change.current.as_deref(),
                    proposed: change.proposed.as_deref(),
                    why: &change.why,
                    formula: &change.formula,
                    cap: change.cap.as_deref(),
                    confidence: change.confidence.name(),
                    risk: change.risk,
                })
                .collect(),
            verification: VerificationJson {
                seed: plan.verification.seed,
                records: plan.verification.records,
                of_records: plan.verification.of_records,
                measured: measured(&plan.verification.measured),
            },
            footprint: plan.platform.as_ref().map(|(platform, prices)| {
                let footprint = platform.footprint(&plan.pick, plan.parallelism, prices);
                FootprintJson {
                    platform: platform.name(),
                    text: footprint.text,
                    memory: footprint.memory,
                    month: footprint.month,
                    currency: prices.currency.clone(),
                    prices_of: prices.date.clone(),
                }
            }),
            minimal: crate::render::capacity::less_text(plan),
            search_records: plan.search_records,
            runs: plan
                .least
                .runs
                .iter()
                .map(|(memory, it)| RunJson { memory: *memory, measured: measured(it) })
                .collect(),
        }
    }
}

fn shape(shape: &Shape) -> ShapeJson {
    ShapeJson {
        slots: shape.slots,
        task_managers: shape.task_managers,
        process: shape.process.bytes(),
        managed_fraction: shape.state_memory.managed_fraction(),
        state_memory: shape.state_memory.to_string(),
        network_mebibytes: shape.network_mebibytes,
        store_memory: shape.store_memory,
        total: shape.total,
    }
}

fn measured(measured: &Measured) -> MeasuredJson {
    MeasuredJson {
        hit_ratio: measured.hit_ratio,
        throughput: measured.throughput,
        checkpoint_seconds: measured.checkpoint,
        recovery_seconds: measured.recovery,
    }
}
