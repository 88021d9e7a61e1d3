//! What outlives the process: checkpoints, their files, and coming up from them.

use super::{Content, RocksDb, RocksDbTimers, TIMER_KEY_SIZE, is_job, next_number};
use crate::simulator::files::References;
use crate::simulator::{
    CheckpointId, CheckpointMode, CheckpointReport, Crash, Environment, FileNumber, FileSet,
    Finished, JobId, LocalRecovery, Nanos, Outcome, Purpose, RecoverySource, StoreError, Violation,
    Work,
};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What the metadata of a checkpoint lists: enough to come up from the checkpoint storage alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Manifest {
    /// The files of each level of each column family; level 0 newest first.
    families: Vec<Vec<Vec<FileNumber>>>,
    timers: Option<FileNumber>,
}

impl Manifest {
    fn files(&self) -> impl Iterator<Item = FileNumber> {
        self.families.iter().flatten().flatten().chain(&self.timers).copied()
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

impl RocksDb {
    /// The synchronous part: all memtables are flushed and the live files linked; what was not
    /// uploaded before is, in the background.
    ///
    /// Source: `RocksDBSnapshotStrategyBase` and `RocksIncrementalSnapshotStrategy`, Flink 1.20.
    pub(super) fn freeze(
        &mut self,
        env: &mut Environment,
        id: CheckpointId,
    ) -> Result<(), StoreError> {
        let start = env.now();
        self.flush_all(env)?;
        let mut files: Vec<(FileNumber, u64, Rc<Content>)> = Vec::new();
        for live in self.families.iter().flat_map(|family| family.levels.tables()) {
            let content = Rc::new(Content::Table(Rc::clone(&live.table)));
            files.push((live.table.number, live.table.size, content));
        }
        let mut manifest = self.live_manifest();
        // Timers of a column family went out with its files; the list of them is what this store
        // comes up with. Timers on the heap are written whole.
        let mut timer_bytes = 0;
        if !self.timers.is_empty() {
            let number = next_number(&mut self.next_file);
            if self.options.timers == RocksDbTimers::Heap {
                timer_bytes = self.timers.len() as u64 * u64::from(TIMER_KEY_SIZE);
                env.spend(env.costs().serialize.times(self.timers.len() as u64));
            }
            let timers = self.timers.iter().copied().collect();
            files.push((number, timer_bytes, Rc::new(Content::Timers(Rc::new(timers)))));
            manifest.timers = Some(number);
        }
        let is_new = |file: FileNumber| match self.options.checkpoints {
            CheckpointMode::Incremental => !self.remote.contains(file),
            CheckpointMode::Full => true,
        };
        let new = files.iter().filter(|(file, ..)| is_new(*file));
        let uploaded: u64 = new.map(|(_, bytes, _)| bytes).sum();
        // Timers are sent from memory, all else from the files.
        let job = env.start(Work {
            cpu: env.costs().copy_per_kib.scaled(uploaded, 1 << 10),
            read: uploaded.saturating_sub(timer_bytes),
            upload: uploaded.max(1),
            ..Work::of(Purpose::Checkpoint)
        });
        let sync = env.now().since(start);
        self.pending.push(PendingCheckpoint { id, job, manifest, files, sync, uploaded });
        Ok(())
    }

    fn live_manifest(&self) -> Manifest {
        let numbers = |level: &Vec<super::levels::LiveTable>| {
            level.iter().map(|live| live.table.number).collect()
        };
        let levels =
            |family: &super::ColumnFamily| family.levels.levels.iter().map(numbers).collect();
        Manifest { families: self.families.iter().map(levels).collect(), timers: None }
    }

    pub(super) fn upload_finished(&mut self, env: &mut Environment, finished: Finished) {
        let at = self.pending.iter().position(|pending| is_job(Some(pending.job), finished));
        let Some(at) = at else { return };
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
        self.drop_unreferenced(env);
        env.report_checkpoint(CheckpointReport {
            id: pending.id,
            outcome: finished.outcome,
            at: env.now(),
            sync: pending.sync,
            uploaded: pending.uploaded,
            full_size,
        });
    }

    pub(super) fn completed(&mut self, env: &mut Environment, id: CheckpointId) {
        self.manifests.retain(|other, _| *other >= id);
        self.drop_unreferenced(env);
    }

    pub(super) fn aborted(&mut self, env: &mut Environment, id: CheckpointId) {
        self.manifests.remove(&id);
        self.drop_unreferenced(env);
    }

    /// Deletes files that nothing refers to any more.
    pub(super) fn drop_unreferenced(&mut self, env: &mut Environment) {
        let keep = self.local_files();
        env.release_disk(self.local.retain(&keep));
        let keep = self.remote_files();
        self.remote.retain(&keep);
    }

    /// Live files, files being uploaded, and those of checkpoints that are kept here.
    fn local_files(&self) -> BTreeSet<FileNumber> {
        let mut files: BTreeSet<_> = self.live_manifest().files().collect();
        files.extend(self.pending.iter().flat_map(|pending| pending.manifest.files()));
        if self.options.local_recovery == LocalRecovery::On {
            files.extend(self.manifests.values().flat_map(Manifest::files));
        }
        files
    }

    fn remote_files(&self) -> BTreeSet<FileNumber> {
        let pending = self.pending.iter().flat_map(|pending| pending.manifest.files());
        self.manifests.values().flat_map(Manifest::files).chain(pending).collect()
    }

    pub(super) fn check_files(&self, env: &Environment) -> Result<(), Violation> {
        let references = References {
            local: self.local_files(),
            remote: self.remote_files(),
            retained: self.manifests.values().flat_map(Manifest::files).collect(),
        };
        let written = self.statistics.file_bytes_written;
        references.check(&self.local, &self.remote, written, env)?;
        let (live, local): (BTreeSet<_>, _) =
            (self.live_manifest().files().collect(), self.local.numbers());
        Violation::unless(live.is_subset(&local), "every file of the tree exists", || {
            format!("{live:?} beyond {local:?}")
        })
    }

    /// The process died.
    pub(super) fn lose_memory(&mut self, env: &mut Environment) {
        if env.crash() == Crash::TornWrites {
            self.local.tear_newest(2);
        }
        self.come_up_empty();
    }

    fn come_up_empty(&mut self) {
        let states = std::mem::take(&mut self.families);
        for family in states {
            self.families.push(super::ColumnFamily {
                memtable: super::Memtable::new(0),
                immutable: std::collections::VecDeque::new(),
                levels: super::Levels::default(),
                ..family
            });
        }
        let limit = self.options.write_buffer_manager.unwrap_or(u64::MAX);
        self.write_buffers = super::WriteBufferManager::new(limit);
        let priority = self.options.high_priority_permille;
        self.cache = super::BlockCache::new(self.options.block_cache, priority);
        self.running_flush = None;
        self.running_compaction = None;
        self.timers.clear();
        self.pending.clear();
        self.is_writable = true;
    }

    pub(super) fn come_up(
        &mut self,
        env: &mut Environment,
        id: Option<CheckpointId>,
        source: RecoverySource,
    ) -> Result<(), StoreError> {
        self.come_up_empty();
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
            None => Manifest::default(),
        };
        self.download(env, &manifest)?;
        for (family, levels) in manifest.families.iter().enumerate() {
            for (level, files) in levels.iter().enumerate() {
                // Adding to level 0 puts a file first, so the oldest goes in first.
                for file in files.iter().rev() {
                    let stored = self.local.whole(*file).ok_or(StoreError::RemoteFileLost)?;
                    let Content::Table(table) = stored.content.as_ref() else { continue };
                    let table = Rc::clone(table);
                    env.read(Purpose::Restore, u64::from(table.index_size + table.filter_size));
                    let live = self.open_table(table, level);
                    if let Some(column) = self.families.get_mut(family) {
                        column.levels.add(level, [live]);
                    }
                }
            }
        }
        if let Some(file) = manifest.timers {
            let stored = self.remote.whole(file).ok_or(StoreError::RemoteFileLost)?;
            env.fetch(Purpose::Restore, stored.bytes);
            if let Content::Timers(timers) = stored.content.as_ref() {
                self.timers = timers.iter().copied().collect();
            }
        }
        self.drop_unreferenced(env);
        self.start_compaction(env);
        Ok(())
    }

    /// Brings all files of `manifest` to the local disk, and waits for it.
    fn download(&mut self, env: &mut Environment, manifest: &Manifest) -> Result<(), StoreError> {
        let mut jobs = Vec::new();
        for file in manifest.families.iter().flatten().flatten() {
            if self.local.whole(*file).is_some() {
                continue;
            }
            env.release_disk(self.local.remove(*file));
            let stored = self.remote.whole(*file).ok_or(StoreError::RemoteFileLost)?;
            let (bytes, content) = (stored.bytes, Rc::clone(&stored.content));
            let work = Work { download: bytes, write: bytes, ..Work::of(Purpose::Restore) };
            jobs.push((env.start(work), *file, bytes, content));
        }
        while !jobs.is_empty() {
            let finished = env.wait()?;
            let at = jobs.iter().position(|(job, ..)| is_job(Some(*job), finished));
            let Some((_, file, bytes, content)) = at.map(|at| jobs.swap_remove(at)) else {
                continue;
            };
            if finished.outcome != Outcome::Done {
                return Err(StoreError::DiskFull);
            }
            self.statistics.file_bytes_written += bytes;
            self.local.insert(file, bytes, content);
        }
        Ok(())
    }
}
