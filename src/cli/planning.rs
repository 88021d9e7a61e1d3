//! From a configuration, a workload and goals to a verified plan: the steps of `plan`, `tune` and
//! `report` that need files, runs or rules.

use clap::Args;

use super::capacity::{CapacityArguments, Case};
use super::patch::patched;
use super::simulate::progress_bar;
use crate::capacity::{
    Assessment, Observation, Question, Setup, Standing, StoreKind, assess, observe,
    slot_constraints,
};
use crate::config::ResolvedConfig;
use crate::finding::Severity;
use crate::plan::{
    Bounds, Goal, Least, Measured, Need, Plan, Reason, Shape, Verification, least_memory, pareto,
    shapes,
};
use crate::simulator::Seed;
use crate::units::MemorySize;
use crate::workload::Workload;
use crate::workspace::RuleSelection;

/// What a plan is to reach, and within what.
#[derive(Debug, Clone, Args)]
pub(super) struct GoalArguments {
    /// What to reach: hit-ratio>=0.95, throughput>=100000, checkpoint<60s, recovery<5min; may be
    /// repeated [default: hit-ratio>=0.9]
    #[arg(long = "goal", value_name = "GOAL")]
    goals: Vec<Goal>,

    /// No TaskManager has more Total Process Memory
    #[arg(long, value_name = "SIZE", default_value = "8g")]
    max_process: MemorySize,

    /// No TaskManager has more slots
    #[arg(long, value_name = "COUNT", default_value_t = 8,
        value_parser = clap::value_parser!(u32).range(1..=64))]
    max_slots: u32,
}

const MIB: u64 = 1 << 20;
/// A published failure shows Gemini using 0.8 of its share, and refusing below 256 MiB of that.
const GEMINI_FLOOR: u64 = 320 * MIB;
/// Below 27.5 MiB one block of a write buffer makes RocksDB flush, on Flink 1.x.
const ROCKSDB_FLOOR: u64 = 28 * MIB;
const HEAP_FLOOR: u64 = 64 * MIB;

impl GoalArguments {
    fn goals(&self) -> Vec<Goal> {
        if self.goals.is_empty() {
            let default = "hit-ratio>=0.9".parse();
            return default.into_iter().collect();
        }
        self.goals.clone()
    }
}

/// Searches, verifies and explains.
pub(super) fn plan(
    capacity: &CapacityArguments,
    arguments: &GoalArguments,
    case: &Case,
) -> Result<Plan, String> {
    let (loaded, config) = case.subject.load();
    if let Some(error) = &loaded.error {
        return Err(format!("{}: {}", case.subject.path, error.message));
    }
    let kind = match capacity.backend {
        Some(backend) => backend.kind(),
        None => capacity.kind_of(case, &config)?,
    };
    let planner = Planner { capacity, arguments, case, config: &config, kind };
    planner.plan()
}

struct Planner<'a> {
    capacity: &'a CapacityArguments,
    arguments: &'a GoalArguments,
    case: &'a Case,
    config: &'a ResolvedConfig<'a>,
    kind: StoreKind,
}

