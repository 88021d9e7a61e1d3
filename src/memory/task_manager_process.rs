use super::options::Options;
use super::{Deployment, Input, MemoryError, SegmentSizeProblem, TaskManagerMemory};
use crate::catalog::{OptionKey, Release, keys};
use crate::config::{Layer, ResolvedConfig, Setting};
use crate::units::MemorySize;

/// What the started TaskManager makes of the memory that was computed for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaskManagerProcess<'c> {
    /// Task slots, at least one.
    pub slots: Input<'c, i32>,
    /// Task slots as a count.
    pub slot_count: u32,
    /// What a slot gets by default.
    pub slot: SlotProfile,
    /// Size of a memory segment and network buffer.
    pub segment_size: Input<'c, MemorySize>,
    /// Network buffers of the whole TaskManager.
    pub network_buffer_count: u64,
}

/// What one slot gets by default: an equal share, rounded down, the remainder lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Flink's")]
pub struct SlotProfile {
    pub managed: MemorySize,
    pub task_heap: MemorySize,
    pub task_off_heap: MemorySize,
    pub network: MemorySize,
}

/// Derives slots and buffers as the started TaskManager does.
///
/// # Errors
/// Those with which the TaskManager would die after the start scripts accepted its memory.
///
/// Source: `TaskExecutorResourceUtils`, `TaskManagerServicesConfiguration`,
/// `NettyShuffleEnvironmentConfiguration`, Flink 1.10 to 2.3.
pub fn derive_task_manager_process<'c>(
    config: &'c ResolvedConfig<'_>,
    deployment: Deployment,
    memory: &TaskManagerMemory,
) -> Result<TaskManagerProcess<'c>, MemoryError> {
    let options = Options::new(config);
    check_network_is_fixed(&options, deployment, memory)?;
    let slots = slots(&options)?;
    let slot_count = u32::try_from(slots.value)
        .ok()
        .filter(|count| *count > 0)
        .ok_or(MemoryError::SlotCount { found: slots.value })?;
    let segment_size = segment_size(&options)?;
    let share =
        |size: MemorySize| size.checked_div(u64::from(slot_count)).unwrap_or(MemorySize::ZERO);
    let slot = SlotProfile {
        managed: share(memory.managed),
        task_heap: share(memory.task_heap),
        task_off_heap: share(memory.task_off_heap),
        network: share(memory.network),
    };
    let network_buffer_count = memory.network.count_of(segment_size.value);
    if i32::try_from(network_buffer_count).is_err() {
        return Err(MemoryError::TooManyNetworkBuffers { network: memory.network });
    }
    if options.release() >= Release::V1_13 {
        // The network stack reads this size as it starts; the figures do not depend on it.
        options.value(&keys::BATCH_SHUFFLE_SIZE)?;
    }
    Ok(TaskManagerProcess { slots, slot_count, slot, segment_size, network_buffer_count })
}

/// `taskmanager.sh` passes the computed sizes as `-D`; from 1.12 on the user's own `-D` come after
/// them and win, so that the two ends of the network range may differ again.
fn check_network_is_fixed(
    options: &Options<'_>,
    deployment: Deployment,
    memory: &TaskManagerMemory,
) -> Result<(), MemoryError> {
    if options.release() < Release::V1_12 || deployment != Deployment::Standalone {
        return Ok(());
    }
    let end = |key: &'static OptionKey<MemorySize>| match options.own_setting(key) {
        Some(Setting { layer: Layer::DynamicProperty, .. }) => {
            options.size(key).map(|input| input.value)
        }
        _ => Ok(memory.network),
    };
    let (min, max) = (end(&keys::NETWORK_MIN)?, end(&keys::NETWORK_MAX)?);
    if min == max { Ok(()) } else { Err(MemoryError::NetworkNotFixed { min, max }) }
}

/// The number of slots; -1 means one.
///
/// Source: `ConfigurationParserUtils.getSlot`, Flink 1.10 to 2.3.
fn slots<'c>(options: &Options<'c>) -> Result<Input<'c, i32>, MemoryError> {
    let slots = options.value(&keys::TASK_SLOTS)?;
    Ok(if slots.value == -1 { Input { value: 1, ..slots } } else { slots })
}

/// The size of a memory segment, checked.
///
/// Source: `ConfigurationParserUtils.getPageSize`, `MemoryManager.MIN_PAGE_SIZE`, Flink 1.10 to
/// 2.3.
pub(super) fn segment_size<'c>(
    options: &Options<'c>,
) -> Result<Input<'c, MemorySize>, MemoryError> {
    const LEAST: u64 = 4096;
    let input = options.value(&keys::SEGMENT_SIZE)?;
    let bytes = input.value.bytes();
    let problem = if i32::try_from(bytes).is_err() {
        SegmentSizeProblem::TooLarge
    } else if bytes < LEAST {
        SegmentSizeProblem::TooSmall
    } else if !bytes.is_power_of_two() {
        SegmentSizeProblem::NotAPowerOfTwo
    } else {
        return Ok(input);
    };
    Err(MemoryError::SegmentSize { found: input.value, problem })
}
