//! Messages in, messages out: the frames of the protocol, with limits on what a peer may send.

use std::io::{self, BufRead, Read};

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use serde::Deserialize;
use serde_json::Value;

/// Longest line of a message's head; real ones have at most some dozens of bytes.
const MAX_HEADER_BYTES: u64 = 4096;
/// Most lines of a message's head; the protocol has two.
const MAX_HEADER_LINES: usize = 32;
/// Largest message: room for the largest file that anyone would edit.
const MAX_MESSAGE_BYTES: u64 = 64 << 20;
/// Larger ones are not even skipped: nobody sends so much, so the length is wrong.
const MAX_SKIPPED_BYTES: u64 = 1 << 30;

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message of the protocol.
    Message(Message),
    /// Something else in a whole frame; the next one can be read.
    Malformed(MalformedMessage),
    /// Nothing that is framed; where the next message starts is not known.
    Broken(String),
}

/// A frame that holds no message.
#[derive(Debug)]
pub(super) struct MalformedMessage {
    /// JSON-RPC's code for what is wrong.
    pub(super) code: ErrorCode,
    /// What is wrong.
    pub(super) message: String,
}

/// Cuts a stream into messages.
#[derive(Debug)]
pub(super) struct Reader<R> {
    input: R,
    /// What is left of a frame that is too large.
    skip: u64,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, skip: 0 }
    }

    /// Reads the next frame; `None` at the end of the stream.
    ///
    /// # Errors
    /// Those of the stream.
    pub(super) fn read(&mut self) -> io::Result<Option<Incoming>> {
        let skip = std::mem::take(&mut self.skip);
        io::copy(&mut (&mut self.input).take(skip), &mut io::sink())?;
        let length = match read_head(&mut self.input)? {
            Head::End => return Ok(None),
            Head::Broken(problem) => return Ok(Some(Incoming::Broken(problem))),
            Head::Length(length) => length,
        };
        if length > MAX_MESSAGE_BYTES {
            let message = format!("expected at most {MAX_MESSAGE_BYTES} bytes, found {length}");
            if length > MAX_SKIPPED_BYTES {
                return Ok(Some(Incoming::Broken(message)));
            }
            self.skip = length; // After the answer: the bytes may be long in coming.
            return Ok(Some(malformed(ErrorCode::InvalidRequest, message)));
        }
        // Grown as bytes arrive: a false length must not cost memory.
        let mut body = Vec::new();
        if ((&mut self.input).take(length).read_to_end(&mut body)? as u64) < length {
            return Ok(None);
        }
        Ok(Some(match serde_json::from_slice::<Envelope>(&body) {
            Ok(envelope) => envelope.open(),
            Err(error) if is_json(&body) => malformed(ErrorCode::InvalidRequest, error.to_string()),
            Err(error) => malformed(ErrorCode::ParseError, error.to_string()),
        }))
    }
}

/// Whether the frame holds JSON at all.
fn is_json(body: &[u8]) -> bool {
    let text = std::str::from_utf8(body);
    text.is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
}

/// A message of any of the three kinds.
///
/// `lsp_server::Message` would take a request whose id is no id for a notification, and leave it
/// without an answer.
#[derive(Deserialize)]
struct Envelope {
    id: Option<Value>,
    method: Option<String>,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    result: Value,
    error: Option<ResponseError>,
}

impl Envelope {
    fn open(self) -> Incoming {
        let Self { id, method, params, result, error } = self;
        let id = match id.map(serde_json::from_value::<RequestId>).transpose() {
            Ok(id) => id,
            Err(_) => {
                let message = "expected an integer or a text as id";
                return malformed(ErrorCode::InvalidRequest, message.to_owned());
            }
        };
        Incoming::Message(match (id, method) {
            (Some(id), Some(method)) => Request { id, method, params }.into(),
            (None, Some(method)) => Notification { method, params }.into(),
            (Some(id), None) => {
                Response { id, response_result: error.map_or(Ok(result), Err) }.into()
            }
            (None, None) => {
                let message = "expected a method or the id of a request";
                return malformed(ErrorCode::InvalidRequest, message.to_owned());
            }
        })
    }
}

fn malformed(code: ErrorCode, message: String) -> Incoming {
    Incoming::Malformed(MalformedMessage { code, message })
}

enum Head {
    End,
    Length(u64),
    Broken(String),
}

fn read_head(input: &mut impl BufRead) -> io::Result<Head> {
    let mut length = None;
    for _ in 0..MAX_HEADER_LINES {
        let mut line = Vec::new();
        input.take(MAX_HEADER_BYTES).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(Head::End);
        }
        let text = String::from_utf8_lossy(&line);
        let Some(text) = text.strip_suffix('\n').map(|text| text.trim_end_matches('\r')) else {
            return Ok(Head::Broken("expected a line of a message's head".to_owned()));
        };
        if text.is_empty() {
            return Ok(match length {
                Some(length) => Head::Length(length),
                None => Head::Broken("expected Content-Length, found none".to_owned()),
            });
        }
        let Some((name, value)) = text.split_once(':') else {
            return Ok(Head::Broken("expected `Name: value` in a message's head".to_owned()));
        };
        if name.trim().eq_ignore_ascii_case("Content-Length") {
            match value.trim().parse() {
                Ok(value) => length = Some(value),
                Err(_) => return Ok(Head::Broken("expected a number of bytes".to_owned())),
            }
        }
    }
    Ok(Head::Broken("expected the end of a message's head".to_owned()))
}

/// The bytes of a message whose JSON is `body`.
pub(super) fn frame(body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut reader = Reader::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(incoming) = reader.read().unwrap() {
            found.push(match incoming {
                Incoming::Message(Message::Request(request)) => request.method,
                Incoming::Message(message) => format!("{message:?}"),
                Incoming::Malformed(malformed) => format!("{:?}", malformed.code),
                Incoming::Broken(problem) => {
                    found.push(problem); // Nothing is read after this.
                    break;
                }
            });
        }
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn frames_are_read_and_bad_ones_are_named() {
        let request = r#"{"id":1,"method":"x"}"#;
        let framed = format!("Content-Length: 21\r\n\r\n{request}");
        check(&framed, &["x"]);
        check(&format!("content-length:21\n\n{request}{framed}"), &["x", "x"]);
        check(&format!("Content-Type: a; b=c\r\n{framed}"), &["x"]);
        check(
            "Content-Length: 2\r\n\r\n{]Content-Length: 2\r\n\r\n[]",
            &["ParseError", "InvalidRequest"],
        );
        check("Content-Length: 99\r\n\r\n{}", &[]);
        check("Content-Length: 99999999\r\n\r\n{}", &["InvalidRequest"]);
        check(
            "Content-Length: 99999999999999\r\n\r\n{}",
            &["expected at most 67108864 bytes, found 99999999999999"],
        );
        check("Content-Length: -1\r\n\r\n", &["expected a number of bytes"]);
        check("\r\n", &["expected Content-Length, found none"]);
        check("hello\n", &["expected `Name: value` in a message's head"]);
        check("", &[]);
    }
}
