//! Virtual time, background work and what both cost: the world that a store lives in.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use super::device::{Device, Direction};
use super::fault::Faults;
use super::random::{Generator, Seed};
use super::work::Job;
use super::{
    CheckpointReport, CpuCosts, Finished, Hardware, IoCount, JobId, Nanos, Outcome, Purpose,
    StoreError, Work,
};

/// The world of one store: clock, CPU, local disk, checkpoint storage, background work, faults.
///
/// Events are ordered by (time, sequence), so that a run has exactly one order.
#[derive(Debug, Clone)]
pub struct Environment {
    now: Nanos,
    operation_start: Nanos,
    sequence: u64,
    events: BinaryHeap<Reverse<(Nanos, u64, JobId)>>,
    next_event: Nanos,
    crash_at: Nanos,
    jobs: BTreeMap<JobId, Job>,
    finished: VecDeque<Finished>,
    /// Bytes written by work that ended but was not taken note of yet.
    unclaimed: BTreeMap<JobId, u64>,
    checkpoints: VecDeque<CheckpointReport>,
    bursts: Vec<(Nanos, Nanos)>,
    hardware: Hardware,
    disk: Device,
    remote: Device,
    faults: Faults,
    disk_used: u64,
    disk_written: u64,
    disk_abandoned: u64,
    io: BTreeMap<Purpose, IoCount>,
    foreground_cpu: Nanos,
    foreground_io: Nanos,
    background_cpu: Nanos,
    paused: Nanos,
}

impl Environment {
    /// A world at time zero.
    pub fn new(hardware: Hardware, faults: Faults, seed: Seed) -> Self {
        Self {
            now: Nanos::ZERO,
            operation_start: Nanos::ZERO,
            sequence: 0,
            events: BinaryHeap::new(),
            next_event: Nanos::MAX,
            crash_at: Nanos::MAX,
            jobs: BTreeMap::new(),
            finished: VecDeque::new(),
            unclaimed: BTreeMap::new(),
            checkpoints: VecDeque::new(),
            bursts: Vec::new(),
            disk: Device::new(hardware.disk, Generator::new(seed.split(1))),
            remote: Device::new(hardware.remote, Generator::new(seed.split(2))),
            hardware,
            faults,
            disk_used: 0,
            disk_written: 0,
            disk_abandoned: 0,
            io: BTreeMap::new(),
            foreground_cpu: Nanos::ZERO,
            foreground_io: Nanos::ZERO,
            background_cpu: Nanos::ZERO,
            paused: Nanos::ZERO,
        }
    }

    /// The task's virtual time.
    pub fn now(&self) -> Nanos {
        self.now
    }

    /// What CPU work costs here.
    pub fn costs(&self) -> &CpuCosts {
        &self.hardware.cpu
    }

    /// Marks the start of an operation: the instant at which entries count as expired or not.
    pub fn begin_operation(&mut self) {
        self.operation_start = self.now;
    }

    /// The millisecond in which the present (or last) operation began. Reads and background
    /// work alike judge a TTL by it, so that an operation sees one instant.
    pub fn operation_ms(&self) -> u32 {
        u32::try_from(self.operation_start.millis()).unwrap_or(u32::MAX)
    }

    /// The task computes for `cpu`, longer if background work keeps the cores busy.
    #[inline]
    pub fn spend(&mut self, cpu: Nanos) {
        let taken = if self.bursts.is_empty() { cpu } else { self.shared(self.now, cpu) };
        self.now += taken;
        self.foreground_cpu += taken;
    }

    /// The task stands still, as in a garbage collection.
    pub fn pause(&mut self, span: Nanos) {
        self.now += span;
        self.paused += span;
    }

    /// Nothing arrives until `until`.
    pub fn idle(&mut self, until: Nanos) {
        self.now = self.now.max(until);
    }

    /// The task reads from the local disk and waits for the answer.
    pub fn read(&mut self, purpose: Purpose, bytes: u64) {
        self.run_until(self.now);
        self.disk.slow_down(self.faults.slowdown(self.now));
        let answered = self.disk.submit(self.now, Direction::Read, bytes);
        self.foreground_io += answered.since(self.now);
        self.now = answered;
        let count = self.io.entry(purpose).or_default();
        count.read += bytes;
        count.reads += 1;
    }

    /// The task reads from the checkpoint storage and waits for the answer.
    pub fn fetch(&mut self, purpose: Purpose, bytes: u64) {
        self.run_until(self.now);
        let answered = self.remote.submit(self.now, Direction::Read, bytes);
        self.foreground_io += answered.since(self.now);
        self.now = answered;
        self.io.entry(purpose).or_default().downloaded += bytes;
    }

    /// Starts background work; its end is reported by [`poll`](Self::poll) or
    /// [`wait`](Self::wait).
    pub fn start(&mut self, work: Work) -> JobId {
        let id = JobId(self.sequence);
        self.jobs.insert(id, Job::new(work));
        self.schedule(self.now, id);
        id
    }

