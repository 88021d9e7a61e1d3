use crate::simulator::random::{Seed, mix};

/// Numbers arbitrary identifiers densely, in the order of their first appearance.
///
/// A number whose identifier was removed is given out again.
#[derive(Debug, Clone)]
pub struct Interner {
    /// Open addressing with linear probing; at most three quarters full.
    table: Vec<Entry>,
    seed: Seed,
    len: u32,
    number_count: u32,
    free: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    id: u64,
    number: u32,
}

const EMPTY: u32 = u32::MAX;

/// More objects than 32 bits can number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {} objects at a time", u32::MAX - 1)]
pub struct TooManyObjects;

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "places are masked by the power-of-two length of the table"
)]
impl Interner {
    /// An empty table; the seed keeps crafted identifiers from all meeting in one place.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        let table = vec![Entry { id: 0, number: EMPTY }; 64];
        Self { table, seed, len: 0, number_count: 0, free: Vec::new() }
    }

    /// How many identifiers are numbered.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Whether nothing is numbered.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    fn home(&self, id: u64) -> usize {
        mix(id ^ self.seed.0) as usize & (self.table.len() - 1)
    }

    /// The place of `id`, or the free place where it would go.
    #[inline]
    fn place(&self, id: u64) -> usize {
        let mask = self.table.len() - 1;
        let mut at = self.home(id);
        while self.table[at].number != EMPTY && self.table[at].id != id {
            at = (at + 1) & mask;
        }
        at
    }

    /// All identifiers that are numbered, in no particular order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u64> {
        self.table.iter().filter(|entry| entry.number != EMPTY).map(|entry| entry.id)
    }

    /// The number of `id`, if it has one.
    #[must_use]
    pub fn number(&self, id: u64) -> Option<u32> {
        let number = self.table[self.place(id)].number;
        (number != EMPTY).then_some(number)
    }

    /// The number of `id`, a new one if it has none.
    ///
    /// # Errors
    /// [`TooManyObjects`] if 32 bits do not suffice.
    #[inline]
    pub fn intern(&mut self, id: u64) -> Result<u32, TooManyObjects> {
        let at = self.place(id);
        let number = self.table[at].number;
        if number != EMPTY {
            return Ok(number);
        }
        let number = match self.free.pop() {
            Some(number) => number,
            None if self.number_count < EMPTY - 1 => {
                self.number_count += 1;
                self.number_count - 1
            }
            None => return Err(TooManyObjects),
        };
        self.table[at] = Entry { id, number };
        self.len += 1;
        if self.len as usize * 4 > self.table.len() * 3 {
            self.grow();
        }
        Ok(number)
    }

    /// Appends the numbers of `ids` to `numbers`, new ones where needed.
    ///
    /// # Errors
    /// [`TooManyObjects`] if 32 bits do not suffice.
    pub fn intern_all(
        &mut self,
        ids: &[u64],
        numbers: &mut Vec<u32>,
    ) -> Result<(), TooManyObjects> {
        numbers.reserve(ids.len());
        for batch in ids.chunks(64) {
            std::hint::black_box(self.touch(batch));
            for &id in batch {
                numbers.push(self.intern(id)?);
            }
        }
        Ok(())
    }

    /// Loads the places of `ids`, all at once, so that the processor waits for many of them at a
    /// time; returns a number that depends on all of it.
    #[inline]
    pub(crate) fn touch(&self, ids: &[u64]) -> u32 {
        ids.iter().fold(0, |sum, &id| sum ^ self.table[self.home(id)].number)
    }

    /// Removes `id` and returns the number it had.
    pub fn remove(&mut self, id: u64) -> Option<u32> {
        let mask = self.table.len() - 1;
        let mut hole = self.place(id);
        let number = self.table[hole].number;
        if number == EMPTY {
            return None;
        }
        // Whatever probed past the hole moves back into it, so that probing still finds it.
        let mut at = (hole + 1) & mask;
        while self.table[at].number != EMPTY {
            let home = self.home(self.table[at].id);
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.table[hole] = self.table[at];
                hole = at;
            }
            at = (at + 1) & mask;
        }
        self.table[hole].number = EMPTY;
        self.len -= 1;
        self.free.push(number);
        Some(number)
    }

    fn grow(&mut self) {
        let doubled = vec![Entry { id: 0, number: EMPTY }; self.table.len() * 2];
        for entry in std::mem::replace(&mut self.table, doubled) {
            if entry.number != EMPTY {
                let at = self.place(entry.id);
                self.table[at] = entry;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn equals_a_map(steps in proptest::collection::vec((0_u64..200, any::<bool>()), 0..2000)) {
            let mut interner = Interner::new(Seed(1));
            let mut model = BTreeMap::new();
            for (id, insert) in steps {
                if insert {
                    let number = interner.intern(id).unwrap();
                    prop_assert_eq!(*model.entry(id).or_insert(number), number);
                } else {
                    prop_assert_eq!(interner.remove(id), model.remove(&id));
                }
                prop_assert_eq!(interner.len() as usize, model.len());
            }
            let mut numbers: Vec<u32> = model.values().copied().collect();
            numbers.sort_unstable();
            numbers.dedup();
            prop_assert_eq!(numbers.len(), model.len(), "two identifiers share a number");
        }
    }

    #[test]
    fn numbers_are_dense_in_order_of_appearance() {
        let mut interner = Interner::new(Seed(9));
        let numbers: Vec<u32> =
            [u64::MAX, 0, 7, u64::MAX, 0].map(|id| interner.intern(id).unwrap()).to_vec();
        assert_eq!(numbers, [0, 1, 2, 0, 1]);
    }
}
