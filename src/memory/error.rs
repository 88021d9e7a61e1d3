use super::{Pool, Process};
use crate::catalog::{self, Release, keys};
use crate::config::ValueError;
use crate::units::{Fraction, MemorySize, Overflow};

/// Why Flink refuses a configuration's memory.
///
/// [`Display`](std::fmt::Display) is in our words, [`flink_messages`](Self::flink_messages) in
/// Flink's.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MemoryError {
    /// None of the options that Flink needs as a start is set.
    #[error("{process} memory is not configured: set {key}", key = start_key(*.process))]
    NotConfigured {
        /// Whose memory.
        process: Process,
    },
    /// An option that is needed here has a value which is not of its type.
    #[error("{key} cannot be read from {value:?}: {reason}", key = .error.key,
        value = .error.value, reason = .error.reason)]
    Value {
        /// The option, its value and the reason.
        error: ValueError,
        /// How Flink reports it.
        check: ValueCheck,
    },
    /// An option that is needed here is neither set nor has a default.
    #[error("{key} is not set and this release has no default for it")]
    NoValue {
        /// The option's key.
        key: &'static str,
    },
    /// The configured parts need more than Total Flink Memory.
    #[error("{} need {} together, but Total Flink Memory is {}", names(.parts), sum(.parts).short(),
        .total.short())]
    ComponentsExceedTotalFlinkMemory {
        /// The parts, in the order in which Flink lists them.
        parts: Vec<(Pool, MemorySize)>,
        /// Total Flink Memory.
        total: MemorySize,
    },
    /// JVM Metaspace and JVM Overhead need more than Total Process Memory.
    #[error("JVM Metaspace {} and JVM Overhead {} exceed Total Process Memory {}",
        .jvm_metaspace.short(), .jvm_overhead.short(), .total.short())]
    JvmExceedsTotalProcessMemory {
        /// JVM Metaspace.
        jvm_metaspace: MemorySize,
        /// JVM Overhead.
        jvm_overhead: MemorySize,
        /// Total Process Memory.
        total: MemorySize,
    },
    /// Total Process Memory leaves nothing for JVM Overhead, not even zero.
    #[error("Total Process Memory {} is less than Total Flink Memory {} and JVM Metaspace {}",
        .total_process.short(), .total_flink.short(), .jvm_metaspace.short())]
    ProcessBelowFlinkAndMetaspace {
        /// Total Process Memory.
        total_process: MemorySize,
        /// Total Flink Memory.
        total_flink: MemorySize,
        /// JVM Metaspace.
        jvm_metaspace: MemorySize,
    },
    /// What is left for a pool lies outside of its configured range.
    #[error("{} gets the rest, {}, which is not within {} and {}", .pool.title(),
        .derived.short(), .min.short(), .max.short())]
    RestOutOfRange {
        /// [`Pool::JvmOverhead`] or [`Pool::Network`].
        pool: Pool,
        /// What is left.
        derived: MemorySize,
        /// The least that is configured.
        min: MemorySize,
        /// The most that is configured.
        max: MemorySize,
    },
    /// What is left for Network Memory is not what the number of segments asks for.
    #[error("Network gets the rest, {}, but the configured segments need {}", .derived.short(),
        .configured.short())]
    NetworkIsNotSegments {
        /// What is left.
        derived: MemorySize,
        /// What the segments need.
        configured: MemorySize,
    },
    /// Network Memory is the rest, and that contradicts its own options.
    #[error("the sizes that are set leave Network Memory inconsistent: {cause}")]
    NetworkInconsistent {
        /// The contradiction.
        cause: Box<MemoryError>,
    },
    /// A fraction and its range make no sense.
    #[error("{key} is {} within {} and {}: {problem}", .fraction.short(), .min.short(),
        .max.short())]
    InconsistentRange {
        /// The fraction's key.
        key: &'static str,
        /// The fraction.
        fraction: Fraction,
        /// The least.
        min: MemorySize,
        /// The most.
        max: MemorySize,
        /// What is wrong.
        problem: RangeProblem,
    },
    /// A sum or product is more than Flink's sizes can hold.
    #[error("a derived size is {Overflow}")]
    Overflow,
    /// A size would be negative.
    #[error("{key} makes a negative size")]
    NegativeSize {
        /// The option at fault.
        key: &'static str,
    },
    /// A legacy heap option in mebibytes is negative.
    #[error("{key} is {mebibytes}, a size cannot be negative")]
    NegativeLegacyHeap {
        /// The legacy option.
        key: &'static str,
        /// Its value.
        mebibytes: i32,
    },
    /// A legacy heap option cannot stand in for its successor.
    #[error("the legacy heap option cannot be used: {cause}")]
    LegacyHeap {
        /// Why.
        cause: Box<MemoryError>,
    },
    /// A TaskManager needs more than zero CPU cores; without `taskmanager.cpu.cores` it takes one
    /// per slot.
    #[error("a TaskManager needs a positive number of CPU cores, found {found:?}")]
    CpuCores {
        /// The number.
        found: f64,
    },
    /// The number of CPU cores is NaN or infinite.
    #[error("taskmanager.cpu.cores is {found:?}, a finite number is needed")]
    CpuCoresNotFinite {
        /// The number.
        found: f64,
    },
    /// The size of memory segments is impossible.
    #[error("a memory segment cannot be {}: {problem}", .found.short())]
    SegmentSize {
        /// The size.
        found: MemorySize,
        /// What is wrong.
        problem: SegmentSizeProblem,
    },
    /// A TaskManager with fewer than one slot.
    #[error("a TaskManager needs at least one task slot, found {found}")]
    SlotCount {
        /// The number.
        found: i32,
    },
    /// `-D` sets one end of the network range over what the start script computed.
    #[error("-D sets Network Memory to between {} and {}, but the started TaskManager needs one \
        fixed size", .min.short(), .max.short())]
    NetworkNotFixed {
        /// The lower end.
        min: MemorySize,
        /// The upper end.
        max: MemorySize,
    },
    /// More network buffers than an `int` can count.
    #[error("Network Memory of {} holds more than {} buffers", .network.short(), i32::MAX)]
    TooManyNetworkBuffers {
        /// Network Memory.
        network: MemorySize,
    },
    /// The JobManager's heap alone is more than its Total Flink Memory.
    #[error("the JVM heap {} is more than Total Flink Memory {}", .heap.short(), .total.short())]
    HeapExceedsTotalFlinkMemory {
        /// JVM heap.
        heap: MemorySize,
        /// Total Flink Memory.
        total: MemorySize,
    },
    /// The JobManager's heap and off-heap memory are not its Total Flink Memory.
    #[error("the JVM heap {} and off-heap memory {} do not sum up to Total Flink Memory {}",
        .heap.short(), .off_heap.short(), .total.short())]
    HeapAndOffHeapMismatch {
        /// JVM heap.
        heap: MemorySize,
        /// Off-heap memory.
        off_heap: MemorySize,
        /// Total Flink Memory.
        total: MemorySize,
    },
    /// The JobManager's off-heap memory leaves nothing for its heap.
    #[error("off-heap memory {} leaves nothing of Total Flink Memory {} for the heap",
        .off_heap.short(), .total.short())]
    OffHeapExceedsTotalFlinkMemory {
        /// Off-heap memory.
        off_heap: MemorySize,
        /// Total Flink Memory.
        total: MemorySize,
    },
}

