//! What a user sees: hovers, completions, fixes, hints.

use serde_json::{Value, json};

use super::client::Client;

const URI: &str = "untitled:flink-conf.yaml";
const TEXT: &str = "\
taskmanager.memory.process.size: 4g
taskmanager.numberOfTaskSlots: 4
state.backend: rocksdb
taskmanager.memory.netwrok.max: 1g
taskmanager.memory.network.min: 2
s3.secret-key: hunter2
";

fn capable() -> Value {
    json!({
        "textDocument": {
            "completion": { "completionItem": { "snippetSupport": true } },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
        },
    })
}

fn open(text: &str) -> Client {
    let (mut client, _) = Client::start(capable());
    client.open(URI, 1, text);
    client.diagnostics(URI, 1);
    client
}

fn hover(client: &mut Client, line: u32, character: u32) -> String {
    let hover = client.at("textDocument/hover", URI, line, character).unwrap();
    hover["contents"]["value"].as_str().unwrap_or("").to_owned()
}

fn completions(client: &mut Client, line: u32, character: u32) -> Vec<Value> {
    let list = client.at("textDocument/completion", URI, line, character).unwrap();
    list["items"].as_array().cloned().unwrap_or_default()
}

fn labels(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn a_hover_on_a_key_says_what_it_is_and_does_here() {
    let mut client = open(TEXT);
    let text = hover(&mut client, 0, 5);
    for part in [
        "MemorySize",
        "Default on flink-1.20: none",
        "Effective: `4g`, line 1",
        "Total Process: **4 GiB**",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let text = hover(&mut client, 1, 5);
    assert!(text.contains("Each of 4 slots gets 343 MiB of Managed"), "{text}");
    let text = hover(&mut client, 2, 1);
    assert!(text.contains("a deprecated key of `state.backend.type`"), "{text}");
    client.end(true);
}

#[test]
fn a_hover_on_a_value_says_what_it_is_read_as() {
    let mut client = open(TEXT);
    let text = hover(&mut client, 4, 33);
    assert!(text.contains("2 bytes — did you mean 2 GiB (`2g`)?"), "{text}");
    let text = hover(&mut client, 0, 34);
    assert!(text.contains("4 GiB = 4294967296 bytes"), "{text}");
    client.end(true);
}

#[test]
fn secrets_are_not_shown() {
    let mut client = open(TEXT);
    for column in [3, 20] {
        let text = hover(&mut client, 5, column);
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert!(hover(&mut client, 5, 3).contains("a secret, not shown"));
    let params = json!({ "textDocument": { "uri": URI } });
    let symbols = client.request("textDocument/documentSymbol", params).unwrap();
    assert!(!symbols.to_string().contains("hunter2"), "{symbols}");
    client.end(true);
}

#[test]
fn keys_are_completed_part_by_part() {
    let mut client = open("\ntaskmanager.memory.process.size: 1g\ntaskmanager.memory.\ntmmans\n");
    let items = completions(&mut client, 0, 0);
    assert!(items.len() <= 50 && labels(&items).contains(&"taskmanager."), "{:?}", labels(&items));
    assert_eq!(
        items[0]["label"], "taskmanager.numberOfTaskSlots",
        "what is set already is not offered first"
    );

    let items = completions(&mut client, 2, 19);
    let found = labels(&items);
    assert!(items.len() <= 50, "{}", items.len());
    assert!(found.contains(&"taskmanager.memory.managed.size"), "{found:?}");
    let last = items.iter().rposition(|item| item["labelDetails"]["description"] == "set already");
    assert_eq!(last, Some(items.len() - 1), "what is set already comes last: {found:?}");
    let fraction =
        items.iter().find(|item| item["label"] == "taskmanager.memory.managed.fraction").unwrap();
    assert_eq!(fraction["textEdit"]["newText"], "taskmanager.memory.managed.fraction: ${1:0.4}");
    assert_eq!(fraction["textEdit"]["range"]["start"]["character"], 0);
    let documented = client.request("completionItem/resolve", fraction.clone()).unwrap();
    assert!(
        documented["documentation"]["value"]
            .as_str()
            .unwrap()
            .contains("Default on flink-1.20: `0.4`")
    );

    let items = completions(&mut client, 3, 6);
    assert!(
        labels(&items).contains(&"taskmanager.network.memory.buffers-per-channel")
            || !items.is_empty()
    );
    client.end(true);
}

#[test]
fn values_are_completed_by_the_options_type() {
    let check = |line: &str, expected: &[&str]| {
        let mut client = open(&format!("{line}\n"));
        let items = completions(&mut client, 0, u32::try_from(line.len()).unwrap());
        let found = labels(&items);
        for label in expected {
            assert!(found.contains(label), "{label} in {found:?} for {line}");
        }
        client.end(true);
    };
    check("execution.checkpointing.mode: ", &["EXACTLY_ONCE", "AT_LEAST_ONCE"]);
    check("execution.checkpointing.unaligned.enabled: ", &["true", "false"]);
    check("taskmanager.memory.process.size: 4", &["4g", "4m"]);
    check("execution.checkpointing.interval: 3", &["3 min", "3 s"]);
    check("state.backend.type: r", &["rocksdb"]);
    check("execution.checkpointing.dir: s3", &["s3://"]);
    check("io.tmp.dirs: /us", &["/usr"]);
}

#[test]
fn a_typo_has_one_preferred_fix_that_is_right() {
    let mut client = open(TEXT);
    let range =
        json!({ "start": { "line": 3, "character": 4 }, "end": { "line": 3, "character": 4 } });
    let params =
        json!({ "textDocument": { "uri": URI }, "range": range, "context": { "diagnostics": [] } });
    let actions = client.request("textDocument/codeAction", params).unwrap();
    let actions = actions.as_array().unwrap();
    let preferred: Vec<_> = actions.iter().filter(|it| it["isPreferred"] == true).collect();
    assert_eq!(preferred.len(), 1, "{actions:#?}");
    let edit = &preferred[0]["edit"]["changes"][URI][0];
    assert_eq!(edit["newText"], "taskmanager.memory.network.max");
    let ignore =
        actions.iter().find(|it| it["title"].as_str().unwrap().starts_with("Ignore ")).unwrap();
    let insert = ignore["edit"]["changes"][URI][0]["newText"].as_str().unwrap();
    assert!(insert.starts_with(" # slotwise: ignore[FK"), "{insert}");
    client.end(true);
}

#[test]
fn fixing_all_leaves_nothing_that_is_safe_to_fix() {
    let mut client = open("state.backend: hashmap\ntaskmanager.memory.netwrok.max: 1g\n");
    let range =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    let context = json!({ "diagnostics": [], "only": ["source.fixAll"] });
    let params = json!({ "textDocument": { "uri": URI }, "range": range, "context": context });
    let actions = client.request("textDocument/codeAction", params).unwrap();
    assert_eq!(actions.as_array().unwrap().len(), 1, "{actions:#}");
    assert_eq!(actions[0]["kind"], "source.fixAll.slotwise");
    client.end(true);
}

#[test]
fn hints_and_lenses_show_the_memory() {
    let mut client = open(
        "taskmanager.memory.process.size: 4096m\ntaskmanager.memory.managed.fraction: 0.5\ntaskmanager.numberOfTaskSlots: 4\n",
    );
    let range =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 3, "character": 0 } });
    let params = json!({ "textDocument": { "uri": URI }, "range": range });
    let hints = client.request("textDocument/inlayHint", params).unwrap();
    let hints: Vec<_> =
        hints.as_array().unwrap().iter().map(|hint| hint["label"].as_str().unwrap()).collect();
    assert_eq!(
        hints,
        [
            "= 4 GiB",
            "= Managed: 1.7 GiB; 428.8 MiB per slot",
            "428.8 MiB managed, 279 MiB task heap per slot"
        ]
    );
    let lenses =
        client.request("textDocument/codeLens", json!({ "textDocument": { "uri": URI } })).unwrap();
    let titles: Vec<_> = lenses
        .as_array()
        .unwrap()
        .iter()
        .map(|lens| lens["command"]["title"].as_str().unwrap())
        .collect();
    assert!(titles[0].starts_with("flink-1.20 ("), "{titles:?}");
    assert!(titles[1].starts_with("TaskManager 4 GiB: Task Heap"), "{titles:?}");
    let params = json!({ "command": "slotwise.showMemory", "arguments": [URI] });
    let picture = client.request("workspace/executeCommand", params).unwrap();
    assert!(picture.as_str().unwrap().contains("| Managed | 1.7 GiB |"), "{picture}");
    client.end(true);
}

