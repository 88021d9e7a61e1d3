use clap::ValueEnum;

use crate::capacity::{StoreKind, store_of};
use crate::memory::{Assumptions, Deployment, MemoryModel};
use crate::simulator::Backend;
use crate::units::MemorySize;
use crate::workspace::Subject;

/// A state backend by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BackendArgument {
    /// GeminiStateBackend
    Gemini,
    /// EmbeddedRocksDBStateBackend, as Flink sets it up
    Rocksdb,
    /// State on the Java heap (hashmap)
    Heap,
}

impl BackendArgument {
    /// The backend with documented defaults and this much memory.
    pub(in crate::cli) fn with_memory(self, memory: MemorySize) -> Backend {
        self.kind().with_memory(memory)
    }

    /// The kind of store.
    pub(in crate::cli) fn kind(self) -> StoreKind {
        match self {
            Self::Gemini => StoreKind::Gemini,
            Self::Rocksdb => StoreKind::RocksDb,
            Self::Heap => StoreKind::Heap,
        }
    }
}

/// The backends that a configuration describes: its own, or those asked for with what its memory
/// model gives them.
pub(super) fn from_config(
    subject: &Subject,
    chosen: Vec<BackendArgument>,
) -> Result<Vec<Backend>, String> {
    let (loaded, config) = subject.load();
    if let Some(error) = &loaded.error {
        return Err(format!("{}: {}", subject.path, error.message));
    }
    let assumptions = Assumptions {
        target: &subject.target,
        deployment: Deployment::of(&subject.target),
        backends_per_slot: 1,
    };
    let model = MemoryModel::derive(&config, assumptions);
    let kinds: Vec<_> = match &*chosen {
        [] => vec![None],
        chosen => chosen.iter().map(|backend| Some(backend.kind())).collect(),
    };
    let stores = kinds.into_iter().map(|kind| store_of(&config, &subject.target, &model, kind));
    stores.map(|store| store.map_err(|error| format!("{}: {error}", subject.path))).collect()
}
