//! Maps: scanned as a whole, and from memory alone while all of their entries are there.

use std::collections::BTreeMap;

use super::GeminiStore;
use super::read::read_page;
use super::run::FilterKey;
use super::table::{Entry, Kind, Standing};
use crate::simulator::{Environment, Key, Prefix, StoreError, Value};

impl GeminiStore {
    /// Whether all entries of the key's map are in memory.
    pub(super) fn has_head(&self, key: Key) -> bool {
        self.table
            .find(key.prefix().last())
            .is_some_and(|slot| self.table.entry(slot).kind == Kind::Head)
    }

    /// Before the first entry of a map that nothing knows yet: from here on memory has it all.
    pub(super) fn note_new_map(
        &mut self,
        env: &mut Environment,
        key: Key,
    ) -> Result<(), StoreError> {
        if !self.is_map(key) || self.has_head(key) {
            return Ok(());
        }
        if self.map_index.has(key.prefix()) {
            return Ok(());
        }
        let in_frozen = self.frozen.iter().any(|frozen| !frozen.find_all(key.prefix()).is_empty());
        if in_frozen || self.may_be_below(env, key) {
            return Ok(());
        }
        self.set(env, key.prefix().last(), Kind::Head, Value::default(), Standing::Clean)
    }

    /// The entries of a map that are in memory, in no particular order.
    pub(super) fn map_in_memory(&self, prefix: Prefix) -> impl Iterator<Item = &Entry> {
        self.map_index
            .keys(prefix)
            .filter_map(|key| self.table.find(key))
            .map(|slot| self.table.entry(slot))
    }

    pub(super) fn touch_map(&mut self, prefix: Prefix) {
        let keys = self.map_index.keys(prefix);
        for key in keys.chain(std::iter::once(prefix.last())) {
            if let Some(slot) = self.table.find(key) {
                self.table.entry_mut(slot).referenced = true;
            }
        }
    }

    /// All entries of a map, from memory and files; they are in memory afterwards, and known to
    /// be complete there, if they fit.
    pub(super) fn load_map(
        &mut self,
        env: &mut Environment,
        prefix: Prefix,
    ) -> Result<Vec<(Key, Value)>, StoreError> {
        // The newest answer for each key: a whole value, or `None` for a deletion.
        let mut answers: BTreeMap<Key, Option<Value>> = BTreeMap::new();
        let value_of = |kind: Kind, value: Value| (kind == Kind::Put).then_some(value);
        for entry in self.map_in_memory(prefix) {
            answers.insert(entry.key, value_of(entry.kind, entry.value));
        }
        for frozen in self.frozen.iter().rev() {
            for record in frozen.find_all(prefix) {
                answers.entry(record.key).or_insert(value_of(record.kind, record.value));
            }
        }
        let mut reads = 0;
        if !self.runs.is_empty() {
            env.spend(env.costs().hash_probe.times(self.runs.len() as u64));
        }
        let filter_key = FilterKey::new(prefix.first(), &self.states);
        for live in &self.runs {
            let Some(run) = live.run().filter(|run| run.may_contain(filter_key)) else {
                continue;
            };
            let (records, bytes) = run.find_all(prefix, &self.states);
            read_page(env, &self.local, live.file, bytes);
            reads += 1;
            for record in records {
                if let Some(values) = record.values
                    && !answers.contains_key(&record.key)
                {
                    read_page(env, &self.local, values, u64::from(record.value.size));
                    reads += 1;
                }
                answers.entry(record.key).or_insert(value_of(record.kind, record.value));
            }
        }
        self.statistics.blocks_read += reads;
        self.statistics.hits += u64::from(reads == 0);
        let entries: Vec<(Key, Value)> =
            answers.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        self.cache_map(env, prefix, &entries)?;
        Ok(entries)
    }

    pub(super) fn cache_map(
        &mut self,
        env: &mut Environment,
        prefix: Prefix,
        entries: &[(Key, Value)],
    ) -> Result<(), StoreError> {
        let size: u64 =
            entries.iter().map(|(key, value)| self.entry_size(*key, Kind::Put, value)).sum();
        // One map must not push out everything else.
        if size > self.options.memory / 8 {
            return Ok(());
        }
        for (key, value) in entries {
            if self.table.find(*key).is_none() {
                self.set(env, *key, Kind::Put, *value, Standing::Clean)?;
            }
        }
        let last = prefix.last();
        self.make_room(env, self.entry_size(last, Kind::Head, &Value::default()))?;
        // Room for the later entries may have cost the earlier ones.
        if entries.iter().all(|(key, _)| self.table.find(*key).is_some()) {
            self.set(env, last, Kind::Head, Value::default(), Standing::Clean)?;
        }
        Ok(())
    }
}
