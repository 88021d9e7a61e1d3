//! What each access pattern does to the state, record by record.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::keys::KeySource;
use super::random::{Generator, Probability, Seed, ZipfError};
use super::task::Task;
use super::{Key, StateDescriptor, StateId, StateKind, StoreError, TimeToLive, Timer, Value};
use crate::workload::{Access, Operator, SizeDistribution};

/// Timers that the workload adds to those of the access fire so much later.
const TIMER_DELAY_MS: u64 = 1_000;

/// An operator at work.
pub(super) struct RunningOperator {
    access: Rc<Access>,
    share: Probability,
    keys: KeySource,
    sizes: Sizes,
    other_sizes: Sizes,
    generator: Generator,
    first: StateId,
    second: StateId,
    timers_per_record: u32,
    /// Keys that are written before the first record.
    loaded: u64,
    /// Rows so far; the sub key of the next row of a join.
    rows: u32,
    /// Of each key with an open session, its start and its last record.
    sessions: BTreeMap<u64, (u64, u64)>,
    found: Vec<(Key, Value)>,
}

/// Draws sizes.
struct Sizes {
    distribution: SizeDistribution,
    weight: u64,
}

impl Sizes {
    fn new(distribution: &SizeDistribution) -> Self {
        let weight = match distribution {
            SizeDistribution::Weighted(sizes) => {
                sizes.iter().map(|size| u64::from(size.weight)).sum()
            }
            SizeDistribution::Fixed(_) | SizeDistribution::Uniform { .. } => 0,
        };
        Self { distribution: distribution.clone(), weight }
    }

    #[inline]
    fn draw(&self, generator: &mut Generator) -> u32 {
        match &self.distribution {
            SizeDistribution::Fixed(bytes) => *bytes,
            SizeDistribution::Uniform { min, max } => {
                let width = u64::from(max.saturating_sub(*min)) + 1;
                min.saturating_add(u32::try_from(generator.below(width)).unwrap_or(0))
            }
            SizeDistribution::Weighted(sizes) => {
                let mut at = generator.below(self.weight);
                for size in sizes {
                    let weight = u64::from(size.weight);
                    if at < weight {
                        return size.bytes;
                    }
                    at -= weight;
                }
                0
            }
        }
    }
}

impl RunningOperator {
    /// The operator number `index` of a task.
    pub(super) fn new(
        operator: &Operator,
        index: u8,
        parallelism: u32,
        seed: Seed,
    ) -> Result<Self, ZipfError> {
        let other_sizes = match &operator.access {
            Access::DualStreamJoin { left } => &left.value_bytes,
            _ => &operator.value_bytes,
        };
        Ok(Self {
            access: Rc::new(operator.access.clone()),
            share: Probability::from_f64(operator.share.get()),
            keys: KeySource::new(&operator.keys, parallelism, seed.split(1))?,
            sizes: Sizes::new(&operator.value_bytes),
            other_sizes: Sizes::new(other_sizes),
            generator: Generator::new(seed.split(2)),
            first: StateId(index * 2),
            second: StateId(index * 2 + 1),
            timers_per_record: operator.timers_per_record,
            loaded: if operator.keys.loaded {
                operator.keys.count / u64::from(parallelism.max(1))
            } else {
                0
            },
            rows: 0,
            sessions: BTreeMap::new(),
            found: Vec::new(),
        })
    }

    /// Whether a source record reaches the operator.
    #[inline]
    pub(super) fn takes(&mut self) -> bool {
        self.generator.chance(self.share)
    }

    /// Writes a first value of every key, if the state is to be full at the start.
    pub(super) fn load(&mut self, task: &mut Task<'_>) -> Result<(), StoreError> {
        for primary in 0..self.loaded {
            let size = self.sizes.draw(&mut self.generator);
            task.put(self.key(primary, 0), size)?;
        }
        Ok(())
    }

    /// Whether the state is the operator's own.
    pub(super) fn owns(&self, state: StateId) -> bool {
        state == self.first || state == self.second
    }

    /// The key of the next record, in the first state.
    fn next_key(&mut self) -> Key {
        let primary = self.keys.next();
        self.key(primary, 0)
    }

