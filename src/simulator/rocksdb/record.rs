use crate::simulator::{Key, TimeToLive, Value};

/// A key with its key group before it: the order of RocksDB's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OrderedKey(u128);

impl OrderedKey {
    pub(super) const MIN: Self = Self(0);

    #[inline]
    pub(super) fn new(key: Key, max_parallelism: u16) -> Self {
        let group = key.prefix().key_group(max_parallelism);
        Self(u128::from(group) << 64 | u128::from(key.bits()))
    }

    /// The key's own bits.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    pub(super) const fn bits(self) -> u64 {
        self.0 as u64
    }

    /// The key as the store's callers know it.
    #[inline]
    pub(super) const fn key(self) -> Key {
        Key::from_bits(self.bits())
    }

    /// A separator that lies after `last` and everything else.
    pub(super) const fn after_last(last: Self) -> Self {
        last.next()
    }

    const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// How a column family writes its keys: key group, record key, sub key, each big endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyLayout {
    /// All bytes of a key.
    pub(super) size: u32,
    /// Bytes of the key group: 1 up to 128 groups.
    // Source: `CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix`, Flink 1.20.
    pub(super) group_size: u32,
}

/// Bytes that a simulated sub key has; longer ones differ in their last bytes alone.
const SUB_SIZE: u32 = 3;

impl KeyLayout {
    pub(super) fn new(size: u32, max_parallelism: u16) -> Self {
        let group_size = if max_parallelism > 128 { 2 } else { 1 };
        Self { size: size.max(group_size + 1), group_size }
    }

    /// The first byte in which two keys differ.
    #[inline]
    fn difference(self, a: OrderedKey, b: OrderedKey) -> u32 {
        let differing = a.0 ^ b.0;
        if differing >> 64 != 0 {
            return self.group_size - 1;
        }
        let differing = (a.bits()) ^ (b.bits());
        let sub_bits = 8 * SUB_SIZE;
        let has_sub = ((a.bits() | b.bits()) & ((1 << sub_bits) - 1)) != 0;
        let of_primary = differing >> sub_bits;
        let from_end = if of_primary == 0 {
            (63 - (differing | 1).leading_zeros()) / 8
        } else {
            let sub_size = if has_sub { SUB_SIZE } else { 0 };
            (63 - of_primary.leading_zeros()) / 8 + sub_size
        };
        self.size.saturating_sub(1 + from_end).max(self.group_size)
    }

    /// Bytes of `key` that a data block writes after `previous`, the trailer included.
    #[inline]
    pub(super) fn unshared(self, previous: OrderedKey, key: OrderedKey) -> u32 {
        self.size - self.difference(previous, key) + TRAILER
    }

    /// The key that separates two blocks in the index, and its length: the shortest that is not
    /// before `last` and before `first` of the next block.
    ///
    /// Source: `BytewiseComparatorImpl::FindShortestSeparator`, RocksDB 6.20 to 9.8.
    pub(super) fn separator(self, last: OrderedKey, first: OrderedKey) -> (OrderedKey, u32) {
        let at = self.difference(last, first);
        // In whole units of the differing byte: if the bytes are not neighbors, the separator is
        // the lower one plus one and ends there; if they are, a later byte is raised instead.
        let differing = (last.0 ^ first.0) | 1;
        let low_bits = (127 - differing.leading_zeros()) / 8 * 8;
        let (low, high) = (last.0 >> low_bits, first.0 >> low_bits);
        if high > low + 1 {
            return (OrderedKey((low + 1) << low_bits), at + 1);
        }
        if at + 2 >= self.size || low_bits < 8 {
            return (last.next(), self.size);
        }
        let low_bits = low_bits - 8;
        if (last.0 >> low_bits) & 0xff == 0xff {
            return (last.next(), self.size);
        }
        (OrderedKey(((last.0 >> low_bits) + 1) << low_bits), at + 2)
    }
}

// Source: sequence number and type, `PackSequenceAndType` in RocksDB's `db/dbformat.h`.
pub(super) const TRAILER: u32 = 8;

/// What one run of the tree knows of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) value: Value,
    /// When the first of the elements merged here was written; the same as the value's otherwise.
    pub(super) first_written_ms: u32,
    pub(super) kind: RecordKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordKind {
    /// The value, whatever lies below.
    Put,
    /// Nothing, whatever lies below.
    Delete,
    /// Elements to be appended to what lies below.
    Merge,
}

impl Record {
    pub(super) const fn put(value: Value) -> Self {
        Self { value, first_written_ms: value.written_ms, kind: RecordKind::Put }
    }

