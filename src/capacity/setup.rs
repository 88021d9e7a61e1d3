use super::Range;
use super::input::{Input, Provenance};
use super::store::{StoreKind, store_of};
use crate::catalog::{OptionKey, Target};
use crate::config::{FromRaw, Origin, ResolvedConfig};
use crate::memory::{
    Assumptions, BackendMemory, Deployment, GeminiMemory, MemoryModel, SlotProfile,
    TaskManagerMemory,
};
use crate::simulator::rocksdb::RocksDbTimers;
use crate::simulator::{Backend, GeminiOptions, TimerService};
use crate::units::{FlinkDuration, MemorySize};

/// What a configuration gives a job, as far as its capacity goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// The target's name.
    pub target: String,
    /// The state backend's name, as configured or by default.
    pub backend_name: String,
    /// Which store it is.
    pub kind: StoreKind,
    /// Task slots of a TaskManager.
    pub slot_count: u32,
    /// The TaskManager's memory.
    pub memory: TaskManagerMemory,
    /// What a slot gets of it.
    pub slot: SlotProfile,
    /// Keyed state backends in a slot.
    pub backends_per_slot: u32,
    /// What each of them gets; `None` if it is not bounded.
    pub per_backend: Option<Range>,
    /// The store of a slot.
    pub store: Backend,
    /// Its network buffers.
    pub network: NetworkSetup,
    /// When checkpoints are taken.
    pub checkpoint: CheckpointSetup,
    /// What all this was read from.
    pub inputs: Vec<Input>,
}

/// Network buffers of a TaskManager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkSetup {
    /// All of them.
    pub buffer_count: u64,
    /// Of each channel of an input.
    pub per_channel: u64,
    /// Shared by the channels of an input or a result.
    pub floating: u64,
}

/// When checkpoints are taken, and how long they may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointSetup {
    /// Milliseconds from start to start, if the configuration says.
    pub interval_millis: Option<u64>,
    /// Milliseconds after which one is given up.
    pub timeout_millis: u64,
}

/// Why a configuration gives a job nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Flink refuses its memory.
    #[error("the TaskManager would not start: {why}")]
    Refused {
        /// The reason.
        why: String,
    },
    /// A state backend that cannot be run here.
    #[error(
        "its state backend {name:?} is not simulated; name gemini, rocksdb or heap with --backend"
    )]
    UnknownBackend {
        /// Its name.
        name: String,
    },
    /// `memory.managed` is false and nothing else says what a backend gets.
    #[error("state.backend.gemini.offheap.size is needed to know the memory")]
    OffHeapSizeMissing,
}

const INTERVAL: OptionKey<FlinkDuration> = OptionKey::new("execution.checkpointing.interval");
const TIMEOUT: OptionKey<FlinkDuration> = OptionKey::new("execution.checkpointing.timeout");
const PER_CHANNEL: OptionKey<i32> =
    OptionKey::new("taskmanager.network.memory.buffers-per-channel");
const FLOATING: OptionKey<i32> =
    OptionKey::new("taskmanager.network.memory.floating-buffers-per-gate");

/// Source: `CheckpointingOptions.CHECKPOINTING_TIMEOUT`, Flink 1.10 to 2.3.
const DEFAULT_TIMEOUT: FlinkDuration = FlinkDuration::from_seconds(600);

impl Setup {
    /// Reads a configuration for a job with so many keyed state backends in a slot.
    ///
    /// # Errors
    /// [`SetupError`] where there is nothing to assess.
    pub fn of(
        config: &ResolvedConfig<'_>,
        target: &Target,
        backends_per_slot: u32,
        kind: Option<StoreKind>,
    ) -> Result<Self, SetupError> {
        let assumptions = Assumptions {
            target,
            deployment: Deployment::of(target),
            // The store holds all states of the slot, so it gets all of the slot's memory.
            backends_per_slot: 1,
        };
        let model = MemoryModel::derive(config, assumptions);
        let store = store_of(config, target, &model, kind)?;
        let missing = || SetupError::Refused { why: "its memory cannot be derived".to_owned() };
        let memory = *model.task_manager.result.as_ref().map_err(|_| missing())?;
        let Some(Ok(process)) = &model.task_manager_process else { return Err(missing()) };
        let backend = model.backend.as_ref().ok_or_else(missing)?;
        let backends_per_slot = backends_per_slot.max(1);
        let mut inputs = Vec::new();
        let slots = &process.slots;
        inputs.push(Input::new(
            "task slots",
            process.slot_count.to_string(),
            match slots.origin {
                Origin::Setting(_) => Provenance::Configuration(slots.key),
                Origin::Default => Provenance::Default(slots.key),
            },
        ));
        let network = NetworkSetup {
            buffer_count: process.network_buffer_count,
            per_channel: count(config, &PER_CHANNEL, 2, "buffers per channel", &mut inputs),
            floating: count(config, &FLOATING, 8, "floating buffers per gate", &mut inputs),
        };
        let checkpoint = checkpoint(config, &mut inputs);
        let kind = match &store {
            Backend::Gemini(_) => StoreKind::Gemini,
            Backend::RocksDb(_) => StoreKind::RocksDb,
            Backend::Heap(_) => StoreKind::Heap,
        };
        Ok(Self {
            target: target.name().to_owned(),
            backend_name: backend.name.clone(),
            kind,
            slot_count: process.slot_count,
            memory,
            slot: process.slot,
            backends_per_slot,
            per_backend: per_backend(&backend.memory, &store, backends_per_slot),
            store,
            network,
            checkpoint,
            inputs,
        })
    }

