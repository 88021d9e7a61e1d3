//! Background work: flushes in the order of their freezing, and one compaction beside them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::run::{Merge, Record, Run};
use super::table::{Entry, Kind, Standing};
use super::{Content, GeminiStore, KvSeparation, LiveRun, Mode};
use crate::simulator::{
    CheckpointId, Environment, FileNumber, JobId, Key, Nanos, Outcome, Prefix, Purpose, StoreError,
    Work,
};

/// So many runs are looked up before they are merged; each costs a filter probe.
const RUN_COUNT_MAX: usize = 8;
/// A merge of runs takes at least so many, so that its cost is shared.
const MERGE_COUNT_MIN: usize = 4;

/// Entries on their way to a file, fixed since they were frozen.
#[derive(Debug, Clone)]
pub(super) struct Frozen {
    run: Run,
    purpose: Purpose,
    values_size: u64,
    values_file: Option<FileNumber>,
    /// Bytes of memory that the entries take until they are written.
    pub(super) bytes: u64,
    /// Of these, entries that are no longer in the table.
    pub(super) moved_bytes: u64,
    /// The checkpoint that the flush belongs to, and how long the task stood still for it.
    checkpoint: Option<(CheckpointId, Nanos)>,
}

impl Frozen {
    pub(super) fn find(&self, key: Key) -> Option<&Record> {
        self.find_all(key.prefix()).iter().find(|record| record.key == key)
    }

    pub(super) fn find_all(&self, prefix: Prefix) -> &[Record] {
        self.run.find_all(prefix, &[]).0
    }
}

/// A merge under way: the runs it replaces, newest first, and what replaces them.
#[derive(Debug, Clone)]
pub(super) struct Compaction {
    job: JobId,
    inputs: Vec<FileNumber>,
    output: Run,
    values: Option<(FileNumber, u64)>,
}

impl Compaction {
    pub(super) fn job(&self) -> JobId {
        self.job
    }
}

/// Which unwritten entries to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selection {
    All,
    /// Those not used lately, up to so many bytes.
    Cold(u64),
}

impl GeminiStore {
    /// Freezes the entries that memory can best do without.
    pub(super) fn freeze_for_room(&mut self, env: &mut Environment) {
        let selection = match self.mode {
            Mode::Caching => Selection::All,
            Mode::AntiCaching => Selection::Cold((self.options.write_buffer / 2).max(1)),
        };
        self.freeze(env, selection, Purpose::Flush, None);
    }

    pub(super) fn freeze_all(&mut self, env: &mut Environment) {
        self.freeze(env, Selection::All, Purpose::Flush, None);
    }

    /// The synchronous part of a checkpoint: the page index and the index of unwritten entries
    /// are copied, the entries themselves are only marked.
    pub(super) fn freeze_checkpoint(&mut self, env: &mut Environment, id: CheckpointId) {
        let start = env.now();
        let page_index: u64 =
            self.runs.iter().filter_map(LiveRun::run).map(Run::page_index_bytes).sum();
        let unwritten = self.table.entries().filter(|e| e.standing == Standing::Dirty).count();
        let timers = match self.options.timer_service {
            super::TimerService::Heap => self.timers.len() as u64 * super::TIMER_SIZE,
            super::TimerService::Gemini => 0,
        };
        let copied = page_index + unwritten as u64 * super::INDEX_ENTRY + timers;
        env.spend(env.costs().copy_per_kib.scaled(copied, 1 << 10));
        let sync = env.now().since(start);
        self.freeze(env, Selection::All, Purpose::Checkpoint, Some((id, sync)));
    }