    pub(super) const fn merge(element: Value) -> Self {
        Self { value: element, first_written_ms: element.written_ms, kind: RecordKind::Merge }
    }

    pub(super) const fn delete(version: u32) -> Self {
        let value = Value { version, size: 0, elements: 0, written_ms: 0 };
        Self { value, first_written_ms: 0, kind: RecordKind::Delete }
    }

    /// This record above an older one.
    ///
    /// Merging is associative: an element that finds the list before it expired starts a new one,
    /// and then nothing below matters any more.
    #[must_use]
    pub(super) fn over(self, older: Self, ttl: TimeToLive) -> Self {
        if self.kind != RecordKind::Merge {
            return self;
        }
        match older.kind {
            RecordKind::Delete => Self { kind: RecordKind::Put, ..self },
            _ if older.value.is_expired(ttl, self.first_written_ms) => {
                Self { kind: RecordKind::Put, ..self }
            }
            RecordKind::Put | RecordKind::Merge => {
                let value = Value {
                    size: older.value.size.saturating_add(self.value.size),
                    elements: older.value.elements.saturating_add(self.value.elements),
                    ..self.value
                };
                Self { value, first_written_ms: older.first_written_ms, kind: older.kind }
            }
        }
    }

    /// The value that a read sees when nothing lies below.
    pub(super) fn visible(self, ttl: TimeToLive, now_ms: u32) -> Option<Value> {
        let live = self.kind != RecordKind::Delete && !self.value.is_expired(ttl, now_ms);
        live.then_some(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::StateId;
    use proptest::prelude::*;

    fn key(primary: u64, sub: u32) -> OrderedKey {
        OrderedKey::new(Key::new(StateId(0), primary, sub), 1)
    }

    #[test]
    fn neighboring_keys_share_all_but_their_last_bytes() {
        let layout = KeyLayout::new(10, 1);
        let unshared = |a, b| layout.unshared(a, b) - TRAILER;
        assert_eq!(unshared(key(1, 0), key(2, 0)), 1);
        assert_eq!(unshared(key(255, 0), key(256, 0)), 2);
        assert_eq!(unshared(key(1, 5), key(2, 5)), 4);
        assert_eq!(unshared(key(1, 5), key(1, 6)), 1);
    }

    #[test]
    fn separators_are_as_short_as_rocksdb_makes_them() {
        let layout = KeyLayout::new(10, 1);
        let (separator, size) = layout.separator(key(0x1234, 0), key(0x1434, 0));
        assert_eq!((separator, size), (key(0x1300, 0), 9));
        let (separator, size) = layout.separator(key(0x1234, 0), key(0x1334, 0));
        assert!(separator > key(0x1234, 0) && separator <= key(0x1334, 0) && size == 10);
    }

    proptest! {
        #[test]
        fn a_separator_lies_between(a in 0_u64..1 << 20, b in 0_u64..1 << 20, x: u8, y: u8) {
            let (a, b) = (key(a, x.into()), key(b, y.into()));
            prop_assume!(a < b);
            let (separator, size) = KeyLayout::new(13, 1).separator(a, b);
            prop_assert!(a < separator && separator <= b && size <= 13);
        }

        #[test]
        fn merging_is_associative(
            steps in proptest::collection::vec((0_u8..6, 0_u32..100), 1..12),
            split in 0_usize..12,
            ttl_millis in 0_u32..60,
        ) {
            let ttl = if ttl_millis == 0 { TimeToLive::Never }
                else { TimeToLive::AfterWrite { millis: ttl_millis } };
            let mut now = 0;
            let mut model: Option<Value> = None;
            let mut records = Vec::new();
            for (version, &(operation, elapsed)) in (1_u32..).zip(&steps) {
                now += elapsed;
                let value = Value { version, size: 10, elements: 1, written_ms: now };
                match operation {
                    0 => { model = None; records.push(Record::delete(version)); }
                    1 => { model = Some(value); records.push(Record::put(value)); }
                    _ => {
                        model = Some(Value::appended(model, value, ttl));
                        records.push(Record::merge(value));
                    }
                }
            }
            let fold = |records: &[Record]| {
                records.iter().copied().reduce(|older, newer| newer.over(older, ttl))
            };
            let (low, high) = records.split_at(split.min(records.len()));
            let split = match (fold(low), fold(high)) {
                (Some(low), Some(high)) => high.over(low, ttl),
                (low, high) => high.or(low).unwrap(),
            };
            let visible = |value: Option<Value>| value.filter(|v| !v.is_expired(ttl, now));
            prop_assert_eq!(split.visible(ttl, now), visible(model));
            prop_assert_eq!(fold(&records), Some(split));
        }
    }
}
