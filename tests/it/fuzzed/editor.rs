//! What an editor sends.

use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use slotwise::lsp::serve;

use super::draw::Draw;

/// What the server wrote; it keeps its end for as long as it likes.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Serves `input` to its end, and looks through the answers for what only a panic brings about.
fn served(input: Vec<u8>) -> Vec<u8> {
    let output = Output::default();
    serve(Cursor::new(input), output.clone());
    let output = output.0.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&output);
    for sign in ["the request failed; the server goes on", "the check failed"] {
        assert!(!text.contains(sign), "a panic: {text}");
    }
    output
}

/// Any bytes where frames are expected.
pub(super) fn frames(bytes: &[u8]) {
    served(bytes.to_vec());
}

const METHODS: &[&str] = &[
    "textDocument/diagnostic",
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/codeAction",
    "textDocument/inlayHint",
    "textDocument/codeLens",
    "textDocument/documentSymbol",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/documentLink",
    "textDocument/selectionRange",
    "textDocument/foldingRange",
    "textDocument/semanticTokens/full",
    "textDocument/formatting",
    "workspace/diagnostic",
    "workspace/executeCommand",
    "completionItem/resolve",
    "textDocument/unknown",
];

const NAMES: &[&str] = &[
    "untitled:flink-conf.yaml",
    "untitled:config.yaml",
    "file:///nowhere/conf/config.yaml",
    "untitled:compose.yaml",
    "untitled:job.sh",
    "untitled:%zz/Dockerfile",
];

/// A session: a byte that chooses the document's name, its text up to a NUL, then edits and requests
/// of a byte each with places behind them.
pub(super) fn session(bytes: &[u8]) {
    let mut draw = Draw(bytes);
    let mut client = Script::default();
    let encoding = draw.one(&["utf-8", "utf-16", "utf-32", "utf-7"]);
    let capabilities = json!({
        "general": { "positionEncodings": [encoding] },
        "textDocument": {
            "completion": { "completionItem": { "snippetSupport": draw.flag() } },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": draw.flag() },
        },
    });
    client.ask("initialize", json!({ "capabilities": capabilities }));
    client.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let uri = draw.one(NAMES);
    let text = draw.text();
    let item = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": item }));
    let mut version = 1;
    for _ in 0..40 {
        if draw.0.is_empty() {
            break;
        }
        match draw.below(4) {
            0 => {
                version += 1;
                let length = usize::from(draw.below(24));
                let text = String::from_utf8_lossy(draw.take(length)).into_owned();
                let change = json!({ "range": range(&mut draw), "text": text });
                let document = json!({ "uri": uri, "version": version });
                let params = json!({ "textDocument": document, "contentChanges": [change] });
                client.notify("textDocument/didChange", params);
            }
            1 => client.cancel(draw.byte()),
            _ => {
                let method = draw.one(METHODS);
                let params = params(uri, &mut draw);
                client.ask(method, params);
            }
        }
    }
    client.ask("shutdown", Value::Null);
    client.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    let asked = client.asked;
    let output = served(client.bytes);
    let text = String::from_utf8(output).expect("answers are UTF-8");
    for id in 1..=asked {
        let answers = text.matches(&format!("\"id\":{id},")).count()
            + text.matches(&format!("\"id\":{id}}}")).count();
        assert_eq!(answers, 1, "request {id} is answered {answers} times: {text}");
    }
}

fn position(draw: &mut Draw<'_>) -> Value {
    let far = |near: u8| if near == u8::MAX { u32::MAX } else { u32::from(near) };
    json!({ "line": far(draw.byte()), "character": far(draw.byte()) })
}

fn range(draw: &mut Draw<'_>) -> Value {
    json!({ "start": position(draw), "end": position(draw) })
}

/// What all requests want, together: each takes what it knows.
fn params(uri: &str, draw: &mut Draw<'_>) -> Value {
    let position = position(draw);
    let name: String = String::from_utf8_lossy(draw.take(6)).into_owned();
    json!({
        "textDocument": { "uri": uri },
        "position": position,
        "positions": [position, position],
        "range": range(draw),
        "context": { "diagnostics": [], "includeDeclaration": true, "triggerKind": 1 },
        "options": { "tabSize": 2, "insertSpaces": true },
        "newName": name,
        "label": name,
        "data": name,
        "command": name,
        "arguments": [uri, name, position],
        "previousResultIds": [],
    })
}

/// Messages in the making.
#[derive(Default)]
struct Script {
    bytes: Vec<u8>,
    asked: u32,
}

impl Script {
    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.bytes.extend(format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes());
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
    }

    fn cancel(&mut self, id: u8) {
        self.notify("$/cancelRequest", json!({ "id": id }));
    }
}
