//! Configuration within other texts: a resource of the operator, a compose file.

use serde_json::{Value, json};

use super::client::Client;

const DEPLOYMENT: &str = r#"apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: orders
spec:
  image: flink:1.18
  flinkVersion: v1_18
  flinkConfiguration:
    taskmanager.numberOfTaskSlots: "4"
    state.backend: rocksdb
    taskmanager.memory.netwrok.max: 1g
    taskmanager.memory.managed.fraction: "0.5"
  jobManager:
    resource:
      memory: 1600m
      cpu: 1
  taskManager:
    resource:
      memory: 4g
      cpu: 1
"#;

const COMPOSE: &str = "services:
  jobmanager:
    image: flink:1.20
    command: jobmanager
    environment:
      FLINK_PROPERTIES: |
        jobmanager.memory.process.size: 1600m
  taskmanager:
    image: flink:1.20
    command: taskmanager
    environment:
      FLINK_PROPERTIES: |
        taskmanager.memory.process.size: 4g
        taskmanager.numberOfTaskSlots: 4
        state.backend: rocksdb
        taskmanager.memory.network.min: 2
";

const LEGACY: &str = "taskmanager.memory.process.size: 4g
taskmanager.numberOfTaskSlots: 4
state.backend: rocksdb
taskmanager.memory.netwrok.max: 1g
taskmanager.memory.managed.fraction: 0.5
";

const NESTED: &str = "taskmanager:
  memory:
    process.size: 4g
    netwrok.max: 1g
    managed:
      fraction: 0.5
  numberOfTaskSlots: 4
state:
  backend: rocksdb
";

/// Every form, by the name under which it is open.
const FORMS: [(&str, &str); 4] = [
    ("untitled:orders.yaml", DEPLOYMENT),
    ("untitled:docker-compose.yml", COMPOSE),
    ("untitled:flink-conf.yaml", LEGACY),
    ("untitled:config.yaml", NESTED),
];

fn open(uri: &str, text: &str) -> (Client, Vec<Value>) {
    let (mut client, _) = Client::start(json!({}));
    client.open(uri, 1, text);
    let found = client.diagnostics(uri, 1);
    (client, found)
}

/// Where a word stands for the first time.
fn place(text: &str, word: &str) -> (u32, u32) {
    let at = text.find(word).unwrap();
    let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[..at].matches('\n').count();
    (u32::try_from(line).unwrap(), u32::try_from(at - line_start).unwrap())
}

fn hover(client: &mut Client, uri: &str, text: &str, word: &str) -> String {
    let (line, column) = place(text, word);
    let hover = client.at("textDocument/hover", uri, line, column).unwrap();
    hover["contents"]["value"].as_str().unwrap_or("").to_owned()
}

fn codes(found: &[Value]) -> Vec<&str> {
    found.iter().filter_map(|it| it["code"].as_str()).collect()
}

fn actions(client: &mut Client, uri: &str, text: &str, word: &str) -> Vec<Value> {
    let (line, character) = place(text, word);
    let at = json!({ "line": line, "character": character });
    let params = json!({
        "textDocument": { "uri": uri },
        "range": { "start": at, "end": at },
        "context": { "diagnostics": [] },
    });
    client.request("textDocument/codeAction", params).unwrap().as_array().unwrap().clone()
}

/// The text with an action's edits applied, and what is found in it.
fn applied(client: &mut Client, uri: &str, text: &str, action: &Value) -> (String, Vec<Value>) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let offset = |position: &Value| {
        let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
        let column = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
        lines.iter().take(line).map(|line| line.len()).sum::<usize>() + column
    };
    let mut edits: Vec<_> = action["edit"]["changes"][uri].as_array().unwrap().iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(&edit["range"]["start"])));
    let mut changed = text.to_owned();
    for edit in edits {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        changed.replace_range(range, edit["newText"].as_str().unwrap());
    }
    let change = |version: i32, text: &str| {
        let document = json!({ "uri": uri, "version": version });
        json!({ "textDocument": document, "contentChanges": [{ "text": text }] })
    };
    client.notify("textDocument/didChange", change(2, &changed));
    let found = client.diagnostics(uri, 2);
    client.notify("textDocument/didChange", change(1, text));
    client.diagnostics(uri, 1);
    (changed, found)
}

