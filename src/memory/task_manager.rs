use super::options::{Deployment, Options};
use super::process::{self, Deriver, FractionOptions, check_rest};
use super::{Derivation, Formula, Input, MemoryError, Pool, task_manager_process};
use crate::catalog::{OptionKey, Release, keys};
use crate::config::ResolvedConfig;
use crate::units::{Fraction, MemorySize};

/// The memory of a TaskManager process.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names are Flink's")]
pub struct TaskManagerMemory {
    pub framework_heap: MemorySize,
    pub task_heap: MemorySize,
    pub framework_off_heap: MemorySize,
    pub task_off_heap: MemorySize,
    pub network: MemorySize,
    pub managed: MemorySize,
    pub jvm_metaspace: MemorySize,
    pub jvm_overhead: MemorySize,
    pub total_flink_memory: MemorySize,
    pub total_process_memory: MemorySize,
    /// CPU cores, one per slot unless set; always positive and finite.
    pub cpu_cores: f64,
}

impl TaskManagerMemory {
    /// The pool's size; zero for those that a TaskManager does not have.
    pub fn size(&self, pool: Pool) -> MemorySize {
        match pool {
            Pool::FrameworkHeap => self.framework_heap,
            Pool::TaskHeap => self.task_heap,
            Pool::FrameworkOffHeap => self.framework_off_heap,
            Pool::TaskOffHeap => self.task_off_heap,
            Pool::Network => self.network,
            Pool::Managed => self.managed,
            Pool::JvmMetaspace => self.jvm_metaspace,
            Pool::JvmOverhead => self.jvm_overhead,
            Pool::TotalFlinkMemory => self.total_flink_memory,
            Pool::TotalProcessMemory => self.total_process_memory,
            Pool::JvmHeap | Pool::OffHeap => MemorySize::ZERO,
        }
    }
}

/// Derives a TaskManager's memory as the start scripts of the configuration's release do.
///
/// Source: `BashJavaUtils`, `TaskExecutorProcessUtils.processSpecFromConfig`, Flink 1.10 to 2.3.
pub fn derive_task_manager<'c>(
    config: &'c ResolvedConfig<'_>,
    deployment: Deployment,
) -> Derivation<'c, TaskManagerMemory> {
    let mut deriver = Deriver::new(Options::new(config));
    let result = derive(&mut deriver, deployment);
    Derivation { steps: deriver.steps, result }
}

fn derive(d: &mut Deriver<'_>, deployment: Deployment) -> Result<TaskManagerMemory, MemoryError> {
    map_legacy_heap(&mut d.options, deployment)?;
    process::derive(d, &process::TASK_MANAGER)?;
    let cpu_cores = cpu_cores(&d.options)?;
    if d.options.release() >= Release::V1_13 {
        // The result carries the slots from 1.13 on, so a bad number fails here, cores or not.
        d.options.value(&keys::TASK_SLOTS)?;
    }
    Ok(TaskManagerMemory {
        framework_heap: d.size(Pool::FrameworkHeap),
        task_heap: d.size(Pool::TaskHeap),
        framework_off_heap: d.size(Pool::FrameworkOffHeap),
        task_off_heap: d.size(Pool::TaskOffHeap),
        network: d.size(Pool::Network),
        managed: d.size(Pool::Managed),
        jvm_metaspace: d.size(Pool::JvmMetaspace),
        jvm_overhead: d.size(Pool::JvmOverhead),
        total_flink_memory: d.size(Pool::TotalFlinkMemory),
        total_process_memory: d.size(Pool::TotalProcessMemory),
        cpu_cores,
    })
}

/// Lets a legacy heap size stand in for the total that it means in this deployment.
///
/// Source: `TaskExecutorProcessUtils.getConfigurationMapLegacyTaskManagerHeapSizeToConfigOption`,
/// Flink 1.10 to 1.20.
fn map_legacy_heap(options: &mut Options<'_>, deployment: Deployment) -> Result<(), MemoryError> {
    let key = match deployment {
        Deployment::Standalone => &keys::TASK_MANAGER_FLINK_SIZE,
        Deployment::Active => &keys::TASK_MANAGER_PROCESS_SIZE,
    };
    if options.release() >= Release::V2_0 || options.is_set(key) {
        return Ok(());
    }
    let legacy = legacy_heap(options, &keys::TASK_MANAGER_HEAP_SIZE, &keys::TASK_MANAGER_HEAP_MB)
        .map_err(|cause| MemoryError::LegacyHeap { cause: Box::new(cause) })?;
    if let Some(legacy) = legacy {
        options.substitute(key, legacy);
    }
    Ok(())
}

/// The legacy heap size, else the one in mebibytes.
pub(super) fn legacy_heap<'c>(
    options: &Options<'c>,
    size: &'static OptionKey<MemorySize>,
    mebibytes: &'static OptionKey<i32>,
) -> Result<Option<Input<'c, MemorySize>>, MemoryError> {
    if options.is_set(size) {
        return options.size(size).map(Some);
    }
    if !options.is_set(mebibytes) {
        return Ok(None);
    }
    let Input { key, value, origin } = options.value(mebibytes)?;
    match u32::try_from(value) {
        Ok(value) => Ok(Some(Input { key, value: MemorySize::from_mebibytes(value), origin })),
        Err(_) => Err(MemoryError::NegativeLegacyHeap { key, mebibytes: value }),
    }
}

