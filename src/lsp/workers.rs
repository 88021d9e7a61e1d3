//! A few threads that run what takes longer than a keystroke may.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, unbounded};

type Job = Box<dyn FnOnce() + Send>;

/// The threads; they end when this is dropped, after what was queued.
#[derive(Debug)]
pub(super) struct Workers {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts `count` threads.
    pub(super) fn new(count: usize) -> Self {
        let (jobs, queue) = unbounded::<Job>();
        let threads = (0..count)
            .map(|_| {
                let queue = queue.clone();
                std::thread::spawn(move || {
                    for job in queue {
                        // A job answers its request itself when it panics; this keeps the thread.
                        let _ = catch_unwind(AssertUnwindSafe(job));
                    }
                })
            })
            .collect();
        Self { jobs: Some(jobs), threads }
    }

    /// Runs `job` on one of the threads.
    pub(super) fn run(&self, job: impl FnOnce() + Send + 'static) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(Box::new(job)); // The threads outlive the sender.
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