    fn freeze(
        &mut self,
        env: &mut Environment,
        selection: Selection,
        purpose: Purpose,
        checkpoint: Option<(CheckpointId, Nanos)>,
    ) {
        let chosen = match selection {
            Selection::All => self.mark_all(),
            Selection::Cold(bytes) => self.mark_cold(bytes),
        };
        if chosen.is_empty() && checkpoint.is_none() {
            return;
        }
        let mut bytes = 0;
        let mut moved_bytes = 0;
        let mut values_size = 0;
        let values_file = FileNumber(self.next_file);
        let mut records = Vec::with_capacity(chosen.len());
        for entry in chosen {
            let size = self.entry_size(entry.key, entry.kind, &entry.value);
            bytes += size;
            if entry.kind == Kind::Append {
                // More elements may come, which must not be mixed with these.
                moved_bytes += size;
                if let Some(slot) = self.table.find(entry.key) {
                    self.table.remove(slot);
                }
            }
            let is_separated = match self.options.kv_separation {
                KvSeparation::Never => false,
                KvSeparation::Above(limit) => entry.kind == Kind::Put && entry.value.size > limit,
            };
            if is_separated {
                values_size += u64::from(entry.value.size);
            }
            let values = is_separated.then_some(values_file);
            records.push(Record { key: entry.key, value: entry.value, kind: entry.kind, values });
        }
        self.dirty_bytes -= bytes;
        let values_file = (values_size > 0).then_some(values_file);
        self.next_file += u32::from(values_file.is_some());
        let run = Run::new(records, &self.states);
        self.frozen.push_back(Frozen {
            run,
            purpose,
            values_size,
            values_file,
            bytes,
            moved_bytes,
            checkpoint,
        });
        self.start_flush(env);
    }

    fn mark_all(&mut self) -> Vec<Entry> {
        let mut chosen = Vec::new();
        for entry in self.table.slots_mut() {
            if entry.kind != Kind::Vacant && entry.standing == Standing::Dirty {
                entry.standing = Standing::Frozen;
                chosen.push(*entry);
            }
        }
        chosen
    }

    /// Follows the hand: what was used since it passed last is spared once.
    fn mark_cold(&mut self, bytes: u64) -> Vec<Entry> {
        let mut chosen = Vec::new();
        let mut marked = 0;
        for _ in 0..self.table.slot_count() * 2 {
            if marked >= bytes {
                break;
            }
            let slot = self.table.advance();
            let entry = self.table.entry_mut(slot);
            if entry.kind == Kind::Vacant || entry.standing != Standing::Dirty {
                continue;
            }
            if entry.referenced {
                entry.referenced = false;
                continue;
            }
            entry.standing = Standing::Frozen;
            let entry = *entry;
            marked += self.entry_size(entry.key, entry.kind, &entry.value);
            chosen.push(entry);
        }
        chosen
    }

    fn start_flush(&mut self, env: &mut Environment) {
        if self.flushing.is_some() {
            return;
        }
        if let Some(frozen) = self.frozen.front() {
            let count = frozen.run.records().len() as u64;
            self.flushing = Some(env.start(Work {
                cpu: env.costs().merge_entry.times(count),
                write: frozen.run.bytes() + frozen.values_size,
                ..Work::of(frozen.purpose)
            }));
        }
    }

    pub(super) fn flush_finished(
        &mut self,
        env: &mut Environment,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        self.flushing = None;
        if outcome != Outcome::Done {
            return Err(StoreError::DiskFull);
        }
        let Some(frozen) = self.frozen.pop_front() else { return Ok(()) };
        for record in frozen.run.records() {
            if record.kind == Kind::Append {
                let size = self.entry_size(record.key, record.kind, &record.value);
                self.allocator.free(size);
            } else if let Some(slot) = self.table.find(record.key) {
                let entry = self.table.entry_mut(slot);
                if entry.standing == Standing::Frozen
                    && (entry.kind, entry.value) == (record.kind, record.value)
                {
                    entry.standing = Standing::Clean;
                }
            }
        }
        if let Some(file) = frozen.values_file {
            self.add_values(file, frozen.values_size);
        }
        if !frozen.run.records().is_empty() {
            let live = self.add_run(frozen.run);
            self.runs.insert(0, live);
        }
        self.runs_changed(env);
        if let Some((id, sync)) = frozen.checkpoint {
            self.start_upload(env, id, sync);
        }
        self.start_flush(env);
        Ok(())
    }

    fn add_values(&mut self, file: FileNumber, bytes: u64) {
        self.statistics.file_bytes_written += bytes;
        self.value_file_bytes.insert(file, bytes);
        self.local.insert(file, bytes, Rc::new(Content::Values));
    }

    fn add_run(&mut self, run: Run) -> LiveRun {
        let file = FileNumber(self.next_file);
        self.next_file += 1;
        let bytes = run.bytes();
        let content = Rc::new(Content::Run(run));
        self.statistics.file_bytes_written += bytes;
        self.local.insert(file, bytes, Rc::clone(&content));
        LiveRun { file, content }
    }

