use super::{TraceError, TraceOperation, TraceRequest};
use std::io::{BufRead, Read};

/// A trace of comma-separated lines under a header that names the columns.
///
/// `id` is a number, or `key` any text, which is hashed to a number. `time`, `size` (1 if missing)
/// and `operation` (`get`, `put` or `delete`) are optional, and other columns are passed over.
/// Fields are not quoted: neither numbers nor keys of a trace have commas.
#[derive(Debug)]
pub struct CsvTrace<R> {
    source: R,
    columns: Vec<Column>,
    line_number: u64,
    line: Vec<u8>,
    state: State,
}

/// Keys and columns have some dozens of bytes; a line without an end must not fill the memory.
const LINE_BYTES_MAX: u64 = 1 << 20;

#[derive(Debug, PartialEq, Eq)]
enum State {
    BeforeHeader,
    Within,
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Time,
    Id,
    Key,
    Size,
    Operation,
    Other,
}

impl Column {
    /// Names of a column in traces as they are found.
    fn named(name: &str) -> Self {
        match name.trim().to_ascii_lowercase().as_str() {
            "time" | "timestamp" => Self::Time,
            "id" | "obj_id" | "object_id" => Self::Id,
            "key" => Self::Key,
            "size" | "obj_size" | "object_size" => Self::Size,
            "op" | "operation" => Self::Operation,
            _ => Self::Other,
        }
    }
}

impl<R: BufRead> CsvTrace<R> {
    /// Reads from `source`.
    pub const fn new(source: R) -> Self {
        let state = State::BeforeHeader;
        Self { source, columns: Vec::new(), line_number: 0, line: Vec::new(), state }
    }

    /// The next line without its end, or `None` at the end of the source.
    fn read_line(&mut self) -> Result<Option<String>, TraceError> {
        self.line.clear();
        self.line_number += 1;
        let mut source = (&mut self.source).take(LINE_BYTES_MAX + 1);
        let length = source.read_until(b'\n', &mut self.line).map_err(|error| {
            let place = format!("line {}", self.line_number);
            TraceError::Source { place, cause: error.to_string() }
        })?;
        if length as u64 > LINE_BYTES_MAX {
            return Err(TraceError::LongLine { line: self.line_number, expected: LINE_BYTES_MAX });
        }
        let text = String::from_utf8_lossy(&self.line);
        Ok((length > 0).then(|| text.trim_end_matches(['\n', '\r']).to_owned()))
    }

    fn read_header(&mut self) -> Result<(), TraceError> {
        let header = self.read_line()?.unwrap_or_default();
        let header = header.trim_start_matches('\u{feff}');
        self.columns = header.split(',').map(Column::named).collect();
        if self.columns.iter().any(|column| matches!(column, Column::Id | Column::Key)) {
            return Ok(());
        }
        Err(TraceError::Header { found: cut(header) })
    }

    fn read_request(&mut self) -> Result<Option<TraceRequest>, TraceError> {
        if self.state == State::BeforeHeader {
            self.state = State::Within;
            self.read_header()?;
        }
        loop {
            let Some(line) = self.read_line()? else { return Ok(None) };
            if !line.trim().is_empty() {
                return self.parse(&line).map(Some);
            }
        }
    }

    fn parse(&self, line: &str) -> Result<TraceRequest, TraceError> {
        let found = line.split(',').count();
        if found != self.columns.len() {
            let expected = self.columns.len();
            return Err(TraceError::FieldCount { line: self.line_number, expected, found });
        }
        let mut request = TraceRequest { time: 0, id: 0, size: 1, operation: TraceOperation::Get };
        for (&column, field) in self.columns.iter().zip(line.split(',')) {
            let field = field.trim();
            match column {
                Column::Time => request.time = self.number("time", field)?,
                Column::Id => request.id = self.number("id", field)?,
                Column::Key => request.id = hash(field.as_bytes()),
                Column::Size => {
                    let refusal = || self.refusal("size", "a number of bytes below 2^32", field);
                    request.size = field.parse().map_err(|_| refusal())?;
                }
                Column::Operation => request.operation = self.operation(field)?,
                Column::Other => (),
            }
        }
        Ok(request)
    }

    fn number(&self, column: &'static str, field: &str) -> Result<u64, TraceError> {
        field.parse().map_err(|_| self.refusal(column, "a number from 0 to 2^64 - 1", field))
    }

    fn operation(&self, field: &str) -> Result<TraceOperation, TraceError> {
        match field.to_ascii_lowercase().as_str() {
            "get" | "read" => Ok(TraceOperation::Get),
            "put" | "write" | "set" => Ok(TraceOperation::Put),
            "delete" => Ok(TraceOperation::Delete),
            _ => Err(self.refusal("operation", "`get`, `put` or `delete`", field)),
        }
    }

    fn refusal(&self, column: &'static str, expected: &'static str, field: &str) -> TraceError {
        TraceError::Field { line: self.line_number, column, expected, found: cut(field) }
    }
}

impl<R: BufRead> Iterator for CsvTrace<R> {
    type Item = Result<TraceRequest, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Ended {
            return None;
        }
        let read = self.read_request();
        if !matches!(read, Ok(Some(_))) {
            self.state = State::Ended;
        }
        read.transpose()
    }
}

/// The text as far as an error message should show it.
fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}

/// FNV-1a in 64 bits: simple, and the same everywhere.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let read: Vec<String> = CsvTrace::new(text.as_bytes())
            .map(|request| match request {
                Ok(r) => format!("{} {} {} {:?}", r.time, r.id, r.size, r.operation),
                Err(error) => error.to_string(),
            })
            .collect();
        assert_eq!(read.join("\n"), expected);
    }

    #[test]
    fn columns_come_in_any_order() {
        check(
            "size,op,extra,id,time\r\n10,put,x,7,1\r\n\r\n20, delete ,y,8,2",
            "1 7 10 Put\n2 8 20 Delete",
        );
        check("id\n5\n", "0 5 1 Get");
    }

    #[test]
    fn equal_keys_are_one_object() {
        let ids: Vec<u64> =
            CsvTrace::new(&b"key\na\nb\na\n"[..]).map(|request| request.unwrap().id).collect();
        assert_eq!(ids[0], ids[2]);
        assert_ne!(ids[0], ids[1]);
    }

    #[test]
    fn errors_say_where_and_what() {
        check(
            "1,2,3\n",
            "line 1: expected a header with an `id` or `key` column and optionally `time`, `size` \
             and `operation`, found \"1,2,3\"",
        );
        check(
            "id,size\n1,2\nx,2\n3,3\n",
            "0 1 2 Get\nline 3, column \"id\": expected a number from 0 to 2^64 - 1, found \"x\"",
        );
        check(
            "id,size\n1,4294967296\n",
            "line 2, column \"size\": expected a number of bytes below 2^32, found \"4294967296\"",
        );
        check("id,size\n1\n", "line 2: expected 2 fields, found 1");
        check(
            "id,op\n1,scan\n",
            "line 2, column \"operation\": expected `get`, `put` or `delete`, found \"scan\"",
        );
    }

    proptest! {
        #[test]
        fn any_bytes_end_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let text = [b"id,size\n".as_slice(), &bytes].concat();
            prop_assert!(CsvTrace::new(&bytes[..]).count() <= 301);
            prop_assert!(CsvTrace::new(&text[..]).count() <= 301);
        }
    }
}
