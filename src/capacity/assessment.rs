use super::constraint::{Constraint, ConstraintKind, Standing, Unit, Weight};
use super::input::{Input, Provenance};
use super::{
    Change, Failover, Observation, Range, Setup, StateGrowth, checkpoint, failover, slot, state,
};
use crate::simulator::{Ending, Hardware};
use crate::units::MemorySize;
use crate::workload::Workload;

/// What is asked: does this workload fit here?
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What the configuration gives.
    pub setup: &'a Setup,
    /// What the job does.
    pub workload: &'a Workload,
    /// What a slot has of a machine.
    pub hardware: &'a Hardware,
    /// The workload at work on the setup's store.
    pub observation: &'a Observation,
    /// Source records a second that must be kept up with, if it is not the workload's.
    pub rate: Option<u64>,
    /// For how many seconds the state grows, if anybody says.
    pub horizon_seconds: Option<f64>,
    /// How many TaskManagers there are, if that is settled.
    pub task_managers: Option<u32>,
    /// Local disk of a TaskManager, if known.
    pub disk: Option<MemorySize>,
    /// How long a recovery may take, if anybody cares.
    pub recovery_seconds: Option<f64>,
}

/// A day, where nobody says how far to look.
const HORIZON_SECONDS: f64 = 86_400.0;

impl Question<'_> {
    /// For how many seconds the state grows.
    pub fn horizon(&self) -> f64 {
        self.horizon_seconds.unwrap_or(HORIZON_SECONDS)
    }

    /// The rate of the whole job, if it is known.
    pub fn rate(&self) -> Option<u64> {
        self.rate.or(self.workload.rate)
    }

    /// Source records a second that the whole job sustains on this store.
    pub fn sustainable(&self) -> f64 {
        match self.observation.report.ending {
            Ending::Completed => {
                self.observation.report.throughput() as f64 * f64::from(self.workload.parallelism)
            }
            Ending::Failed(_) => 0.0,
        }
    }

    /// Source records a second of one subtask: anything up to what it sustains if nobody says.
    pub fn flow(&self) -> Range {
        let parallelism = f64::from(self.workload.parallelism.max(1));
        match self.rate() {
            Some(rate) => Range::exactly(rate as f64 / parallelism),
            None => Range::between(0.0, self.sustainable() / parallelism),
        }
    }

    /// Seconds between checkpoints: the configuration's, or else the workload's.
    pub fn checkpoint_interval(&self) -> Option<f64> {
        let workload = self.workload.checkpoint.map(|checkpoint| checkpoint.interval.millis);
        let millis = self.setup.checkpoint.interval_millis.or(workload)?;
        Some(millis as f64 / 1_000.0)
    }

    /// Slots of a TaskManager that run this job.
    pub(super) fn slots_in_use(&self) -> u32 {
        self.setup.slot_count.min(self.workload.parallelism)
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// What the configuration gives.
    pub setup: Setup,
    /// The workload's name.
    pub workload: String,
    /// The job's parallelism.
    pub parallelism: u32,
    /// Stateful operators.
    pub operators: Vec<String>,
    /// The evidence.
    pub observation: Observation,
    /// In a word.
    pub verdict: Verdict,
    /// The constraint that breaks first, or holds with the least headroom.
    pub binding: Option<ConstraintKind>,
    /// All of them.
    pub constraints: Vec<Constraint>,
    /// How the state grows.
    pub growth: StateGrowth,
    /// What the loss of a TaskManager means.
    pub failover: Failover,
    /// What it was concluded from.
    pub inputs: Vec<Input>,
    /// Single options that would mend what is broken, found by deriving the memory anew.
    pub changes: Vec<Change>,
}

/// Whether a job fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// With this part left, at worst, of the limit that the job cannot do without and is closest to.
    Fits {
        /// From 0 to 1.
        headroom: f64,
    },
    /// It depends on inputs that are not known.
    MayNotFit,
    /// Whatever the unknown inputs are.
    DoesNotFit,
}

impl Verdict {
    /// A stable name for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fits { .. } => "fits",
            Self::MayNotFit => "may-not-fit",
            Self::DoesNotFit => "does-not-fit",
        }
    }
}

