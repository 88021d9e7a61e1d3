use super::options::{Deployment, Options};
use super::process::{self, Deriver};
use super::{Derivation, Formula, Input, MemoryError, Pool, ValueCheck, task_manager::legacy_heap};
use crate::catalog::{Release, keys};
use crate::config::ResolvedConfig;
use crate::units::MemorySize;

/// The memory of a JobManager process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobManagerMemory {
    /// JVM heap.
    pub jvm_heap: MemorySize,
    /// All the rest; `None` on Flink 1.10, which sizes the heap only.
    pub beyond_heap: Option<JobManagerBeyondHeap>,
}

/// What a JobManager has beside its heap, from Flink 1.11 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Flink's")]
pub struct JobManagerBeyondHeap {
    pub off_heap: MemorySize,
    pub jvm_metaspace: MemorySize,
    pub jvm_overhead: MemorySize,
    pub total_flink_memory: MemorySize,
    pub total_process_memory: MemorySize,
    /// Whether the JVM is told to keep direct memory within `off_heap`.
    pub limits_direct_memory: bool,
}

/// Derives a JobManager's memory as the start scripts of the configuration's release do.
///
/// Source: `BashJavaUtils`, `JobManagerProcessUtils`, Flink 1.11 to 2.3;
/// `ConfigurationUtils.getJobManagerHeapMemory`, Flink 1.10.
pub fn derive_job_manager<'c>(
    config: &'c ResolvedConfig<'_>,
    deployment: Deployment,
) -> Derivation<'c, JobManagerMemory> {
    let mut deriver = Deriver::new(Options::new(config));
    let result = if config.release() < Release::V1_11 {
        derive_heap_only(&mut deriver)
    } else {
        derive(&mut deriver, deployment)
    };
    Derivation { steps: deriver.steps, result }
}

fn derive(d: &mut Deriver<'_>, deployment: Deployment) -> Result<JobManagerMemory, MemoryError> {
    map_legacy_heap(&mut d.options, deployment)?;
    process::derive(d, &process::JOB_MANAGER)?;
    let limits_direct_memory = d.options.value(&keys::JOB_MANAGER_DIRECT_MEMORY_LIMIT)?.value;
    Ok(JobManagerMemory {
        jvm_heap: d.size(Pool::JvmHeap),
        beyond_heap: Some(JobManagerBeyondHeap {
            off_heap: d.size(Pool::OffHeap),
            jvm_metaspace: d.size(Pool::JvmMetaspace),
            jvm_overhead: d.size(Pool::JvmOverhead),
            total_flink_memory: d.size(Pool::TotalFlinkMemory),
            total_process_memory: d.size(Pool::TotalProcessMemory),
            limits_direct_memory,
        }),
    })
}

/// Flink 1.10: `jobmanager.heap.size`, else `jobmanager.heap.mb`, else the default of the former.
fn derive_heap_only(d: &mut Deriver<'_>) -> Result<JobManagerMemory, MemoryError> {
    let source = "ConfigurationUtils.getJobManagerHeapMemory";
    let options = &d.options;
    let has_own = |key| options.own_setting(key).is_some();
    let heap = if !has_own(&keys::JOB_MANAGER_HEAP_SIZE)
        && options.own_setting(&keys::JOB_MANAGER_HEAP_MB).is_some()
    {
        let Input { key, value, origin } = options.value(&keys::JOB_MANAGER_HEAP_MB)?;
        let value = u32::try_from(value).map_err(|_| MemoryError::NegativeSize { key })?;
        Input { key, value: MemorySize::from_mebibytes(value), origin }
    } else {
        options.value(&keys::JOB_MANAGER_HEAP_SIZE).map_err(|error| error.at(ValueCheck::Bare))?
    };
    let jvm_heap = d.push(Pool::JvmHeap, heap.value, Formula::Option(heap), source);
    Ok(JobManagerMemory { jvm_heap, beyond_heap: None })
}

/// The JVM heap that YARN's client of Flink 1.10 leaves of a JobManager's container, beside what it
/// cuts off; `None` where the cut-off is larger than the container, which the client refuses.
///
/// Source: `BootstrapTools.calculateHeapSize`, Flink 1.10.3.
pub fn yarn_job_manager_heap(
    config: &ResolvedConfig<'_>,
    container: MemorySize,
) -> Option<MemorySize> {
    let options = Options::new(config);
    let ratio = options.value(&keys::HEAP_CUTOFF_RATIO).ok()?.value;
    let least = options.value(&keys::HEAP_CUTOFF_MIN).ok()?.value;
    // Both sides are whole mebibytes there.
    let container = MemorySize::from_mebibytes(u32::try_from(container.mebibytes()).ok()?);
    let share = ratio.of(container).ok()?.mebibytes();
    let least = MemorySize::from_mebibytes(u32::try_from(least).ok()?);
    let share = MemorySize::from_mebibytes(u32::try_from(share).ok()?);
    container.checked_sub(share.max(least))
}

