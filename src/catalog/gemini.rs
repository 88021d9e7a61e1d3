//! Options of GeminiStateBackend, which are in no release's catalog: its code is not public.
//!
//! Each has the evidence on which it rests, so that no rule makes an error out of a weak one.

use super::{Target, ValueType, VvrVersion};

/// The class that the documentation of every product names as the value of `state.backend`.
pub const GEMINI_FACTORY: &str = "com.alibaba.flink.statebackend.GeminiStateBackendFactory";

/// All of the engine's keys start with this; the documentation shows only some of them.
pub const GEMINI_PREFIX: &str = "state.backend.gemini.";

/// What is known of an option rests on this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// A documentation page or source file, read in full.
    Documented,
    /// A documentation page of which only an excerpt could be read.
    Excerpt,
    /// A real log or configuration, or an answer in a forum: the key exists, the rest is open.
    Seen,
}

/// The engines that have an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engines {
    /// VVR from this version on.
    From(VvrVersion),
    /// VVR from the first of these versions on, replaced in the second.
    Between(VvrVersion, VvrVersion),
    /// Blink, the engine before VVR; must not be taken for known on VVR.
    Blink,
}

/// How a size or count without a unit is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The option has no unit.
    None,
    /// Milliseconds.
    Milliseconds,
    /// A suffix `B`, `KB`, `MB` or `GB`, which VVR 4.0 and later demand. For older ones no page
    /// says how a bare number is read.
    Suffix,
    /// Mebibytes.
    Mebibytes,
    /// No source says.
    Unknown,
}

/// One option of GeminiStateBackend.
#[derive(Debug, PartialEq, Eq)]
pub struct GeminiOption {
    /// The option's key.
    pub key: &'static str,
    /// The type of its values.
    pub value_type: ValueType,
    /// What its existence, type and default rest on.
    pub evidence: Evidence,
    /// The engines that have it.
    pub engines: Engines,
    /// Defaults, each from a version on, oldest first; `None` where pages say "none".
    pub defaults: &'static [(VvrVersion, Option<&'static str>)],
    /// How a bare number is read.
    pub unit: Unit,
    /// Values of a text that were seen; others may be valid. An enum has its constants instead.
    pub seen_values: &'static [&'static str],
    /// What it does.
    pub description: &'static str,
}

/// The first engines, those of EMR.
const EMR: VvrVersion = VvrVersion::new(1, 0, 0);
const VVR_4: VvrVersion = VvrVersion::new(4, 0, 0);
const VVR_6: VvrVersion = VvrVersion::new(6, 0, 0);
const VVR_8: VvrVersion = VvrVersion::new(8, 0, 0);

/// What most options have in common.
const BASE: GeminiOption = GeminiOption {
    key: "",
    value_type: ValueType::String,
    evidence: Evidence::Seen,
    engines: Engines::From(EMR),
    defaults: &[],
    unit: Unit::None,
    seen_values: &[],
    description: "",
};