impl Assessment {
    /// The constraint of a kind, if it applies.
    pub fn constraint(&self, kind: ConstraintKind) -> Option<&Constraint> {
        self.constraints.iter().find(|constraint| constraint.kind == kind)
    }

    /// The change that mends a constraint, if one option does.
    pub fn change(&self, kind: ConstraintKind) -> Option<&Change> {
        self.changes.iter().find(|change| change.mends == kind)
    }
}

/// Holds what a workload needs against what a configuration gives. Computes only; the run is part
/// of the question.
pub fn assess(question: &Question<'_>) -> Assessment {
    let growth = StateGrowth::of(question);
    let failover = Failover::of(question, &growth);
    let mut constraints = state::constraints(question, &growth);
    constraints.push(throughput(question));
    constraints.push(disk_bandwidth(question));
    constraints.extend(checkpoint::constraints(question, &growth));
    constraints.extend(slot::constraints(question));
    constraints.push(failover::constraint(question, &failover));
    let binding = binding(&constraints);
    let verdict = verdict(question, &constraints);
    Assessment {
        setup: question.setup.clone(),
        workload: question.workload.name.clone(),
        parallelism: question.workload.parallelism,
        operators: question.workload.operators.iter().map(|it| it.name.clone()).collect(),
        observation: question.observation.clone(),
        verdict,
        binding: binding.map(|constraint| constraint.kind),
        growth,
        failover,
        inputs: inputs(question),
        changes: Vec::new(),
        constraints,
    }
}

fn throughput(question: &Question<'_>) -> Constraint {
    let parallelism = question.workload.parallelism;
    let each = question.observation.report.throughput();
    Constraint {
        kind: ConstraintKind::Throughput,
        need: question.rate().map(|rate| Range::exactly(rate as f64)),
        limit: Some(Range::exactly(question.sustainable())),
        unit: Unit::RecordsPerSecond,
        weight: Weight::Hard,
        formula: match question.observation.report.ending {
            Ending::Completed => format!("{each} records/s a slot x parallelism {parallelism}"),
            Ending::Failed(error) => format!("the run fails: {error}"),
        },
    }
}

fn disk_bandwidth(question: &Question<'_>) -> Constraint {
    let report = &question.observation.report;
    let busy = report.time.disk_busy.0 as f64 / report.elapsed.0.max(1) as f64;
    let full_speed = report.throughput() as f64;
    let share = |flow: f64| if full_speed > 0.0 { busy * flow / full_speed } else { busy };
    let flow = question.flow();
    Constraint {
        kind: ConstraintKind::DiskBandwidth,
        need: Some(Range::between(share(flow.low), share(flow.high))),
        limit: Some(Range::exactly(1.0)),
        unit: Unit::Share,
        weight: Weight::Soft,
        formula: format!(
            "busy {:.1} % of the time at {} records/s a slot, on {}",
            busy * 100.0,
            report.throughput(),
            question.hardware.name
        ),
    }
}

/// The worst: what the job cannot do without comes before what only slows it down.
fn binding(constraints: &[Constraint]) -> Option<&Constraint> {
    let rank = |constraint: &Constraint| match (constraint.standing(), constraint.weight) {
        (Standing::Broken, Weight::Hard) => 0_u8,
        (Standing::MayBreak, Weight::Hard) => 1,
        (Standing::Broken, Weight::Soft) => 2,
        (Standing::MayBreak, Weight::Soft) => 3,
        _ => 4,
    };
    let known = constraints.iter().filter_map(|it| Some((it, it.headroom()?.low)));
    // All slots in use is no shortage.
    let known = known.filter(|(it, left)| it.kind != ConstraintKind::Slots || *left < 0.0);
    known
        .min_by(|(a, left_a), (b, left_b)| rank(a).cmp(&rank(b)).then(left_a.total_cmp(left_b)))
        .map(|(constraint, _)| constraint)
}

fn verdict(question: &Question<'_>, constraints: &[Constraint]) -> Verdict {
    let hard = || constraints.iter().filter(|constraint| constraint.weight == Weight::Hard);
    let failed = question.observation.report.ending != Ending::Completed;
    if failed || hard().any(|constraint| constraint.standing() == Standing::Broken) {
        return Verdict::DoesNotFit;
    }
    if hard().any(|constraint| constraint.standing() == Standing::MayBreak) {
        return Verdict::MayNotFit;
    }
    let left = hard().filter(|constraint| constraint.kind != ConstraintKind::Slots);
    let left = left.filter_map(|constraint| Some(constraint.headroom()?.low));
    let headroom = left.fold(1.0, f64::min);
    Verdict::Fits { headroom: headroom.max(0.0) }
}

