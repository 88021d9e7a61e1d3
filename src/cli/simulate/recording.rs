use std::io::{self, Write};
use std::path::Path;

use super::super::atomic::AtomicFile;
use crate::simulator::Operation;

/// A file that takes every operation, and is in its place once the run is over.
pub(super) struct RecordingFile {
    path: String,
    out: io::BufWriter<AtomicFile>,
    result: io::Result<()>,
}

impl RecordingFile {
    /// Creates the file, and writes the head of the recording.
    pub(super) fn begin(path: &Path, head: &str) -> Result<Self, String> {
        let name = path.display().to_string();
        let file = AtomicFile::begin(path).map_err(|error| error.to_string())?;
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
        result.map_err(|error| format!("{}: {error}", self.path))?;
        let file = self.out.into_inner().map_err(|error| format!("{}: {error}", self.path))?;
        file.commit().map_err(|error| error.to_string())
    }
}