    /// Background work that has ended by now, if any.
    #[inline]
    pub fn poll(&mut self) -> Option<Finished> {
        if self.next_event <= self.now {
            self.run_until(self.now);
        }
        let finished = self.finished.pop_front()?;
        self.unclaimed.remove(&finished.job);
        Some(finished)
    }

    /// Waits until some background work ends.
    ///
    /// # Errors
    /// [`StoreError::Stuck`] if there is none, [`StoreError::Crashed`] if the process dies first.
    pub fn wait(&mut self) -> Result<Finished, StoreError> {
        loop {
            if let Some(finished) = self.poll() {
                return Ok(finished);
            }
            if self.now >= self.crash_at {
                return Err(StoreError::Crashed);
            }
            if self.next_event == Nanos::MAX {
                return Err(StoreError::Stuck);
            }
            self.now = self.now.max(self.next_event.min(self.crash_at));
        }
    }

    /// When something in the background happens next, or [`Nanos::MAX`].
    pub fn next_event(&self) -> Nanos {
        self.next_event
    }

    /// The process will die at `at`: nothing in the background happens later than that.
    pub fn crash_at(&mut self, at: Nanos) {
        self.crash_at = at;
    }

    /// A store reports the end of a checkpoint's asynchronous part.
    pub fn report_checkpoint(&mut self, report: CheckpointReport) {
        self.checkpoints.push_back(report);
    }

    /// The next checkpoint report, for the driver.
    pub fn take_checkpoint(&mut self) -> Option<CheckpointReport> {
        self.checkpoints.pop_front()
    }

    /// Gives back the space of a deleted local file.
    pub fn release_disk(&mut self, bytes: u64) {
        self.disk_used = self.disk_used.saturating_sub(bytes);
    }

    /// Bytes in use on the local disk, files being written included.
    pub fn disk_used(&self) -> u64 {
        self.disk_used
    }

    /// Bytes that work has written to the local disk which is unfinished or not yet taken note of.
    pub fn disk_reserved(&self) -> u64 {
        let running: u64 = self.jobs.values().map(|job| job.reserved).sum();
        running + self.unclaimed.values().sum::<u64>()
    }

    /// Bytes that the local disk has taken so far.
    pub fn disk_written(&self) -> u64 {
        self.disk_written
    }

    /// Of these, bytes of work that failed or was ended by a crash.
    pub fn disk_abandoned(&self) -> u64 {
        self.disk_abandoned
    }

    /// The process died: background work ends where it is, and what it wrote is removed.
    /// Says whether the crash also damaged what had been written last.
    pub fn crash(&mut self) -> Crash {
        // What ended and was not taken note of is lost as well.
        let reserved = self.disk_reserved();
        self.release_disk(reserved);
        self.disk_abandoned += reserved;
        self.unclaimed.clear();
        self.jobs.clear();
        self.events.clear();
        self.next_event = Nanos::MAX;
        self.finished.clear();
        self.checkpoints.clear();
        self.bursts.clear();
        if self.faults.tears_writes() { Crash::TornWrites } else { Crash::Clean }
    }

    /// The faults that are to happen.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Bytes and requests of `purpose` so far.
    pub fn io(&self, purpose: Purpose) -> IoCount {
        self.io.get(&purpose).copied().unwrap_or_default()
    }

    /// How long the local disk has been occupied.
    pub fn disk_busy(&self) -> Nanos {
        self.disk.busy()
    }

    /// CPU time of the task, time it waited for devices, CPU time of background work, pauses.
    pub fn time_spent(&self) -> [Nanos; 4] {
        [self.foreground_cpu, self.foreground_io, self.background_cpu, self.paused]
    }

    fn schedule(&mut self, at: Nanos, job: JobId) {
        self.events.push(Reverse((at, self.sequence, job)));
        self.sequence += 1;
        self.next_event = self.next_event.min(at);
    }

    fn run_until(&mut self, until: Nanos) {
        while let Some(&Reverse((at, _, job))) = self.events.peek() {
            if at > until.min(self.crash_at) {
                self.next_event = at;
                return;
            }
            self.events.pop();
            self.step(at, job);
        }
        self.next_event = Nanos::MAX;
    }

