//! What the server sees of the disk: folders, settings, files that nobody opened.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::client::Client;

/// A folder of the test's own, emptied first.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lsp").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("conf")).unwrap();
    folder
}

fn uri(path: &std::path::Path) -> String {
    format!("file://{}", path.display())
}

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().filter_map(|it| it["code"].as_str()).collect()
}

#[test]
fn settings_of_the_folder_count_and_are_read_again_when_they_change() {
    let folder = folder("settings");
    let settings = folder.join("slotwise.yaml");
    fs::write(&settings, "target: flink-1.18\nignore: [FK001]\n").unwrap();
    let capabilities =
        json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let (mut client, _) = Client::start(capabilities);
    let registration = client.wait_for(|message| message["method"] == "client/registerCapability");
    assert!(registration.to_string().contains("**/*.{yaml,yml}"), "{registration}");
    client.send(&json!({ "jsonrpc": "2.0", "id": registration["id"], "result": null }));

    let uri = uri(&folder.join("conf/flink-conf.yaml"));
    client.open(&uri, 1, "taskmanager.memory.netwrok.max: 1g\n");
    let found = client.diagnostics(&uri, 1);
    assert!(!codes(&found).contains(&"FK001"), "{found:#?}");
    let lenses =
        client.request("textDocument/codeLens", json!({ "textDocument": { "uri": uri } })).unwrap();
    assert!(lenses[0]["command"]["title"].as_str().unwrap().starts_with("flink-1.18 (set in "));

    fs::write(&settings, "target: flink-1.19\n").unwrap();
    let change = json!({ "uri": format!("file://{}", settings.display()), "type": 2 });
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    let found = client.diagnostics(&uri, 1);
    assert!(codes(&found).contains(&"FK001"), "{found:#?}");

    fs::write(&settings, "target: [\n").unwrap();
    let change = json!({ "uri": format!("file://{}", settings.display()), "type": 2 });
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    let found = client.diagnostics(&uri, 1);
    assert!(found[0]["message"].as_str().unwrap().contains("slotwise.yaml"), "{found:#?}");
    assert!(codes(&found).contains(&"FK001"), "the file is checked all the same");
    client.end(true);
}

#[test]
fn settings_of_the_editor_count() {
    let (mut client, _) = Client::start(json!({ "workspace": { "configuration": true } }));
    let question = client.wait_for(|message| message["method"] == "workspace/configuration");
    let answer = json!([{ "target": "flink-1.17", "select": ["FK001"], "inlayHints": false }]);
    client.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }));
    let uri = "untitled:flink-conf.yaml";
    client.open(uri, 1, "taskmanager.memory.netwrok.max: 1g\nno separator\n");
    assert_eq!(codes(&client.diagnostics(uri, 1)), ["FK001"]);
    let range =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri }, "range": range });
    assert_eq!(client.request("textDocument/inlayHint", params).unwrap(), Value::Null);

    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    let question = client.wait_for(|message| message["method"] == "workspace/configuration");
    let answer = json!([{ "target": "flnk-1.20" }]);
    client.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }));
    let shown = client.wait_for(|message| message["method"] == "window/showMessage");
    assert!(shown["params"]["message"].as_str().unwrap().contains("did you mean flink-1.20?"));
    assert!(codes(&client.diagnostics(uri, 1)).len() > 1);
    client.end(true);
}

