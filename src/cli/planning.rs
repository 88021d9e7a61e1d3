//! From a configuration, a workload and goals to a verified plan: the steps of `plan`, `tune` and
//! `report` that need files, runs or rules.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};

use super::capacity::{CapacityArguments, Case};
use super::patch::patched;
use super::simulate::progress_bar;
use crate::capacity::{
    Assessment, ConstraintKind, Observation, Question, Setup, StoreKind, Unit, assess, figure,
    observe, slot_constraints,
};
use crate::catalog::{GEMINI_FACTORY, Release, option};
use crate::config::ResolvedConfig;
use crate::finding::{Finding, Severity};
use crate::memory::{SelectedStateBackend, StateBackend};
use crate::plan::{
    Bounds, Breaks, Goal, Grounds, Least, Less, Measure, Measured, MemoryError, Need, Plan,
    Platform, Prices, Settings, Shape, StateMemory, Verification, Within, candidates, is_short,
    least_memory, pareto, reasons,
};
use crate::simulator::{Seed, StoreOptions, simulate};
use crate::units::MemorySize;
use crate::workload::Workload;
use crate::workspace::RuleSelection;

/// What a plan is to reach, and within what.
#[derive(Debug, Clone, Args)]
pub(super) struct GoalArguments {
    /// What to reach: hit-ratio>=0.95, throughput>=100000, checkpoint<60s, recovery<5min; may be
    /// repeated [default: the workload's rate, or else hit-ratio>=0.9]
    #[arg(long = "goal", value_name = "GOAL")]
    goals: Vec<Goal>,

    /// No TaskManager has more Total Process Memory
    #[arg(long, value_name = "SIZE", default_value = "8g")]
    max_process: MemorySize,

    /// No TaskManager has more slots
    #[arg(long, value_name = "COUNT", default_value_t = 8,
        value_parser = clap::value_parser!(u32).range(1..=64))]
    max_slots: u32,

    /// Where it is to run, to count in its units [default: yarn for EMR, alibaba-cu for other VVR]
    #[arg(long, value_enum)]
    platform: Option<PlatformArgument>,

    /// What YARN rounds a container's memory up to: yarn.scheduler.minimum-allocation-mb
    #[arg(long, value_name = "SIZE", default_value = "1g")]
    container_step: MemorySize,

    /// Prices by the hour, over those built in: kpu-hour=0.11, cu-hour, core-hour, gib-hour,
    /// date=2026-11-22, currency=EUR; may be repeated
    #[arg(long = "price", value_name = "NAME=VALUE")]
    prices: Vec<String>,

    /// Say on standard error how many shapes were derived, and in what time
    #[arg(long)]
    verbose: bool,
}

/// A platform by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlatformArgument {
    /// YARN containers
    Yarn,
    /// Kubernetes pods
    Kubernetes,
    /// Compute units of Alibaba Cloud's Realtime Compute
    AlibabaCu,
    /// Processing units of Amazon's Managed Service for Apache Flink
    AwsKpu,
}

const MIB: u64 = 1 << 20;
/// A published failure shows Gemini using 0.8 of its share, and refusing below 256 MiB of that.
const GEMINI_FLOOR: u64 = 320 * MIB;
/// Below 27.5 MiB one block of a write buffer makes RocksDB flush, on Flink 1.x.
const ROCKSDB_FLOOR: u64 = 28 * MIB;
const HEAP_FLOOR: u64 = 64 * MIB;

/// A plan that does not hold in a fresh run is mended so often.
const ATTEMPTS: u32 = 12;
/// So many sizes of a number of TaskManagers are held against the rules.
const SIZES_CHECKED: usize = 40;
const ALTERNATIVES: usize = 5;

impl GoalArguments {
    fn platform(&self, case: &Case) -> Option<Platform> {
        let target = &case.subject.target;
        let is_emr = target.name().starts_with("emr");
        let inferred = match target.gemini() {
            _ if is_emr => Some(PlatformArgument::Yarn),
            Some(_) => Some(PlatformArgument::AlibabaCu),
            None => None,
        };
        Some(match self.platform.or(inferred)? {
            PlatformArgument::Yarn => Platform::Yarn { step: self.container_step },
            PlatformArgument::Kubernetes => Platform::Kubernetes,
            PlatformArgument::AlibabaCu => Platform::AlibabaCu,
            PlatformArgument::AwsKpu => Platform::AwsKpu,
        })
    }

