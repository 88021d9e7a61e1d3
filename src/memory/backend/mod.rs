//! What a slot's state backend gets out of the process's memory.
//!
//! [`derive_backend`] finds the backend in effect and works out its memory; what deserves a
//! warning is a [`Concern`] with the figures in it, which rules and reports put into words of
//! their own or print as it is.

mod concern;
mod gemini;
mod rocksdb;
mod weights;

pub use concern::Concern;
pub use gemini::{
    GEMINI_FLOOR, GEMINI_RECOMMENDATION, GeminiManaged, GeminiMemory, GeminiOwnSize, GeminiSize,
};
pub use rocksdb::{RocksDbBudget, RocksDbMemory};
pub use weights::{ConsumerWeights, ManagedShare};

use super::options::Options;
use super::{TaskManagerMemory, TaskManagerProcess};
use crate::catalog::{DefaultStateBackend, Release, Target, gemini_spelling, keys, option};
use crate::config::{Origin, ResolvedConfig, Setting};
use crate::units::MemorySize;

/// The state backend in effect and what it gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Backend<'c> {
    /// Its name as configured, or what it is by default.
    pub name: String,
    /// What chose it: a setting, or the target's default.
    pub origin: Origin<'c, 'c>,
    /// Keyed state backends per slot that were assumed: one for each stateful operator.
    pub backends_per_slot: u32,
    /// Its memory.
    pub memory: BackendMemory<'c>,
    /// Managed memory of the whole TaskManager that the backend leaves unused.
    pub idle_managed: MemorySize,
    /// What deserves a warning, worst first.
    pub concerns: Vec<Concern>,
}

/// What each kind of backend gets.
#[derive(Debug, Clone, PartialEq)]
pub enum BackendMemory<'c> {
    /// GeminiStateBackend.
    Gemini(GeminiMemory<'c>),
    /// RocksDB, or ForSt, which is a variant of it.
    RocksDb(RocksDbMemory<'c>),
    /// State on the heap, in the slot's share of Task Heap.
    Heap {
        /// That share.
        per_slot: MemorySize,
    },
    /// A class that slotwise does not know.
    Unknown,
}

impl<'c> Backend<'c> {
    /// Whether the configuration names no backend.
    pub fn is_default(&self) -> bool {
        matches!(self.origin, Origin::Default)
    }

    /// Where the configuration names it.
    pub fn setting(&self) -> Option<&'c Setting<'c>> {
        match self.origin {
            Origin::Setting(setting) => Some(setting),
            Origin::Default => None,
        }
    }
}

impl BackendMemory<'_> {
    /// A stable name of the kind, such as `rocksdb`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Gemini(_) => "gemini",
            Self::RocksDb(memory) if memory.is_forst => "forst",
            Self::RocksDb(_) => "rocksdb",
            Self::Heap { .. } => "heap",
            Self::Unknown => "unknown",
        }
    }
}

/// What is derived from, beside the configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'t> {
    pub(super) target: &'t Target,
    pub(super) memory: &'t TaskManagerMemory,
    pub(super) slot_count: u32,
    pub(super) slot_managed: MemorySize,
    pub(super) backends_per_slot: u32,
}

/// Derives what the state backend in effect gets in a TaskManager that starts.
pub fn derive_backend<'c>(
    config: &'c ResolvedConfig<'_>,
    target: &Target,
    memory: &TaskManagerMemory,
    process: &TaskManagerProcess<'_>,
    backends_per_slot: u32,
) -> Backend<'c> {
    let options = Options::new(config);
    let context = Context {
        target,
        memory,
        slot_count: process.slot_count,
        slot_managed: process.slot.managed,
        backends_per_slot: backends_per_slot.max(1),
    };
    let (name, origin, kind) = in_effect(config, target);
    let mut concerns = Vec::new();
    let (backend, idle_managed) = match kind {
        Kind::Gemini => gemini::derive(&options, context, &mut concerns),
        Kind::RocksDb => rocksdb::derive(&options, &rocksdb::ROCKSDB, context, &mut concerns),
        Kind::ForSt => rocksdb::derive(&options, &rocksdb::FORST, context, &mut concerns),
        Kind::Heap => (BackendMemory::Heap { per_slot: process.slot.task_heap }, memory.managed),
        Kind::Unknown => (BackendMemory::Unknown, MemorySize::ZERO),
    };
    if idle_managed > MemorySize::ZERO && kind != Kind::Unknown {
        concerns.push(Concern::ManagedIdle { idle: idle_managed });
    }
    Backend {
        name,
        origin,
        backends_per_slot: context.backends_per_slot,
        memory: backend,
        idle_managed,
        concerns,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gemini,
    RocksDb,
    ForSt,
    Heap,
    Unknown,
}

/// The backend's name, what chose it, and its kind.
///
/// Source: `StateBackendLoader`, `state.backend` up to Flink 1.16, then `state.backend.type` with
/// the older key as its alternate.
fn in_effect<'c>(
    config: &'c ResolvedConfig<'_>,
    target: &Target,
) -> (String, Origin<'c, 'c>, Kind) {
    let newer = keys::STATE_BACKEND_TYPE.key();
    let has_newer = option(newer).is_some_and(|option| option.at(config.release()).is_some());
    let key = if has_newer { newer } else { keys::STATE_BACKEND.key() };
    if let Some(setting) = config.lookup(key) {
        let name = setting.value.text().into_owned();
        let kind = kind_of(&name);
        return (name, Origin::Setting(setting), kind);
    }
    match target.default_state_backend() {
        DefaultStateBackend::Gemini => ("gemini".to_owned(), Origin::Default, Kind::Gemini),
        DefaultStateBackend::Heap => {
            // `MemoryStateBackend` was the default until `HashMapStateBackend` took its place.
            let name = if config.release() < Release::V1_13 { "jobmanager" } else { "hashmap" };
            (name.to_owned(), Origin::Default, Kind::Heap)
        }
    }
}

/// Short names are read in any case; a class is told by its own name.
fn kind_of(name: &str) -> Kind {
    if gemini_spelling(name).is_some() {
        return Kind::Gemini;
    }
    let lower = name.to_ascii_lowercase();
    let class = lower.rsplit('.').next().unwrap_or(&lower);
    match class {
        "hashmap" | "filesystem" | "jobmanager" => Kind::Heap,
        _ if class.contains("rocksdb") => Kind::RocksDb,
        _ if class.contains("forst") => Kind::ForSt,
        "hashmapstatebackendfactory" | "fsstatebackendfactory" | "memorystatebackendfactory" => {
            Kind::Heap
        }
        _ => Kind::Unknown,
    }
}
