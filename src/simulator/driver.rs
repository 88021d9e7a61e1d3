//! Where a run's operations come from: a workload, a recording, a trace.

use super::cache::{Interner, TooManyObjects};
use super::operation::{Arrival, Operation};
use super::operator::RunningOperator;
use super::random::{Seed, ZipfError};
use super::task::Task;
use super::trace::{TraceError, TraceOperation, TraceRequest};
use super::{Key, Nanos, RecordingError, StateId, StoreError, Timer};
use crate::workload::Workload;

/// Feeds a task with records.
pub(super) trait Driver {
    /// Does what comes before the first record.
    fn load(&mut self, task: &mut Task<'_>) -> Result<(), StoreError>;

    /// From the next record on, arrivals count from now.
    fn begin_measurement(&mut self);

    /// Processes the next record and says when it arrived; `None` if there are no more. `start` is
    /// what arrivals count from.
    fn record(&mut self, task: &mut Task<'_>, start: Nanos) -> Result<Option<Nanos>, StoreError>;
}

/// Why records ended before their time.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimulateError {
    /// A skew that no generator has.
    #[error("{0}")]
    Zipf(#[from] ZipfError),
    /// A recording that cannot be read on.
    #[error("{0}")]
    Recording(#[from] RecordingError),
    /// A trace that cannot be read on.
    #[error("{0}")]
    Trace(#[from] TraceError),
    /// A trace of more objects than can be numbered.
    #[error("{0}")]
    Objects(#[from] TooManyObjects),
}

/// The records of a workload, generated as they are needed.
pub(super) struct WorkloadDriver<'w> {
    workload: &'w Workload,
    operators: Vec<RunningOperator>,
    record: u64,
    /// The record from which arrivals count.
    first: u64,
    fired_until_ms: u64,
    due: Vec<Timer>,
}

impl<'w> WorkloadDriver<'w> {
    pub(super) fn new(workload: &'w Workload, seed: Seed) -> Result<Self, ZipfError> {
        let mut operators = Vec::new();
        for (index, operator) in (0_u8..).zip(&workload.operators) {
            let seed = seed.split(100 + u64::from(index));
            operators.push(RunningOperator::new(operator, index, workload.parallelism, seed)?);
        }
        Ok(Self { workload, operators, record: 0, first: 0, fired_until_ms: 0, due: Vec::new() })
    }

    fn arrival(&self) -> Arrival {
        let Some(rate) = self.workload.rate else { return Arrival::AtOnce };
        let parallelism = u128::from(self.workload.parallelism.max(1));
        let nth = u128::from(self.record - self.first) * parallelism;
        let offset = nth * 1_000_000_000 / u128::from(rate.max(1));
        Arrival::After(Nanos(u64::try_from(offset).unwrap_or(u64::MAX)))
    }

    /// The watermark has passed `until_ms`.
    fn fire_timers(&mut self, task: &mut Task<'_>, until_ms: u64) -> Result<(), StoreError> {
        loop {
            let mut due = std::mem::take(&mut self.due);
            task.pop_timers(until_ms, &mut due)?;
            for timer in &due {
                let owner = self.operators.iter_mut().find(|o| o.owns(timer.key.state()));
                if let Some(operator) = owner {
                    operator.fire(task, *timer)?;
                }
            }
            let is_done = due.is_empty();
            self.due = due;
            // A timer that fires may register another one that is due already.
            if is_done {
                return Ok(());
            }
        }
    }
}

impl Driver for WorkloadDriver<'_> {
    /// Writes every key of the operators that start with a full state.
    fn load(&mut self, task: &mut Task<'_>) -> Result<(), StoreError> {
        self.operators.iter_mut().try_for_each(|operator| operator.load(task))
    }

    fn begin_measurement(&mut self) {
        self.first = self.record;
    }

    fn record(&mut self, task: &mut Task<'_>, start: Nanos) -> Result<Option<Nanos>, StoreError> {
        let arrival = task.begin_record(self.arrival(), start);
        let parallelism = u128::from(self.workload.parallelism.max(1));
        let event = u128::from(self.record) * parallelism * 1_000;
        let event_ms = event.checked_div(u128::from(self.workload.event_rate)).unwrap_or(0);
        let event_ms = u64::try_from(event_ms).unwrap_or(u64::MAX);
        self.record += 1;
        task.work(task.env.costs().record);
        if event_ms > self.fired_until_ms {
            self.fired_until_ms = event_ms;
            self.fire_timers(task, event_ms)?;
        }
        for operator in &mut self.operators {
            if operator.takes() {
                operator.process(task, event_ms)?;
            }
        }
        Ok(Some(arrival))
    }
}

/// The records of an earlier run.
pub(super) struct ReplayDriver<I> {
    operations: I,
    /// The record whose operations come next.
    next: Option<Arrival>,
    pub(super) error: Option<RecordingError>,
}

impl<I: Iterator<Item = Result<Operation, RecordingError>>> ReplayDriver<I> {
    pub(super) const fn new(operations: I) -> Self {
        Self { operations, next: None, error: None }
    }

    /// Does what belongs to the present record.
    fn until_next_record(&mut self, task: &mut Task<'_>) -> Result<(), StoreError> {
        for operation in self.operations.by_ref() {
            match operation {
                Ok(Operation::Record(arrival)) => {
                    self.next = Some(arrival);
                    return Ok(());
                }
                Ok(operation) => task.repeat(operation)?,
                Err(error) => {
                    self.error = Some(error);
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

impl<I: Iterator<Item = Result<Operation, RecordingError>>> Driver for ReplayDriver<I> {
    fn load(&mut self, task: &mut Task<'_>) -> Result<(), StoreError> {
        self.until_next_record(task)
    }

    fn begin_measurement(&mut self) {}

    fn record(&mut self, task: &mut Task<'_>, start: Nanos) -> Result<Option<Nanos>, StoreError> {
        let Some(arrival) = self.next.take() else { return Ok(None) };
        let arrival = task.begin_record(arrival, start);
        self.until_next_record(task)?;
        Ok(Some(arrival))
    }
}

/// The requests of a trace, a record each, as quickly as the store takes them.
///
/// A key is read, and written if it was not there: so every object is there from its first request
/// on, with the size that it had then.
pub(super) struct TraceDriver<I> {
    requests: I,
    objects: Interner,
    pub(super) error: Option<SimulateError>,
}

impl<I: Iterator<Item = Result<TraceRequest, TraceError>>> TraceDriver<I> {
    pub(super) fn new(requests: I, seed: Seed) -> Self {
        Self { requests, objects: Interner::new(seed.split(3)), error: None }
    }

    fn next(&mut self) -> Result<Option<(Key, TraceRequest)>, SimulateError> {
        let Some(request) = self.requests.next().transpose()? else { return Ok(None) };
        let object = self.objects.intern(request.id)?;
        Ok(Some((Key::new(StateId(0), u64::from(object), 0), request)))
    }
}

impl<I: Iterator<Item = Result<TraceRequest, TraceError>>> Driver for TraceDriver<I> {
    fn load(&mut self, _: &mut Task<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    fn begin_measurement(&mut self) {}

    fn record(&mut self, task: &mut Task<'_>, start: Nanos) -> Result<Option<Nanos>, StoreError> {
        let (key, request) = match self.next() {
            Ok(Some(next)) => next,
            Ok(None) => return Ok(None),
            Err(error) => {
                self.error = Some(error);
                return Ok(None);
            }
        };
        let arrival = task.begin_record(Arrival::AtOnce, start);
        task.work(task.env.costs().record);
        match request.operation {
            TraceOperation::Get => {
                if task.get(key)?.is_none() {
                    task.put(key, request.size)?;
                }
            }
            TraceOperation::Put => task.put(key, request.size)?,
            TraceOperation::Delete => task.delete(key)?,
        }
        Ok(Some(arrival))
    }
}