    fn key(&self, primary: u64, sub: u64) -> Key {
        Key::new(self.first, primary, low_bits(sub))
    }

    fn other_key(&self, primary: u64, sub: u64) -> Key {
        Key::new(self.second, primary, low_bits(sub))
    }

    /// Emits rows of `bytes` in all to the next operator.
    fn emit(task: &mut Task<'_>, count: u64, bytes: u64) {
        let costs = *task.env.costs();
        let cost = costs.serialize.times(count) + costs.serialize_per_kib.scaled(bytes, 1 << 10);
        if count > 0 {
            task.work(cost);
        }
    }

    /// One record at `event_ms`.
    pub(super) fn process(&mut self, task: &mut Task<'_>, event_ms: u64) -> Result<(), StoreError> {
        task.work(task.env.costs().operator_record);
        for _ in 0..self.timers_per_record {
            let key = Key::new(self.second, self.keys.draw(), Key::SUB_MAX);
            task.add_timer(Timer { at_ms: event_ms + TIMER_DELAY_MS, key })?;
        }
        let size = self.sizes.draw(&mut self.generator);
        let access = Rc::clone(&self.access);
        match access.as_ref() {
            Access::ReadModifyWrite => {
                let key = self.next_key();
                task.get(key)?;
                task.put(key, size)
            }
            Access::Mix { reads, deletes } => {
                let key = self.next_key();
                // Of what does not read, this part deletes.
                let deletes = Probability::from_f64(deletes.get() / (1.0 - reads.get()));
                let reads = Probability::from_f64(reads.get());
                if self.generator.chance(reads) {
                    task.get(key).map(drop)
                } else if self.generator.chance(deletes) {
                    task.delete(key)
                } else {
                    task.put(key, size)
                }
            }
            Access::Deduplicate { keep_last } => {
                let key = self.next_key();
                let present = task.get(key)?;
                if *keep_last || present.is_none() {
                    Self::emit(task, 1, u64::from(size));
                    return task.put(key, size);
                }
                Ok(())
            }
            Access::TumblingWindow { size: window } => {
                let primary = self.keys.next();
                let index = event_ms / window.millis;
                self.aggregate(task, primary, index, (index + 1) * window.millis, size)
            }
            Access::SlidingWindow { slide, .. } => {
                let primary = self.keys.next();
                let slice = event_ms / slide.millis;
                self.aggregate(task, primary, slice, (slice + 1) * slide.millis, size)
            }
            Access::SessionWindow { gap } => self.session(task, event_ms, gap.millis, size),
            Access::WindowJoin { size: window, left_share } => {
                let primary = self.keys.next();
                let index = event_ms / window.millis;
                let is_left = self.generator.chance(Probability::from_f64(left_share.get()));
                let key =
                    if is_left { self.key(primary, index) } else { self.other_key(primary, index) };
                task.append(key, size)?;
                let key = self.key(primary, index);
                task.add_timer(Timer { at_ms: (index + 1) * window.millis, key })
            }
            Access::IntervalJoin { bound, left_share } => {
                let primary = self.keys.next();
                let is_left = self.generator.chance(Probability::from_f64(left_share.get()));
                let (own, other) = if is_left {
                    (self.key(primary, event_ms), self.other_key(primary, 0))
                } else {
                    (self.other_key(primary, event_ms), self.key(primary, 0))
                };
                // Rows of one time share a list, which is read and written as a whole.
                let present = task.get(own)?.map_or(0, |value| value.size);
                task.put(own, present.saturating_add(size))?;
                task.add_timer(Timer { at_ms: event_ms + bound.millis, key: own })?;
                self.probe(task, other)
            }
            Access::DualStreamJoin { left } => {
                let is_left = self.generator.chance(Probability::from_f64(left.share.get()));
                self.rows = self.rows.wrapping_add(1);
                let row = u64::from(self.rows);
                if is_left {
                    let primary = self.keys.create();
                    if !KeySource::is_among(primary, left.match_rate.get()) {
                        return Ok(());
                    }
                    let size = self.other_sizes.draw(&mut self.generator);
                    self.add_row(task, self.key(primary, 0), size)?;
                    self.probe(task, self.other_key(primary, 0))
                } else {
                    let primary = self.keys.draw();
                    self.add_row(task, self.other_key(primary, row), size)?;
                    self.probe(task, self.key(primary, 0))
                }
            }
            Access::TopN { n } => self.top_n(task, *n, size),
            Access::ListAppend { flush_every } => {
                let key = self.next_key();
                task.append(key, size)?;
                if self.generator.chance(Probability::from_ratio(1, *flush_every)) {
                    task.get(key)?;
                    task.delete(key)?;
                }
                Ok(())
            }
            Access::MapScan { entries, scans } => {
                let primary = self.keys.next();
                let sub = self.generator.below(u64::from(*entries));
                task.put(self.key(primary, sub), size)?;
                if self.generator.chance(Probability::from_f64(scans.get())) {
                    self.probe(task, self.key(primary, 0))?;
                }
                Ok(())
            }
        }
    }

