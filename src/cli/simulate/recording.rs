use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::simulator::Operation;

/// A file that takes every operation.
pub(super) struct RecordingFile {
    path: String,
    out: io::BufWriter<fs::File>,
    result: io::Result<()>,
}

impl RecordingFile {
    /// Creates the file, and writes the head of the recording.
    pub(super) fn create(path: &Path, head: &str) -> Result<Self, String> {
        let name = path.display().to_string();
        let file = fs::File::create(path).map_err(|error| format!("{name}: {error}"))?;
        let mut out = io::BufWriter::new(file);
        let result = out.write_all(head.as_bytes());
        Ok(Self { path: name, out, result })
    }

    pub(super) fn write(&mut self, operation: Operation) {
        if self.result.is_ok() {
            self.result = writeln!(self.out, "{operation}");
        }
    }

    pub(super) fn finish(mut self) -> Result<(), String> {
        let result = self.result.and_then(|()| self.out.flush());
        result.map_err(|error| format!("{}: {error}", self.path))
    }
}