    /// Does one piece of a job, or ends it.
    fn step(&mut self, at: Nanos, id: JobId) {
        let Some(mut job) = self.jobs.remove(&id) else { return };
        self.bursts.retain(|(_, end)| *end > at);
        if job.is_over() {
            self.unclaimed.insert(id, job.reserved);
            self.finished.push_back(Finished { job: id, outcome: Outcome::Done });
            return;
        }
        let work = job.work;
        self.disk.slow_down(self.faults.slowdown(at));
        let mut time = at;
        let read = job.share(work.read);
        if read > 0 {
            time = self.disk.submit(time, Direction::Read, read);
        }
        let cpu = Nanos(job.share(work.cpu.0));
        if cpu > Nanos::ZERO {
            let end = time + self.shared(time, cpu);
            self.bursts.push((time, end));
            self.background_cpu += end.since(time);
            time = end;
        }
        let write = job.share(work.write);
        if write > 0 {
            if self.disk_used.saturating_add(write) > self.faults.disk_capacity(at) {
                return self.fail(id, &job, Outcome::DiskFull);
            }
            self.disk_used += write;
            self.disk_written += write;
            job.reserved += write;
            time = self.disk.submit(time, Direction::Write, write);
        }
        let (upload, download) = (job.part(work.upload), job.share(work.download));
        if upload > 0 {
            if self.faults.upload_fails(at) {
                return self.fail(id, &job, Outcome::UploadFailed);
            }
            time = self.remote.submit(time, Direction::Write, upload);
        }
        if download > 0 {
            time = self.remote.submit(time, Direction::Read, download);
        }
        let count = self.io.entry(work.purpose).or_default();
        count.read += read;
        count.reads += u64::from(read > 0);
        count.written += write;
        count.uploaded += upload;
        count.downloaded += download;
        job.piece += 1;
        self.jobs.insert(id, job);
        self.schedule(time, id);
    }

    fn fail(&mut self, id: JobId, job: &Job, outcome: Outcome) {
        self.release_disk(job.reserved);
        self.disk_abandoned += job.reserved;
        self.finished.push_back(Finished { job: id, outcome });
    }

    /// What `cpu` takes at `at`, when the task and the background bursts share the cores.
    fn shared(&self, at: Nanos, cpu: Nanos) -> Nanos {
        let busy = self.bursts.iter().filter(|(start, end)| *start <= at && at < *end).count();
        let runnable = (busy as u64 + 1) * 1_000;
        let cores = u64::from(self.hardware.millicores.max(1));
        if runnable <= cores { cpu } else { cpu.scaled(runnable, cores) }
    }
}

/// What a crash left on the local disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Every completed file is whole.
    Clean,
    /// The newest local files may be incomplete although they had been closed.
    TornWrites,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(faults: Faults) -> Environment {
        Environment::new(Hardware::local_nvme(), faults, Seed(1))
    }

    #[test]
    fn background_work_ends_in_the_order_of_time() {
        let mut env = environment(Faults::default());
        let long = env.start(Work { write: 64 << 20, ..Work::of(Purpose::Flush) });
        let short = env.start(Work { write: 1 << 20, ..Work::of(Purpose::Flush) });
        assert_eq!(env.wait().map(|finished| finished.job), Ok(short));
        assert_eq!(env.wait().map(|finished| finished.job), Ok(long));
        assert_eq!(env.wait(), Err(StoreError::Stuck));
        assert_eq!(env.disk_used(), 65 << 20);
        assert_eq!(env.io(Purpose::Flush).written, 65 << 20);
    }

    #[test]
    fn a_computing_neighbor_slows_the_task_down() {
        let mut alone = environment(Faults::default());
        alone.spend(Nanos(1_000));
        let mut shared = environment(Faults::default());
        shared.start(Work { cpu: Nanos(1_000_000), ..Work::of(Purpose::Compaction) });
        assert_eq!(shared.poll(), None);
        shared.spend(Nanos(1_000));
        assert_eq!((alone.now(), shared.now()), (Nanos(1_000), Nanos(2_000)));
    }

    #[test]
    fn an_upload_waits_for_an_answer_a_part_and_not_a_piece() {
        let elapsed = |read| {
            let mut env = environment(Faults::default());
            env.start(Work { read, upload: 64 << 20, ..Work::of(Purpose::Checkpoint) });
            env.wait().unwrap();
            assert_eq!(env.io(Purpose::Checkpoint).uploaded, 64 << 20);
            env.now()
        };
        // Reading 64 MiB takes some 60 ms; eight parts wait for eight answers either way.
        let (from_memory, from_disk) = (elapsed(0), elapsed(64 << 20));
        assert!(from_disk < from_memory.times(2), "{from_memory} and {from_disk}");
    }

    #[test]
    fn a_full_disk_gives_the_space_back() {
        let mut faults = Faults::default();
        faults.limit_disk(Nanos::ZERO, Nanos::MAX, 1 << 20);
        let mut env = environment(faults);
        let job = env.start(Work { write: 2 << 20, ..Work::of(Purpose::Flush) });
        assert_eq!(env.wait(), Ok(Finished { job, outcome: Outcome::DiskFull }));
        assert_eq!(env.disk_used(), 0);
    }

    #[test]
    fn a_crash_ends_all_work_and_frees_what_it_wrote() {
        let mut env = environment(Faults::default());
        env.start(Work { write: 64 << 20, ..Work::of(Purpose::Flush) });
        env.idle(Nanos::from_millis(1));
        assert_eq!(env.poll(), None);
        assert!(env.disk_used() > 0);
        assert_eq!(env.crash(), Crash::Clean);
        assert_eq!((env.disk_used(), env.wait()), (0, Err(StoreError::Stuck)));
    }
}
