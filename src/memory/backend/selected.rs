use crate::catalog::{DefaultStateBackend, Release, Target, gemini_spelling, keys, option};
use crate::config::{ResolvedConfig, Setting};

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

impl<'c, 'a> SelectedStateBackend<'c, 'a> {
    /// The state backend in effect: what the configuration names, or else the target's default.
    pub fn of(config: &'c ResolvedConfig<'a>, target: &Target) -> Self {
        let setting = config.lookup(StateBackend::key(config.release()));
        let backend = match (setting, target.default_state_backend()) {
            (Some(setting), _) => StateBackend::named(&setting.value.text()),
            (None, DefaultStateBackend::Gemini) => StateBackend::Gemini,
            (None, DefaultStateBackend::Heap) => StateBackend::Heap,
        };
        Self { backend, setting }
    }
}

impl StateBackend {
    /// The key that selects a release's state backend.
    ///
    /// Source: `StateBackendLoader`: `state.backend` up to Flink 1.16, then `state.backend.type`
    /// with the older key as its alternate.
    pub fn key(release: Release) -> &'static str {
        let newer = keys::STATE_BACKEND_TYPE.key();
        let has_newer = option(newer).is_some_and(|option| option.at(release).is_some());
        if has_newer { newer } else { keys::STATE_BACKEND.key() }
    }

    /// The backend of a short name in any case, or of a factory class.
    ///
    /// Source: `StateBackendLoader` and the factories of Flink 1.10 to 2.3.
    pub fn named(value: &str) -> Self {
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
