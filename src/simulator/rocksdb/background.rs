use super::compaction::{self, MergeContext};
use super::levels::Compaction;
use super::memtable::Memtable;
use super::record::OrderedKey;
use super::table::Table;
use super::{Content, RocksDb, is_job, next_number, waited};
use crate::simulator::{Environment, Finished, JobId, Nanos, Outcome, Purpose, StoreError, Work};
use std::rc::Rc;

/// Memtables of one column family on their way to level 0.
#[derive(Debug, Clone)]
pub(super) struct RunningFlush {
    job: JobId,
    family: usize,
    memtable_count: usize,
    table: Rc<Table>,
}

/// A compaction under way; its output is not part of the tree yet.
#[derive(Debug, Clone)]
pub(super) struct RunningCompaction {
    job: JobId,
    family: usize,
    compaction: Compaction,
    outputs: Vec<Rc<Table>>,
}

impl RocksDb {
    /// Waits, as a write does, until the column family can take an entry.
    pub(super) fn make_room(
        &mut self,
        env: &mut Environment,
        family: usize,
        entry_size: u64,
    ) -> Result<(), StoreError> {
        if !self.is_writable {
            return Err(StoreError::DiskFull);
        }
        if self.options.write_buffer_manager.is_some() && self.write_buffers.should_flush() {
            self.seal_oldest(env);
        }
        let is_full = |memtable: &Memtable| {
            memtable.is_full(self.options.write_buffer_size, self.arena_block)
        };
        if self.families.get(family).is_some_and(|column| is_full(&column.memtable)) {
            self.seal(env, family);
        }
        let [_, slowdown, stop] = self.options.level0_triggers;
        let level0 = |store: &Self| {
            store.families.get(family).map_or(0, |column| column.levels.level(0).len())
        };
        let is_stopped = |store: &Self| {
            let column = store.families.get(family);
            let waiting = column.map_or(0, |column| column.immutable.len());
            waiting >= store.options.write_buffer_count as usize || level0(store) >= stop as usize
        };
        let start = env.now();
        let mut has_waited = false;
        while is_stopped(self) {
            has_waited = true;
            let finished = env.wait()?;
            self.background_finished(env, finished)?;
            if !self.is_writable {
                return Err(StoreError::DiskFull);
            }
        }
        if level0(self) >= slowdown as usize {
            // Writes are delayed to 16 MB/s until the files are fewer.
            // Source: `delayed_write_rate` and `WriteController`, RocksDB 6.20 to 9.8.
            env.pause(Nanos(entry_size * 1000 / 16));
        }
        if has_waited {
            waited(env, &mut self.statistics, start);
        }
        Ok(())
    }

    /// Seals the oldest memtable of all, which is what the write-buffer manager asks for.
    ///
    /// Source: `DBImpl::HandleWriteBufferManagerFlush`, RocksDB 6.20 to 9.8.
    fn seal_oldest(&mut self, env: &mut Environment) {
        let filled = self.families.iter().enumerate();
        let oldest = filled
            .filter(|(_, column)| !column.memtable.is_empty())
            .min_by_key(|(_, column)| column.memtable.creation);
        if let Some((family, _)) = oldest {
            self.seal(env, family);
        }
    }

    /// Makes the memtable of a column family immutable, so that it is flushed.
    pub(super) fn seal(&mut self, env: &mut Environment, family: usize) {
        self.memtable_count += 1;
        let Some(column) = self.families.get_mut(family) else { return };
        if column.memtable.is_empty() {
            return;
        }
        let sealed = std::mem::replace(&mut column.memtable, Memtable::new(self.memtable_count));
        // The inline part of an arena was never allocated from the manager.
        self.write_buffers.seal(sealed.charged());
        column.immutable.push_back(sealed);
        self.start_flush(env);
    }

