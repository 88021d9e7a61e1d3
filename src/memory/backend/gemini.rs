use super::weights::{self, ManagedShare};
use super::{BackendMemory, Concern, Context};
use crate::catalog::{OptionKey, gemini_option, keys};
use crate::config::{FromRaw, Origin, RawValue};
use crate::memory::Input;
use crate::memory::options::Options;
use crate::units::MemorySize;

/// The engine refuses to start with less native memory.
///
/// Source: the error text in the FAQ of Flink semi-managed on ACK, which names both figures.
pub const GEMINI_FLOOR: MemorySize = MemorySize::from_mebibytes(256);
/// What the same error text recommends.
pub const GEMINI_RECOMMENDATION: MemorySize = MemorySize::from_mebibytes(2048);

/// What each GeminiStateBackend gets.
#[derive(Debug, Clone, PartialEq)]
pub enum GeminiMemory<'c> {
    /// `memory.managed` is true.
    Managed(GeminiManaged<'c>),
    /// `memory.managed` is false.
    OwnSize(GeminiOwnSize<'c>),
}

/// Memory out of managed memory.
#[derive(Debug, Clone, PartialEq)]
pub struct GeminiManaged<'c> {
    /// What the slot's backends share.
    pub share: ManagedShare<'c>,
    /// An equal part for each backend; whether backends of a slot rather share one pool is not
    /// published.
    pub per_backend: MemorySize,
    /// 0.8 of it in whole mebibytes: the one published failure fits this factor. One data point
    /// (process 1024 MiB, one slot, 192937984 bytes), so never a documented fact.
    pub observed: MemorySize,
}

/// Memory that each backend takes for itself, beside managed memory.
#[derive(Debug, Clone, PartialEq)]
pub struct GeminiOwnSize<'c> {
    /// `offheap.size`; `None` if it is neither set nor has a default, or cannot be read.
    pub off_heap: Option<GeminiSize<'c>>,
    /// `total.writebuffer.size`, on engines that have it (VVR 4.0 and later).
    pub write_buffer: Option<GeminiSize<'c>>,
    /// The sum of both; `None` without an off-heap size.
    pub per_backend: Option<MemorySize>,
    /// The same for all backends of all slots.
    pub needed: Option<MemorySize>,
    /// What the process has outside of heap, metaspace, network and managed memory: JVM Overhead,
    /// Framework Off-Heap and Task Off-Heap.
    pub room: MemorySize,
    /// The room with managed memory, which this backend does not use.
    pub room_with_managed: MemorySize,
}

/// A size of Gemini's own.
pub type GeminiSize<'c> = Input<'c, MemorySize>;

pub(super) fn derive<'c>(
    options: &Options<'c>,
    context: Context<'_>,
    concerns: &mut Vec<Concern>,
) -> (BackendMemory<'c>, MemorySize) {
    if context.target.gemini().is_none() {
        concerns.push(Concern::GeminiNotAvailable);
    }
    let managed = read(options, &keys::GEMINI_MEMORY_MANAGED, context, concerns);
    if managed.is_none_or(|managed| managed.value) {
        let memory = derive_managed(options, context, concerns);
        (BackendMemory::Gemini(GeminiMemory::Managed(memory)), MemorySize::ZERO)
    } else {
        let memory = derive_own_size(options, context, concerns);
        (BackendMemory::Gemini(GeminiMemory::OwnSize(memory)), context.memory.managed)
    }
}

fn derive_managed<'c>(
    options: &Options<'c>,
    context: Context<'_>,
    concerns: &mut Vec<Concern>,
) -> GeminiManaged<'c> {
    let share = weights::share(options, context.slot_managed, concerns);
    let count = u64::from(context.backends_per_slot);
    let per_backend = share.alone.checked_div(count).unwrap_or(share.alone);
    // 0.8 as a ratio of whole numbers; of less than 2^63 bytes, four fifths fit.
    let fifth = per_backend.checked_div(5).unwrap_or_default();
    let observed = per_backend.saturating_sub(fifth);
    let observed = MemorySize::from_bytes(observed.mebibytes() << 20).unwrap_or(observed);
    if context.slot_managed == MemorySize::ZERO {
        concerns.push(Concern::NoManagedMemory);
    } else if per_backend < GEMINI_FLOOR {
        concerns.push(Concern::BelowFloor { per_backend });
    } else if observed < GEMINI_FLOOR {
        concerns.push(Concern::BelowFloorAsObserved { per_backend, observed });
    } else if per_backend < GEMINI_RECOMMENDATION {
        concerns.push(Concern::BelowRecommendation { per_backend });
    }
    GeminiManaged { share, per_backend, observed }
}