/// How Flink reports a value that it cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueCheck {
    /// As `Configuration.get` does.
    Plain,
    /// Wrapped by the reader of memory sizes.
    MemorySize,
    /// Only the reason, as Flink 1.10 does for the JobManager's heap.
    Bare,
}

/// What is wrong with a fraction and its range; Flink checks in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum RangeProblem {
    #[error("the minimum is larger than the maximum")]
    MinAboveMax,
    #[error("the fraction must be at least 0 and less than 1")]
    FractionOutOfRange,
}

/// What is wrong with a segment size; Flink checks in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum SegmentSizeProblem {
    #[error("it does not fit an int")]
    TooLarge,
    #[error("the least is 4096 bytes")]
    TooSmall,
    #[error("it is not a power of two")]
    NotAPowerOfTwo,
}

impl From<Overflow> for MemoryError {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

impl MemoryError {
    /// A short stable name for machines, such as `components-exceed-total-flink-memory`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotConfigured { .. } => "not-configured",
            Self::Value { .. } => "value",
            Self::NoValue { .. } => "no-value",
            Self::ComponentsExceedTotalFlinkMemory { .. } => "components-exceed-total-flink-memory",
            Self::JvmExceedsTotalProcessMemory { .. } => "jvm-exceeds-total-process-memory",
            Self::ProcessBelowFlinkAndMetaspace { .. } => "process-below-flink-and-metaspace",
            Self::RestOutOfRange { .. } => "rest-out-of-range",
            Self::NetworkIsNotSegments { .. } => "network-is-not-segments",
            Self::NetworkInconsistent { .. } => "network-inconsistent",
            Self::InconsistentRange { .. } => "inconsistent-range",
            Self::Overflow => "overflow",
            Self::NegativeSize { .. } => "negative-size",
            Self::NegativeLegacyHeap { .. } => "negative-legacy-heap",
            Self::LegacyHeap { .. } => "legacy-heap",
            Self::CpuCores { .. } => "cpu-cores",
            Self::CpuCoresNotFinite { .. } => "cpu-cores-not-finite",
            Self::SegmentSize { .. } => "segment-size",
            Self::SlotCount { .. } => "slot-count",
            Self::NetworkNotFixed { .. } => "network-not-fixed",
            Self::TooManyNetworkBuffers { .. } => "too-many-network-buffers",
            Self::HeapExceedsTotalFlinkMemory { .. } => "heap-exceeds-total-flink-memory",
            Self::HeapAndOffHeapMismatch { .. } => "heap-and-off-heap-mismatch",
            Self::OffHeapExceedsTotalFlinkMemory { .. } => "off-heap-exceeds-total-flink-memory",
        }
    }

    /// The same failure, reported as `check` says.
    pub(super) fn at(self, check: ValueCheck) -> Self {
        match self {
            Self::Value { error, .. } => Self::Value { error, check },
            other => other,
        }
    }

    /// The messages of Flink's exception and its causes, outermost first, as the start scripts'
    /// calculation throws them.
    ///
    /// Source: `TaskExecutorProcessUtils` (1.10 to 2.3), `JobManagerProcessUtils` (1.11 to 2.3).
    pub fn flink_messages(&self, process: Process, release: Release) -> Vec<String> {
        let mut messages = self.unprefixed_messages(release);
        // From 1.11 on each process wraps its own exception; 2.0 dropped that for JobManagers.
        let wraps = match process {
            Process::TaskManager => release >= Release::V1_11,
            Process::JobManager => (Release::V1_11..Release::V2_0).contains(&release),
        };
        if wraps && self.is_illegal_configuration() {
            let prefix = match self {
                Self::LegacyHeap { .. } => {
                    format!("{process} failed to map legacy JVM heap option to the new one: ")
                }
                _ => format!("{process} memory configuration failed: "),
            };
            if let Some(message) = messages.first() {
                messages.insert(0, format!("{prefix}{message}"));
            }
        }
        messages
    }

    /// The messages as the started TaskManager throws them.
    pub fn start_messages(&self, release: Release) -> Vec<String> {
        match self {
            Self::NetworkNotFixed { .. } => {
                let mut messages = self.unprefixed_messages(release);
                messages.insert(0, "Failed to create TaskExecutorResourceSpec".to_owned());
                messages
            }
            Self::Value { error, .. } => vec![error.flink_message(), cause_of(error)],
            other => other.unprefixed_messages(release),
        }
    }

    /// Whether Flink throws its own `IllegalConfigurationException`; only that one is wrapped.
    pub(super) fn is_illegal_configuration(&self) -> bool {
        match self {
            Self::Value { check, .. } => *check == ValueCheck::MemorySize,
            Self::LegacyHeap { cause } => cause.is_illegal_configuration(),
            Self::SegmentSize { problem, .. } => *problem != SegmentSizeProblem::TooLarge,
            Self::Overflow | Self::NegativeSize { .. } | Self::CpuCoresNotFinite { .. } => false,
            _ => true,
        }
    }

    fn unprefixed_messages(&self, release: Release) -> Vec<String> {
        match self {
            Self::Value { error, check } => value_messages(error, *check),
            Self::NetworkInconsistent { cause } => {
                let mut messages = cause.unprefixed_messages(release);
                messages.insert(0, NETWORK_INCONSISTENT.to_owned());
                messages
            }
            Self::LegacyHeap { cause } => cause.unprefixed_messages(release),
            Self::InconsistentRange { key, fraction, min, max, problem } => vec![
                format!(
                    "Inconsistently configured {} ({fraction}) and its min ({}), max ({}) value",
                    option_text(key, release),
                    min.human(),
                    max.human()
                ),
                match problem {
                    RangeProblem::MinAboveMax => "min value must be less or equal to max value",
                    RangeProblem::FractionOutOfRange => "fraction must be in range [0, 1)",
                }
                .to_owned(),
            ],
            other => vec![other.flink_message(release)],
        }
    }

    /// Flink's message where there is no cause behind it.
    fn flink_message(&self, release: Release) -> String {
        match self {
            Self::NotConfigured { process } => not_configured_text(*process, release),
            Self::ComponentsExceedTotalFlinkMemory { parts, total } => format!(
                "Sum of configured {} exceed configured Total Flink Memory ({}).",
                parts_text(parts),
                total.human()
            ),
            Self::JvmExceedsTotalProcessMemory { jvm_metaspace, jvm_overhead, total } => format!(
                "Sum of configured JVM Metaspace ({}) and JVM Overhead ({}) exceed configured \
                 Total Process Memory ({}).",
                jvm_metaspace.human(),
                jvm_overhead.human(),
                total.human()
            ),
            Self::ProcessBelowFlinkAndMetaspace { .. } if release < Release::V1_11 => {
                NEGATIVE_SIZE.to_owned()
            }
            Self::ProcessBelowFlinkAndMetaspace { total_process, total_flink, jvm_metaspace } => {
                format!(
                    "The configured Total Process Memory size ({}) is less than the sum of the \
                     derived Total Flink Memory size ({}) and the configured or default JVM \
                     Metaspace size  ({}).",
                    total_process.human(),
                    total_flink.human(),
                    jvm_metaspace.human()
                )
            }
            Self::RestOutOfRange { pool, derived, min, max } => {
                let name = match pool {
                    Pool::Network => "Network Memory",
                    other => other.title(),
                };
                format!(
                    "Derived {name} size ({}) is not in configured {name} range [{}, {}].",
                    derived.human(),
                    min.human(),
                    max.human()
                )
            }
            Self::NetworkIsNotSegments { derived, configured } => format!(
                "Derived Network Memory size ({}) does not match configured Network Memory size \
                 ({}).",
                derived.human(),
                configured.human()
            ),
            Self::Overflow => "long overflow".to_owned(),
            Self::NegativeSize { .. } => NEGATIVE_SIZE.to_owned(),
            Self::NegativeLegacyHeap { mebibytes, .. } => format!(
                "Configured total process memory size ({mebibytes}MB) must not be less than 0."
            ),
            Self::CpuCores { .. } => "TaskExecutors need to be started with a positive number of \
                CPU cores. Please configure taskmanager.cpu.cores accordingly."
                .to_owned(),
            Self::CpuCoresNotFinite { found } => format!(
                "Character {} is neither a decimal digit number, decimal point, nor \"e\" notation \
                 exponential mark.",
                if found.is_nan() { 'N' } else { 'I' }
            ),
            Self::SegmentSize { found, problem } => segment_size_text(*found, *problem),
            Self::SlotCount { found } => format!(
                "Invalid configuration value for {} : {found} - Number of task slots must be at \
                 least one.",
                keys::TASK_SLOTS.key()
            ),
            Self::NetworkNotFixed { min, max } => format!(
                "The network memory min ({min}) and max ({max}) mismatch, the network memory has \
                 to be resolved and set to a fixed value before task executor starts"
            ),
            Self::HeapExceedsTotalFlinkMemory { heap, total } => format!(
                "The configured JVM Heap Memory ({}) exceeds the configured Total Flink Memory \
                 ({}). {ONE_OPTION_ONLY}",
                heap.human(),
                total.human()
            ),
            Self::HeapAndOffHeapMismatch { heap, off_heap, total } => format!(
                "Sum of the configured JVM Heap Memory ({}) and the configured Off-heap Memory \
                 ({}) does not match the configured Total Flink Memory ({}). {ONE_OPTION_ONLY}",
                heap.human(),
                off_heap.human(),
                total.human()
            ),
            Self::OffHeapExceedsTotalFlinkMemory { off_heap, total } => format!(
                "The configured Total Flink Memory ({}) is less than the configured Off-heap \
                 Memory ({}).",
                total.human(),
                off_heap.human()
            ),
            Self::TooManyNetworkBuffers { network } => format!(
                "The given number of memory bytes ({}) corresponds to more than MAX_INT pages.",
                network.bytes()
            ),
            Self::NoValue { .. } => {
                "The memory option is not set and has no default value.".to_owned()
            }
            // Those with causes are dealt with by the caller.
            other => other.to_string(),
        }
    }
}