    /// Starts the flush of the oldest sealed memtables, if none is running.
    fn start_flush(&mut self, env: &mut Environment) {
        if self.running_flush.is_some() {
            return;
        }
        let sealed = self.families.iter().enumerate();
        let oldest = sealed
            .filter_map(|(family, column)| column.immutable.front().map(|m| (m.creation, family)))
            .min();
        let Some((_, family)) = oldest else { return };
        let number = next_number(&mut self.next_file);
        let Some(column) = self.families.get(family) else { return };
        let ctx = MergeContext {
            options: &self.options,
            layout: column.layout,
            ttl: column.ttl,
            now_ms: env.operation_ms(),
        };
        let parallelism = self.options.max_parallelism;
        let entries: Vec<_> = column
            .immutable
            .iter()
            .rev()
            .flat_map(|memtable| memtable.records())
            .map(|&(key, record)| (OrderedKey::new(key, parallelism), record))
            .collect();
        let writes: u64 = column.immutable.iter().map(|memtable| memtable.write_count).sum();
        let table = Rc::new(compaction::flush(entries, ctx, number));
        let cpu = env.costs().merge_entry.times(writes);
        let work = Work { cpu, write: table.size, ..Work::of(Purpose::Flush) };
        let job = env.start(work);
        let memtable_count = column.immutable.len();
        self.running_flush = Some(RunningFlush { job, family, memtable_count, table });
    }

    /// Starts the compaction that is wanted most, if none is running.
    pub(super) fn start_compaction(&mut self, env: &mut Environment) {
        if self.running_compaction.is_some() || !self.is_writable {
            return;
        }
        for family in 0..self.families.len() {
            let picked = self.families.get(family).and_then(|c| c.levels.pick(&self.options));
            let Some(compaction) = picked else { continue };
            if compaction.is_move {
                self.move_tables(family, &compaction);
                return self.start_compaction(env);
            }
            self.compact(env, family, compaction);
            return;
        }
    }

    fn move_tables(&mut self, family: usize, compaction: &Compaction) {
        if let Some(column) = self.families.get_mut(family) {
            let moved = column.levels.remove(&compaction.inputs);
            column.levels.add(compaction.output_level, moved);
        }
    }

    fn compact(&mut self, env: &mut Environment, family: usize, compaction: Compaction) {
        self.look_up_for_compaction(family, &compaction.inputs);
        self.look_up_for_compaction(family, &compaction.overlapped);
        let Some(column) = self.families.get(family) else { return };
        let ctx = MergeContext {
            options: &self.options,
            layout: column.layout,
            ttl: column.ttl,
            now_ms: env.operation_ms(),
        };
        let next_file = &mut self.next_file;
        let number = || next_number(next_file);
        let (outputs, entries) = compaction::merge(&compaction, column, ctx, number);
        let work = Work {
            cpu: env.costs().merge_entry.times(entries),
            read: compaction.input_bytes(),
            write: outputs.iter().map(|table| table.size).sum(),
            ..Work::of(Purpose::Compaction)
        };
        let job = env.start(work);
        let outputs = outputs.into_iter().map(Rc::new).collect();
        self.running_compaction = Some(RunningCompaction { job, family, compaction, outputs });
    }

    pub(super) fn background_finished(
        &mut self,
        env: &mut Environment,
        finished: Finished,
    ) -> Result<(), StoreError> {
        if is_job(self.running_flush.as_ref().map(|flush| flush.job), finished) {
            self.flush_finished(env, finished.outcome);
        } else if is_job(self.running_compaction.as_ref().map(|c| c.job), finished) {
            self.compaction_finished(env, finished.outcome);
        } else {
            self.upload_finished(env, finished);
        }
        Ok(())
    }