fn derive_own_size<'c>(
    options: &Options<'c>,
    context: Context<'_>,
    concerns: &mut Vec<Concern>,
) -> GeminiOwnSize<'c> {
    let off_heap = read_size(options, &keys::GEMINI_OFF_HEAP_SIZE, context, concerns);
    let write_buffer = read_size(options, &keys::GEMINI_WRITE_BUFFER_SIZE, context, concerns);
    let per_backend = off_heap.map(|off_heap| {
        let buffer = write_buffer.map_or(MemorySize::ZERO, |buffer| buffer.value);
        off_heap.value.checked_add(buffer).unwrap_or(MemorySize::MAX)
    });
    let backend_count = u64::from(context.backends_per_slot) * u64::from(context.slot_count);
    let needed = per_backend.map(|size| size.checked_mul(backend_count).unwrap_or(MemorySize::MAX));
    let (room, room_with_managed) = rooms(context);
    match needed {
        Some(needed) if needed > room_with_managed => {
            concerns.push(Concern::OverrunsContainer { needed, room: room_with_managed });
        }
        Some(needed) if needed > room => {
            concerns.push(Concern::LivesOnIdleManaged { needed, room });
        }
        Some(_) => {}
        None => {
            let unread = concerns.iter().any(|concern| matches!(concern, Concern::BadValue { .. }));
            if !unread {
                concerns.push(Concern::NoOwnSize);
            }
        }
    }
    match per_backend {
        Some(per_backend) if per_backend < GEMINI_FLOOR => {
            concerns.push(Concern::BelowFloor { per_backend });
        }
        Some(per_backend) if per_backend < GEMINI_RECOMMENDATION => {
            concerns.push(Concern::BelowRecommendation { per_backend });
        }
        _ => {}
    }
    GeminiOwnSize { off_heap, write_buffer, per_backend, needed, room, room_with_managed }
}

/// The room for native memory that Flink does not account for, and the same with managed memory.
///
/// The heap and the network buffers are taken at once and metaspace soon, so what is left of the
/// container is JVM Overhead and the two off-heap pools, and managed memory if nobody uses it.
pub(super) fn rooms(context: Context<'_>) -> (MemorySize, MemorySize) {
    let memory = context.memory;
    let add = |a: MemorySize, b| a.checked_add(b).unwrap_or(MemorySize::MAX);
    let room = add(add(memory.jvm_overhead, memory.framework_off_heap), memory.task_off_heap);
    (room, add(room, memory.managed))
}

/// A Gemini option, by setting or by the default of the target's engine.
fn read<'c, T: FromRaw>(
    options: &Options<'c>,
    key: &'static OptionKey<T>,
    context: Context<'_>,
    concerns: &mut Vec<Concern>,
) -> Option<Input<'c, T>> {
    let release = options.release();
    if let Some(setting) = options.own_setting(key) {
        match T::from_raw(&setting.value, release) {
            Ok(value) => {
                return Some(Input { key: key.key(), value, origin: Origin::Setting(setting) });
            }
            Err(refusal) => concerns.push(Concern::BadValue {
                key: key.key(),
                value: setting.value.text().into_owned(),
                reason: refusal.reason,
            }),
        }
    }
    let default = gemini_option(key.key())?.default_of(context.target)?;
    let value = T::from_raw(&RawValue::Text(default.into()), release).ok()?;
    Some(Input { key: key.key(), value, origin: Origin::Default })
}

/// A size: a bare number means GiB on EMR's engines, and VVR 4.0 and later demand a unit.
fn read_size<'c>(
    options: &Options<'c>,
    key: &'static OptionKey<MemorySize>,
    context: Context<'_>,
    concerns: &mut Vec<Concern>,
) -> Option<GeminiSize<'c>> {
    let setting = options.own_setting(key);
    let text = setting.map(|setting| setting.value.text().trim().to_owned());
    let bare = text.filter(|text| text.parse::<u64>().is_ok());
    let (Some(setting), Some(value)) = (setting, bare) else {
        let read = read(options, key, context, concerns);
        // An engine without the option ignores it, whoever sets it.
        let supported = gemini_option(key.key()).is_some_and(|option| {
            option.support(context.target) == crate::catalog::GeminiSupport::Supported
        });
        return read.filter(|_| supported);
    };
    let demands_unit = context.target.vvr().is_some_and(|version| version.major >= 4);
    let gibibytes = value
        .parse::<u64>()
        .ok()
        .and_then(|count| MemorySize::from_mebibytes(1024).checked_mul(count).ok());
    match gibibytes {
        Some(size) if !demands_unit => {
            concerns.push(Concern::BareNumber { key: key.key(), value });
            Some(Input { key: key.key(), value: size, origin: Origin::Setting(setting) })
        }
        _ => {
            concerns.push(Concern::BadValue {
                key: key.key(),
                value,
                reason: "a unit is required, one of B, KB, MB and GB".to_owned(),
            });
            None
        }
    }
}