    /// The prices built in, with those of the arguments over them.
    fn prices(&self) -> Result<Prices, String> {
        let mut prices = Prices::default();
        for price in &self.prices {
            let expected = || {
                format!(
                    "--price: found {price:?}, expected such as kpu-hour=0.11, cu-hour=, core-hour=, \
                     gib-hour=, date= or currency="
                )
            };
            let (name, value) = price.split_once('=').ok_or_else(expected)?;
            let hour = || match value.parse::<f64>() {
                Ok(hour) if hour.is_finite() && hour >= 0.0 => Ok(Some(hour)),
                _ => Err(expected()),
            };
            match name {
                "kpu-hour" => prices.kpu_hour = hour()?,
                "cu-hour" => prices.cu_hour = hour()?,
                "core-hour" => prices.core_hour = hour()?,
                "gib-hour" => prices.gib_hour = hour()?,
                "date" => prices.date = value.to_owned(),
                "currency" => prices.currency = value.to_owned(),
                _ => return Err(expected()),
            }
        }
        Ok(prices)
    }

    /// What was asked for, and that the job keeps up with its rate.
    fn goals(&self, rate: Option<u64>) -> Vec<Goal> {
        let mut goals = self.goals.clone();
        if let Some(rate) = rate {
            let rate = Goal { measure: Measure::Throughput, bound: rate as f64 };
            let is_asked = |goal: &Goal| goal.measure == rate.measure && goal.bound >= rate.bound;
            if !goals.iter().any(is_asked) {
                goals.push(rate);
            }
        }
        if goals.is_empty() {
            goals.extend("hit-ratio>=0.9".parse::<Goal>());
        }
        goals
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
    let known = case.subject.check(&RuleSelection::default());
    let goals = arguments.goals(capacity.rate.or(case.workload.rate));
    let platform = match arguments.platform(case) {
        Some(platform) => Some((platform, arguments.prices()?)),
        None => None,
    };
    let backend = backend_setting(case, &config, kind);
    let planner = Planner {
        capacity,
        arguments,
        case,
        config: &config,
        kind,
        known,
        goals,
        backend,
        platform,
    };
    planner.plan()
}

struct Planner<'a> {
    capacity: &'a CapacityArguments,
    arguments: &'a GoalArguments,
    case: &'a Case,
    config: &'a ResolvedConfig<'a>,
    kind: StoreKind,
    /// What the rules report of the configuration as it is.
    known: Vec<Finding>,
    goals: Vec<Goal>,
    /// Selects the state backend that is planned for, where the configuration has another one.
    backend: Settings,
    platform: Option<(Platform, Prices)>,
}

fn backend_setting(case: &Case, config: &ResolvedConfig<'_>, kind: StoreKind) -> Settings {
    let selected = SelectedStateBackend::of(config, &case.subject.target);
    let (wanted, value) = match kind {
        StoreKind::Gemini => (StateBackend::Gemini, GEMINI_FACTORY),
        StoreKind::RocksDb => (StateBackend::RocksDb, "rocksdb"),
        StoreKind::Heap if config.release() < Release::V1_13 => (StateBackend::Heap, "filesystem"),
        StoreKind::Heap => (StateBackend::Heap, "hashmap"),
    };
    if selected.backend == wanted {
        return Settings::new();
    }
    let newer = StateBackend::key(config.release());
    // The older key stays where it is the one that is set.
    let is_older = selected.setting.is_some_and(|setting| setting.key != newer);
    vec![(if is_older { "state.backend" } else { newer }, Some(value.to_owned()))]
}

/// What a slot's store needs, and a run that a question can be asked about.
struct Found<'w> {
    least: Least,
    workload: &'w Workload,
    setup: Setup,
    observation: Observation,
}