fn inputs(question: &Question<'_>) -> Vec<Input> {
    let workload = question.workload;
    let mut inputs = question.setup.inputs.clone();
    let mut push =
        |name, value: String, provenance| inputs.push(Input::new(name, value, provenance));
    push("workload", workload.name.clone(), Provenance::Workload);
    let records = workload.warm_up_records + workload.records;
    push("records of a subtask that were run", records.to_string(), Provenance::Simulated);
    push("parallelism", workload.parallelism.to_string(), Provenance::Workload);
    match (question.rate, workload.rate) {
        (Some(rate), _) => push("records/s to keep up with", rate.to_string(), Provenance::Given),
        (None, Some(rate)) => {
            push("records/s to keep up with", rate.to_string(), Provenance::Workload);
        }
        (None, None) => push(
            "records/s to keep up with",
            "up to what it sustains".to_owned(),
            Provenance::Unknown,
        ),
    }
    if question.setup.checkpoint.interval_millis.is_none() {
        match workload.checkpoint {
            Some(checkpoint) => {
                push("checkpoint interval", checkpoint.interval.to_string(), Provenance::Workload)
            }
            None => push("checkpoint interval", "no checkpoints".to_owned(), Provenance::Unknown),
        }
    }
    let horizon = format!("{} h", question.horizon() / 3_600.0);
    push(
        "horizon",
        horizon,
        match question.horizon_seconds {
            Some(_) => Provenance::Given,
            None => Provenance::Assumed("a day, unless --horizon says more"),
        },
    );
    match question.task_managers {
        Some(count) => push("TaskManagers", count.to_string(), Provenance::Given),
        None => push(
            "TaskManagers",
            workload.parallelism.div_ceil(question.setup.slot_count.max(1)).to_string(),
            Provenance::Assumed("as many as the parallelism needs"),
        ),
    }
    match question.disk {
        Some(disk) => push("local disk of a TaskManager", disk.short(), Provenance::Given),
        None => push("local disk of a TaskManager", "not given".to_owned(), Provenance::Unknown),
    }
    push(
        "hardware of a slot",
        question.hardware.name.to_owned(),
        Provenance::Assumed("one core; the profile's disk and checkpoint storage"),
    );
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::{ObservedState, StoreKind, observe, shortened};
    use crate::catalog::Target;
    use crate::config::{Dialect, ResolvedConfig, load};
    use crate::simulator::Seed;
    use crate::source::FileId;
    use crate::workload::shipped;

    fn with_setup<T>(text: &str, operators: u32, ask: impl FnOnce(&Setup) -> T) -> T {
        let target: Target = "emr-3.28.2".parse().unwrap();
        let loaded = load(FileId::NOWHERE, text, Dialect::Legacy);
        let config = ResolvedConfig::new(target.release(), loaded.settings);
        ask(&Setup::of(&config, &target, operators, None).unwrap())
    }

    fn workload() -> Workload {
        let text = shipped("nexmark-q20").unwrap().text;
        shortened(&Workload::parse("w.yaml", text).unwrap(), 20_000)
    }

    fn assessed(
        text: &str,
        workload: &Workload,
        adapt: impl FnOnce(&mut Question<'_>),
    ) -> Assessment {
        with_setup(text, 1, |setup| {
            let hardware = Hardware::local_nvme();
            let seen = observe(&setup.store, &hardware, workload, Seed(1), &mut |_, _| ()).unwrap();
            let mut question = Question {
                setup,
                workload,
                hardware: &hardware,
                observation: &seen,
                rate: None,
                horizon_seconds: None,
                task_managers: None,
                disk: None,
                recovery_seconds: None,
            };
            adapt(&mut question);
            assess(&question)
        })
    }

    const TWO_SLOTS: &str =
        "taskmanager.memory.process.size: 2048m\ntaskmanager.numberOfTaskSlots: 2\n";

    #[test]
    fn two_slots_of_two_gibibytes_may_not_start_gemini() {
        let assessment = assessed(TWO_SLOTS, &workload(), |_| ());
        assert_eq!(assessment.verdict, Verdict::MayNotFit);
        assert_eq!(assessment.binding, Some(ConstraintKind::BackendFloor));
        let floor = assessment.constraint(ConstraintKind::BackendFloor).unwrap();
        // 317.4 MiB a slot, of which 253 whole mebibytes are seen in use.
        assert_eq!(floor.limit, Some(Range { low: 253.0 * 1_048_576.0, high: 332_859_969.0 }));
    }

    #[test]
    fn an_unknown_rate_makes_ranges_and_a_known_one_figures() {
        let unknown = assessed(TWO_SLOTS, &workload(), |_| ());
        let throughput = unknown.constraint(ConstraintKind::Throughput).unwrap();
        assert_eq!((throughput.need, throughput.standing()), (None, Standing::Unknown));
        assert!(!unknown.growth.at_horizon.is_exact());
        let known = assessed(TWO_SLOTS, &workload(), |question| question.rate = Some(8_000));
        assert!(known.growth.at_horizon.is_exact());
        // A thousand records a second and subtask for a day.
        let grown = known.growth.per_record * 1_000.0 * 86_400.0;
        assert!((known.growth.at_horizon.high - grown).abs() < 1.0);
        let too_much = assessed(TWO_SLOTS, &workload(), |question| question.rate = Some(1 << 40));
        assert_eq!(too_much.verdict, Verdict::DoesNotFit);
        assert_eq!(too_much.binding, Some(ConstraintKind::Throughput));
    }

    #[test]
    fn windows_end_the_growth_of_a_state() {
        let text = shipped("nexmark-q8").unwrap().text;
        let windows = shortened(&Workload::parse("w.yaml", text).unwrap(), 20_000);
        let grown = |horizon: f64| {
            let assessment = assessed(TWO_SLOTS, &windows, |question| {
                question.rate = Some(10_000_000);
                question.horizon_seconds = Some(horizon);
            });
            assert!(assessment.growth.per_record > 0.0);
            assessment.growth.at_horizon
        };
        // All windows of q8 are ten seconds long.
        assert_eq!(grown(86_400.0), grown(10.0));
        assert!(grown(10.0).high > grown(1.0).high);
    }

    #[test]
    fn a_disk_that_is_too_small_does_not_fit() {
        let small = Some(MemorySize::from_mebibytes(1));
        let assessment = assessed(TWO_SLOTS, &workload(), |question| {
            question.disk = small;
            question.rate = Some(100_000);
        });
        let disk = assessment.constraint(ConstraintKind::LocalDisk).unwrap();
        assert_eq!(disk.standing(), Standing::Broken);
    }

    #[test]
    fn a_time_to_live_ends_the_growth() {
        let mut workload = workload();
        let rate = |question: &mut Question<'_>| question.rate = Some(8_000);
        let for_ever = assessed(TWO_SLOTS, &workload, rate).growth.at_horizon.high;
        for operator in &mut workload.operators {
            operator.ttl = Some("1h".parse().unwrap());
        }
        let an_hour = assessed(TWO_SLOTS, &workload, rate).growth.at_horizon.high;
        assert!((for_ever / an_hour - 24.0).abs() < 0.01, "{for_ever} {an_hour}");
    }

    #[test]
    fn state_that_outgrows_the_heap_does_not_fit() {
        let text = format!("{TWO_SLOTS}state.backend: filesystem\n");
        let assessment = assessed(&text, &workload(), |question| question.rate = Some(100_000));
        assert_eq!(assessment.setup.kind, StoreKind::Heap);
        assert_eq!(assessment.binding, Some(ConstraintKind::StateOnHeap));
        assert_eq!(assessment.verdict, Verdict::DoesNotFit);
    }

    #[test]
    fn the_state_is_followed_by_a_sample() {
        let ObservedState { records, bytes, entries, .. } =
            assessed(TWO_SLOTS, &workload(), |_| ()).observation.state;
        // Of 100 records 92 are bids, kept whole; of the 6 auctions a fifth.
        assert_eq!(records, 20_000);
        assert!((entries - 18_640.0).abs() < 0.1 * 18_640.0, "{entries}");
        let mean = bytes / entries;
        assert!((112.0..130.0).contains(&mean), "{mean}");
    }
}