#[test]
fn symbols_form_a_tree_in_the_order_of_the_file() {
    let mut client = open("a.b.c: 1\na.b.d: 2\ne: 3\na.f: 4\n");
    let params = json!({ "textDocument": { "uri": URI } });
    let symbols = client.request("textDocument/documentSymbol", params).unwrap();
    let names: Vec<_> =
        symbols.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a.b", "e", "a.f"]);
    assert_eq!(symbols[0]["children"][1]["name"], "d");
    client.end(true);
}

fn ask(client: &mut Client, method: &str) -> Value {
    let params = json!({
        "textDocument": { "uri": URI },
        "options": { "tabSize": 2, "insertSpaces": true },
    });
    client.request(method, params).unwrap()
}

/// What the text becomes when a client applies edits of one document.
fn applied(text: &str, edits: &Value) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let offset = |position: &Value| {
        let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
        let column = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
        lines[..line].iter().map(|line| line.len()).sum::<usize>() + column
    };
    let mut edits: Vec<_> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort();
    let mut result = text.to_owned();
    for (start, end, new_text) in edits.into_iter().rev() {
        result.replace_range(start..end, new_text);
    }
    result
}

#[test]
fn formatting_changes_spaces_and_nothing_that_flink_reads() {
    let text = "# a  \nx.y:    1  # why  \n\n  z :  2\nempty:\t3\nlast: 4";
    let mut client = open(text);
    let edits = ask(&mut client, "textDocument/formatting");
    assert_eq!(applied(text, &edits), "# a\nx.y: 1  # why\n\n  z: 2\nempty:\t3\nlast: 4\n");
    client.end(true);

    let text = "a:   1\nb: |\n  text  \n  more\nc: 'x  '  \n";
    let (mut client, _) = Client::start(capable());
    let uri = "untitled:config.yaml";
    client.open(uri, 1, text);
    let params = json!({ "textDocument": { "uri": uri }, "options": { "tabSize": 2, "insertSpaces": true } });
    let edits = client.request("textDocument/formatting", params).unwrap();
    if !edits.is_null() {
        assert!(applied(text, &edits).contains("  text  \n"), "{edits}");
    }
    client.end(true);
}