/// What Flink's log says of one exception of the chain; the texts are part of its interface, since
/// people search for them.
const NEGATIVE_SIZE: &str = "bytes must be >= 0";
const NETWORK_INCONSISTENT: &str = "If Total Flink, Task Heap and (or) Managed Memory sizes are \
    explicitly configured then the Network Memory size is the rest of the Total Flink memory after \
    subtracting all other configured types of memory, but the derived Network Memory is \
    inconsistent with its configuration.";
const ONE_OPTION_ONLY: &str = "Please, make the configuration consistent or configure only one \
    option: either JVM Heap or Total Flink Memory.";

const fn start_key(process: Process) -> &'static str {
    match process {
        Process::TaskManager => keys::TASK_MANAGER_PROCESS_SIZE.key(),
        Process::JobManager => keys::JOB_MANAGER_PROCESS_SIZE.key(),
    }
}

fn sum(parts: &[(Pool, MemorySize)]) -> MemorySize {
    let add = |sum: MemorySize, (_, size): &(_, MemorySize)| sum.checked_add(*size);
    parts.iter().try_fold(MemorySize::ZERO, add).unwrap_or(MemorySize::MAX)
}

fn names(parts: &[(Pool, MemorySize)]) -> String {
    let mut titles: Vec<_> = parts.iter().map(|(pool, _)| pool.title()).collect();
    let last = titles.pop().unwrap_or_default();
    format!("{} and {last}", titles.join(", "))
}

