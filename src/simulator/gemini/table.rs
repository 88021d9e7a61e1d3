//! The hash table of entries that are in memory: write buffer and cache in one.

#![expect(
    clippy::indexing_slicing,
    reason = "every index is masked to the table's size, a power of two"
)]

use super::map_index::Place;
use crate::simulator::random::mix;
use crate::simulator::{Key, Value};

/// What a slot says about its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing: the slot is free.
    Vacant,
    /// The key has this value.
    Put,
    /// The key is deleted; files may still have it.
    Delete,
    /// Elements to append to whatever the files have.
    Append,
    /// All entries of this prefix are in memory; scans need no file.
    Head,
}

/// Where an entry stands between memory and disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The files have the same: it may be dropped.
    Clean,
    /// Only memory has it.
    Dirty,
    /// It is being written out as it is.
    Frozen,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) value: Value,
    pub(super) kind: Kind,
    pub(super) standing: Standing,
    /// Used since the hand passed last.
    pub(super) referenced: bool,
    /// Where the index of map entries has the key.
    pub(super) place: Place,
}

const VACANT: Entry = Entry {
    key: Key::new(crate::simulator::StateId(0), 0, 0),
    value: Value { version: 0, size: 0, elements: 0, written_ms: 0 },
    kind: Kind::Vacant,
    standing: Standing::Clean,
    referenced: false,
    place: Place::NONE,
};

/// Neighboring slots that the hand of the CLOCK visits in a row.
const BLOCK: usize = 8;
/// From one block to the next that the hand visits: odd, so that it gets to all of them, and far,
/// so that blocks just emptied and blocks long full lie mixed. In the order of the slots, those
/// ahead of the hand would be twice as full as all on average, and probes as long as the table.
const BLOCK_STRIDE: usize = 0x9e37_79b1;

/// Open addressing with linear probing; the hand of the CLOCK goes round the slots.
#[derive(Debug, Clone)]
pub(super) struct Table {
    slots: Vec<Entry>,
    mask: usize,
    len: usize,
    hand: usize,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { slots: vec![VACANT; 64], mask: 63, len: 0, hand: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn slot_count(&self) -> usize {
        self.slots.len()
    }

    #[inline]
    pub(super) fn find(&self, key: Key) -> Option<usize> {
        let mut slot = self.home(key);
        loop {
            let entry = &self.slots[slot];
            if entry.kind == Kind::Vacant {
                return None;
            }
            if entry.key == key {
                return Some(slot);
            }
            slot = (slot + 1) & self.mask;
        }
    }

    pub(super) fn entry(&self, slot: usize) -> &Entry {
        &self.slots[slot & self.mask]
    }

    pub(super) fn entry_mut(&mut self, slot: usize) -> &mut Entry {
        &mut self.slots[slot & self.mask]
    }

    /// Adds an entry whose key is not there yet.
    pub(super) fn insert(&mut self, entry: Entry) -> usize {
        // At three quarters full a probe still looks at two or three slots.
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.len += 1;
        self.place(entry)
    }

    /// Frees a slot and closes the gap, so that every probe still ends right.
    pub(super) fn remove(&mut self, slot: usize) {
        let mut hole = slot & self.mask;
        let mut next = hole;
        loop {
            next = (next + 1) & self.mask;
            if self.slots[next].kind == Kind::Vacant {
                break;
            }
            let home = self.home(self.slots[next].key);
            let from_home = next.wrapping_sub(home) & self.mask;
            let from_hole = next.wrapping_sub(hole) & self.mask;
            if from_home >= from_hole {
                self.slots[hole] = self.slots[next];
                hole = next;
            }
        }
        self.slots[hole] = VACANT;
        self.len -= 1;
    }

    /// Moves the hand on by one slot and says which it left.
    pub(super) fn advance(&mut self) -> usize {
        let block = (self.hand / BLOCK).wrapping_mul(BLOCK_STRIDE);
        let slot = (block.wrapping_mul(BLOCK) + self.hand % BLOCK) & self.mask;
        self.hand = (self.hand + 1) & self.mask;
        slot
    }

    /// Lets the hand look at the slot again that it left last: another entry moved there.
    pub(super) fn step_back(&mut self) {
        self.hand = self.hand.wrapping_sub(1) & self.mask;
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().filter(|entry| entry.kind != Kind::Vacant)
    }

    pub(super) fn slots_mut(&mut self) -> &mut [Entry] {
        &mut self.slots
    }

    #[inline]
    fn home(&self, key: Key) -> usize {
        usize::try_from(mix(key.bits())).unwrap_or(0) & self.mask
    }

    fn place(&mut self, entry: Entry) -> usize {
        let mut slot = self.home(entry.key);
        while self.slots[slot].kind != Kind::Vacant {
            slot = (slot + 1) & self.mask;
        }
        self.slots[slot] = entry;
        slot
    }

    fn grow(&mut self) {
        let slots = std::mem::take(&mut self.slots);
        self.slots = vec![VACANT; slots.len() * 2];
        self.mask = self.slots.len() - 1;
        self.hand = 0;
        for entry in slots.into_iter().filter(|entry| entry.kind != Kind::Vacant) {
            self.place(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::simulator::StateId;

    proptest! {
        #[test]
        fn it_is_a_map(steps in proptest::collection::vec((0_u64..40, any::<bool>()), 1..400)) {
            let mut table = Table::new();
            let mut model = BTreeMap::new();
            for (turn, (primary, adds)) in (0_u32..).zip(steps) {
                let key = Key::new(StateId(0), primary, 0);
                match (table.find(key), adds) {
                    (Some(slot), true) => table.entry_mut(slot).value.version = turn,
                    (Some(slot), false) => table.remove(slot),
                    (None, true) => {
                        let value = Value { version: turn, ..Value::default() };
                        table.insert(Entry { key, value, kind: Kind::Put, ..VACANT });
                    }
                    (None, false) => {}
                }
                if adds { model.insert(key, turn); } else { model.remove(&key); }
                prop_assert_eq!(table.len(), model.len());
                for (key, version) in &model {
                    let slot = table.find(*key).unwrap();
                    prop_assert_eq!(table.entry(slot).value.version, *version);
                }
            }
        }
    }

    #[test]
    fn the_hand_visits_every_slot_once_a_round() {
        let mut table = Table::new();
        for primary in 0..1_000 {
            table.insert(Entry {
                key: Key::new(StateId(0), primary, 0),
                kind: Kind::Put,
                ..VACANT
            });
        }
        let round: std::collections::BTreeSet<usize> =
            (0..table.slot_count()).map(|_| table.advance()).collect();
        assert_eq!(round.len(), table.slot_count());
    }

    #[test]
    fn probes_stay_short_however_long_the_hand_evicts() {
        let mut table = Table::new();
        for primary in 0..60_000 {
            table.insert(Entry {
                key: Key::new(StateId(0), primary, 0),
                kind: Kind::Put,
                ..VACANT
            });
            while table.len() > 11_000 {
                let slot = table.advance();
                if table.entry(slot).kind != Kind::Vacant {
                    table.remove(slot);
                    table.step_back();
                }
            }
        }
        let is_taken = |slot: &Entry| slot.kind != Kind::Vacant;
        let longest = table.slots.chunk_by(|a, b| is_taken(a) == is_taken(b));
        let longest = longest.filter(|run| is_taken(&run[0])).map(<[Entry]>::len).max();
        assert!(longest < Some(400), "{longest:?} of {} slots", table.slot_count());
    }
}