    /// A count of the row is read and written, as for inputs without a unique key
    /// (`JoinRecordStateViews.InputSideHasNoUniqueKey`).
    fn add_row(&self, task: &mut Task<'_>, key: Key, size: u32) -> Result<(), StoreError> {
        task.get(key)?;
        task.put(key, size)
    }

    /// Reads all rows of the other side and emits a joined row for each.
    fn probe(&mut self, task: &mut Task<'_>, other: Key) -> Result<(), StoreError> {
        let mut found = std::mem::take(&mut self.found);
        let result = task.scan(other.prefix(), &mut found);
        let bytes = found.iter().map(|(_, value)| u64::from(value.size)).sum();
        Self::emit(task, found.len() as u64, bytes);
        self.found = found;
        result
    }

    fn aggregate(
        &mut self,
        task: &mut Task<'_>,
        primary: u64,
        window: u64,
        end_ms: u64,
        size: u32,
    ) -> Result<(), StoreError> {
        let key = self.key(primary, window);
        let present = task.get(key)?;
        task.put(key, size)?;
        if present.is_none() {
            task.add_timer(Timer { at_ms: end_ms, key })?;
        }
        Ok(())
    }

    fn session(
        &mut self,
        task: &mut Task<'_>,
        event_ms: u64,
        gap: u64,
        size: u32,
    ) -> Result<(), StoreError> {
        let primary = self.keys.next();
        let accumulator = self.other_key(primary, 0);
        let mut found = std::mem::take(&mut self.found);
        task.scan(self.key(primary, 0).prefix(), &mut found)?;
        self.found = found;
        task.get(accumulator)?;
        task.put(accumulator, size)?;
        match self.sessions.insert(primary, (event_ms, event_ms)) {
            Some((start, last)) if last + gap > event_ms => {
                self.sessions.insert(primary, (start, event_ms));
                if last != event_ms {
                    // The window is its own key: a longer one replaces it.
                    task.delete(self.key(primary, last))?;
                    task.put(self.key(primary, event_ms), 16)?;
                    let key = self.key(primary, 0);
                    task.delete_timer(Timer { at_ms: last + gap, key })?;
                    task.add_timer(Timer { at_ms: event_ms + gap, key })?;
                }
                Ok(())
            }
            _ => {
                task.put(self.key(primary, event_ms), 16)?;
                let key = self.key(primary, 0);
                task.add_timer(Timer { at_ms: event_ms + gap, key })
            }
        }
    }

    /// A row is sorted into the rows of its key, and pushes out the worst beyond `n`.
    fn top_n(&mut self, task: &mut Task<'_>, n: u32, size: u32) -> Result<(), StoreError> {
        let primary = self.keys.next();
        let mut found = std::mem::take(&mut self.found);
        task.scan(self.key(primary, 0).prefix(), &mut found)?;
        // Sort keys are uniform: the best have the largest sub keys.
        let rank = self.generator.below(1 << 24);
        let is_full = found.len() >= usize::try_from(n).unwrap_or(usize::MAX);
        let worst = found.first().map(|(key, _)| *key);
        self.found = found;
        if let Some(worst) = worst.filter(|_| is_full) {
            if u64::from(worst.sub()) >= rank {
                return Ok(());
            }
            task.delete(worst)?;
        }
        Self::emit(task, 1, u64::from(size));
        task.put(self.key(primary, rank), size)
    }