fn parts_text(parts: &[(Pool, MemorySize)]) -> String {
    let mut texts: Vec<_> = parts
        .iter()
        .map(|(pool, size)| format!("{} Memory ({})", pool.title(), size.human()))
        .collect();
    let last = texts.pop().unwrap_or_default();
    format!("{} and {last}", texts.join(", "))
}

fn not_configured_text(process: Process, release: Release) -> String {
    let (fine_grained, flink, total) = match process {
        Process::TaskManager => (
            format!("{} and {}", keys::TASK_HEAP_SIZE.key(), keys::MANAGED_SIZE.key()),
            keys::TASK_MANAGER_FLINK_SIZE.key(),
            keys::TASK_MANAGER_PROCESS_SIZE.key(),
        ),
        Process::JobManager => (
            keys::JOB_MANAGER_MEMORY_HEAP_SIZE.key().to_owned(),
            keys::JOB_MANAGER_FLINK_SIZE.key(),
            keys::JOB_MANAGER_PROCESS_SIZE.key(),
        ),
    };
    if release < Release::V1_11 {
        return format!(
            "Either Task Heap Memory size ({}) and Managed Memory size ({}), or Total Flink \
             Memory size ({flink}), or Total Process Memory size ({total}) need to be configured \
             explicitly.",
            keys::TASK_HEAP_SIZE.key(),
            keys::MANAGED_SIZE.key()
        );
    }
    format!(
        "Either required fine-grained memory ({fine_grained}), or Total Flink Memory size ({}), \
         or Total Process Memory size ({}) need to be configured explicitly.",
        option_text(flink, release),
        option_text(total, release)
    )
}

