//! A scripted client that talks to the server through two pipes, byte for byte as an editor does.

use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Read, Write, pipe};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use slotwise::lsp::{End, serve};

/// Far above what anything takes; a test that waits this long has found a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// A long session is not kept whole.
const MAX_SAID: usize = 20_000;

/// A session with a server of its own.
pub(super) struct Client {
    to_server: Option<PipeWriter>,
    from_server: Receiver<Value>,
    server: Option<JoinHandle<End>>,
    next_id: i32,
    /// What came while something else was waited for.
    backlog: Vec<Value>,
    /// All that the server said.
    said: Vec<Value>,
}

impl Client {
    /// A server that has not been told anything.
    pub(super) fn raw() -> Self {
        let (server_in, to_server) = pipe().unwrap();
        let (from_server, server_out) = pipe().unwrap();
        let server = std::thread::spawn(move || serve(server_in, server_out));
        let (sender, receiver) = channel();
        std::thread::spawn(move || read_all(from_server, |message| sender.send(message).is_ok()));
        Self {
            to_server: Some(to_server),
            from_server: receiver,
            server: Some(server),
            next_id: 0,
            backlog: Vec::new(),
            said: Vec::new(),
        }
    }

    /// A server that knows what the client can do, and its answer.
    pub(super) fn start(capabilities: Value) -> (Self, Value) {
        let mut client = Self::raw();
        let result = client.request("initialize", json!({ "capabilities": capabilities })).unwrap();
        client.notify("initialized", json!({}));
        (client, result)
    }

    pub(super) fn send_bytes(&mut self, bytes: &[u8]) {
        // The server may have left; what it said before is what counts.
        let _ = self.to_server.as_mut().unwrap().write_all(bytes);
    }

    pub(super) fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub(super) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and does not wait.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> i32 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The result of a request, or its error.
    pub(super) fn answer(&mut self, id: i32) -> Result<Value, Value> {
        let message = self.wait_for(|message| message["id"] == id && message["method"].is_null());
        match message.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(message["result"].clone()),
        }
    }

    pub(super) fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// The next message of the server that fits.
    pub(super) fn wait_for(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.backlog.iter().position(&fits) {
            return self.backlog.remove(at);
        }
        loop {
            let message = self.from_server.recv_timeout(PATIENCE).expect("the server says nothing");
            if self.said.len() < MAX_SAID {
                self.said.push(message.clone());
            }
            if fits(&message) {
                return message;
            }
            self.backlog.push(message);
        }
    }

    pub(super) fn open(&mut self, uri: &str, version: i32, text: &str) {
        let document =
            json!({ "uri": uri, "languageId": "yaml", "version": version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// The diagnostics that the server pushes for a version.
    pub(super) fn diagnostics(&mut self, uri: &str, version: i32) -> Vec<Value> {
        let message = self.wait_for(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
                && message["params"]["version"] == version
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// Asks about a place: line and column from 0.
    pub(super) fn at(
        &mut self,
        method: &str,
        uri: &str,
        line: u32,
        character: u32,
    ) -> Result<Value, Value> {
        let position = json!({ "line": line, "character": character });
        let params = json!({ "textDocument": { "uri": uri }, "position": position });
        self.request(method, params)
    }

    /// How the server saw the end, which it came to by itself.
    pub(super) fn left(mut self) -> End {
        self.server.take().unwrap().join().expect("the server panicked")
    }

    /// Says goodbye and returns all that the server has said.
    pub(super) fn end_and_tell(mut self) -> Vec<Value> {
        self.request("shutdown", Value::Null).unwrap();
        let said = std::mem::take(&mut self.said);
        self.end(false);
        said
    }

    /// Says goodbye, or just leaves, and returns how the server saw it.
    pub(super) fn end(mut self, orderly: bool) -> End {
        if orderly {
            self.request("shutdown", Value::Null).unwrap();
            self.notify("exit", Value::Null);
        }
        drop(self.to_server.take());
        self.server.take().unwrap().join().expect("the server panicked")
    }
}

fn read_all(from_server: PipeReader, mut emit: impl FnMut(Value) -> bool) {
    let mut input = BufReader::new(from_server);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if input.read_line(&mut line).unwrap() == 0 {
                return;
            }
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().unwrap();
            } else if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        input.read_exact(&mut body).unwrap();
        if !emit(serde_json::from_slice(&body).unwrap()) {
            return;
        }
    }
}
