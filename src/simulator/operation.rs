use std::fmt;
use std::str::FromStr;

use super::{Key, Nanos, Timer};

/// An operation of a run, as it is recorded and replayed.
///
/// Its text is one line of a recording; keys are their packed bits in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A source record begins.
    Record(Arrival),
    /// CPU work of the job outside its state.
    Work(Nanos),
    /// [`Store::get`](super::Store::get).
    Get(Key),
    /// [`Store::put`](super::Store::put) of so many bytes.
    Put(Key, u32),
    /// [`Store::delete`](super::Store::delete).
    Delete(Key),
    /// [`Store::append`](super::Store::append) of so many bytes.
    Append(Key, u32),
    /// [`Store::scan`](super::Store::scan).
    Scan(Key),
    /// [`Store::add_timer`](super::Store::add_timer).
    AddTimer(Timer),
    /// [`Store::delete_timer`](super::Store::delete_timer).
    DeleteTimer(Timer),
    /// [`Store::pop_timers`](super::Store::pop_timers).
    PopTimers(u64),
}

/// When a source record is there to be processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// As soon as the one before is done.
    AtOnce,
    /// So long after the measurement (or before it the run) began.
    After(Nanos),
}

/// Why a line is not an operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected record, work, get, put, delete, append, scan, add-timer, delete-timer or pop-timers \
     with its numbers, found {0:?}"
)]
pub struct ParseOperationError(String);

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timer = |timer: &Timer| format!("{} {:x}", timer.at_ms, timer.key.bits());
        match self {
            Self::Record(Arrival::AtOnce) => write!(f, "record"),
            Self::Record(Arrival::After(span)) => write!(f, "record {}", span.0),
            Self::Work(cpu) => write!(f, "work {}", cpu.0),
            Self::Get(key) => write!(f, "get {:x}", key.bits()),
            Self::Put(key, size) => write!(f, "put {:x} {size}", key.bits()),
            Self::Delete(key) => write!(f, "delete {:x}", key.bits()),
            Self::Append(key, size) => write!(f, "append {:x} {size}", key.bits()),
            Self::Scan(key) => write!(f, "scan {:x}", key.bits()),
            Self::AddTimer(at) => write!(f, "add-timer {}", timer(at)),
            Self::DeleteTimer(at) => write!(f, "delete-timer {}", timer(at)),
            Self::PopTimers(until_ms) => write!(f, "pop-timers {until_ms}"),
        }
    }
}

impl FromStr for Operation {
    type Err = ParseOperationError;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        parse(line).ok_or_else(|| ParseOperationError(line.chars().take(60).collect()))
    }
}

fn parse(line: &str) -> Option<Operation> {
    let mut words = line.split(' ');
    let name = words.next()?;
    let (first, second) = (words.next(), words.next());
    if words.next().is_some() {
        return None;
    }
    let key = |word: Option<&str>| u64::from_str_radix(word?, 16).ok().map(Key::from_bits);
    let number = |word: Option<&str>| word?.parse::<u64>().ok();
    let size = |word: Option<&str>| word?.parse::<u32>().ok();
    let timer = || Some(Timer { at_ms: number(first)?, key: key(second)? });
    let (operation, word_count) = match name {
        "record" if first.is_none() => (Operation::Record(Arrival::AtOnce), 1),
        "record" => (Operation::Record(Arrival::After(Nanos(number(first)?))), 2),
        "work" => (Operation::Work(Nanos(number(first)?)), 2),
        "get" => (Operation::Get(key(first)?), 2),
        "put" => (Operation::Put(key(first)?, size(second)?), 3),
        "delete" => (Operation::Delete(key(first)?), 2),
        "append" => (Operation::Append(key(first)?, size(second)?), 3),
        "scan" => (Operation::Scan(key(first)?), 2),
        "add-timer" => (Operation::AddTimer(timer()?), 3),
        "delete-timer" => (Operation::DeleteTimer(timer()?), 3),
        "pop-timers" => (Operation::PopTimers(number(first)?), 2),
        _ => return None,
    };
    let found = 1 + usize::from(first.is_some()) + usize::from(second.is_some());
    (found == word_count).then_some(operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let key = Key::from_bits(0x1000_0000_0a00_0001);
        let timer = Timer { at_ms: 7, key };
        for operation in [
            Operation::Record(Arrival::AtOnce),
            Operation::Record(Arrival::After(Nanos(12))),
            Operation::Work(Nanos(1500)),
            Operation::Get(key),
            Operation::Put(key, 100),
            Operation::Delete(key),
            Operation::Append(key, 0),
            Operation::Scan(key),
            Operation::AddTimer(timer),
            Operation::DeleteTimer(timer),
            Operation::PopTimers(u64::MAX),
        ] {
            assert_eq!(operation.to_string().parse(), Ok(operation), "{operation}");
        }
    }

    #[test]
    fn other_lines_are_refused() {
        for line in ["", "get", "get x", "get 1 2", "put 1", "put 1 -1", "record 1 2", "flush 1"] {
            assert!(line.parse::<Operation>().is_err(), "{line:?}");
        }
    }
}