/// Every option of which there is evidence, by key.
///
/// Sources: "Configure a VVR-based Flink job" of EMR (2020-12), "Configurations of
/// GeminiStateBackend" of Realtime Compute (2021 to 2026), a JobManager log of VVR 8.0.1, and the
/// Blink documentation of 2018 to 2021.
pub static GEMINI_OPTIONS: &[GeminiOption] = &[
    GeminiOption {
        key: "state.backend.block.cache.size.mb",
        value_type: ValueType::Int,
        evidence: Evidence::Documented,
        engines: Engines::Blink,
        defaults: &[(VvrVersion::new(0, 0, 0), Some("256"))],
        unit: Unit::Mebibytes,
        description: "Read cache of Blink's state backends. VVR has no such option.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.copy.value",
        value_type: ValueType::Boolean,
        evidence: Evidence::Documented,
        engines: Engines::Blink,
        defaults: &[(VvrVersion::new(0, 0, 0), Some("true"))],
        description: "Whether the Blink prototype copies values on access. VVR has no such option.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.file.cache.download.type",
        evidence: Evidence::Excerpt,
        engines: Engines::From(VVR_8),
        seen_values: &["LazyDownloadOnRestore"],
        description: "When state files are fetched on restore; the one published value downloads \
                      them lazily, so that a job runs before its state is local.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.file.cache.lazy-restore",
        evidence: Evidence::Excerpt,
        engines: Engines::Between(VVR_6, VVR_8),
        seen_values: &["ON"],
        description: "Lazy restore on VVR 6.x; VVR 8 has file.cache.download.type instead.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.kv.separate.mode",
        engines: Engines::From(VVR_4),
        seen_values: &["GLOBAL_ENABLE"],
        description: "Keeps large values apart from their keys. The engine decides by itself, so \
                      it is normally left unset.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.kv.separate.value.size.threshold",
        value_type: ValueType::Int,
        engines: Engines::From(VVR_4),
        unit: Unit::Unknown,
        description: "Size from which a value is kept apart from its key; presumably in bytes.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.local.dir",
        evidence: Evidence::Documented,
        description: "Directory of the engine's local data files. It needs a fast local disk that \
                      outlives no job and is large enough for the state.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.mem.size.mb",
        value_type: ValueType::Int,
        evidence: Evidence::Documented,
        engines: Engines::Blink,
        defaults: &[(VvrVersion::new(0, 0, 0), Some("384"))],
        unit: Unit::Mebibytes,
        description: "Native memory of a backend on Blink. On VVR, memory comes from managed \
                      memory or from offheap.size.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.memory.managed",
        value_type: ValueType::Boolean,
        evidence: Evidence::Documented,
        defaults: &[(EMR, Some("true"))],
        description: "Whether a backend's memory is its share of managed memory and slots. Where \
                      false, offheap.size (and from VVR 4.0 the write buffer) count instead.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.memory.type",
        value_type: ValueType::Enum(&["HEAP", "OFFHEAP"]),
        evidence: Evidence::Documented,
        engines: Engines::Blink,
        defaults: &[(VvrVersion::new(0, 0, 0), Some("HEAP"))],
        description: "Where the Blink prototype keeps state. VVR has no such option.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.offheap.size",
        value_type: ValueType::MemorySize,
        evidence: Evidence::Documented,
        defaults: &[(EMR, Some("2 gb")), (VVR_4, None)],
        unit: Unit::Suffix,
        description: "Off-heap memory of each backend; counts only where memory.managed is false. \
                      From VVR 4.0 on it excludes the write buffer.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.restore.file-download.buffer.size",
        value_type: ValueType::MemorySize,
        engines: Engines::From(VVR_8),
        seen_values: &["512kb"],
        unit: Unit::Suffix,
        description: "Buffer for whole files fetched on restore; set by the platform.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.restore.page-download.buffer.size",
        value_type: ValueType::MemorySize,
        engines: Engines::From(VVR_8),
        seen_values: &["16kb"],
        unit: Unit::Suffix,
        description: "Buffer for single pages fetched on restore; set by the platform.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.savepoint.external-sort.local-storage.enabled",
        value_type: ValueType::Boolean,
        evidence: Evidence::Excerpt,
        engines: Engines::From(VVR_4),
        defaults: &[(VVR_4, Some("false"))],
        description: "Whether a savepoint in the standard format sorts on local disk instead of \
                      the distributed file system; advised while less than 30 % of the disk is used.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.snapshot.close.file",
        value_type: ValueType::Boolean,
        seen_values: &["true"],
        description: "Set by the platform together with the backend itself.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.snapshot.type",
        value_type: ValueType::Enum(&["FULL", "INCREMENTAL"]),
        evidence: Evidence::Documented,
        engines: Engines::Blink,
        defaults: &[(VvrVersion::new(0, 0, 0), Some("FULL"))],
        description: "Kind of checkpoint of the Blink prototype. On VVR, Flink's incremental \
                      checkpoint option counts.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.timer-service.factory",
        value_type: ValueType::Enum(&["HEAP", "GEMINI"]),
        evidence: Evidence::Documented,
        defaults: &[(EMR, Some("HEAP"))],
        description: "Where timers are kept: on the heap, quick but limited by it, or in the \
                      backend, for more timers than the heap holds.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.total.writebuffer.size",
        value_type: ValueType::MemorySize,
        evidence: Evidence::Excerpt,
        engines: Engines::From(VVR_4),
        defaults: &[(VVR_4, Some("128 mb"))],
        unit: Unit::Suffix,
        description: "Write buffer of each backend, on top of offheap.size; counts only where \
                      memory.managed is false.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.ttl.ms",
        value_type: ValueType::Long,
        evidence: Evidence::Excerpt,
        defaults: &[(EMR, None)],
        unit: Unit::Milliseconds,
        description: "How long state of a DataStream or Python job lives. Not to be set together \
                      with table.exec.state.ttl, which is for SQL jobs.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.use.offheap",
        value_type: ValueType::Boolean,
        seen_values: &["false"],
        description: "Whether memory lies outside the heap. False was the advice of one FAQ \
                      against the error about the 256 MiB floor.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.gemini.vm.print.tick",
        value_type: ValueType::Int,
        engines: Engines::From(VVR_8),
        seen_values: &["90"],
        unit: Unit::Unknown,
        description: "How often the engine logs; set by the platform.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.mem.table.size.mb",
        value_type: ValueType::Int,
        evidence: Evidence::Documented,
        engines: Engines::Blink,
        defaults: &[(VvrVersion::new(0, 0, 0), Some("128"))],
        unit: Unit::Mebibytes,
        description: "Write cache of Blink's state backends. VVR has no such option.",
        ..BASE
    },
    GeminiOption {
        key: "state.backend.niagara.ttl.ms",
        value_type: ValueType::Long,
        evidence: Evidence::Documented,
        engines: Engines::Blink,
        defaults: &[(VvrVersion::new(0, 0, 0), Some("129600000"))],
        unit: Unit::Milliseconds,
        description: "How long state lives in Blink's Niagara backend, which VVR does not have.",
        ..BASE
    },
];