#[test]
fn files_that_nobody_opened_are_checked_with_the_workspace() {
    let folder = folder("workspace");
    fs::write(folder.join("conf/flink-conf.yaml"), "taskmanager.memory.netwrok.max: 1g\n").unwrap();
    fs::write(folder.join("conf/config.yaml"), "state.backend.type: hashmap\n").unwrap();
    fs::write(folder.join("config.yaml"), "not: flink's\n").unwrap();
    let mut client = Client::raw();
    let params = json!({
        "capabilities": { "textDocument": { "diagnostic": {} } },
        "workspaceFolders": [{ "uri": uri(&folder), "name": "w" }],
    });
    client.request("initialize", params).unwrap();
    let report =
        client.request("workspace/diagnostic", json!({ "previousResultIds": [] })).unwrap();
    let items = report["items"].as_array().unwrap();
    let paths: Vec<_> = items.iter().map(|item| item["uri"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert!(paths[1].ends_with("/conf/flink-conf.yaml"), "{paths:?}");
    assert!(codes(items[1]["items"].as_array().unwrap()).contains(&"FK001"));

    let known: Vec<_> =
        items.iter().map(|item| json!({ "uri": item["uri"], "value": item["resultId"] })).collect();
    fs::write(folder.join("conf/flink-conf.yaml"), "taskmanager.memory.network.max: 1g\n").unwrap();
    let params = json!({ "previousResultIds": known });
    let report = client.request("workspace/diagnostic", params).unwrap();
    let kinds: Vec<_> =
        report["items"].as_array().unwrap().iter().map(|item| item["kind"].clone()).collect();
    assert_eq!(kinds, ["unchanged", "full"]);
    client.end(true);
}

/// A folder with a workload that is soon run, and the configuration of a job that it will slow down.
pub(super) fn folder_with_workload(name: &str) -> PathBuf {
    let folder = folder(name);
    let shipped = include_str!("../../../fixtures/capacity/wide-updates.yaml");
    let short: String = shipped
        .lines()
        .map(|line| match line.split_once(':') {
            Some((key @ ("records" | "warm_up_records"), _)) => format!("{key}: 5000\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    fs::write(folder.join("job.yaml"), short).unwrap();
    fs::write(folder.join("slotwise.yaml"), "target: emr-3.28.2\nworkload: job.yaml\n").unwrap();
    folder
}

const TIGHT: &str = "taskmanager.memory.process.size: 2048m\ntaskmanager.memory.managed.size: 1m\n";
const AMPLE: &str = "taskmanager.memory.process.size: 2048m\ntaskmanager.memory.managed.size: 1g\n";

/// Code and line of what `slotwise check` finds.
fn checked(path: &std::path::Path) -> Vec<(String, u64)> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["check", "--format", "jsonl"])
        .arg(path)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let fact = |it: &Value| {
        let line = it["span"]["start"]["line"].as_u64().unwrap_or(1);
        (it["code"].as_str().unwrap().to_owned(), line - 1)
    };
    report["findings"].as_array().unwrap().iter().map(fact).collect()
}

fn facts(diagnostics: &[Value]) -> Vec<(String, u64)> {
    let fact = |it: &Value| {
        let code = it["code"].as_str().unwrap().to_owned();
        (code, it["range"]["start"]["line"].as_u64().unwrap())
    };
    diagnostics.iter().map(fact).collect()
}

#[test]
fn what_a_workload_runs_out_of_follows_a_moment_later() {
    let folder = folder_with_workload("workload");
    let path = folder.join("conf/flink-conf.yaml");
    fs::write(&path, TIGHT).unwrap();
    let expected = checked(&path);
    assert!(expected.iter().any(|(code, _)| code == "FP002"), "{expected:?}");

    let (mut client, _) = Client::start(json!({}));
    let uri = uri(&path);
    client.open(&uri, 1, TIGHT);
    let at_once = client.diagnostics(&uri, 1);
    assert!(!codes(&at_once).iter().any(|code| code.starts_with("FP")), "{at_once:#?}");
    assert_eq!(facts(&client.diagnostics(&uri, 1)), expected);

    // Figures of other settings are never shown, not for a moment.
    let change = |version: i32, text: &str| {
        let document = json!({ "uri": uri, "version": version });
        json!({ "textDocument": document, "contentChanges": [{ "text": text }] })
    };
    client.notify("textDocument/didChange", change(2, AMPLE));
    let found = client.diagnostics(&uri, 2);
    assert!(!codes(&found).contains(&"FP002"), "{found:#?}");
    fs::write(&path, AMPLE).unwrap();
    assert_eq!(facts(&client.diagnostics(&uri, 2)), checked(&path));

    // A comment changes no figure, and what was known before is known again.
    let text = format!("# more\n{TIGHT}");
    client.notify("textDocument/didChange", change(3, &text));
    fs::write(&path, text).unwrap();
    assert_eq!(facts(&client.diagnostics(&uri, 3)), checked(&path));
    client.end(true);
}

#[test]
fn a_client_that_pulls_is_told_to_ask_again() {
    let folder = folder_with_workload("workload-pulled");
    let path = folder.join("conf/flink-conf.yaml");
    let capabilities = json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    let (mut client, _) = Client::start(capabilities);
    let uri = uri(&path);
    client.open(&uri, 1, TIGHT);
    let params = json!({ "textDocument": { "uri": uri } });
    let first = client.request("textDocument/diagnostic", params.clone()).unwrap();
    assert!(!codes(first["items"].as_array().unwrap()).contains(&"FP002"));
    client.wait_for(|message| message["method"] == "workspace/diagnostic/refresh");
    let mut params = params;
    params["previousResultId"] = first["resultId"].clone();
    let second = client.request("textDocument/diagnostic", params).unwrap();
    assert_eq!(second["kind"], "full");
    assert!(codes(second["items"].as_array().unwrap()).contains(&"FP002"), "{second:#?}");
    client.end(true);
}

#[test]
fn a_workload_is_read_again_when_it_changes() {
    let folder = folder_with_workload("workload-changed");
    let workload = folder.join("job.yaml");
    let good = fs::read_to_string(&workload).unwrap();
    fs::write(&workload, "name: [").unwrap();
    let (mut client, _) = Client::start(json!({}));
    let uri = uri(&folder.join("conf/flink-conf.yaml"));
    client.open(&uri, 1, TIGHT);
    let found = client.diagnostics(&uri, 1);
    assert!(found[0]["message"].as_str().unwrap().starts_with("workload: "), "{found:#?}");

    fs::write(&workload, good).unwrap();
    let change =
        |path: &std::path::Path| json!({ "uri": format!("file://{}", path.display()), "type": 2 });
    let changes = [change(&folder.join("other.yaml")), change(&workload)];
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    client.diagnostics(&uri, 1);
    let found = client.diagnostics(&uri, 1);
    assert!(codes(&found).contains(&"FP002"), "{found:#?}");
    client.end(true);
}

#[test]
fn files_of_one_deployment_are_seen_together() {
    let folder = folder("layers");
    let (base, over) = (folder.join("conf/flink-conf.yaml"), folder.join("prod/flink-conf.yaml"));
    fs::create_dir_all(over.parent().unwrap()).unwrap();
    let text = "taskmanager.memory.process.size: 4g\nrest.port: 8081\n";
    fs::write(&over, "taskmanager.memory.process.size: 100m\n").unwrap();
    let mut client = Client::raw();
    let params = json!({
        "capabilities": {},
        "workspaceFolders": [{ "uri": uri(&folder), "name": "w" }],
        "initializationOptions": {
            "job": "flink run -ys 3 job.jar",
            "overlays": ["prod/flink-conf.yaml"],
        },
    });
    client.request("initialize", params).unwrap();
    let (base, over) = (uri(&base), uri(&over));
    client.open(&base, 1, text);
    let refused = |found: &[Value]| found.iter().any(|it| it["severity"] == 1);
    let found = client.diagnostics(&base, 1);
    assert!(refused(&found), "100m is too little: {found:#?}");

    let related = found.iter().filter_map(|it| it["relatedInformation"].as_array()).flatten();
    let places: Vec<_> = related.map(|it| it["location"]["uri"].clone()).collect();
    assert!(places.contains(&json!(over)), "{found:#?}");

    let hover = client.at("textDocument/hover", &base, 0, 3).unwrap();
    let hover = hover["contents"]["value"].as_str().unwrap();
    assert!(
        hover.contains("Effective: `100m`, from ") && hover.contains("not what this line says")
    );
    let definition = client.at("textDocument/definition", &base, 0, 3).unwrap();
    assert_eq!(definition["uri"], over.as_str());
    assert_eq!(definition["range"]["start"], json!({ "line": 0, "character": 0 }));

    // What is typed into the layer counts, saved or not.
    client.open(&over, 1, "jobmanager.memory.process.size: 2g\n");
    let before = found.len();
    let found = client.diagnostics(&base, 1);
    assert!(found.len() < before && !refused(&found), "{found:#?}");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": over } }));
    assert!(refused(&client.diagnostics(&base, 1)), "as on disk again");
    client.end(true);
}