pub(super) fn is_fine_grained(options: &Options<'_>) -> bool {
    options.is_set(&keys::TASK_HEAP_SIZE) && options.is_set(&keys::MANAGED_SIZE)
}

const UTILS_FINE: &str = "TaskExecutorFlinkMemoryUtils.deriveFromRequiredFineGrainedOptions";
const UTILS_FLINK: &str = "TaskExecutorFlinkMemoryUtils.deriveFromTotalFlinkMemory";

/// Everything but Network Memory, in the order of Flink's messages.
const WITHOUT_NETWORK: &[Pool] = &[
    Pool::FrameworkHeap,
    Pool::FrameworkOffHeap,
    Pool::TaskHeap,
    Pool::TaskOffHeap,
    Pool::Managed,
];
/// Everything but Task Heap, in the order of Flink's messages.
const WITHOUT_TASK_HEAP: &[Pool] =
    &[Pool::FrameworkHeap, Pool::FrameworkOffHeap, Pool::TaskOffHeap, Pool::Managed, Pool::Network];
/// Every part of Total Flink Memory.
const FLINK_PARTS: &[Pool] = &[
    Pool::FrameworkHeap,
    Pool::FrameworkOffHeap,
    Pool::TaskHeap,
    Pool::TaskOffHeap,
    Pool::Network,
    Pool::Managed,
];

static NETWORK: FractionOptions = FractionOptions {
    fraction: &keys::NETWORK_FRACTION,
    range: Some((&keys::NETWORK_MIN, &keys::NETWORK_MAX)),
};
static MANAGED: FractionOptions =
    FractionOptions { fraction: &keys::MANAGED_FRACTION, range: None };

/// Task Heap and managed memory are set: Total Flink Memory is their sum with the rest.
pub(super) fn from_fine_grained(d: &mut Deriver<'_>) -> Result<(), MemoryError> {
    d.option(Pool::TaskHeap, &keys::TASK_HEAP_SIZE, UTILS_FINE)?;
    d.option(Pool::Managed, &keys::MANAGED_SIZE, UTILS_FINE)?;
    framework_and_off_heap(d, UTILS_FINE)?;
    let needed = d.total(WITHOUT_NETWORK)?;
    if d.options.is_set(&keys::TASK_MANAGER_FLINK_SIZE) {
        let key = &keys::TASK_MANAGER_FLINK_SIZE;
        let total = d.option(Pool::TotalFlinkMemory, key, UTILS_FINE)?;
        return network_as_rest(d, total, needed);
    }
    if uses_network_segments(&d.options) {
        network_from_segments(d)?;
    } else {
        let capped = d.capped(&NETWORK, WITHOUT_NETWORK, Fraction::inverse_of)?;
        let source = "TaskExecutorFlinkMemoryUtils.deriveNetworkMemoryWithInverseFraction";
        d.push(Pool::Network, capped.value(), Formula::InverseFraction(capped), source);
    }
    d.sum(Pool::TotalFlinkMemory, FLINK_PARTS, "TaskExecutorFlinkMemory.getTotalFlinkMemorySize")?;
    Ok(())
}

/// Total Flink Memory is known: it is divided.
pub(super) fn from_total_flink(d: &mut Deriver<'_>) -> Result<(), MemoryError> {
    let total = d.size(Pool::TotalFlinkMemory);
    framework_and_off_heap(d, UTILS_FLINK)?;
    if d.options.is_set(&keys::TASK_HEAP_SIZE) {
        d.option(Pool::TaskHeap, &keys::TASK_HEAP_SIZE, UTILS_FLINK)?;
        managed(d)?;
        let needed = d.total(WITHOUT_NETWORK)?;
        return network_as_rest(d, total, needed);
    }
    managed(d)?;
    if uses_network_segments(&d.options) {
        network_from_segments(d)?;
    } else {
        let capped = d.capped(&NETWORK, &[Pool::TotalFlinkMemory], Fraction::of)?;
        let source = "TaskExecutorFlinkMemoryUtils.deriveNetworkMemoryWithFraction";
        d.push(Pool::Network, capped.value(), Formula::Fraction(capped), source);
    }
    let needed = d.total(WITHOUT_TASK_HEAP)?;
    check_components(d, WITHOUT_TASK_HEAP, needed, total)?;
    d.rest(Pool::TaskHeap, Pool::TotalFlinkMemory, WITHOUT_TASK_HEAP, None, UTILS_FLINK)?;
    Ok(())
}