    fn flush_finished(&mut self, env: &mut Environment, outcome: Outcome) {
        let Some(flush) = self.running_flush.take() else { return };
        if outcome != Outcome::Done {
            // RocksDB stops taking writes; the memtables are still there to be read.
            self.is_writable = false;
            return;
        }
        self.statistics.file_bytes_written += flush.table.size;
        let content = Rc::new(Content::Table(Rc::clone(&flush.table)));
        self.local.insert(flush.table.number, flush.table.size, content);
        let live = self.open_table(flush.table, 0);
        if let Some(column) = self.families.get_mut(flush.family) {
            column.levels.add(0, [live]);
            for memtable in column.immutable.drain(..flush.memtable_count) {
                self.write_buffers.free(memtable.charged());
            }
        }
        self.charge_write_buffers();
        self.start_flush(env);
        self.start_compaction(env);
    }

    fn compaction_finished(&mut self, env: &mut Environment, outcome: Outcome) {
        let Some(running) = self.running_compaction.take() else { return };
        if outcome != Outcome::Done {
            self.is_writable = false;
            return;
        }
        let level = running.compaction.output_level;
        let mut opened = Vec::new();
        for table in running.outputs {
            self.statistics.file_bytes_written += table.size;
            let content = Rc::new(Content::Table(Rc::clone(&table)));
            self.local.insert(table.number, table.size, content);
            opened.push(self.open_table(table, level));
        }
        if let Some(column) = self.families.get_mut(running.family) {
            let mut removed = column.levels.remove(&running.compaction.inputs);
            removed.extend(column.levels.remove(&running.compaction.overlapped));
            column.levels.add_compacted(level, opened);
            for live in removed {
                self.cache.close_file(live.cached);
            }
        }
        self.drop_unreferenced(env);
        self.start_compaction(env);
    }

    /// Flushes everything and waits for it, then compacts each column family into its deepest
    /// level, as `CompactRange` over all keys does; what compaction is due follows.
    ///
    /// # Errors
    /// [`StoreError`] if the disk is full.
    pub fn compact_all(&mut self, env: &mut Environment) -> Result<(), StoreError> {
        self.flush_all(env)?;
        self.settle(env)?;
        for family in 0..self.families.len() {
            let deepest = |store: &Self| {
                store.families.get(family).and_then(|column| column.levels.deepest())
            };
            let last = deepest(self).unwrap_or(0).max(1);
            for level in 0..last {
                let Some(column) = self.families.get(family) else { continue };
                let inputs: Vec<Rc<Table>> =
                    column.levels.level(level).iter().map(|live| Rc::clone(&live.table)).collect();
                if inputs.is_empty() {
                    continue;
                }
                let compaction = column.levels.compaction(level, level + 1, inputs, &self.options);
                self.compact(env, family, compaction);
                while self.running_compaction.is_some() {
                    let finished = env.wait()?;
                    if is_job(self.running_compaction.as_ref().map(|c| c.job), finished) {
                        self.compaction_finished(env, finished.outcome);
                    } else {
                        self.background_finished(env, finished)?;
                    }
                }
            }
        }
        self.settle(env)
    }

    /// Waits until no flush and no compaction is running or due.
    ///
    /// # Errors
    /// [`StoreError`] if the disk is full.
    pub fn settle(&mut self, env: &mut Environment) -> Result<(), StoreError> {
        self.start_compaction(env);
        while self.running_flush.is_some() || self.running_compaction.is_some() {
            let finished = env.wait()?;
            self.background_finished(env, finished)?;
        }
        Ok(())
    }