impl Planner<'_> {
    fn plan(&self) -> Result<Plan, String> {
        let goals = self.arguments.goals();
        let operators = self.capacity.backends_per_slot(self.case);
        let floor = match self.kind {
            StoreKind::Gemini => GEMINI_FLOOR * u64::from(operators),
            StoreKind::RocksDb => ROCKSDB_FLOOR * u64::from(operators),
            StoreKind::Heap => HEAP_FLOOR,
        };
        let mut seen: Option<(Setup, Observation)> = None;
        let most = self.arguments.max_process.bytes() / 10 * 8;
        // Both seeds must meet the goals, so that the plan does not hold for one by chance.
        let seeds = [self.capacity.seed, self.capacity.seed.wrapping_add(1)];
        let mut probe = |memory: u64| {
            let setup = self.setup_with(memory)?;
            let mut worst: Option<Measured> = None;
            for seed in seeds {
                let observation = self.run(&setup, &self.case.workload, seed)?;
                let report = &observation.report;
                let measured = Measured::of(report, self.case.workload.parallelism);
                let is_worse = worst.is_none_or(|worst| {
                    let missed =
                        |it: &Measured| goals.iter().filter(|goal| !goal.is_met(it, 0.0)).count();
                    (missed(&measured), worst.hit_ratio) > (missed(&worst), measured.hit_ratio)
                });
                if is_worse {
                    worst = Some(measured);
                }
                let failed = goals.iter().any(|goal| !goal.is_met(&measured, 0.0));
                seen = Some((setup.clone(), observation));
                if failed {
                    break;
                }
            }
            worst
        };
        let least = least_memory(&goals, floor, most, &mut probe)
            .map_err(|error| format!("{}: {error}", self.capacity.workload))?;
        let Some((setup, observation)) = seen else {
            return Err("the workload could not be run".to_owned());
        };
        let question = self.capacity.question(self.case, &setup, &observation);
        self.choose(goals, least, floor, &question)
    }

    fn choose(
        &self,
        goals: Vec<Goal>,
        mut least: Least,
        floor: u64,
        question: &Question<'_>,
    ) -> Result<Plan, String> {
        let target = &self.case.subject.target;
        let bounds = Bounds {
            process_most: self.arguments.max_process,
            slots_most: self.arguments.max_slots,
        };
        for _attempt in 0..8 {
            let need = Need { store_memory: least.memory, question, kind: self.kind };
            let (mut found, candidates) = shapes(self.config, target, &need, &bounds);
            // Rules are slower than arithmetic, so they look at the cheapest shapes first.
            let feasible = found.len();
            found = self.clean(found);
            let Some(pick) = found.first().cloned() else {
                return Err(format!(
                    "no TaskManager up to {} gives a slot {} of state memory without a finding; \
                     raise --max-process",
                    self.arguments.max_process.short(),
                    bytes(least.memory)
                ));
            };
            let verification = self.verify(&pick)?;
            if goals.iter().any(|goal| !goal.is_met(&verification.measured, 0.0)) {
                // The fresh run disagrees with those that planned: a little more, then.
                least.memory += least.memory / 20;
                continue;
            }
            let proposed = self.config.proposed(&borrowed(&pick.settings()));
            let setup = self.setup(&proposed)?;
            let observed = self
                .run(&setup, &self.case.workload, self.capacity.seed)
                .ok_or("the workload could not be run")?;
            let assessment = assess(&self.capacity.question(self.case, &setup, &observed));
            return Ok(Plan {
                workload: self.case.workload.name.clone(),
                parallelism: self.case.workload.parallelism,
                kind: self.kind,
                minimal: self.minimal(&pick, &least, question),
                changes: self.changes(&pick, &assessment, &least),
                goals,
                least,
                floor,
                candidates,
                feasible,
                alternatives: pareto(&found, 5),
                pick,
                verification,
                assessment,
            });
        }
        Err("no plan holds in a fresh run: the workload differs too much from seed to seed".into())
    }

    /// The cheapest shape of each number of TaskManagers that the rules find nothing wrong with.
    fn clean(&self, found: Vec<Shape>) -> Vec<Shape> {
        const TRIES: usize = 60;
        let mut clean: Vec<Shape> = Vec::new();
        let mut tries = std::collections::BTreeMap::<u32, usize>::new();
        for shape in found {
            let count = tries.entry(shape.task_managers).or_default();
            let known = clean.iter().any(|it| it.task_managers == shape.task_managers);
            if known || *count >= TRIES {
                continue;
            }
            *count += 1;
            if self.is_clean(&shape) {
                clean.push(shape);
            }
        }
        clean
    }

    /// Whether the rules report nothing of the shape that they do not report already, save hints.
    fn is_clean(&self, shape: &Shape) -> bool {
        let Ok(subject) = patched(&self.case.subject, &shape.settings()) else { return false };
        let selection = RuleSelection::default();
        let known = self.case.subject.check(&selection);
        subject.check(&selection).iter().all(|finding| {
            finding.severity == Severity::Info
                || !about_memory(finding.rule.code)
                    && known.iter().any(|other| {
                        other.rule == finding.rule && other.severity == finding.severity
                    })
        })
    }

    fn verify(&self, pick: &Shape) -> Result<Verification, String> {
        let setup = self.setup(&self.config.proposed(&borrowed(&pick.settings())))?;
        let seed = self.capacity.seed.wrapping_add(100);
        let observation =
            self.run(&setup, &self.case.workload, seed).ok_or("the workload could not be run")?;
        Ok(Verification {
            seed,
            records: observation.report.records,
            measured: Measured::of(&observation.report, self.case.workload.parallelism),
        })
    }

    fn run(&self, setup: &Setup, workload: &Workload, seed: u64) -> Option<Observation> {
        let bar = progress_bar("planning");
        let mut progress = |done: u64, total: u64| {
            bar.set_length(total);
            bar.set_position(done);
        };
        let hardware = &self.case.hardware;
        let seen = observe(&setup.store, hardware, workload, Seed(seed), &mut progress).ok();
        bar.finish_and_clear();
        seen
    }

    fn setup(&self, config: &ResolvedConfig<'_>) -> Result<Setup, String> {
        let operators = self.capacity.backends_per_slot(self.case);
        Setup::of(config, &self.case.subject.target, operators, Some(self.kind))
            .map_err(|error| error.to_string())
    }

    /// One slot with a store of so many bytes, whatever the process around it.
    fn setup_with(&self, memory: u64) -> Option<Setup> {
        let (heap, managed) = match self.kind {
            StoreKind::Gemini | StoreKind::RocksDb => (1 << 30, memory),
            StoreKind::Heap => (memory, 0),
        };
        let shape = Shape {
            slots: 1,
            task_managers: 1,
            process: MemorySize::ZERO,
            managed_fraction: None,
            store_memory: memory,
            task_heap: MemorySize::ZERO,
            total: 0,
        };
        let mut settings = shape.settings();
        for (key, value) in &mut settings {
            match *key {
                "taskmanager.memory.process.size" => *value = None,
                "taskmanager.memory.task.heap.size" => *value = Some(format!("{heap}b")),
                "taskmanager.memory.managed.size" => *value = Some(format!("{managed}b")),
                _ => {}
            }
        }
        self.setup(&self.config.proposed(&borrowed(&settings))).ok()
    }

    /// What breaks with four fifths of the process.
    fn minimal(&self, pick: &Shape, least: &Least, question: &Question<'_>) -> String {
        let mebibytes = u32::try_from(pick.process.mebibytes() / 5 * 4).unwrap_or(u32::MAX);
        let less = Shape { process: MemorySize::from_mebibytes(mebibytes), ..pick.clone() };
        let size = less.process.short();
        let setup = match self.setup(&self.config.proposed(&borrowed(&less.settings()))) {
            Ok(setup) => setup,
            Err(error) => return format!("with {size}: {error}"),
        };
        let question = Question { setup: &setup, ..*question };
        let broken = slot_constraints(&question)
            .into_iter()
            .find(|it| matches!(it.standing(), Standing::Broken | Standing::MayBreak));
        if let Some(constraint) = broken {
            return format!("with {size} a process, {} is short", constraint.kind.title());
        }
        let memory = setup.store_memory().unwrap_or(0);
        if memory < least.memory {
            return format!(
                "with {size} a process, a slot's store has {} of the {} that the goals need",
                bytes(memory),
                bytes(least.memory)
            );
        }
        if self.is_clean(&less) {
            format!("with {size} a process it would do as well")
        } else {
            format!("with {size} a process, `check` reports a problem")
        }
    }

    fn changes(&self, pick: &Shape, assessment: &Assessment, least: &Least) -> Vec<Reason> {
        let setup = &assessment.setup;
        let reason = |key: &str| match key {
            "taskmanager.memory.process.size" => format!(
                "the least that leaves each of {} slots {} of state memory (needs {}) and {} of \
                 Task Heap",
                pick.slots,
                bytes(pick.store_memory),
                bytes(least.memory),
                pick.task_heap.short()
            ),
            "taskmanager.numberOfTaskSlots" => format!(
                "{} TaskManagers of {} in all: Metaspace, JVM Overhead and framework memory are \
                 paid once a process",
                pick.task_managers,
                bytes(pick.total)
            ),
            "taskmanager.memory.managed.fraction" => format!(
                "managed memory of {} out of Total Flink Memory of {}",
                setup.memory.managed.short(),
                setup.memory.total_flink_memory.short()
            ),
            _ => "Total Process Memory decides; this would contradict it".to_owned(),
        };
        let settings = pick.settings().into_iter();
        settings
            .filter_map(|(key, proposed)| {
                let current = self.config.setting(key).map(|it| it.value.text().into_owned());
                let is_same = match (&current, &proposed) {
                    (Some(current), Some(proposed)) => same_value(current, proposed),
                    (None, None) => true,
                    _ => false,
                };
                (!is_same).then(|| Reason { key, current, proposed, why: reason(key) })
            })
            .collect()
    }
}

/// Whether two texts are the same size or number.
pub(super) fn same_value(one: &str, other: &str) -> bool {
    let size = |text: &str| text.trim().parse::<MemorySize>().ok();
    one.trim() == other.trim() || size(one).is_some_and(|one| Some(one) == size(other))
}

/// Findings about memory are what a plan is to mend, so that none may be left.
fn about_memory(code: &str) -> bool {
    code.starts_with("FM") || code.starts_with("FG01")
}

fn borrowed(settings: &[(&'static str, Option<String>)]) -> Vec<(&'static str, Option<String>)> {
    settings.to_vec()
}

fn bytes(bytes: u64) -> String {
    MemorySize::from_bytes(bytes).unwrap_or(MemorySize::MAX).short()
}