    /// Memory of the slot's store; `None` if it is not bounded.
    pub fn store_memory(&self) -> Option<u64> {
        match &self.store {
            Backend::Gemini(options) => Some(options.memory),
            Backend::RocksDb(options) => {
                options.write_buffer_manager.map(|_| self.slot.managed.bytes())
            }
            Backend::Heap(options) => Some(options.heap.0),
        }
    }

    /// Whether timers live on the heap, and not in the store.
    pub fn timers_on_heap(&self) -> bool {
        match &self.store {
            Backend::Gemini(GeminiOptions { timer_service, .. }) => {
                *timer_service == TimerService::Heap
            }
            Backend::RocksDb(options) => options.timers == RocksDbTimers::Heap,
            Backend::Heap(_) => true,
        }
    }
}

const MIB: f64 = 1_048_576.0;

/// What each backend gets: for managed Gemini down to the 0.8 of it that its one published failure
/// shows the engine using.
fn per_backend(memory: &BackendMemory<'_>, store: &Backend, count: u32) -> Option<Range> {
    let share = |size: MemorySize| size.bytes() as f64 / f64::from(count);
    match (memory, store) {
        (BackendMemory::Gemini(GeminiMemory::Managed(managed)), Backend::Gemini(_)) => {
            // In whole mebibytes, as that failure shows.
            let observed = (share(managed.per_backend) * 0.8 / MIB).floor() * MIB;
            Some(Range::between(observed, share(managed.per_backend)))
        }
        // A size of its own is for each backend.
        (BackendMemory::Gemini(GeminiMemory::OwnSize(own)), Backend::Gemini(_)) => {
            own.per_backend.map(|size| Range::exactly(size.bytes() as f64))
        }
        (_, Backend::Gemini(options)) => {
            Some(Range::exactly(options.memory as f64 / f64::from(count)))
        }
        (BackendMemory::RocksDb(rocksdb), Backend::RocksDb(_)) => {
            rocksdb.budget_size.map(|size| Range::exactly(share(size)))
        }
        (_, Backend::RocksDb(options)) => options.write_buffer_manager.map(|capacity| {
            // Half of the memory is for write buffers, and the manager's limit two thirds of that.
            Range::exactly(capacity as f64 * 3.0 / f64::from(count))
        }),
        (_, Backend::Heap(options)) => {
            Some(Range::exactly(options.heap.0 as f64 / f64::from(count)))
        }
    }
}

fn read<T: FromRaw>(config: &ResolvedConfig<'_>, key: &OptionKey<T>) -> Option<(T, bool)> {
    let resolved = config.option(key).ok().flatten()?;
    Some((resolved.value, matches!(resolved.origin, Origin::Setting(_))))
}

fn provenance(is_set: bool, key: &'static str) -> Provenance {
    if is_set { Provenance::Configuration(key) } else { Provenance::Default(key) }
}

/// A count that Flink took to be `default` in releases which have no such option any more.
fn count(
    config: &ResolvedConfig<'_>,
    key: &OptionKey<i32>,
    default: u64,
    name: &'static str,
    inputs: &mut Vec<Input>,
) -> u64 {
    let (value, is_set) = read(config, key)
        .and_then(|(value, is_set)| Some((u64::try_from(value).ok()?, is_set)))
        .unwrap_or((default, false));
    inputs.push(Input::new(name, value.to_string(), provenance(is_set, key.key())));
    value
}

fn checkpoint(config: &ResolvedConfig<'_>, inputs: &mut Vec<Input>) -> CheckpointSetup {
    let millis = |span: FlinkDuration| u64::try_from(span.milliseconds()).unwrap_or(u64::MAX);
    let interval = read(config, &INTERVAL).filter(|(interval, _)| interval.milliseconds() > 0);
    let interval_millis = interval.map(|(interval, _)| millis(interval));
    if let Some((interval, is_set)) = interval {
        let provenance = provenance(is_set, INTERVAL.key());
        inputs.push(Input::new("checkpoint interval", interval.short(), provenance));
    }
    let (timeout, is_set) = read(config, &TIMEOUT).unwrap_or((DEFAULT_TIMEOUT, false));
    inputs.push(Input::new(
        "checkpoint timeout",
        timeout.short(),
        provenance(is_set, TIMEOUT.key()),
    ));
    CheckpointSetup { interval_millis, timeout_millis: millis(timeout) }
}
