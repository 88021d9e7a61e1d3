//! The options that slotwise itself reads, each written once.

use super::OptionKey;
use crate::units::{Fraction, MemorySize};

/// Total Process Memory of a TaskManager.
pub const TASK_MANAGER_PROCESS_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.process.size");
/// Upper bound of Network Memory.
pub const NETWORK_MAX: OptionKey<MemorySize> = OptionKey::new("taskmanager.memory.network.max");
/// Fraction of Total Flink Memory that becomes managed memory.
pub const MANAGED_FRACTION: OptionKey<Fraction> =
    OptionKey::new("taskmanager.memory.managed.fraction");
/// Task slots of a TaskManager.
pub const TASK_SLOTS: OptionKey<i32> = OptionKey::new("taskmanager.numberOfTaskSlots");