#[test]
fn every_service_has_hovers_hints_lenses_and_symbols() {
    let uri = "untitled:docker-compose.yml";
    let (mut client, _) = open(uri, COMPOSE);
    let text = hover(&mut client, uri, COMPOSE, "taskmanager.numberOfTaskSlots");
    assert!(text.contains("Each of 4 slots gets"), "{text}");
    let text = hover(&mut client, uri, COMPOSE, "jobmanager.memory");
    assert!(text.contains("Total Process: **1.6 GiB**"), "{text}");
    assert!(hover(&mut client, uri, COMPOSE, "2\n").contains("did you mean 2 GiB"), "on a value");

    let document = json!({ "textDocument": { "uri": uri } });
    let lenses = client.request("textDocument/codeLens", document.clone()).unwrap();
    let lenses: Vec<_> = lenses.as_array().unwrap().iter().collect();
    let title = |at: usize| lenses[at]["command"]["title"].as_str().unwrap();
    assert!(title(0).starts_with("service jobmanager: flink-1.20 ("), "{lenses:#?}");
    assert!(title(1).starts_with("JobManager 1.6 GiB: JVM Heap"), "{lenses:#?}");
    assert!(title(2).starts_with("service taskmanager: flink-1.20 ("), "{lenses:#?}");
    assert!(title(3).starts_with("TaskManager 4 GiB: Task Heap"), "{lenses:#?}");
    assert!(lenses[3]["range"]["start"]["line"].as_u64() > Some(6), "{lenses:#?}");

    let symbols = client.request("textDocument/documentSymbol", document).unwrap().to_string();
    assert!(symbols.contains("numberOfTaskSlots") && symbols.contains("jobmanager"), "{symbols}");
    client.end(true);
}

#[test]
fn fields_of_a_manifest_that_stand_for_options_have_hovers() {
    let (mut client, _) = open("untitled:orders.yaml", DEPLOYMENT);
    let text = hover(&mut client, "untitled:orders.yaml", DEPLOYMENT, "4g");
    assert!(text.contains("4 GiB"), "{text}");
    client.end(true);
}

#[test]
fn a_half_typed_line_of_a_manifest_hides_no_other_problem() {
    let uri = "untitled:orders.yaml";
    let (mut client, found) = open(uri, DEPLOYMENT);
    let whole = codes(&found).len();
    assert!(codes(&found).contains(&"FK001"), "{found:#?}");
    let lines: Vec<&str> = DEPLOYMENT.lines().collect();
    let mut version = 1;
    for half in ["taskmanager.mem", "a: \"b", "a: 'b", "a b", "a: b: c", "- x", "@", "a: [", "\tx"]
    {
        for indentation in [0, 2, 3, 4, 5, 8] {
            let mut broken = lines.clone();
            let line = format!("{}{half}", " ".repeat(indentation));
            broken.insert(9, &line);
            version += 1;
            let text = broken.join("\n");
            let document = json!({ "uri": uri, "version": version });
            let changes = json!([{ "text": text }]);
            let params = json!({ "textDocument": document, "contentChanges": changes });
            client.notify("textDocument/didChange", params);
            let found = client.diagnostics(uri, version);
            let codes = codes(&found);
            assert!(codes.contains(&"FK001"), "{line:?}: {codes:?}");
            assert!(codes.contains(&"FO001") || codes.len() >= whole, "{line:?}: {codes:?}");
        }
    }
    client.end(true);
}

#[test]
fn a_rule_is_silenced_on_its_line_in_every_form() {
    for (uri, text) in FORMS {
        let (mut client, found) = open(uri, text);
        assert!(codes(&found).contains(&"FK002"), "{uri}: {found:#?}");
        let actions = actions(&mut client, uri, text, "backend");
        let ignore = actions.iter().find(|it| it["title"] == "Ignore FK002 on this line").unwrap();
        let (changed, found) = applied(&mut client, uri, text, ignore);
        assert!(!codes(&found).contains(&"FK002"), "{changed}\n{found:#?}");
        assert!(!codes(&found).contains(&"FO001"), "{changed}\n{found:#?}");
        client.end(true);
    }
}