/// Lets a legacy heap size stand in for what it means in this deployment.
///
/// Source: `JobManagerProcessUtils.getConfigurationWithLegacyHeapSizeMappedToNewConfigOption`,
/// Flink 1.11 to 1.20.
fn map_legacy_heap(options: &mut Options<'_>, deployment: Deployment) -> Result<(), MemoryError> {
    let key = match deployment {
        Deployment::Standalone => &keys::JOB_MANAGER_MEMORY_HEAP_SIZE,
        Deployment::Active => &keys::JOB_MANAGER_PROCESS_SIZE,
    };
    if options.release() >= Release::V2_0 || options.is_set(key) {
        return Ok(());
    }
    if let Some(legacy) =
        legacy_heap(options, &keys::JOB_MANAGER_HEAP_SIZE, &keys::JOB_MANAGER_HEAP_MB)?
    {
        options.substitute(key, legacy);
    }
    Ok(())
}

pub(super) fn is_fine_grained(options: &Options<'_>) -> bool {
    options.is_set(&keys::JOB_MANAGER_MEMORY_HEAP_SIZE)
}

const UTILS_FINE: &str = "JobManagerFlinkMemoryUtils.deriveFromRequiredFineGrainedOptions";
const UTILS_FLINK: &str = "JobManagerFlinkMemoryUtils.deriveFromTotalFlinkMemory";
const FLINK_PARTS: &[Pool] = &[Pool::JvmHeap, Pool::OffHeap];

/// The JVM heap is set.
pub(super) fn from_fine_grained(d: &mut Deriver<'_>) -> Result<(), MemoryError> {
    let heap = d.option(Pool::JvmHeap, &keys::JOB_MANAGER_MEMORY_HEAP_SIZE, UTILS_FINE)?;
    // Flink reads this before it knows whether it is needed, so a bad value always counts.
    let off_heap = d.options.size(&keys::JOB_MANAGER_OFF_HEAP_SIZE)?;
    if !d.options.is_set(&keys::JOB_MANAGER_FLINK_SIZE) {
        d.push(Pool::OffHeap, off_heap.value, Formula::Option(off_heap), UTILS_FINE);
        d.sum(
            Pool::TotalFlinkMemory,
            FLINK_PARTS,
            "JobManagerFlinkMemory.getTotalFlinkMemorySize",
        )?;
        return Ok(());
    }
    let key = &keys::JOB_MANAGER_FLINK_SIZE;
    let total = d.option(Pool::TotalFlinkMemory, key, UTILS_FINE)?;
    if d.options.is_set(&keys::JOB_MANAGER_OFF_HEAP_SIZE) {
        if heap.checked_add(off_heap.value)? != total {
            return Err(MemoryError::HeapAndOffHeapMismatch {
                heap,
                off_heap: off_heap.value,
                total,
            });
        }
        d.push(Pool::OffHeap, off_heap.value, Formula::Option(off_heap), UTILS_FINE);
    } else if heap > total {
        return Err(MemoryError::HeapExceedsTotalFlinkMemory { heap, total });
    } else {
        // The default of the off-heap size does not count here.
        d.rest(Pool::OffHeap, Pool::TotalFlinkMemory, &[Pool::JvmHeap], None, UTILS_FINE)?;
    }
    Ok(())
}

/// Total Flink Memory is known: the heap is what off-heap memory leaves.
pub(super) fn from_total_flink(d: &mut Deriver<'_>) -> Result<(), MemoryError> {
    let total = d.size(Pool::TotalFlinkMemory);
    let off_heap = d.option(Pool::OffHeap, &keys::JOB_MANAGER_OFF_HEAP_SIZE, UTILS_FLINK)?;
    if total <= off_heap {
        return Err(MemoryError::OffHeapExceedsTotalFlinkMemory { off_heap, total });
    }
    d.rest(Pool::JvmHeap, Pool::TotalFlinkMemory, &[Pool::OffHeap], None, UTILS_FLINK)?;
    Ok(())
}
