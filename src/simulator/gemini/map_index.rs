//! Which entries of a map are in memory, for scans.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "places are issued here, and entries in memory are fewer than 32 bits can number"
)]

use crate::simulator::cache::Interner;
use crate::simulator::random::Seed;
use crate::simulator::{Key, Prefix};

/// A chain of keys for each prefix; adding one and taking one out touches its neighbors only.
#[derive(Debug, Clone)]
pub(super) struct MapIndex {
    /// Numbers the prefixes that have a chain.
    prefixes: Interner,
    /// The first link of each chain, by the prefix's number.
    chains: Vec<u32>,
    links: Vec<Link>,
    free: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    key: Key,
    previous: u32,
    next: u32,
}

/// Where a key is in the index; [`Place::NONE`] for entries of other states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u32);

impl Place {
    pub(super) const NONE: Self = Self(u32::MAX);
}

const END: u32 = u32::MAX;

impl MapIndex {
    pub(super) fn new() -> Self {
        let prefixes = Interner::new(Seed(0));
        Self { prefixes, chains: Vec::new(), links: Vec::new(), free: Vec::new() }
    }

    /// Adds a key that is not there yet.
    pub(super) fn insert(&mut self, key: Key) -> Place {
        let known = self.prefixes.len();
        let Ok(number) = self.prefixes.intern(id(key.prefix())) else { return Place::NONE };
        let number = number as usize;
        if number >= self.chains.len() {
            self.chains.resize(number + 1, END);
        }
        let next = if self.prefixes.len() > known { END } else { self.chains[number] };
        let link = Link { key, previous: END, next };
        let at = match self.free.pop() {
            Some(at) => {
                self.links[at as usize] = link;
                at
            }
            None => {
                self.links.push(link);
                self.links.len() as u32 - 1
            }
        };
        if next != END {
            self.links[next as usize].previous = at;
        }
        self.chains[number] = at;
        Place(at)
    }

    /// Takes a key out.
    pub(super) fn remove(&mut self, place: Place) {
        if place == Place::NONE {
            return;
        }
        let Link { key, previous, next } = self.links[place.0 as usize];
        if next != END {
            self.links[next as usize].previous = previous;
        }
        if previous != END {
            self.links[previous as usize].next = next;
        } else if next == END {
            self.prefixes.remove(id(key.prefix()));
        } else if let Some(number) = self.prefixes.number(id(key.prefix())) {
            self.chains[number as usize] = next;
        }
        self.free.push(place.0);
    }

    pub(super) fn has(&self, prefix: Prefix) -> bool {
        self.prefixes.number(id(prefix)).is_some()
    }

    /// The keys of a prefix, in no particular order.
    pub(super) fn keys(&self, prefix: Prefix) -> impl Iterator<Item = Key> {
        let first = self.prefixes.number(id(prefix)).map(|number| self.chains[number as usize]);
        let link = |at: u32| self.links.get(at as usize);
        std::iter::successors(first.and_then(link), move |at| link(at.next)).map(|at| at.key)
    }
}

fn id(prefix: Prefix) -> u64 {
    prefix.first().bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::StateId;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        #[test]
        fn it_holds_what_was_put_in(
            steps in proptest::collection::vec((0_u64..6, 0_u32..6), 0..300)
        ) {
            let mut index = MapIndex::new();
            let mut model: BTreeMap<Key, Place> = BTreeMap::new();
            for (primary, sub) in steps {
                let key = Key::new(StateId(2), primary, sub);
                match model.remove(&key) {
                    Some(place) => index.remove(place),
                    None => {
                        model.insert(key, index.insert(key));
                    }
                }
                for primary in 0..6 {
                    let prefix = Key::new(StateId(2), primary, 0).prefix();
                    let expected: BTreeSet<Key> =
                        model.keys().copied().filter(|key| key.prefix() == prefix).collect();
                    let found: Vec<Key> = index.keys(prefix).collect();
                    prop_assert_eq!(found.len(), expected.len());
                    prop_assert_eq!(index.has(prefix), !expected.is_empty());
                    prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
                }
            }
        }
    }
}
