//! Memory: what is in it, how room is made, and when unwritten entries go to disk.

use super::map_index::Place;
use super::table::{Entry, Kind, Standing};
use super::{GeminiStore, INDEX_ENTRY, Mode, Placement};
use crate::simulator::{Environment, Key, Store, StoreError, Value};

impl GeminiStore {
    pub(super) fn index_bytes(&self) -> u64 {
        self.table.len() as u64 * INDEX_ENTRY + self.run_index_bytes
    }

    /// What the allocator may hold besides the indexes, one more entry, and room for the index
    /// of the file that the next flush makes of it (some 3 % of small entries).
    pub(super) fn allocator_limit(&self) -> u64 {
        let reserved = self.options.memory / 24 + INDEX_ENTRY;
        self.options.memory.saturating_sub(self.index_bytes() + reserved)
    }

    /// Drops clean entries until memory is within its limit again, as far as there are any.
    pub(super) fn trim(&mut self) {
        while !self.allocator.has_room(0, self.allocator_limit()) && self.evict_clean(0) {}
    }

    /// Makes sure that `size` bytes can be allocated, evicting and, if need be, waiting.
    pub(super) fn make_room(&mut self, env: &mut Environment, size: u64) -> Result<(), StoreError> {
        let mut waited_since = None;
        loop {
            if self.allocator.has_room(size, self.allocator_limit()) {
                if let Some(since) = waited_since {
                    self.statistics.stalls += 1;
                    self.statistics.stall_time += env.now().since(since);
                }
                return Ok(());
            }
            if self.evict_clean(size) {
                continue;
            }
            if self.frozen.is_empty() {
                self.freeze_for_room(env);
            }
            if self.frozen.is_empty() && self.compacting.is_none() {
                let budget = self.options.memory;
                return Err(StoreError::OutOfMemory { needed: size, budget });
            }
            waited_since.get_or_insert(env.now());
            let finished = env.wait()?;
            self.on_finished(env, finished)?;
        }
    }

    /// Drops clean entries that were not used lately until `size` bytes fit; says whether any
    /// was dropped.
    pub(super) fn evict_clean(&mut self, size: u64) -> bool {
        let mut evicted = 0;
        for _ in 0..self.table.slot_count() * 2 {
            let slot = self.table.advance();
            let entry = *self.table.entry(slot);
            if entry.kind == Kind::Vacant || entry.standing != Standing::Clean {
                continue;
            }
            if entry.referenced {
                self.table.entry_mut(slot).referenced = false;
                continue;
            }
            self.drop_entry(slot);
            // Removal may have moved the next entry into this slot.
            self.table.step_back();
            evicted += 1;
            if evicted % 16 == 0 && self.allocator.has_room(size, self.allocator_limit()) {
                return true;
            }
        }
        evicted > 0
    }

    /// Takes an entry out of memory; its map is not complete in memory any more.
    pub(super) fn drop_entry(&mut self, slot: usize) {
        let key = self.table.entry(slot).key;
        let kind = self.table.entry(slot).kind;
        self.forget(slot);
        if kind != Kind::Head
            && self.is_map(key)
            && let Some(head) = self.table.find(key.prefix().last())
            && self.table.entry(head).kind == Kind::Head
        {
            self.forget(head);
        }
    }

    /// Removes a slot and frees what it held.
    pub(super) fn forget(&mut self, slot: usize) {
        let entry = *self.table.entry(slot);
        let size = self.entry_size(entry.key, entry.kind, &entry.value);
        if entry.standing == Standing::Dirty {
            self.dirty_bytes -= size;
        }
        self.allocator.free(size);
        self.map_index.remove(entry.place);
        self.table.remove(slot);
    }

    /// Sets what memory says about a key.
    pub(super) fn set(
        &mut self,
        env: &mut Environment,
        key: Key,
        kind: Kind,
        value: Value,
        standing: Standing,
    ) -> Result<(), StoreError> {
        let size = self.entry_size(key, kind, &value);
        // Room may cost evictions, so nothing is looked up before.
        self.make_room(env, size)?;
        if let Some(slot) = self.table.find(key) {
            let old = *self.table.entry(slot);
            let old_size = self.entry_size(key, old.kind, &old.value);
            if old.standing == Standing::Dirty {
                self.dirty_bytes -= old_size;
            }
            self.allocator.free(old_size);
            let place = old.place;
            *self.table.entry_mut(slot) =
                Entry { key, value, kind, standing, referenced: true, place };
        } else {
            let place = if kind != Kind::Head && self.is_map(key) {
                self.map_index.insert(key)
            } else {
                Place::NONE
            };
            self.table.insert(Entry { key, value, kind, standing, referenced: false, place });
        }
        let fits = self.allocator.allocate(size, self.options.memory);
        debug_assert!(fits, "room was made");
        if standing == Standing::Dirty {
            self.dirty_bytes += size;
        }
        if self.options.placement == Placement::OnHeap {
            self.collector.allocate(env, size, 0)?;
        }
        Ok(())
    }

    /// Starts a flush if unwritten entries fill their share.
    pub(super) fn flush_if_due(&mut self, env: &mut Environment) -> Result<(), StoreError> {
        let batch = self.options.write_buffer / 2;
        match self.mode {
            Mode::Caching => {
                while self.dirty_bytes > self.options.write_buffer && !self.frozen.is_empty() {
                    let since = env.now();
                    let finished = env.wait()?;
                    self.on_finished(env, finished)?;
                    self.statistics.stalls += 1;
                    self.statistics.stall_time += env.now().since(since);
                }
                if self.dirty_bytes > batch && self.frozen.is_empty() {
                    self.freeze_all(env);
                }
            }
            Mode::AntiCaching => {
                let held = self.allocator.held() + self.index_bytes();
                let clean = self.allocator.requested().saturating_sub(self.dirty_bytes);
                if held + batch > self.options.memory && clean < batch && self.frozen.is_empty() {
                    self.freeze_for_room(env);
                }
            }
        }
        Ok(())
    }
}