/// `ConfigOption.toString` of the release.
fn option_text(key: &'static str, release: Release) -> String {
    let entry = catalog::option(key).and_then(|option| option.at(release));
    let default = entry.and_then(|entry| entry.default).unwrap_or("null");
    let alternates: Vec<_> = entry
        .map_or(&[][..], |entry| entry.alternates)
        .iter()
        .map(|it| format!("{{key={}, isDeprecated={}}}", it.key, it.deprecated))
        .collect();
    format!("Key: '{key}' , default: {default} (fallback keys: [{}])", alternates.join(", "))
}

fn segment_size_text(found: MemorySize, problem: SegmentSizeProblem) -> String {
    let reason = match problem {
        SegmentSizeProblem::TooLarge => {
            return format!("Cannot downcast long value {} to integer.", found.bytes());
        }
        SegmentSizeProblem::TooSmall => "Minimum memory segment size is 4096",
        SegmentSizeProblem::NotAPowerOfTwo => "Memory segment size must be a power of 2.",
    };
    let key = keys::SEGMENT_SIZE.key();
    format!("Invalid configuration value for {key} : {} - {reason}", found.bytes())
}

fn value_messages(error: &ValueError, check: ValueCheck) -> Vec<String> {
    let mut messages = vec![cause_of(error)];
    if check != ValueCheck::Bare {
        messages.insert(0, error.flink_message());
    }
    if check == ValueCheck::MemorySize {
        messages.insert(0, format!("Cannot read memory size from config option '{}'.", error.key));
    }
    messages
}

fn cause_of(error: &ValueError) -> String {
    error.flink_cause.clone().unwrap_or_else(|| error.reason.clone())
}