impl Planner<'_> {
    fn plan(&self) -> Result<Plan, String> {
        let (short, whole) = (&self.case.workload, &self.case.whole);
        let is_whole = short.records == whole.records;
        let within = Within { floor: self.floor(), most: self.most() };
        let mut found = match self.search(short, within) {
            // A run of all records may reach what its beginning does not.
            Err(_) if !is_whole => self.search(whole, within)?,
            found => found?,
        };
        for _attempt in 0..ATTEMPTS {
            let question = self.question(found.workload, &found.setup, &found.observation);
            let shapes = self.shapes(found.least.memory, &question)?;
            let pick = &shapes.pick;
            let setup = self.setup(&self.config.proposed(&self.settings_of(pick)))?;
            let (observation, measured) = self
                .measure(&setup, whole, self.fresh_seed())
                .ok_or("the workload could not be run")?;
            let is_met = self.goals.iter().all(|goal| goal.is_met(&measured));
            let less = self.less(pick, &question);
            if is_met && less.breaks.is_some() {
                let question = self.question(whole, &setup, &observation);
                let checkpoints = self.checkpoint_settings(&question);
                let mut settings = self.settings_of(pick);
                settings.extend(checkpoints);
                let setup = self.setup(&self.config.proposed(&settings))?;
                let assessment = assess(&Question { setup: &setup, ..question });
                return Ok(self.proposal(found, shapes, measured, less, settings, assessment));
            }
            // What the runs of the search say does not hold for all records: search with those.
            let was_whole = found.workload.records == whole.records;
            if !was_whole {
                found = self.search(whole, within)?;
            } else if !is_met {
                // The fresh run disagrees with those that planned: a little more, then.
                found.least.memory += found.least.memory / 20;
            } else {
                // Four fifths would do, which the search had passed over: more memory did worse.
                let memory = self.store_of_less(pick, less.process_mebibytes);
                let memory = memory.filter(|memory| *memory < found.least.memory);
                found.least.memory = memory.ok_or("no plan is as small as it could be")?;
            }
        }
        Err("no plan holds in a fresh run: the workload differs too much from seed to seed".into())
    }

    fn floor(&self) -> u64 {
        let operators = u64::from(self.capacity.backends_per_slot(self.case));
        match self.kind {
            StoreKind::Gemini => GEMINI_FLOOR * operators,
            StoreKind::RocksDb => ROCKSDB_FLOOR * operators,
            StoreKind::Heap => HEAP_FLOOR,
        }
    }

    fn most(&self) -> u64 {
        self.arguments.max_process.bytes() / 10 * 8
    }

    fn fresh_seed(&self) -> u64 {
        self.capacity.seed.wrapping_add(100)
    }

    /// The least memory of a store with which a run of the workload meets the goals.
    fn search<'w>(&self, workload: &'w Workload, within: Within) -> Result<Found<'w>, String> {
        let mut seen: Option<(Setup, Observation)> = None;
        let mut probe = |memory: u64| {
            let setup = self.setup_with(memory)?;
            let (observation, measured) = self.measure(&setup, workload, self.capacity.seed)?;
            seen = Some((setup, observation));
            Some(measured)
        };
        let least = least_memory(&self.goals, within, &mut probe)
            .map_err(|error: MemoryError| format!("{}: {error}", self.capacity.workload))?;
        let (setup, observation) = seen.ok_or("the workload could not be run")?;
        Ok(Found { least, workload, setup, observation })
    }

    fn question<'a>(
        &'a self,
        workload: &'a Workload,
        setup: &'a Setup,
        observation: &'a Observation,
    ) -> Question<'a> {
        Question { workload, ..self.capacity.question(self.case, setup, observation) }
    }

    /// Shapes that give a slot's store so much and that the rules find nothing wrong with.
    fn shapes(&self, store_memory: u64, question: &Question<'_>) -> Result<Shapes, String> {
        let bounds = Bounds {
            process_most: self.arguments.max_process,
            slots_most: self.arguments.max_slots,
            task_managers_most: self.capacity.task_managers,
        };
        let need = Need { store_memory, question, kind: self.kind };
        let started = std::time::Instant::now();
        let found = candidates(self.config, &self.case.subject.target, &need, &bounds);
        if self.arguments.verbose {
            super::note(&format!("{} shapes derived in {:.0?}", found.derived, started.elapsed()));
        }
        let feasible = found.shapes.len();
        let clean = self.clean(found.shapes);
        // Memory that Flink does not account for is nobody's choice but the user's own.
        let own_is_chosen = self.says_own_size();
        let is_eligible =
            |it: &&Shape| own_is_chosen || !matches!(it.state_memory, StateMemory::OwnSize { .. });
        let eligible: Vec<_> = clean.iter().filter(is_eligible).cloned().collect();
        let Some(pick) = eligible.first().cloned() else {
            let assessment = assess(question);
            let grown = assessment.constraint(ConstraintKind::StateOnHeap).and_then(|it| it.need);
            if let Some(grown) = grown.filter(|grown| grown.low > self.most() as f64) {
                return Err(format!(
                    "the state of a slot grows to {} on the heap until the horizon, and no \
                     TaskManager may have more than {}; name another state backend with --backend, \
                     or a --horizon",
                    figure(grown.low, Unit::Bytes),
                    self.arguments.max_process.short()
                ));
            }
            return Err(format!(
                "no TaskManager up to {} gives a slot {} of state memory without a finding; raise \
                 --max-process",
                self.arguments.max_process.short(),
                bytes(store_memory)
            ));
        };
        let mut alternatives = pareto(&eligible, ALTERNATIVES);
        let own = clean.iter().find(|it| matches!(it.state_memory, StateMemory::OwnSize { .. }));
        alternatives.extend(own.filter(|own| own.total < pick.total).cloned());
        Ok(Shapes { derived: found.derived, feasible, pick, alternatives })
    }

    fn says_own_size(&self) -> bool {
        let setting = self.config.setting("state.backend.gemini.memory.managed");
        setting.is_some_and(|it| it.value.text().trim().eq_ignore_ascii_case("false"))
    }

    /// The cheapest shapes of each number of TaskManagers that the rules find nothing wrong with: one
    /// of managed memory or the heap, and one of memory of Gemini's own.
    fn clean(&self, found: Vec<Shape>) -> Vec<Shape> {
        let mut clean: Vec<Shape> = Vec::new();
        let mut chosen = BTreeSet::new();
        let mut tried: BTreeMap<_, BTreeSet<u64>> = BTreeMap::new();
        let mut least_fraction = BTreeSet::new();
        for shape in found {
            let is_own = matches!(shape.state_memory, StateMemory::OwnSize { .. });
            let class = (shape.task_managers, is_own);
            if chosen.contains(&class) {
                continue;
            }
            // Of a size Flink's own fraction and the least that does; those between differ little.
            let is_fraction = matches!(shape.state_memory, StateMemory::Fraction { .. });
            if is_fraction && !least_fraction.insert((shape.slots, shape.process)) {
                continue;
            }
            let sizes = tried.entry(class).or_default();
            if sizes.len() >= SIZES_CHECKED && !sizes.contains(&shape.total) {
                continue;
            }
            sizes.insert(shape.total);
            if self.worse(&shape).is_none() {
                chosen.insert(class);
                clean.push(shape);
            }
        }
        clean
    }

    /// A timeout that the longest checkpoint keeps, where the configuration's may end it and the rate
    /// is known.
    fn checkpoint_settings(&self, question: &Question<'_>) -> Settings {
        const TIMEOUT: &str = "execution.checkpointing.timeout";
        let is_known =
            option(TIMEOUT).is_some_and(|option| option.at(self.config.release()).is_some());
        let assessment = assess(question);
        let constraint = assessment.constraint(ConstraintKind::CheckpointTimeout);
        let short = constraint.filter(|it| is_short(it) && is_known && question.rate().is_some());
        let Some(longest) = short.and_then(|it| it.need).map(|need| need.high) else {
            return Settings::new();
        };
        // A half more, in whole minutes; what takes a day is no checkpoint.
        let minutes = (longest * 1.5 / 60.0).ceil();
        if minutes > 1_440.0 {
            return Settings::new();
        }
        vec![(TIMEOUT, Some(format!("{minutes:.0} min")))]
    }

    /// What a shape sets, and the state backend.
    fn settings_of(&self, shape: &Shape) -> Settings {
        let mut settings = shape.settings(self.config);
        settings.extend(self.backend.iter().cloned());
        settings
    }

    /// What the rules report of the shape that they do not report already, save hints.
    fn worse(&self, shape: &Shape) -> Option<&'static str> {
        let Ok(subject) = patched(&self.case.subject, &self.settings_of(shape)) else {
            return Some("the file cannot be changed so");
        };
        let findings = subject.check(&RuleSelection::default());
        let worse = findings.into_iter().find(|finding| {
            let is_known = self
                .known
                .iter()
                .any(|other| other.rule == finding.rule && other.severity == finding.severity);
            finding.severity != Severity::Info && (about_memory(finding.rule.code) || !is_known)
        });
        worse.map(|finding| finding.rule.code)
    }

    /// Runs at full speed, which shows what is sustained, and at the job's rate where there is one:
    /// what a cache holds and a checkpoint uploads differs with it.
    fn measure(
        &self,
        setup: &Setup,
        workload: &Workload,
        seed: u64,
    ) -> Option<(Observation, Measured)> {
        let observation = self.run(setup, workload, seed)?;
        let measured = Measured::of(&observation.report, workload.parallelism);
        let rate = self.capacity.rate.or(workload.rate);
        let is_missed = self.goals.iter().any(|goal| !goal.is_met(&measured));
        let is_throughput = |goal: &Goal| goal.measure == Measure::Throughput;
        if rate.is_none() || is_missed || self.goals.iter().all(is_throughput) {
            return Some((observation, measured));
        }
        let at_rate = Workload { rate, ..workload.clone() };
        let hardware = self.case.hardware.clone();
        let options = StoreOptions { hardware, backend: setup.store.clone() };
        let report = simulate(&options, &at_rate, Seed(seed)).ok()?;
        let at_rate = Measured::of(&report, workload.parallelism);
        Some((observation, measured.with_run_at_rate(&at_rate)))
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
            state_memory: StateMemory::DefaultFraction,
            network_mebibytes: None,
            store_memory: memory,
            task_heap: MemorySize::ZERO,
            total: 0,
        };
        let mut settings = self.settings_of(&shape);
        for (key, value) in &mut settings {
            match *key {
                "taskmanager.memory.process.size" => *value = None,
                "taskmanager.memory.task.heap.size" => *value = Some(format!("{heap}b")),
                "taskmanager.memory.managed.size" => *value = Some(format!("{managed}b")),
                _ => {}
            }
        }
        self.setup(&self.config.proposed(&settings)).ok()
    }

    /// The pick with so many mebibytes.
    fn with_process(pick: &Shape, mebibytes: u64) -> Shape {
        let mebibytes = u32::try_from(mebibytes).unwrap_or(u32::MAX);
        Shape { process: MemorySize::from_mebibytes(mebibytes), ..pick.clone() }
    }

    fn store_of_less(&self, pick: &Shape, mebibytes: u64) -> Option<u64> {
        let less = Self::with_process(pick, mebibytes);
        self.setup(&self.config.proposed(&self.settings_of(&less))).ok()?.store_memory()
    }

    /// What becomes of the pick with four fifths of its process: what can be derived first, then the
    /// rules, and at last a run.
    fn less(&self, pick: &Shape, question: &Question<'_>) -> Less {
        let process_mebibytes = pick.process.mebibytes() * 4 / 5;
        let less = Self::with_process(pick, process_mebibytes);
        let breaks = match self.setup(&self.config.proposed(&self.settings_of(&less))) {
            Err(why) => Some(Breaks::Refused { why }),
            Ok(setup) => self.breaks(&less, &setup, question),
        };
        Less { process_mebibytes, breaks }
    }

    fn breaks(&self, less: &Shape, setup: &Setup, question: &Question<'_>) -> Option<Breaks> {
        let memory = setup.store_memory().unwrap_or(0);
        let question = Question { setup, ..*question };
        if let Some(constraint) = slot_constraints(&question).iter().find(|it| is_short(it)) {
            return Some(Breaks::Short { title: constraint.kind.title() });
        }
        if let Some(code) = self.worse(less) {
            return Some(Breaks::Reported { code });
        }
        if memory < self.floor() {
            return Some(Breaks::BelowFloor { memory });
        }
        let whole = &self.case.whole;
        let (_, measured) = self.measure(setup, whole, self.fresh_seed())?;
        let missed = self.goals.iter().find(|goal| !goal.is_met(&measured)).copied();
        missed.map(|goal| Breaks::Missed { goal, measured })
    }

    fn proposal(
        &self,
        found: Found<'_>,
        shapes: Shapes,
        measured: Measured,
        less: Less,
        settings: Settings,
        assessment: Assessment,
    ) -> Plan {
        let whole = &self.case.whole;
        let floor = self.floor();
        let grounds =
            Grounds { pick: &shapes.pick, assessment: &assessment, least: &found.least, floor };
        Plan {
            workload: whole.name.clone(),
            parallelism: whole.parallelism,
            kind: self.kind,
            goals: self.goals.clone(),
            changes: reasons(self.config, &settings, &grounds),
            settings,
            least: found.least,
            search_records: found.workload.warm_up_records + found.workload.records,
            floor,
            candidates: shapes.derived,
            feasible: shapes.feasible,
            alternatives: shapes.alternatives,
            pick: shapes.pick,
            platform: self.platform.clone(),
            verification: Verification {
                seed: self.fresh_seed(),
                records: whole.warm_up_records + whole.records,
                of_records: self.case.total_records,
                measured,
            },
            less,
            assessment,
        }
    }
}

/// What to choose from, and what was chosen.
struct Shapes {
    derived: usize,
    feasible: usize,
    pick: Shape,
    alternatives: Vec<Shape>,
}

/// Findings about memory are what a plan is to mend, so that none may be left.
fn about_memory(code: &str) -> bool {
    code.starts_with("FM") || code.starts_with("FG01")
}

fn bytes(bytes: u64) -> String {
    MemorySize::from_bytes(bytes).unwrap_or(MemorySize::MAX).short()
}
