//! Twenty secrets a file, and nothing that the server says tells one.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::client::Client;

fn whole_file() -> Value {
    json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } })
}

/// Asks for all that shows something of a file, at every place of it.
fn ask_everything(client: &mut Client, uri: &str, text: &str) {
    let document = json!({ "uri": uri });
    for method in [
        "textDocument/diagnostic",
        "textDocument/codeLens",
        "textDocument/documentSymbol",
        "textDocument/documentLink",
        "textDocument/foldingRange",
        "textDocument/semanticTokens/full",
    ] {
        let _ = client.request(method, json!({ "textDocument": document }));
    }
    let params = json!({ "textDocument": document, "range": whole_file() });
    let _ = client.request("textDocument/inlayHint", params);
    let memory = json!({ "command": "slotwise.showMemory", "arguments": [uri] });
    let _ = client.request("workspace/executeCommand", memory);
    for (index, line) in text.lines().enumerate() {
        let line_index = u32::try_from(index).unwrap();
        for column in [0, 3, line.len() / 2, line.len().saturating_sub(3), line.len()] {
            let column = u32::try_from(column).unwrap();
            for method in ["hover", "completion", "definition", "prepareRename"] {
                let method = format!("textDocument/{method}");
                let _ = client.at(&method, uri, line_index, column);
            }
        }
    }
    // A fix of a line may well hold the line; its title and problems may not.
    let context = json!({ "diagnostics": [] });
    let params = json!({ "textDocument": document, "range": whole_file(), "context": context });
    let mut actions = client.request("textDocument/codeAction", params).unwrap();
    for action in actions.as_array_mut().into_iter().flatten() {
        action["edit"] = Value::Null;
    }
    assert!(!actions.to_string().contains("SECRET"), "{actions:#}");
    // What is wrong with a message may be logged.
    client.notify("textDocument/didChange", json!({ "textDocument": document }));
    client.notify(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": uri, "version": "x" },
            "contentChanges": [{ "text": text }],
        }),
    );
    let _ = client.request("textDocument/hover", json!({ "textDocument": document }));
}

#[test]
fn nothing_that_the_server_says_tells_a_secret() {
    let fixtures = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/secrets"));
    for name in ["flink-conf.yaml", "config.yaml"] {
        let text = fs::read_to_string(fixtures.join(name)).unwrap();
        for (target, trees) in
            [("flink-1.17", true), ("flink-1.20", false), ("flink-2.3", true), ("vvr-8.0.5", true)]
        {
            let capabilities = json!({ "textDocument": {
                "documentSymbol": { "hierarchicalDocumentSymbolSupport": trees },
            }});
            let (mut client, _) = Client::start(capabilities);
            let property = "-D s3.secret-key=SECRET21";
            let settings = json!({ "target": target, "dynamicProperties": [property] });
            let params = json!({ "settings": { "slotwise": settings } });
            client.notify("workspace/didChangeConfiguration", params);
            let uri = format!("untitled:{name}");
            client.open(&uri, 1, &text);
            assert!(!client.diagnostics(&uri, 1).is_empty());
            ask_everything(&mut client, &uri, &text);
            let said = client.end_and_tell();
            // What was asked for as an edit holds the text it is an edit of.
            let told: Vec<_> = said
                .iter()
                .filter(|message| !message.pointer("/result/0/edit").is_some_and(Value::is_object))
                .filter(|message| message.to_string().contains("SECRET"))
                .collect();
            assert!(told.is_empty(), "{name} on {target}: {told:#?}");
            assert!(said.len() > 100, "hardly anything was asked");
        }
    }
}

#[test]
fn findings_about_capacity_tell_no_secret() {
    let folder = super::files::folder_with_workload("workload-secrets");
    let text = "s3.secret-key: SECRET01aaaa\nstate.checkpoints.dir: oss://id:SECRET02bbbb@bucket/path\n\
                taskmanager.memory.process.size: 2048m\ntaskmanager.memory.managed.size: 1m\n";
    let path = folder.join("conf/flink-conf.yaml");
    fs::write(&path, text).unwrap();
    let (mut client, _) = Client::start(json!({}));
    let uri = format!("file://{}", path.display());
    client.open(&uri, 1, text);
    client.diagnostics(&uri, 1);
    let found = client.diagnostics(&uri, 1);
    assert!(found.iter().any(|it| it["code"] == "FP002"), "{found:#?}");
    ask_everything(&mut client, &uri, text);
    let said = client.end_and_tell();
    let told =
        said.iter().filter(|it| it["method"].is_string() && it.to_string().contains("SECRET"));
    assert_eq!(told.count(), 0);
}
