//! What outlives the process: uploads, manifests, and coming up from them.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::allocator::Allocator;
use super::map_index::MapIndex;
use super::run::Run;
use super::table::Table;
use super::{
    CheckpointMode, Content, GeminiStore, HEAP_TIMER_SIZE, LiveRun, LocalRecovery, Mode,
    RestoreMode, TIMER_SIZE, TimerService,
};
use crate::simulator::files::References;
use crate::simulator::{
    CheckpointId, CheckpointReport, Crash, Environment, FileNumber, FileSet, Finished, JobId,
    Nanos, Outcome, Purpose, RecoverySource, StoreError, Timer, Violation, Work,
};

/// What the metadata of a checkpoint lists: enough to come up from the checkpoint storage alone.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    /// Newest first.
    runs: Vec<FileNumber>,
    values: BTreeSet<FileNumber>,
    timers: Option<FileNumber>,
}

impl Manifest {
    fn files(&self) -> impl Iterator<Item = FileNumber> {
        self.runs.iter().chain(&self.values).chain(&self.timers).copied()
    }
}

/// A checkpoint whose files are being uploaded.
#[derive(Debug, Clone)]
pub(super) struct PendingCheckpoint {
    id: CheckpointId,
    job: JobId,
    manifest: Manifest,
    /// All files of the checkpoint, uploaded before or now.
    files: Vec<(FileNumber, u64, Rc<Content>)>,
    sync: Nanos,
    uploaded: u64,
}

/// A file on its way back to the local disk.
#[derive(Debug, Clone)]
pub(super) struct Download {
    job: JobId,
    file: FileNumber,
    bytes: u64,
    content: Rc<Content>,
}

impl GeminiStore {
    /// The runs are what they were when the checkpoint began: everything frozen before is in
    /// them, nothing frozen later.
    pub(super) fn start_upload(&mut self, env: &mut Environment, id: CheckpointId, sync: Nanos) {
        let mut files: Vec<(FileNumber, u64, Rc<Content>)> = Vec::new();
        let mut values = BTreeSet::new();
        for live in &self.runs {
            let bytes = live.run().map_or(0, Run::bytes);
            files.push((live.file, bytes, Rc::clone(&live.content)));
            values.extend(live.run().into_iter().flat_map(|run| run.value_files().keys()));
        }
        for file in &values {
            let bytes = self.value_file_bytes.get(file).copied().unwrap_or(0);
            files.push((*file, bytes, Rc::new(Content::Values)));
        }
        // Timers on the heap are written whole, timers in the store as they change.
        let (timers, timer_bytes) = self.timers_at_freeze(id);
        let timers_file = (!timers.is_empty()).then_some(FileNumber(self.next_file));
        self.next_file += u32::from(timers_file.is_some());
        let full_timer_bytes = timers.len() as u64 * TIMER_SIZE;
        if let Some(file) = timers_file {
            files.push((file, full_timer_bytes, Rc::new(Content::Timers(timers))));
        }
        let uploaded: u64 = files
            .iter()
            .filter(|(file, ..)| match self.options.checkpoints {
                CheckpointMode::Incremental => !self.remote.contains(*file),
                CheckpointMode::Full => true,
            })
            .map(|(file, bytes, _)| if Some(*file) == timers_file { timer_bytes } else { *bytes })
            .sum();
        let manifest = Manifest {
            runs: self.runs.iter().map(|live| live.file).collect(),
            values,
            timers: timers_file,
        };
        let job = env.start(Work {
            cpu: env.costs().copy_per_kib.scaled(uploaded, 1 << 10),
            upload: uploaded.max(1),
            ..Work::of(Purpose::Checkpoint)
        });
        self.pending.push(PendingCheckpoint { id, job, manifest, files, sync, uploaded });
    }

