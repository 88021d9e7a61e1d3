use super::{TraceError, TraceOperation, TraceRequest};
use std::io::{ErrorKind, Read};

/// libCacheSim's oracleGeneral: packed little-endian records of a 4-byte time, an 8-byte object, a
/// 4-byte size and an 8-byte index of the object's next request, which is not needed here.
///
/// Source: `oracleGeneral` in libCacheSim's trace reader documentation, 0.3.5.
#[derive(Debug)]
pub struct OracleGeneralTrace<R> {
    source: R,
    record: u64,
    ended: bool,
}

const RECORD_LEN: usize = 24;

impl<R: Read> OracleGeneralTrace<R> {
    /// Bytes of a request.
    pub const RECORD_SIZE: u64 = RECORD_LEN as u64;

    /// Reads from `source`, which should be buffered.
    pub const fn new(source: R) -> Self {
        Self { source, record: 0, ended: false }
    }

    fn read_record(&mut self) -> Result<Option<[u8; RECORD_LEN]>, TraceError> {
        let mut bytes = [0; RECORD_LEN];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.source.read(rest) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => {
                    return Err(TraceError::Truncated {
                        record: self.record,
                        offset: (self.record - 1).saturating_mul(RECORD_LEN as u64),
                        expected: RECORD_LEN,
                        found: filled,
                    });
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                Err(error) => {
                    let place = format!("record {}", self.record);
                    return Err(TraceError::Source { place, cause: error.to_string() });
                }
            }
        }
        Ok(Some(bytes))
    }
}

fn decode(bytes: &[u8; RECORD_LEN]) -> TraceRequest {
    let [t0, t1, t2, t3, i0, i1, i2, i3, i4, i5, i6, i7, s0, s1, s2, s3, ..] = *bytes;
    TraceRequest {
        time: u64::from(u32::from_le_bytes([t0, t1, t2, t3])),
        id: u64::from_le_bytes([i0, i1, i2, i3, i4, i5, i6, i7]),
        size: u32::from_le_bytes([s0, s1, s2, s3]),
        operation: TraceOperation::Get,
    }
}

impl<R: Read> Iterator for OracleGeneralTrace<R> {
    type Item = Result<TraceRequest, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.record += 1;
        let read = self.read_record();
        self.ended = !matches!(read, Ok(Some(_)));
        read.map(|bytes| bytes.as_ref().map(decode)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(time: u32, id: u64, size: u32) -> Vec<u8> {
        [&time.to_le_bytes()[..], &id.to_le_bytes(), &size.to_le_bytes(), &(-1_i64).to_le_bytes()]
            .concat()
    }

    /// Hands out one byte a call, as a socket may.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.len().min(into.len()).min(1);
            let (now, rest) = self.0.split_at(count);
            into[..count].copy_from_slice(now);
            self.0 = rest;
            Ok(count)
        }
    }

    proptest! {
        #[test]
        fn reads_what_was_written(records in proptest::collection::vec(any::<(u32, u64, u32)>(), 0..20)) {
            let bytes: Vec<u8> = records.iter().flat_map(|&(t, i, s)| encode(t, i, s)).collect();
            let read: Result<Vec<_>, _> = OracleGeneralTrace::new(Trickle(&bytes)).collect();
            let read: Vec<_> =
                read.unwrap().iter().map(|r| (r.time as u32, r.id, r.size)).collect();
            prop_assert_eq!(read, records);
        }
    }

    #[test]
    fn a_cut_record_says_where() {
        let mut bytes = [encode(1, 2, 3), encode(4, 5, 6)].concat();
        bytes.truncate(31);
        let read: Vec<_> = OracleGeneralTrace::new(&bytes[..]).collect();
        assert_eq!(read.len(), 2);
        assert_eq!(
            read[1].as_ref().unwrap_err().to_string(),
            "record 2 (byte 24): expected 24 bytes, found 7"
        );
    }
}