/// How an option stands to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeminiSupport {
    /// The target's engine has it.
    Supported,
    /// The target has no Gemini engine: open-source Flink.
    NoGemini,
    /// Only engines from this version on have it.
    NotYet(VvrVersion),
    /// Engines from this version on have another option instead.
    Replaced(VvrVersion),
    /// Only Blink had it.
    BlinkOnly,
}

impl GeminiOption {
    /// How the option stands to the engine of `target`.
    pub fn support(&self, target: &Target) -> GeminiSupport {
        let Some(version) = target.vvr() else { return GeminiSupport::NoGemini };
        match self.engines {
            Engines::Blink => GeminiSupport::BlinkOnly,
            Engines::From(first) | Engines::Between(first, _) if version < first => {
                GeminiSupport::NotYet(first)
            }
            Engines::Between(_, end) if version >= end => GeminiSupport::Replaced(end),
            Engines::From(_) | Engines::Between(..) => GeminiSupport::Supported,
        }
    }

    /// The default of `target`'s engine; `None` if it has none, or if no source tells.
    pub fn default_of(&self, target: &Target) -> Option<&'static str> {
        if self.support(target) != GeminiSupport::Supported {
            return None;
        }
        let version = target.vvr()?;
        self.defaults.iter().rfind(|(first, _)| *first <= version)?.1
    }

    /// Whether a rule may call a misuse an error: a page was read that says so.
    pub fn well_evidenced(&self) -> bool {
        self.evidence != Evidence::Seen
    }
}

/// The Gemini option of exactly this key.
pub fn gemini_option(key: &str) -> Option<&'static GeminiOption> {
    if !key.starts_with("state.backend.") {
        return None; // As all of them do.
    }
    let index = GEMINI_OPTIONS.binary_search_by(|option| option.key.cmp(key)).ok()?;
    GEMINI_OPTIONS.get(index)
}

/// How a value of `state.backend` names GeminiStateBackend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GeminiSpelling {
    /// [`GEMINI_FACTORY`].
    Canonical,
    /// `gemini`: the documentation showed it for two months of 2021, then the class instead.
    ShortName,
    /// Another class whose name says Gemini; seen in notes of users, not in documentation.
    OtherClass,
}