    /// Brings everything that depends on the runs up to date.
    pub(super) fn runs_changed(&mut self, env: &mut Environment) {
        let runs = self.runs.iter().filter_map(LiveRun::run);
        self.run_index_bytes = runs.clone().map(Run::index_bytes).sum();
        let on_disk: u64 = runs.map(Run::bytes).sum();
        if on_disk > self.options.memory.saturating_mul(2) {
            self.mode = Mode::Caching;
        } else if on_disk < self.options.memory {
            self.mode = Mode::AntiCaching;
        }
        self.trim();
        self.start_compaction(env);
        self.collect_files(env);
    }

    // ---- compaction ----

    fn start_compaction(&mut self, env: &mut Environment) {
        if self.compacting.is_some() {
            return;
        }
        let count = self.merge_count();
        if count < 2 {
            return;
        }
        let chosen: Vec<&Run> = self.runs.iter().take(count).filter_map(LiveRun::run).collect();
        let merge = Merge {
            runs: &chosen,
            states: &self.states,
            is_oldest: count == self.runs.len(),
            now_ms: env.operation_ms(),
        };
        let mut records = merge.merged();
        let read: u64 = chosen.iter().map(|run| run.bytes()).sum();
        let input_count: usize = chosen.iter().map(|run| run.records().len()).sum();
        let inputs = self.runs.iter().take(count).map(|live| live.file).collect();
        let values = self.move_values(&mut records);
        let moved = values.map_or(0, |(_, bytes)| bytes);
        let output = Run::from_merged(records, &self.states);
        let job = env.start(Work {
            cpu: env.costs().merge_entry.times(input_count as u64),
            read: read + moved,
            write: output.bytes() + moved,
            ..Work::of(Purpose::Compaction)
        });
        self.compacting = Some(Compaction { job, inputs, output, values });
    }

    /// How many of the newest runs to merge; 0 for none.
    fn merge_count(&self) -> usize {
        let sizes: Vec<u64> = self.runs.iter().filter_map(LiveRun::run).map(Run::bytes).collect();
        let Some((&oldest, newer)) = sizes.split_last() else { return 0 };
        // As much above as below: half of the space may be out of date.
        if sizes.len() >= MERGE_COUNT_MIN && newer.iter().sum::<u64>() > oldest {
            return sizes.len();
        }
        if sizes.len() <= RUN_COUNT_MAX {
            return 0;
        }
        let mut together = 0;
        let similar = sizes.iter().take_while(|&&size| {
            let fits = together == 0 || size <= together + together / 2;
            together += size;
            fits
        });
        similar.count().clamp(MERGE_COUNT_MIN, sizes.len())
    }

    /// Values in files that are mostly out of date move to a new file.
    fn move_values(&mut self, records: &mut [Record]) -> Option<(FileNumber, u64)> {
        let mut referenced: BTreeMap<FileNumber, u64> = BTreeMap::new();
        for run in self.runs.iter().filter_map(LiveRun::run) {
            for (file, bytes) in run.value_files() {
                *referenced.entry(*file).or_default() += bytes;
            }
        }
        let is_sparse = |file: FileNumber| {
            let total = self.value_file_bytes.get(&file).copied().unwrap_or(0);
            referenced.get(&file).copied().unwrap_or(0).saturating_mul(2) < total
        };
        let target = FileNumber(self.next_file);
        let mut moved = 0;
        for record in records.iter_mut() {
            if record.values.is_some_and(is_sparse) {
                record.values = Some(target);
                moved += u64::from(record.value.size);
            }
        }
        self.next_file += u32::from(moved > 0);
        (moved > 0).then_some((target, moved))
    }

    pub(super) fn compaction_finished(&mut self, env: &mut Environment, outcome: Outcome) {
        let Some(compaction) = self.compacting.take() else { return };
        let Some(start) = self.runs.iter().position(|run| compaction.inputs.contains(&run.file))
        else {
            return;
        };
        // A full disk spoils the compaction and nothing else; the next flush tries again.
        if outcome != Outcome::Done {
            return;
        }
        if let Some((file, bytes)) = compaction.values {
            self.add_values(file, bytes);
        }
        let output = self.add_run(compaction.output);
        let end = start + compaction.inputs.len();
        let is_empty = output.run().is_none_or(|run| run.records().is_empty());
        self.runs.splice(start..end, (!is_empty).then_some(output));
        self.runs_changed(env);
    }
}