#[test]
fn a_deprecated_key_is_renamed_in_every_form() {
    for (uri, text) in FORMS {
        let (mut client, _) = open(uri, text);
        let actions = actions(&mut client, uri, text, "backend");
        let rename = actions.iter().find(|it| it["title"] == "Rename to `state.backend.type`");
        let rename = rename.unwrap_or_else(|| panic!("{uri}: {actions:#?}"));
        let (changed, found) = applied(&mut client, uri, text, rename);
        assert!(changed.contains("backend.type: rocksdb"), "{changed}");
        assert!(!codes(&found).contains(&"FK002"), "{changed}\n{found:#?}");
        client.end(true);
    }
}

#[test]
fn the_memory_of_a_slot_is_set_in_every_form() {
    for (uri, text) in FORMS {
        let (mut client, before) = open(uri, text);
        let actions = actions(&mut client, uri, text, "numberOfTaskSlots");
        let mut kinds = [false, false];
        for action in actions.iter().filter(|it| it["kind"] == "refactor.rewrite") {
            let title = action["title"].as_str().unwrap();
            let size = title.strip_prefix("Set the per-slot memory to ").unwrap();
            let size = size.split(':').next().unwrap();
            let (changed, found) = applied(&mut client, uri, text, action);
            let new = codes(&found).into_iter().find(|code| !codes(&before).contains(code));
            assert_eq!(new, None, "{title}\n{changed}");
            kinds[usize::from(title.contains("taskmanager.numberOfTaskSlots to"))] = true;

            let mut client = open(uri, &changed).0;
            let hover = hover(&mut client, uri, &changed, "numberOfTaskSlots");
            assert!(hover.contains(&format!("gets {size} of Managed")), "{title}: {hover}");
            client.end(true);
        }
        assert_eq!(kinds, [true, true], "{uri}: {actions:#?}");
        client.end(true);
    }
}

#[test]
fn a_gemini_backend_is_offered_what_it_needs() {
    let uri = "untitled:flink-conf.yaml";
    let text = "taskmanager.memory.process.size: 4g\ntaskmanager.numberOfTaskSlots: 8\n\
                state.backend: com.alibaba.flink.statebackend.GeminiStateBackendFactory\n";
    let (mut client, _) = Client::start(json!({}));
    let settings = json!({ "settings": { "slotwise": { "target": "vvr-8.0.5" } } });
    client.notify("workspace/didChangeConfiguration", settings);
    client.open(uri, 1, text);
    client.diagnostics(uri, 1);
    let actions = actions(&mut client, uri, text, "numberOfTaskSlots");
    let titles: Vec<_> = actions.iter().map(|it| it["title"].as_str().unwrap()).collect();
    let floor = titles.iter().any(|it| it.starts_with("Set the per-slot memory to 256 MiB: "));
    assert!(floor, "{titles:#?}");
    client.end(true);
}

#[test]
fn files_that_are_not_flinks_are_left_alone() {
    let (mut client, _) = Client::start(json!({}));
    for (uri, text) in [
        ("file:///w/.github/workflows/ci.yml", "on: push\njobs:\n  a:\n    steps: [1\n"),
        ("file:///w/pod.yaml", "apiVersion: v1\nkind: Pod\nspec: {}\n"),
        ("file:///w/config.yaml", "not: ours\n"),
    ] {
        client.open(uri, 1, text);
        assert_eq!(client.diagnostics(uri, 1), Vec::<Value>::new(), "{uri}");
        let document = json!({ "textDocument": { "uri": uri } });
        let lenses = client.request("textDocument/codeLens", document).unwrap();
        assert_eq!(lenses, Value::Null, "{uri}");
        assert_eq!(client.at("textDocument/completion", uri, 0, 1).unwrap(), Value::Null);
    }
    client.end(true);
}

#[test]
fn what_was_flinks_stays_so_while_a_line_is_half_typed() {
    let (mut client, _) = Client::start(json!({}));
    let uri = "file:///w/config.yaml";
    let text =
        "taskmanager:\n  numberOfTaskSlots: 2\n  memory.netwrok.max: 1g\nparallelism.default: 1\n";
    client.open(uri, 1, text);
    assert!(!client.diagnostics(uri, 1).is_empty());
    for (version, half) in [(2, "state: [\n"), (3, "state: [\nx: {\n")] {
        let changes = json!([{ "text": format!("{text}{half}") }]);
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        client.notify("textDocument/didChange", params);
        let found = client.diagnostics(uri, version);
        assert!(found.iter().any(|it| it["code"] == "FK001"), "{half:?}: {found:#?}");
    }
    client.end(true);
}