    /// An upload or a download ended.
    pub(super) fn transfer_finished(&mut self, env: &mut Environment, finished: Finished) {
        if let Some(at) = self.downloads.iter().position(|download| download.job == finished.job) {
            let download = self.downloads.remove(at);
            if finished.outcome == Outcome::Done {
                self.statistics.file_bytes_written += download.bytes;
                self.local.insert(download.file, download.bytes, download.content);
                // Meanwhile a compaction may have made the file useless.
                self.collect_files(env);
            }
            return;
        }
        let Some(at) = self.pending.iter().position(|pending| pending.job == finished.job) else {
            return;
        };
        let pending = self.pending.remove(at);
        let full_size = pending.files.iter().map(|(_, bytes, _)| bytes).sum();
        if finished.outcome == Outcome::Done {
            for (file, bytes, content) in pending.files {
                if !self.remote.contains(file) {
                    self.remote.insert(file, bytes, content);
                }
            }
            self.manifests.insert(pending.id, pending.manifest);
        }
        self.collect_files(env);
        env.report_checkpoint(CheckpointReport {
            id: pending.id,
            outcome: finished.outcome,
            at: env.now(),
            sync: pending.sync,
            uploaded: pending.uploaded,
            full_size,
        });
    }

    /// Deletes files that nothing refers to any more.
    pub(super) fn collect_files(&mut self, env: &mut Environment) {
        let keep = self.local_files();
        env.release_disk(self.local.retain(&keep));
        let keep = self.remote_files();
        self.remote.retain(&keep);
        let known = &self.local;
        let remote = &self.remote;
        self.value_file_bytes.retain(|file, _| known.contains(*file) || remote.contains(*file));
    }

    fn live_files(&self) -> BTreeSet<FileNumber> {
        let values = self.runs.iter().filter_map(LiveRun::run).flat_map(|run| run.value_files());
        self.runs.iter().map(|live| live.file).chain(values.map(|(file, _)| *file)).collect()
    }

    fn local_files(&self) -> BTreeSet<FileNumber> {
        let mut files = self.live_files();
        for pending in &self.pending {
            files.extend(pending.manifest.files());
        }
        if self.options.local_recovery == LocalRecovery::On {
            files.extend(self.manifests.values().flat_map(Manifest::files));
        }
        files
    }

    fn remote_files(&self) -> BTreeSet<FileNumber> {
        let pending = self.pending.iter().flat_map(|pending| pending.manifest.files());
        let mut files: BTreeSet<_> =
            self.manifests.values().flat_map(Manifest::files).chain(pending).collect();
        // A restore in progress reads on from files that a newer checkpoint no longer lists.
        files.extend(self.live_files().into_iter().filter(|file| !self.local.contains(*file)));
        files
    }

    pub(super) fn check_files(&self, env: &Environment) -> Result<(), Violation> {
        let references = References {
            local: self.local_files(),
            remote: self.remote_files(),
            retained: self.manifests.values().flat_map(Manifest::files).collect(),
        };
        let written = self.statistics.file_bytes_written;
        references.check(&self.local, &self.remote, written, env)?;
        let live = self.live_files();
        Violation::unless(
            live.iter().all(|file| self.local.contains(*file) || self.remote.contains(*file)),
            "every file of the state exists",
            || format!("{live:?}"),
        )
    }

    /// The process died.
    pub(super) fn lose_memory(&mut self, env: &mut Environment) {
        if env.crash() == Crash::TornWrites {
            self.local.tear_newest(2);
        }
        self.table = Table::new();
        self.allocator = Allocator::new(self.options.memory);
        self.map_index = MapIndex::new();
        self.mode = Mode::AntiCaching;
        self.dirty_bytes = 0;
        self.frozen.clear();
        self.flushing = None;
        self.compacting = None;
        self.runs.clear();
        self.run_index_bytes = 0;
        self.collector.release(self.timers.len() as u64 * HEAP_TIMER_SIZE);
        self.timers.clear();
        self.frozen_timers.clear();
        self.timers_changed = 0;
        self.pending.clear();
        self.downloads.clear();
    }