    /// A timer of one of the operator's states fired.
    pub(super) fn fire(&mut self, task: &mut Task<'_>, timer: Timer) -> Result<(), StoreError> {
        let key = timer.key;
        if key.sub() == Key::SUB_MAX {
            return Ok(());
        }
        match *self.access {
            Access::TumblingWindow { .. } => {
                let value = task.get(key)?;
                Self::emit(task, 1, value.map_or(0, |value| u64::from(value.size)));
                task.delete(key)
            }
            Access::SlidingWindow { size, slide } => {
                let count = size.millis / slide.millis;
                let slice = u64::from(key.sub());
                let oldest = (slice + 1).saturating_sub(count);
                let mut newest = None;
                for slice in oldest..=slice {
                    let present = task.get(self.key(key.primary(), slice))?;
                    newest = present.map_or(newest, |_| Some(slice));
                }
                Self::emit(task, 1, 16);
                task.delete(self.key(key.primary(), oldest))?;
                // The next window still has what was not the oldest.
                if newest.is_some_and(|newest| newest > oldest) {
                    let key = self.key(key.primary(), slice + 1);
                    task.add_timer(Timer { at_ms: timer.at_ms + slide.millis, key })?;
                }
                Ok(())
            }
            Access::SessionWindow { .. } => {
                let accumulator = self.other_key(key.primary(), 0);
                task.get(accumulator)?;
                Self::emit(task, 1, 32);
                task.delete(accumulator)?;
                if let Some((_, last)) = self.sessions.remove(&key.primary()) {
                    task.delete(self.key(key.primary(), last))?;
                }
                Ok(())
            }
            Access::WindowJoin { .. } => {
                let other = Key::new(self.second, key.primary(), key.sub());
                let left = task.get(key)?;
                let right = task.get(other)?;
                if let (Some(left), Some(right)) = (left, right) {
                    let count = u64::from(left.elements) * u64::from(right.elements);
                    let bytes = u64::from(left.size) + u64::from(right.size);
                    Self::emit(task, count, bytes);
                }
                task.delete(key)?;
                task.delete(other)
            }
            Access::IntervalJoin { .. } => task.delete(key),
            _ => Ok(()),
        }
    }
}

/// The states that an operator registers.
pub(super) fn states_of(operator: &Operator) -> [StateDescriptor; 2] {
    let time_to_live = match operator.ttl {
        None => TimeToLive::Never,
        Some(span) => {
            let millis = u32::try_from(span.millis).unwrap_or(u32::MAX);
            TimeToLive::AfterWrite { millis }
        }
    };
    let (first, second) = kinds(&operator.access);
    [("", first), ("-2", second)].map(|(side, kind)| StateDescriptor {
        name: format!("{}{side}", operator.name),
        kind,
        key_size: operator.key_bytes,
        time_to_live,
    })
}

/// What a sub key holds of a larger number.
fn low_bits(sub: u64) -> u32 {
    u32::try_from(sub % u64::from(Key::SUB_MAX)).unwrap_or(0)
}

fn kinds(access: &Access) -> (StateKind, StateKind) {
    match access {
        Access::ReadModifyWrite
        | Access::Mix { .. }
        | Access::Deduplicate { .. }
        | Access::TumblingWindow { .. }
        | Access::SlidingWindow { .. } => (StateKind::Value, StateKind::Value),
        Access::SessionWindow { .. } => (StateKind::Map, StateKind::Value),
        Access::WindowJoin { .. } | Access::ListAppend { .. } => (StateKind::List, StateKind::List),
        Access::IntervalJoin { .. } | Access::DualStreamJoin { .. } => {
            (StateKind::Map, StateKind::Map)
        }
        Access::TopN { .. } | Access::MapScan { .. } => (StateKind::Map, StateKind::Map),
    }
}
