//! Request traces, read record by record: CSV and libCacheSim's oracleGeneral format.
//!
//! Readers take any byte source and hold one record at a time. A record that cannot be read ends the
//! trace with an error that names the place; what came before it stands.

mod csv;
mod oracle_general;

pub use csv::CsvTrace;
pub use oracle_general::OracleGeneralTrace;

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceRequest {
    /// When, in the trace's own unit (whole seconds in oracleGeneral).
    pub time: u64,
    /// Which object.
    pub id: u64,
    /// The size of the object in bytes.
    pub size: u32,
    /// What is done to it.
    pub operation: TraceOperation,
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TraceOperation {
    /// Reads the object; what a trace without operations does.
    #[default]
    Get,
    /// Writes the object.
    Put,
    /// Deletes the object.
    Delete,
}

/// Why a trace cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// A field of a CSV line is not what its column holds.
    #[error("line {line}, column {column:?}: expected {expected}, found {found:?}")]
    Field {
        /// Counted from 1, the header included.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// What the column holds.
        expected: &'static str,
        /// What the line has, cut if long.
        found: String,
    },
    /// A CSV line has more or fewer fields than the header.
    #[error("line {line}: expected {expected} fields, found {found}")]
    FieldCount {
        /// Counted from 1, the header included.
        line: u64,
        /// Fields of the header.
        expected: usize,
        /// Fields of the line.
        found: usize,
    },
    /// A CSV line is longer than any that makes sense.
    #[error("line {line}: expected at most {expected} bytes, found more")]
    LongLine {
        /// Counted from 1, the header included.
        line: u64,
        /// Most bytes of a line.
        expected: u64,
    },
    /// A CSV header does not say where the object is.
    #[error(
        "line 1: expected a header with an `id` or `key` column and optionally `time`, `size` and \
         `operation`, found {found:?}"
    )]
    Header {
        /// The header, cut if long.
        found: String,
    },
    /// The bytes end within a record.
    #[error("record {record} (byte {offset}): expected {expected} bytes, found {found}")]
    Truncated {
        /// Counted from 1.
        record: u64,
        /// Where the record starts.
        offset: u64,
        /// Bytes of a record.
        expected: usize,
        /// Bytes that are there.
        found: usize,
    },
    /// The source of the bytes fails.
    #[error("{place}: reading fails: {cause}")]
    Source {
        /// The line or record that was being read.
        place: String,
        /// What the source says.
        cause: String,
    },
}
