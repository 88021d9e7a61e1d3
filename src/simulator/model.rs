use std::collections::{BTreeMap, BTreeSet};

use super::{Key, Prefix, StateDescriptor, TimeToLive, Timer, Value};

/// What every store must equal: ordered maps, and nothing else to go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    states: Vec<StateDescriptor>,
    entries: BTreeMap<Key, Value>,
    timers: BTreeSet<Timer>,
}

impl Model {
    /// An empty model.
    pub fn new(states: Vec<StateDescriptor>) -> Self {
        Self { states, entries: BTreeMap::new(), timers: BTreeSet::new() }
    }

    fn time_to_live(&self, key: Key) -> TimeToLive {
        let state = self.states.get(usize::from(key.state().0));
        state.map_or(TimeToLive::Never, |state| state.time_to_live)
    }

    /// The value of a key that has not ended at `now_ms`.
    pub fn get(&self, key: Key, now_ms: u32) -> Option<Value> {
        let value = self.entries.get(&key).copied();
        value.filter(|value| !value.is_expired(self.time_to_live(key), now_ms))
    }

    /// Replaces a value.
    pub fn put(&mut self, key: Key, value: Value) {
        self.entries.insert(key, value);
    }

    /// Removes a key.
    pub fn delete(&mut self, key: Key) {
        self.entries.remove(&key);
    }

    /// Appends to a list.
    pub fn append(&mut self, key: Key, element: Value) {
        let list = self.entries.get(&key).copied();
        self.put(key, Value::appended(list, element, self.time_to_live(key)));
    }

    /// All live entries of a prefix.
    pub fn scan(&self, prefix: Prefix, now_ms: u32) -> Vec<(Key, Value)> {
        let entries = self.entries.range(prefix.first()..=prefix.last());
        entries.filter_map(|(key, _)| Some((*key, self.get(*key, now_ms)?))).collect()
    }

    /// Registers a timer.
    pub fn add_timer(&mut self, timer: Timer) {
        self.timers.insert(timer);
    }

    /// Removes a timer.
    pub fn delete_timer(&mut self, timer: Timer) {
        self.timers.remove(&timer);
    }

    /// Removes all timers up to and including `until_ms`.
    pub fn pop_timers(&mut self, until_ms: u64) -> Vec<Timer> {
        let mut due = Vec::new();
        while let Some(timer) = self.timers.pop_first() {
            if timer.at_ms > until_ms {
                self.timers.insert(timer);
                break;
            }
            due.push(timer);
        }
        due
    }
}
