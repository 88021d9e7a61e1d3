//! Standard output, whose reader may leave before everything is said, and whose disk may be full.

use std::io::{self, StdoutLock, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Standard output until its reader leaves: from then on everything is swallowed, so that a command
/// goes on to its exit code and to the files that it writes.
#[derive(Debug)]
pub(super) struct Stdout {
    out: StdoutLock<'static>,
}

/// There is one standard output, and whoever left it does not come back.
static READER_LEFT: AtomicBool = AtomicBool::new(false);

/// Standard output.
pub(super) fn stdout() -> Stdout {
    Stdout { out: io::stdout().lock() }
}

/// Writes what standard output still keeps back.
///
/// # Errors
/// A full disk, and the like; not a reader who left.
pub(super) fn flush() -> io::Result<()> {
    stdout().flush()
}

/// Whether something was written that nobody read, for commands that would never end.
pub(super) fn reader_left() -> bool {
    READER_LEFT.load(Ordering::Relaxed)
}

fn unless_left<T>(left: T, result: io::Result<T>) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            READER_LEFT.store(true, Ordering::Relaxed);
            Ok(left)
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
        result => result
            .map_err(|error| io::Error::new(error.kind(), format!("standard output: {error}"))),
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if reader_left() {
            return Ok(bytes.len());
        }
        unless_left(bytes.len(), self.out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        if reader_left() {
            return Ok(());
        }
        unless_left((), self.out.flush())
    }
}