fn framework_and_off_heap(d: &mut Deriver<'_>, source: &'static str) -> Result<(), MemoryError> {
    d.option(Pool::FrameworkHeap, &keys::FRAMEWORK_HEAP_SIZE, source)?;
    d.option(Pool::FrameworkOffHeap, &keys::FRAMEWORK_OFF_HEAP_SIZE, source)?;
    d.option(Pool::TaskOffHeap, &keys::TASK_OFF_HEAP_SIZE, source)?;
    Ok(())
}

/// Managed memory as a size if set, else as a fraction of Total Flink Memory.
fn managed(d: &mut Deriver<'_>) -> Result<(), MemoryError> {
    let source = "TaskExecutorFlinkMemoryUtils.deriveManagedMemoryAbsoluteOrWithFraction";
    if d.options.is_set(&keys::MANAGED_SIZE) {
        d.option(Pool::Managed, &keys::MANAGED_SIZE, source)?;
    } else {
        let capped = d.capped(&MANAGED, &[Pool::TotalFlinkMemory], Fraction::of)?;
        d.push(Pool::Managed, capped.value(), Formula::Fraction(capped), source);
    }
    Ok(())
}

/// Network Memory is what is left, and must agree with its own options.
///
/// Source: `TaskExecutorFlinkMemoryUtils.sanityCheckNetworkMemory…`, Flink 1.10 to 2.3.
fn network_as_rest(
    d: &mut Deriver<'_>,
    total: MemorySize,
    needed: MemorySize,
) -> Result<(), MemoryError> {
    check_components(d, WITHOUT_NETWORK, needed, total)?;
    let derived = total.saturating_sub(needed);
    let check = |d: &Deriver<'_>| {
        if uses_network_segments(&d.options) {
            let (configured, ..) = network_segments(d)?;
            return if configured == derived {
                Ok(())
            } else {
                Err(MemoryError::NetworkIsNotSegments { derived, configured })
            };
        }
        let (range, _) = d.range(&NETWORK)?;
        check_rest(Pool::Network, derived, range.as_ref())
    };
    check(d).map_err(|cause| {
        if cause.is_illegal_configuration() {
            MemoryError::NetworkInconsistent { cause: Box::new(cause) }
        } else {
            cause
        }
    })?;
    let range = if uses_network_segments(&d.options) { None } else { d.range(&NETWORK)?.0 };
    let source = "TaskExecutorFlinkMemoryUtils.sanityCheckNetworkMemory";
    d.rest(Pool::Network, Pool::TotalFlinkMemory, WITHOUT_NETWORK, range, source)?;
    Ok(())
}

fn check_components(
    d: &Deriver<'_>,
    pools: &[Pool],
    needed: MemorySize,
    total: MemorySize,
) -> Result<(), MemoryError> {
    if needed <= total {
        return Ok(());
    }
    let parts = pools.iter().map(|pool| (*pool, d.size(*pool))).collect();
    Err(MemoryError::ComponentsExceedTotalFlinkMemory { parts, total })
}

/// The number of segments counts only where none of the newer options is set.
///
/// Source: `TaskExecutorFlinkMemoryUtils.isUsingLegacyNetworkConfigs`, Flink 1.10 to 1.20.
fn uses_network_segments(options: &Options<'_>) -> bool {
    options.release() < Release::V2_0
        && options.is_set(&keys::NETWORK_BUFFER_COUNT)
        && !options.is_set(&keys::NETWORK_MIN)
        && !options.is_set(&keys::NETWORK_MAX)
        && !options.is_set(&keys::NETWORK_FRACTION)
}

fn network_from_segments(d: &mut Deriver<'_>) -> Result<(), MemoryError> {
    let (value, count, segment_size) = network_segments(d)?;
    let source = "TaskExecutorFlinkMemoryUtils.getNetworkMemorySizeWithLegacyConfig";
    d.push(Pool::Network, value, Formula::Segments { count, segment_size }, source);
    Ok(())
}

type Segments<'c> = (MemorySize, Input<'c, i32>, Input<'c, MemorySize>);

fn network_segments<'c>(d: &Deriver<'c>) -> Result<Segments<'c>, MemoryError> {
    let count = d.options.value(&keys::NETWORK_BUFFER_COUNT)?;
    let segment_size = task_manager_process::segment_size(&d.options)?;
    let unsigned =
        u64::try_from(count.value).map_err(|_| MemoryError::NegativeSize { key: count.key })?;
    Ok((segment_size.value.checked_mul(unsigned)?, count, segment_size))
}

/// As many cores as are set, else one per slot.
///
/// Source: `TaskExecutorProcessUtils.getCpuCores`, Flink 1.10 to 2.3.
fn cpu_cores(options: &Options<'_>) -> Result<f64, MemoryError> {
    let found = if options.is_set(&keys::CPU_CORES) {
        options.value(&keys::CPU_CORES)?.value
    } else {
        f64::from(options.value(&keys::TASK_SLOTS)?.value)
    };
    if found <= 0.0 {
        return Err(MemoryError::CpuCores { found });
    }
    if !found.is_finite() {
        return Err(MemoryError::CpuCoresNotFinite { found });
    }
    Ok(found)
}