    pub(super) fn come_up(
        &mut self,
        env: &mut Environment,
        id: Option<CheckpointId>,
        source: RecoverySource,
    ) -> Result<(), StoreError> {
        // Uploads of checkpoints that were never completed are left behind.
        self.manifests.retain(|other, _| Some(*other) <= id);
        if source == RecoverySource::Remote || self.options.local_recovery == LocalRecovery::Off {
            env.release_disk(self.local.bytes());
            self.local = FileSet::default();
        }
        let manifest = match id {
            Some(id) => {
                self.manifests.get(&id).cloned().ok_or(StoreError::UnknownCheckpoint(id))?
            }
            None => Manifest { runs: Vec::new(), values: BTreeSet::new(), timers: None },
        };
        for &file in &manifest.runs {
            let stored = self.local.whole(file).or_else(|| self.remote.whole(file));
            let content = Rc::clone(&stored.ok_or(StoreError::RemoteFileLost)?.content);
            self.runs.push(LiveRun { file, content });
        }
        for &file in &manifest.values {
            let stored = self.remote.whole(file).ok_or(StoreError::RemoteFileLost)?;
            self.value_file_bytes.insert(file, stored.bytes);
        }
        self.fetch_files(env, &manifest)?;
        if let Some(file) = manifest.timers {
            let stored = self.remote.whole(file).ok_or(StoreError::RemoteFileLost)?;
            env.fetch(Purpose::Restore, stored.bytes);
            if let Content::Timers(timers) = stored.content.as_ref() {
                self.timers = timers.iter().copied().collect();
            }
            let count = self.timers.len() as u64;
            match self.options.timer_service {
                TimerService::Heap => {
                    self.collector.allocate(env, 0, count * HEAP_TIMER_SIZE)?;
                }
                TimerService::Gemini => {
                    for _ in 0..count {
                        self.make_room(env, TIMER_SIZE)?;
                        self.allocator.allocate(TIMER_SIZE, self.options.memory);
                    }
                }
            }
        }
        self.runs_changed(env);
        let (needed, budget) = (self.index_bytes(), self.options.memory);
        if needed > budget { Err(StoreError::OutOfMemory { needed, budget }) } else { Ok(()) }
    }

    /// Brings the files of `manifest` to the local disk: at once, or in the background while
    /// pages are read from where they are.
    fn fetch_files(
        &mut self,
        env: &mut Environment,
        manifest: &Manifest,
    ) -> Result<(), StoreError> {
        for &file in manifest.runs.iter().chain(&manifest.values) {
            if self.local.whole(file).is_some() {
                continue;
            }
            env.release_disk(self.local.remove(file));
            let stored = self.remote.whole(file).ok_or(StoreError::RemoteFileLost)?;
            let (bytes, content) = (stored.bytes, Rc::clone(&stored.content));
            let work = Work { download: bytes, write: bytes, ..Work::of(Purpose::Restore) };
            let job = env.start(work);
            self.downloads.push(Download { job, file, bytes, content });
        }
        while self.options.restore == RestoreMode::Eager && !self.downloads.is_empty() {
            let finished = env.wait()?;
            if finished.outcome != Outcome::Done {
                return Err(StoreError::DiskFull);
            }
            self.transfer_finished(env, finished);
        }
        // Page index and filters are read before the first operation.
        for live in &self.runs {
            let bytes = live.run().map_or(0, Run::index_bytes);
            if self.local.contains(live.file) {
                env.read(Purpose::Restore, bytes);
            } else {
                env.fetch(Purpose::Restore, bytes);
            }
        }
        Ok(())
    }

    /// The timers as they were when checkpoint `id` was frozen, and the bytes of them to upload.
    fn timers_at_freeze(&mut self, id: CheckpointId) -> (Vec<Timer>, u64) {
        self.frozen_timers.remove(&id).unwrap_or_default()
    }

    /// Fixes the timers as a part of checkpoint `id`.
    pub(super) fn freeze_timers(&mut self, id: CheckpointId) {
        let timers: Vec<Timer> = self.timers.iter().copied().collect();
        let count = match (self.options.timer_service, self.options.checkpoints) {
            (TimerService::Gemini, CheckpointMode::Incremental) => {
                self.timers_changed.min(timers.len() as u64)
            }
            _ => timers.len() as u64,
        };
        self.timers_changed = 0;
        self.frozen_timers.insert(id, (timers, count * TIMER_SIZE));
    }
}