#[test]
fn a_duplicate_leads_to_the_line_that_counts() {
    let mut client = open("a.b: 1\na.b: 2\nstate.backend: hashmap\nstate.backend.type: rocksdb\n");
    let definition = client.at("textDocument/definition", URI, 0, 1).unwrap();
    assert_eq!(definition["range"]["start"]["line"], 1);
    let definition = client.at("textDocument/definition", URI, 2, 1).unwrap();
    assert_eq!(definition["range"]["start"]["line"], 3);
    let params = json!({
        "textDocument": { "uri": URI },
        "position": { "line": 2, "character": 1 },
        "context": { "includeDeclaration": true },
    });
    let references = client.request("textDocument/references", params).unwrap();
    assert_eq!(references.as_array().unwrap().len(), 2);
    client.end(true);
}

#[test]
fn a_key_is_renamed_in_every_file() {
    let mut client = open("a.b: 1\na.c: 2\na.b: 3\n");
    let other = "untitled:other/config.yaml";
    client.open(other, 1, "a:\n  b: 4\n");
    let rename = |client: &mut Client, name: &str| {
        let params = json!({
            "textDocument": { "uri": URI },
            "position": { "line": 0, "character": 1 },
            "newName": name,
        });
        client.request("textDocument/rename", params)
    };
    let edit = rename(&mut client, "a.d").unwrap();
    assert_eq!(edit["changes"][URI].as_array().unwrap().len(), 2);
    assert_eq!(edit["changes"][other][0]["newText"], "d", "{edit}");
    let refusal = rename(&mut client, "z.d").unwrap_err();
    assert!(refusal["message"].as_str().unwrap().contains("nested below a."), "{refusal}");
    let refusal = rename(&mut client, "a: b").unwrap_err();
    assert_eq!(refusal["code"], -32803);
    let prepared = client.at("textDocument/prepareRename", URI, 1, 0).unwrap();
    assert_eq!(prepared["placeholder"], "a.c");
    client.end(true);
}

