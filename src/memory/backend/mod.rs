//! What a slot's state backend gets out of the process's memory.
//!
//! [`derive_backend`] finds the backend in effect and works out its memory; what deserves a
//! warning is a [`Concern`] with the figures in it, which rules and reports put into words of
//! their own or print as it is.

mod concern;
mod gemini;
mod rocksdb;
mod selected;
mod weights;

pub use concern::Concern;
pub use gemini::{
    GEMINI_FLOOR, GEMINI_RECOMMENDATION, GeminiManaged, GeminiMemory, GeminiOwnSize, GeminiSize,
};
pub use rocksdb::{RocksDbBudget, RocksDbMemory};
pub use selected::{SelectedStateBackend, StateBackend};
pub use weights::{ConsumerWeights, ManagedShare};

use super::options::Options;
use super::{TaskManagerMemory, TaskManagerProcess};
use crate::catalog::{Release, Target};
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
    let selected = SelectedStateBackend::of(config, target);
    let mut concerns = Vec::new();
    let (backend, idle_managed) = match selected.backend {
        StateBackend::Gemini => gemini::derive(&options, context, &mut concerns),
        StateBackend::RocksDb => {
            rocksdb::derive(&options, &rocksdb::ROCKSDB, context, &mut concerns)
        }
        StateBackend::ForSt => rocksdb::derive(&options, &rocksdb::FORST, context, &mut concerns),
        StateBackend::Heap => {
            (BackendMemory::Heap { per_slot: process.slot.task_heap }, memory.managed)
        }
        StateBackend::Other => (BackendMemory::Unknown, MemorySize::ZERO),
    };
    if idle_managed > MemorySize::ZERO && selected.backend != StateBackend::Other {
        concerns.push(Concern::ManagedIdle { idle: idle_managed });
    }
    Backend {
        name: name_of(selected, config.release()),
        origin: selected.setting.map_or(Origin::Default, Origin::Setting),
        backends_per_slot: context.backends_per_slot,
        memory: backend,
        idle_managed,
        concerns,
    }
}

/// The backend's name as configured, or what the release calls the default one.
fn name_of(selected: SelectedStateBackend<'_, '_>, release: Release) -> String {
    match (selected.setting, selected.backend) {
        (Some(setting), _) => setting.value.text().into_owned(),
        (None, StateBackend::Gemini) => "gemini".to_owned(),
        // `MemoryStateBackend` was the default until `HashMapStateBackend` took its place.
        (None, _) if release < Release::V1_13 => "jobmanager".to_owned(),
        (None, _) => "hashmap".to_owned(),
    }
}
