use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Reads a regular file of at most `byte_count_max` bytes: a device never ends, and a pipe may never
/// begin.
///
/// # Errors
/// Those of the file system, a file of another kind, and a longer one.
pub fn read_file(path: &Path, byte_count_max: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        let problem = "expected a regular file, found something else";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    read_all(File::open(path)?, byte_count_max)
}

/// Reads at most `byte_count_max` bytes to their end.
///
/// # Errors
/// Those of `source`, and more bytes.
pub fn read_all(source: impl Read, byte_count_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(byte_count_max.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > byte_count_max {
        let problem = format!("expected at most {} MiB, found more", byte_count_max >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// [`read_file`] for text.
///
/// # Errors
/// Those of [`read_file`], and bytes that are not UTF-8.
pub fn read_text(path: &Path, byte_count_max: u64) -> io::Result<String> {
    String::from_utf8(read_file(path, byte_count_max)?).map_err(|error| {
        let problem = format!("expected UTF-8, found other bytes ({})", error.utf8_error());
        io::Error::new(io::ErrorKind::InvalidData, problem)
    })
}
