//! The machine formats of our own; their shape is in [`super::super::json`].

use std::io::{self, Write};

use super::super::CheckedFile;
use super::super::json::{CheckedFileJson, checked_file, write_line};
use super::Report;

/// One object a file, in an array or a line each.
#[derive(Debug)]
pub(super) struct Json {
    array: bool,
    file_count: usize,
}

impl Json {
    pub(super) fn array() -> Self {
        Self { array: true, file_count: 0 }
    }

    pub(super) fn lines() -> Self {
        Self { array: false, file_count: 0 }
    }

    fn object(&mut self, mut out: &mut dyn Write, file: &CheckedFileJson<'_>) -> io::Result<()> {
        if self.array && self.file_count > 0 {
            writeln!(out, ",")?;
        }
        self.file_count += 1;
        write_line(&mut out, file)?;
        if self.array { Ok(()) } else { writeln!(out) }
    }
}

impl Report for Json {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.array { writeln!(out, "[") } else { Ok(()) }
    }

    fn file(&mut self, out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        self.object(out, &checked_file(file))
    }

    fn unreadable(&mut self, out: &mut dyn Write, path: &str, why: &str) -> io::Result<()> {
        self.object(out, &CheckedFileJson::unreadable(path, why))
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if !self.array {
            return Ok(());
        }
        writeln!(out, "{}]", if self.file_count > 0 { "\n" } else { "" })
    }
}
