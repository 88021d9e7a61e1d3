use super::LintContext;
use crate::catalog::{DefaultStateBackend, gemini_spelling};
use crate::config::Setting;

/// Names of the option that selects the state backend, newest first.
pub const STATE_BACKEND: [&str; 2] = ["state.backend.type", "state.backend"];

/// A family of state backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateBackend {
    /// Objects on the JVM heap, whatever the release calls it.
    Heap,
    /// RocksDB.
    RocksDb,
    /// ForSt, from Flink 2.0 on.
    ForSt,
    /// GeminiStateBackend of VVR.
    Gemini,
    /// A class that slotwise does not know, or a name that Flink does not.
    Other,
}

/// The state backend that a configuration selects for jobs that name none in their code.
#[derive(Debug, Clone, Copy)]
pub struct SelectedStateBackend<'c, 'a> {
    /// Which.
    pub backend: StateBackend,
    /// The setting that selects it; `None` for the target's default.
    pub setting: Option<&'c Setting<'a>>,
}

impl<'a> LintContext<'a> {
    /// The state backend that the configuration or else the target's default selects.
    pub fn state_backend(&self) -> SelectedStateBackend<'_, 'a> {
        let setting = self.lookup_renamed(&STATE_BACKEND);
        let backend = match setting {
            Some(setting) => StateBackend::named(&setting.value.text()),
            None if self.target.default_state_backend() == DefaultStateBackend::Gemini => {
                StateBackend::Gemini
            }
            None => StateBackend::Heap,
        };
        SelectedStateBackend { backend, setting }
    }
}

impl StateBackend {
    /// The backend of a value of [`STATE_BACKEND`]: a short name in any case, or a factory class.
    ///
    /// Source: `StateBackendLoader` and the factories of Flink 1.10 to 2.3.
    fn named(value: &str) -> Self {
        let class = value.rsplit('.').next().unwrap_or(value);
        match value.to_ascii_lowercase().as_str() {
            "hashmap" | "jobmanager" | "filesystem" => Self::Heap,
            "rocksdb" => Self::RocksDb,
            "forst" => Self::ForSt,
            _ if gemini_spelling(value).is_some() => Self::Gemini,
            _ if class.contains("RocksDBStateBackend") => Self::RocksDb,
            _ if class.contains("ForStStateBackend") => Self::ForSt,
            _ if class.contains("HashMapStateBackend")
                || class.contains("FsStateBackend")
                || class.contains("MemoryStateBackend") =>
            {
                Self::Heap
            }
            _ => Self::Other,
        }
    }

    /// The name in prose.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Heap => "the heap backend",
            Self::RocksDb => "RocksDB",
            Self::ForSt => "ForSt",
            Self::Gemini => "GeminiStateBackend",
            Self::Other => "another state backend",
        }
    }
}
