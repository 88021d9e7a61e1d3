//! Messages that no editor should send, and those that every editor sends.

use serde_json::{Value, json};
use slotwise::lsp::End;

use super::client::Client;

const URI: &str = "untitled:flink-conf.yaml";

fn error_code(message: &Value) -> i64 {
    message["error"]["code"].as_i64().unwrap()
}

/// The server still does its work.
fn assert_alive(client: &mut Client) {
    client.open(URI, 7, "taskmanager.memory.netwrok.max: 1g\n");
    let found = client.diagnostics(URI, 7);
    assert!(found.iter().any(|it| it["code"] == "FK001"), "{found:#?}");
}

#[test]
fn malformed_messages_are_refused_and_the_next_one_is_read() {
    let (mut client, _) = Client::start(json!({}));
    let rows: &[(&str, i64)] = &[
        ("{]", -32700),
        ("", -32700),
        ("\u{feff}{}", -32700),
        ("[]", -32600),
        ("{}", -32600),
        ("null", -32600),
        (r#"{"id":{},"method":"x"}"#, -32600),
        (r#"{"id":1.5,"method":"x"}"#, -32600),
        (r#"{"method":7}"#, -32600),
    ];
    for (body, code) in rows {
        client.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        let refusal = client.wait_for(|message| message.get("error").is_some());
        assert_eq!((error_code(&refusal), &refusal["id"]), (*code, &Value::Null), "{body}");
    }
    client.send_bytes(b"Content-Length: 3\r\n\r\n\"\xff\"");
    let refusal = client.wait_for(|message| message.get("error").is_some());
    assert_eq!(error_code(&refusal), -32700);
    let deep = "[".repeat(100_000);
    client.send_bytes(format!("Content-Length: {}\r\n\r\n{deep}", deep.len()).as_bytes());
    let refusal = client.wait_for(|message| message.get("error").is_some());
    assert_eq!(error_code(&refusal), -32700);
    assert_alive(&mut client);
    assert_eq!(client.end(true), End::Orderly);
}

#[test]
fn what_is_not_framed_ends_the_session() {
    for bytes in [
        b"hello\n".to_vec(),
        b"\r\n\r\n".to_vec(),
        b"Content-Length: many\r\n\r\n".to_vec(),
        b"Content-Length: 99999999999999999999999\r\n\r\n".to_vec(),
        vec![b'a'; 10_000],
        b"X: y\r\n".repeat(100),
    ] {
        let mut client = Client::raw();
        client.send_bytes(&bytes);
        let refusal = client.wait_for(|message| message.get("error").is_some());
        assert_eq!(error_code(&refusal), -32700);
        assert_eq!(client.end(false), End::Abrupt);
    }
}

#[test]
fn a_length_that_nobody_sends_ends_the_session_at_once() {
    for length in ["10737418240", "18446744073709551615"] {
        let mut client = Client::raw();
        client.send_bytes(format!("Content-Length: {length}\r\n\r\n{{").as_bytes());
        let refusal = client.wait_for(|message| message.get("error").is_some());
        assert_eq!(error_code(&refusal), -32700);
        assert_eq!(client.left(), End::Abrupt);
    }
}

#[test]
fn an_oversized_message_is_skipped() {
    let (mut client, _) = Client::start(json!({}));
    let size = (64 << 20) + 1;
    client.send_bytes(format!("Content-Length: {size}\r\n\r\n").as_bytes());
    let block = vec![b' '; 1 << 20];
    for _ in 0..64 {
        client.send_bytes(&block);
    }
    client.send_bytes(b" ");
    let refusal = client.wait_for(|message| message.get("error").is_some());
    assert_eq!(error_code(&refusal), -32600);
    assert_alive(&mut client);
    assert_eq!(client.end(true), End::Orderly);
}

#[test]
fn a_message_cut_off_in_the_middle_ends_the_session() {
    let mut client = Client::raw();
    client.send_bytes(b"Content-Length: 100\r\n\r\n{\"jsonrpc\"");
    assert_eq!(client.end(false), End::Abrupt);
}

#[test]
fn requests_out_of_order_are_refused() {
    let mut client = Client::raw();
    let code = |result: Result<Value, Value>| result.unwrap_err()["code"].as_i64().unwrap();
    assert_eq!(code(client.request("textDocument/hover", json!({}))), -32002);
    assert_eq!(code(client.request("shutdown", Value::Null)), -32002);
    client.notify("textDocument/didChange", json!({}));
    client.request("initialize", json!({ "capabilities": {} })).unwrap();
    assert_eq!(code(client.request("initialize", json!({}))), -32600);
    assert_eq!(code(client.request("textDocument/none", json!({}))), -32601);
    assert_eq!(code(client.request("textDocument/hover", json!({}))), -32602);
    client.notify("$/unknown", json!([1, 2]));
    client.notify("textDocument/didSave", json!({}));
    let missing =
        json!({ "textDocument": { "uri": "file:///none", "version": 1 }, "contentChanges": [] });
    client.notify("textDocument/didChange", missing);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": "file:///none" } }));
    client.notify("textDocument/didOpen", json!(17));
    client.send(&json!({ "jsonrpc": "2.0", "id": 99, "result": null }));
    client.send(&json!({ "jsonrpc": "2.0", "id": "x", "error": { "code": 1, "message": "" } }));
    assert_alive(&mut client);
    client.request("shutdown", Value::Null).unwrap();
    assert_eq!(code(client.request("textDocument/hover", json!({}))), -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.end(false), End::Orderly);
}

#[test]
fn leaving_without_a_word_ends_the_session() {
    let (client, _) = Client::start(json!({}));
    assert_eq!(client.end(false), End::Abrupt);
    let mut client = Client::raw();
    client.notify("exit", Value::Null);
    assert_eq!(client.end(false), End::Abrupt);
}

#[test]
fn odd_capabilities_do_no_harm() {
    for params in [
        json!({}),
        json!({ "capabilities": null }),
        json!([]),
        json!({ "capabilities": { "general": { "positionEncodings": "utf-8" } } }),
        json!({ "capabilities": { "textDocument": 7 }, "workspaceFolders": [7, {}], "initializationOptions": 7 }),
    ] {
        let mut client = Client::raw();
        let result = client.request("initialize", params).unwrap();
        assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
        assert_alive(&mut client);
        assert_eq!(client.end(true), End::Orderly);
    }
}

#[test]
fn every_request_is_answered_once_cancelled_or_not() {
    let (mut client, _) = Client::start(json!({ "textDocument": { "diagnostic": {} } }));
    client.open(URI, 1, &"taskmanager.memory.netwrok.max: 1g\n".repeat(2000));
    let params = json!({ "textDocument": { "uri": URI } });
    let mut ids = Vec::new();
    for _ in 0..50 {
        let id = client.ask("textDocument/diagnostic", params.clone());
        client.notify("$/cancelRequest", json!({ "id": id }));
        ids.push(id);
    }
    client.notify("$/cancelRequest", json!({ "id": 4711 }));
    client.notify("$/cancelRequest", json!({ "id": "never asked" }));
    let mut cancelled = 0;
    for id in ids {
        match client.answer(id) {
            Ok(report) => assert!(report["items"].as_array().unwrap().len() > 1),
            Err(error) => {
                assert_eq!(error["code"], -32800);
                cancelled += 1;
            }
        }
    }
    assert!(cancelled > 0, "with 50 in a row some must be cancelled in time");
    assert_eq!(client.end(true), End::Orderly);
}

#[test]
fn closing_a_file_takes_its_problems_away() {
    let (mut client, _) = Client::start(json!({}));
    client.open(URI, 1, "taskmanager.memory.netwrok.max: 1g\n");
    let found = client.diagnostics(URI, 1);
    assert_eq!(found[0]["source"], "slotwise");
    let page = found[0]["codeDescription"]["href"].as_str().unwrap();
    let code = found[0]["code"].as_str().unwrap();
    assert!(page.ends_with(&format!("docs/rules.md#{}", code.to_ascii_lowercase())), "{page}");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    let gone = client.wait_for(|message| message["method"] == "textDocument/publishDiagnostics");
    assert_eq!(gone["params"]["diagnostics"], json!([]));
    assert_eq!(client.end(true), End::Orderly);
}
