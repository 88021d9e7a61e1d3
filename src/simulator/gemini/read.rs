//! Reading what is not in memory: what waits to be written, then the files.

use super::run::{FilterKey, PAGE};
use super::table::Kind;
use super::{Content, GeminiStore, LiveRun};
use crate::simulator::{Environment, FileNumber, FileSet, Key, Purpose, Value};

/// What lies below the table.
pub(super) struct Resolved {
    pub(super) value: Option<Value>,
    /// Reads of the disk or the checkpoint storage that it took.
    pub(super) reads: u64,
}

impl GeminiStore {
    /// Whether anything but the table may know `key`; filters and page index answer from memory.
    pub(super) fn may_be_below(&self, env: &mut Environment, key: Key) -> bool {
        if self.frozen.iter().any(|frozen| frozen.find(key).is_some()) {
            return true;
        }
        if !self.runs.is_empty() {
            env.spend(env.costs().hash_probe.times(self.runs.len() as u64));
        }
        let key = FilterKey::new(key, &self.states);
        self.runs.iter().filter_map(LiveRun::run).any(|run| run.may_contain(key))
    }

    /// The value of `key` below the table, onto which `waiting` (newest first) is appended.
    pub(super) fn resolve(
        &mut self,
        env: &mut Environment,
        key: Key,
        mut waiting: Vec<Value>,
    ) -> Resolved {
        let mut base = None;
        for frozen in self.frozen.iter().rev() {
            if let Some(record) = frozen.find(key) {
                match record.kind {
                    Kind::Append => waiting.push(record.value),
                    Kind::Put => base = Some(Some(record.value)),
                    _ => base = Some(None),
                }
            }
            if base.is_some() {
                break;
            }
        }
        let mut reads = 0;
        if base.is_none() {
            if !self.runs.is_empty() {
                env.spend(env.costs().hash_probe.times(self.runs.len() as u64));
            }
            let filter_key = FilterKey::new(key, &self.states);
            for live in &self.runs {
                let Some(run) = live.run().filter(|run| run.may_contain(filter_key)) else {
                    continue;
                };
                reads += 1;
                let found = run.find(key, &self.states);
                let page_bytes = match &found {
                    Ok(found) => found.page_bytes,
                    Err(page_bytes) => *page_bytes,
                };
                read_page(env, &self.local, live.file, page_bytes);
                let Ok(found) = found else { continue };
                if let Some(values) = found.record.values {
                    let size = u64::from(found.record.value.size);
                    read_page(env, &self.local, values, size);
                    reads += 1;
                }
                match found.record.kind {
                    Kind::Append => waiting.push(found.record.value),
                    Kind::Put => base = Some(Some(found.record.value)),
                    _ => base = Some(None),
                }
                if base.is_some() {
                    break;
                }
            }
        }
        self.statistics.blocks_read += reads;
        let time_to_live = self.time_to_live(key);
        let value = waiting
            .into_iter()
            .rev()
            .fold(base.flatten(), |list, element| {
                Some(Value::appended(list, element, time_to_live))
            })
            .filter(|value| !value.is_expired(time_to_live, env.operation_ms()));
        Resolved { value, reads }
    }
}

/// Reads whole blocks of a file from wherever it is.
pub(super) fn read_page(
    env: &mut Environment,
    local: &FileSet<Content>,
    file: FileNumber,
    bytes: u64,
) {
    let bytes = bytes.max(1).next_multiple_of(PAGE);
    if local.contains(file) {
        env.read(Purpose::Foreground, bytes);
    } else {
        env.fetch(Purpose::Foreground, bytes);
    }
    let decode = env.costs().block_decode_per_kib.scaled(bytes, 1 << 10);
    let search = env.costs().block_search;
    env.spend(decode + search);
}
