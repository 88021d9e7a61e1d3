//! Background work and checkpoints as a store and its environment speak of them.

use std::fmt;

use super::Nanos;

/// Background work is done in pieces of this size, so that a foreground read never queues behind
/// more than one piece of each job.
const PIECE: u64 = 256 << 10;
/// Transfers to and from the checkpoint storage come in parts of this size, each of which waits
/// for an answer: the least that S3 takes in a multi-part upload is 5 MiB.
const PART: u64 = 8 << 20;

/// A checkpoint, as its coordinator numbers it: from 1, rising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckpointId(pub u64);

impl fmt::Display for CheckpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One piece of background work under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub(super) u64);

/// What an I/O is done for; every byte is counted under exactly one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Reads on behalf of the task.
    Foreground,
    /// Writing out memory that is full.
    Flush,
    /// Rewriting files.
    Compaction,
    /// Writing, and uploading, a checkpoint.
    Checkpoint,
    /// Coming up from a checkpoint.
    Restore,
}

impl Purpose {
    /// All purposes, in the order of reports.
    pub const ALL: [Self; 5] =
        [Self::Foreground, Self::Flush, Self::Compaction, Self::Checkpoint, Self::Restore];
}

/// Background work to be done: all of it in equal pieces, each read, computed, written and
/// transferred in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// What it is for.
    pub purpose: Purpose,
    /// CPU time on an idle core.
    pub cpu: Nanos,
    /// Bytes read from the local disk.
    pub read: u64,
    /// Bytes written to the local disk; on success the store owns the space and gives it back
    /// with [`release_disk`](super::Environment::release_disk) when it deletes the file.
    pub write: u64,
    /// Bytes sent to the checkpoint storage.
    pub upload: u64,
    /// Bytes fetched from the checkpoint storage.
    pub download: u64,
}

impl Work {
    /// Nothing yet; fill in with `..Work::of(purpose)`.
    pub const fn of(purpose: Purpose) -> Self {
        Self { purpose, cpu: Nanos::ZERO, read: 0, write: 0, upload: 0, download: 0 }
    }
}

/// How background work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it is done and durable.
    Done,
    /// The local disk was full; the part already written is gone again.
    DiskFull,
    /// The checkpoint storage refused; what was written locally is gone again.
    UploadFailed,
}

/// Background work that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// Which.
    pub job: JobId,
    /// How.
    pub outcome: Outcome,
}

/// What a store says when the asynchronous part of a checkpoint is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointReport {
    /// Which checkpoint.
    pub id: CheckpointId,
    /// Whether it may be completed.
    pub outcome: Outcome,
    /// When.
    pub at: Nanos,
    /// How long the task stood still for it.
    pub sync: Nanos,
    /// Bytes uploaded for it.
    pub uploaded: u64,
    /// Bytes it refers to, uploaded now or earlier.
    pub full_size: u64,
}

/// Bytes and requests of one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IoCount {
    /// Read from the local disk.
    pub read: u64,
    /// Requests that read from the local disk.
    pub reads: u64,
    /// Written to the local disk.
    pub written: u64,
    /// Sent to the checkpoint storage.
    pub uploaded: u64,
    /// Fetched from it.
    pub downloaded: u64,
}

impl IoCount {
    /// What was added since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            read: self.read - earlier.read,
            reads: self.reads - earlier.reads,
            written: self.written - earlier.written,
            uploaded: self.uploaded - earlier.uploaded,
            downloaded: self.downloaded - earlier.downloaded,
        }
    }
}

/// Work under way: how much of it is done.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// All of it.
    pub work: Work,
    /// How many pieces are done.
    pub piece: u64,
    piece_count: u64,
    /// Bytes of the local disk that it holds.
    pub reserved: u64,
}

impl Job {
    pub(super) fn new(work: Work) -> Self {
        // A download is written as it comes, so that its parts decide.
        let local = if work.download > 0 { work.read } else { work.read.max(work.write) };
        let pieces = local.div_ceil(PIECE);
        let parts = work.upload.max(work.download).div_ceil(PART);
        Self { work, piece: 0, piece_count: pieces.max(parts).max(1), reserved: 0 }
    }

    pub(super) fn is_over(&self) -> bool {
        self.piece == self.piece_count
    }

    /// This piece's share of `total`; all shares together are exactly `total`.
    pub(super) fn share(&self, total: u64) -> u64 {
        self.upto(self.piece + 1, total) - self.upto(self.piece, total)
    }

    /// What of `total` is sent after this piece: whole parts, and with the last piece the rest.
    pub(super) fn part(&self, total: u64) -> u64 {
        let sent = |piece| {
            let there = self.upto(piece, total);
            if piece == self.piece_count { there } else { there / PART * PART }
        };
        sent(self.piece + 1) - sent(self.piece)
    }

    /// What of `total` the first `pieces` make up.
    fn upto(&self, pieces: u64, total: u64) -> u64 {
        let product = u128::from(total) * u128::from(pieces);
        u64::try_from(product / u128::from(self.piece_count)).unwrap_or(u64::MAX)
    }
}
