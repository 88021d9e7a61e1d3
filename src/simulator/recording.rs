use std::io::{BufRead, Read};

use super::operation::{Operation, ParseOperationError};
use super::plan::Plan;
use super::random::Seed;

/// A recorded run, read line by line: what it was recorded from, then its operations.
///
/// The text is a line that names the format, the seed, the [`Plan`], and an [`Operation`] a line.
#[derive(Debug)]
pub struct Recording<R> {
    source: R,
    line_number: u64,
    /// What the recorded run was reproduced from.
    pub seed: Seed,
    /// What was recorded.
    pub plan: Plan,
}

/// A name is the longest that a line holds; one without an end must not fill the memory.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// The first line of a recording.
const FORMAT: &str = "slotwise recording 1";

/// Why a recording cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// Something else.
    #[error("line {line}: expected {expected}, found {found:?}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What belongs there.
        expected: &'static str,
        /// What is there, cut if long.
        found: String,
    },
    /// Not an operation.
    #[error("line {line}: {cause}")]
    Operation {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        cause: ParseOperationError,
    },
    /// The source of the bytes fails.
    #[error("line {line}: reading fails: {cause}")]
    Source {
        /// Counted from 1.
        line: u64,
        /// What the source says.
        cause: String,
    },
}

/// The head of a recording, as its first lines have it.
#[must_use]
pub fn recording_head(plan: &Plan, seed: Seed) -> String {
    format!("{FORMAT}\nseed {}\n{plan}", seed.0)
}

impl<R: BufRead> Recording<R> {
    /// Reads the head of a recording.
    ///
    /// # Errors
    /// [`RecordingError`] if it is not one.
    pub fn open(source: R) -> Result<Self, RecordingError> {
        let mut opened =
            Self { source, line_number: 0, seed: Seed(0), plan: Plan::of_trace("", 0) };
        let format = opened.line()?.unwrap_or_default();
        if format != FORMAT {
            return Err(opened.unexpected(FORMAT, &format));
        }
        let seed = opened.line()?.unwrap_or_default();
        match seed.strip_prefix("seed ").and_then(|seed| seed.parse().ok()) {
            Some(number) => opened.seed = Seed(number),
            None => return Err(opened.unexpected("`seed` and a number", &seed)),
        }
        opened.plan = match Plan::parse(|| opened.line())? {
            Ok(plan) => plan,
            Err(line) => {
                let expected = "name, state, checkpoints, warm-up, records, duration or operations";
                return Err(opened.unexpected(expected, &line));
            }
        };
        Ok(opened)
    }

    fn unexpected(&self, expected: &'static str, found: &str) -> RecordingError {
        let found = found.chars().take(60).collect();
        RecordingError::Line { line: self.line_number, expected, found }
    }

    /// The next line without its end.
    fn line(&mut self) -> Result<Option<String>, RecordingError> {
        self.line_number += 1;
        let mut line = String::new();
        let read = (&mut self.source).take(LINE_BYTES_MAX + 1).read_line(&mut line);
        match read {
            Ok(length) if length as u64 > LINE_BYTES_MAX => {
                Err(self.unexpected("a line of at most 1 MiB", &line))
            }
            Ok(0) => Ok(None),
            Ok(_) => {
                line.truncate(line.trim_end_matches(['\r', '\n']).len());
                Ok(Some(line))
            }
            Err(error) => {
                Err(RecordingError::Source { line: self.line_number, cause: error.to_string() })
            }
        }
    }
}

impl<R: BufRead> Iterator for Recording<R> {
    type Item = Result<Operation, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = match self.line() {
            Ok(line) => line?,
            Err(error) => return Some(Err(error)),
        };
        let operation = line.parse();
        Some(operation.map_err(|cause| RecordingError::Operation { line: self.line_number, cause }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        match Recording::open(text.as_bytes()) {
            Err(error) => error.to_string(),
            Ok(recording) => {
                recording.filter_map(Result::err).map(|error| error.to_string()).next().unwrap()
            }
        }
    }

    #[test]
    fn errors_say_where_and_what() {
        let cases = [
            ("", "line 1: expected slotwise recording 1, found \"\""),
            (
                "slotwise recording 1\nseed x\n",
                "line 2: expected `seed` and a number, found \"seed x\"",
            ),
            (
                "slotwise recording 1\nseed 1\nhome x\n",
                "line 3: expected name, state, checkpoints, warm-up, records, duration or operations, \
                 found \"home x\"",
            ),
            (
                "slotwise recording 1\nseed 1\noperations\nrecord\nget\n",
                "line 5: expected record, work, get, put, delete, append, scan, add-timer, \
                 delete-timer or pop-timers with its numbers, found \"get\"",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(error(text), expected);
        }
    }
}