#[test]
fn pages_folds_tokens_and_selections() {
    let mut client = open("# one\n# two\nstate.backend: hashmap\n\nparallelism.default: 8\n");
    let links = ask(&mut client, "textDocument/documentLink");
    let target = links[0]["target"].as_str().unwrap();
    assert!(target.starts_with("https://nightlies.apache.org/flink/"), "{target}");
    let folds = ask(&mut client, "textDocument/foldingRange");
    assert_eq!(folds, json!([{ "startLine": 0, "endLine": 1, "kind": "comment" }]));
    let tokens = ask(&mut client, "textDocument/semanticTokens/full");
    assert_eq!(
        tokens["data"],
        json!([2, 0, 13, 0, 1, 0, 15, 7, 1, 0, 2, 0, 19, 0, 0, 0, 21, 1, 2, 0])
    );
    let params =
        json!({ "textDocument": { "uri": URI }, "positions": [{ "line": 2, "character": 16 }] });
    let selection = client.request("textDocument/selectionRange", params).unwrap();
    assert_eq!(selection[0]["range"]["start"]["character"], 15);
    assert_eq!(selection[0]["parent"]["range"]["start"]["character"], 0);
    client.end(true);
}

#[test]
fn what_is_nested_below_a_key_folds() {
    let (mut client, _) = Client::start(capable());
    let uri = "untitled:config.yaml";
    client.open(uri, 1, "a:\n  b: 1\n  c:\n    d: 2\n\ne: 3\n");
    let params = json!({ "textDocument": { "uri": uri } });
    let folds = client.request("textDocument/foldingRange", params).unwrap();
    assert_eq!(folds, json!([{ "startLine": 0, "endLine": 3 }, { "startLine": 2, "endLine": 3 }]));
    client.end(true);
}

#[test]
fn nested_keys_are_completed_below_their_parents() {
    let (mut client, _) = Client::start(capable());
    let uri = "untitled:config.yaml";
    client.open(uri, 1, "taskmanager:\n  memory:\n    managed.\nstate.backend.type: rocksdb\n");
    let list = client.at("textDocument/completion", uri, 2, 12).unwrap();
    let items = list["items"].as_array().unwrap();
    let found = labels(items);
    assert!(found.contains(&"managed.fraction") && found.contains(&"managed.size"), "{found:?}");
    client.end(true);
}

#[test]
fn a_half_typed_line_of_yaml_hides_no_other_problem() {
    let (mut client, _) = Client::start(capable());
    let uri = "untitled:config.yaml";
    client.open(uri, 1, "taskman\ntaskmanager:\n  memory:\n    netwrok.max: 1g\n");
    let found = client.diagnostics(uri, 1);
    let line = |code: &str| {
        let it = found.iter().find(|it| it["code"] == code);
        it.and_then(|it| it["range"]["start"]["line"].as_u64())
    };
    assert_eq!(line("FK001"), Some(3), "{found:#?}");
    assert!(found.len() > 1, "the file is refused all the same: {found:#?}");
    client.end(true);
}
