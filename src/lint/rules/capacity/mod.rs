//! What a workload will run out of: rules that read an assessment and never run anything.

mod backend_memory_unused;
mod checkpoint_cannot_finish;
mod evidence;
mod local_disk_too_small;
mod network_buffers_short;
mod off_heap_size_far_off;
mod state_exceeds_heap;
mod throughput_below_rate;
mod timers_exceed_heap;
mod working_set_exceeds_memory;

pub(super) use backend_memory_unused::BackendMemoryUnused;
pub(super) use checkpoint_cannot_finish::CheckpointCannotFinish;
pub(super) use local_disk_too_small::LocalDiskTooSmall;
pub(super) use network_buffers_short::NetworkBuffersShort;
pub(super) use off_heap_size_far_off::OffHeapSizeFarOff;
pub(super) use state_exceeds_heap::StateExceedsHeap;
pub(super) use throughput_below_rate::ThroughputBelowRate;
pub(super) use timers_exceed_heap::TimersExceedHeap;
pub(super) use working_set_exceeds_memory::WorkingSetExceedsMemory;