    /// Seals and flushes all memtables, and waits for it.
    pub(super) fn flush_all(&mut self, env: &mut Environment) -> Result<(), StoreError> {
        for family in 0..self.families.len() {
            self.seal(env, family);
        }
        while self.families.iter().any(|column| !column.immutable.is_empty()) {
            if !self.is_writable {
                return Err(StoreError::DiskFull);
            }
            let finished = env.wait()?;
            self.background_finished(env, finished)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::simulator::rocksdb::{RocksDb, RocksDbOptions, RocksDbRelease};
    use crate::simulator::{
        Environment, Faults, Hardware, Key, Nanos, Seed, StateDescriptor, StateId, StateKind,
        Store, TimeToLive, Value,
    };
    use std::rc::Rc;

    fn state(kind: StateKind, time_to_live: TimeToLive) -> StateDescriptor {
        StateDescriptor { name: "state".to_owned(), kind, key_size: 10, time_to_live }
    }

    fn environment() -> Environment {
        Environment::new(Hardware::local_nvme(), Faults::default(), Seed(1))
    }

    /// What was appended before a list's end keeps all of it alive, so that a compaction which
    /// sees the older part alone must not take it for dead.
    #[test]
    fn a_compaction_leaves_a_list_that_was_appended_to_in_time() {
        let state = state(StateKind::List, TimeToLive::AfterWrite { millis: 50 });
        let mut store = RocksDb::new(RocksDbOptions::unmanaged(), &[state]);
        let mut env = environment();
        let key = |id| Key::new(StateId(0), id, 0);
        let element = |written_ms| Value { version: 1, size: 8, elements: 1, written_ms };
        for id in 0..2 {
            store.append(&mut env, key(id), element(0)).unwrap();
        }
        store.compact_all(&mut env).unwrap();
        env.idle(Nanos::from_millis(40));
        env.begin_operation();
        store.append(&mut env, key(0), element(40)).unwrap();
        store.flush_all(&mut env).unwrap();
        env.idle(Nanos::from_millis(60));
        env.begin_operation();
        let levels = &store.families.first().unwrap().levels;
        let inputs = levels.level(1).iter().map(|live| Rc::clone(&live.table)).collect();
        let compaction = levels.compaction(1, 2, inputs, &store.options);
        store.compact(&mut env, 0, compaction);
        store.settle(&mut env).unwrap();
        let list = store.get(&mut env, key(0)).unwrap();
        assert_eq!(list, Some(Value { size: 16, elements: 2, ..element(40) }));
        assert_eq!(store.get(&mut env, key(1)).unwrap(), None);
        let deepest = store.families.first().unwrap().levels.level(2).first().unwrap();
        assert_eq!(deepest.table.keys.len(), 1, "the list that ended is gone");
    }

    /// With a large level 1 the files of level 0 are merged among themselves, and meanwhile newer
    /// ones come in above them.
    #[test]
    fn merging_within_level_0_leaves_newer_files_above() {
        let state = state(StateKind::Value, TimeToLive::Never);
        let options = RocksDbOptions { release: RocksDbRelease::V8, ..RocksDbOptions::unmanaged() };
        let mut store = RocksDb::new(options, &[state]);
        let mut env = environment();
        let key = |id| Key::new(StateId(0), id, 0);
        let value = |version| Value { version, size: 100, elements: 1, written_ms: 0 };
        for id in 0..20_000 {
            store.put(&mut env, key(id), value(0)).unwrap();
        }
        store.compact_all(&mut env).unwrap();
        let mut versions = [0; 300];
        let poll = |store: &mut RocksDb, env: &mut Environment| {
            while let Some(finished) = env.poll() {
                store.on_finished(env, finished).unwrap();
            }
        };
        for round in 1..1000 {
            // Few puts a flush, so that the next one ends while a merge is still running.
            for id in 0..20 {
                let id = (id * 7 + round as usize) % versions.len();
                versions[id] = round;
                poll(&mut store, &mut env);
                store.put(&mut env, key(id as u64), value(round)).unwrap();
            }
            store.seal(&mut env, 0);
            for (id, &version) in versions.iter().enumerate().skip(round as usize % 60).step_by(60)
            {
                let found = store.get(&mut env, key(id as u64)).unwrap();
                assert_eq!(found, Some(value(version)), "key {id} in round {round}");
            }
        }
        // All those files were merged, and never with level 1.
        let levels = store.level_sizes(0);
        assert!(levels[0].0 < 8 && levels[1].0 == 1, "{levels:?}");
    }
}