/// Whether a value of `state.backend` names GeminiStateBackend, and how.
pub fn gemini_spelling(value: &str) -> Option<GeminiSpelling> {
    if value == GEMINI_FACTORY {
        Some(GeminiSpelling::Canonical)
    } else if value.eq_ignore_ascii_case("gemini") {
        Some(GeminiSpelling::ShortName)
    } else if value.to_ascii_lowercase().contains("gemini") {
        Some(GeminiSpelling::OtherClass)
    } else {
        None
    }
}

/// The default of Flink's own option where VVR has another one.
///
/// Source: "Configurations of GeminiStateBackend": state of SQL jobs lives 1.5 days from VVR
/// 4.0.12 on.
pub fn vvr_default(key: &str, target: &Target) -> Option<&'static str> {
    let since = VvrVersion::new(4, 0, 12);
    (key == "table.exec.state.ttl" && target.vvr()? >= since).then_some("129600000 ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str) -> Target {
        name.parse().unwrap()
    }

    #[test]
    fn options_are_sorted_and_described() {
        assert!(GEMINI_OPTIONS.is_sorted_by(|a, b| a.key < b.key));
        for option in GEMINI_OPTIONS {
            assert!(!option.description.is_empty() && gemini_option(option.key) == Some(option));
            assert!(crate::catalog::option(option.key).is_none(), "{} is Flink's", option.key);
        }
    }

    #[test]
    fn defaults_follow_the_engine() {
        let offheap = gemini_option("state.backend.gemini.offheap.size").unwrap();
        assert_eq!(offheap.default_of(&target("emr-3.28.2")), Some("2 gb"));
        assert_eq!(offheap.default_of(&target("vvr-8.0.5")), None);
        assert_eq!(offheap.default_of(&target("flink-1.10")), None);
        let buffer = gemini_option("state.backend.gemini.total.writebuffer.size").unwrap();
        assert_eq!(buffer.support(&target("emr-3.28.2")), GeminiSupport::NotYet(VVR_4));
        assert_eq!(buffer.default_of(&target("vvr-4.0.8")), Some("128 mb"));
    }

    #[test]
    fn lazy_restore_was_renamed_and_blink_keys_are_no_ones() {
        let lazy = gemini_option("state.backend.gemini.file.cache.lazy-restore").unwrap();
        assert_eq!(lazy.support(&target("vvr-6.0.7")), GeminiSupport::Supported);
        assert_eq!(lazy.support(&target("vvr-8.0.5")), GeminiSupport::Replaced(VVR_8));
        let blink = gemini_option("state.backend.gemini.mem.size.mb").unwrap();
        assert_eq!(blink.support(&target("emr-3.28.2")), GeminiSupport::BlinkOnly);
        assert_eq!(blink.support(&target("flink-1.10")), GeminiSupport::NoGemini);
    }

    #[test]
    fn both_timer_services_are_valid() {
        let timers = gemini_option("state.backend.gemini.timer-service.factory").unwrap();
        assert_eq!(timers.value_type.constants(), ["HEAP", "GEMINI"]);
    }

    #[test]
    fn spellings_of_the_backend() {
        assert_eq!(gemini_spelling(GEMINI_FACTORY), Some(GeminiSpelling::Canonical));
        assert_eq!(gemini_spelling("gemini"), Some(GeminiSpelling::ShortName));
        let other = "org.apache.flink.runtime.state.gemini.GeminiStateBackendFactory";
        assert_eq!(gemini_spelling(other), Some(GeminiSpelling::OtherClass));
        assert_eq!(gemini_spelling("rocksdb"), None);
    }

    #[test]
    fn sql_state_expires_by_default_from_vvr_4_0_12() {
        let ttl = |name| vvr_default("table.exec.state.ttl", &target(name));
        assert_eq!(ttl("vvr-4.0.11-flink-1.13"), None);
        assert_eq!(ttl("vvr-4.0.12-flink-1.13"), Some("129600000 ms"));
        assert_eq!(ttl("flink-1.20"), None);
    }
}
