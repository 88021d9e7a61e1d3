//! Assessments, plans and reports of the shipped cluster, end to end. Runs are short: what they show is
//! the figures' way to the page, not the figures of a long run.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const CONFIG: &str = "fixtures/examples/emr-ytm-2048-slots-2/flink-conf.yaml";

fn slotwise(arguments: &[&str]) -> Output {
    with_workload(arguments, "nexmark-q20")
}

fn with_workload(arguments: &[&str], workload: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(arguments)
        .args(["--workload", workload, "--target", "emr-3.28.2"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .envs([("COLUMNS", "80"), ("LANG", "C.UTF-8"), ("NO_COLOR", "1")])
        .output()
        .unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = slotwise(arguments);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_ytm_2048_cluster_may_not_start_gemini() {
    let text = printed(&["assess", CONFIG, "--records", "20000"]);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_plan_says_what_why_and_what_else() {
    insta::assert_snapshot!(printed(&["plan", CONFIG, "--records", "20000"]));
}

#[test]
fn the_report_is_one_file_and_the_same_every_time() {
    let html = printed(&["report", CONFIG, "--records", "20000"]);
    assert!(html.len() < 1 << 20);
    for outside in ["http://", "https://", "<link", "@import", "src=", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    for id in [
        "recommendation",
        "constraints",
        "memory",
        "curve",
        "whatif",
        "backends",
        "timeline",
        "budget",
        "failover",
        "sensitivity",
        "alternatives",
        "findings",
        "inputs",
        "assumptions",
    ] {
        assert!(html.contains(&format!("<h2 id=\"{id}\"")), "{id}");
        assert!(html.contains(&format!("href=\"#{id}\"")), "{id}");
    }
    for format in ["html", "markdown", "json", "csv"] {
        let arguments = ["report", CONFIG, "--records", "20000", "--format", format];
        assert_eq!(printed(&arguments), printed(&arguments), "{format}");
    }
}

#[test]
fn a_report_for_a_pull_request() {
    let arguments = ["report", CONFIG, "--records", "20000", "--format", "markdown"];
    insta::assert_snapshot!(printed(&arguments));
}

/// Everything that the schema promises is there, and nothing else.
#[test]
fn the_report_in_json_is_what_its_schema_says() {
    let text = printed(&["report", CONFIG, "--records", "20000", "--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let schema = fs::read_to_string("schemas/report.json").unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    check_schema(&schema, &schema, &report, "report");
    assert_eq!(report["version"], 1);
    assert_eq!(report["backends"].as_array().unwrap().len(), 3);
}

fn check_schema(root: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap();
        return check_schema(root, target, value, place);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let null = serde_json::json!("null");
        let fitting = any.iter().find(|it| (it["type"] == null) == value.is_null()).unwrap();
        return check_schema(root, fitting, value, place);
    }
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() || number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let fits = |it: &Value| it == name || (it == "number" && name == "integer");
    assert!(types.iter().any(fits), "{place}: {name}, expected {types:?}");
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| {
            check_schema(root, &schema["items"], item, &format!("{place}[{index}]"));
        }),
        Value::Object(fields) => {
            let properties = schema["properties"].as_object().unwrap();
            for (key, item) in fields {
                let schema = properties.get(key).unwrap_or_else(|| panic!("{place}.{key}"));
                check_schema(root, schema, item, &format!("{place}.{key}"));
            }
            for key in schema["required"].as_array().into_iter().flatten() {
                assert!(fields.contains_key(key.as_str().unwrap()), "{place} has no {key}");
            }
        }
        _ => {}
    }
}

#[test]
fn a_report_says_what_changed_since_an_earlier_one() {
    let folder = folder("compare");
    let earlier = folder.join("earlier.json");
    let earlier = earlier.to_str().unwrap();
    printed(&["report", CONFIG, "--records", "20000", "--format", "json", "-o", earlier]);
    let compare = |config: &str| {
        let arguments =
            ["report", config, "--records", "20000", "--format", "json", "--compare", earlier];
        let report: Value = serde_json::from_str(&printed(&arguments)).unwrap();
        let rows = report["changes"].as_array().unwrap().clone();
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        let row = |row: &Value| {
            format!("{}: {} -> {}", text(row, "name"), text(row, "before"), text(row, "now"))
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(compare(CONFIG), Vec::<String>::new());
    let changed = folder.join("flink-conf.yaml");
    let text = fs::read_to_string(CONFIG).unwrap().replace("2048m", "4096m");
    fs::write(&changed, text).unwrap();
    let changes = compare(changed.to_str().unwrap());
    for expected in
        ["verdict: may-not-fit -> fits", "Total Process Memory: 2 GiB -> 4 GiB", "finding FG013"]
    {
        assert!(
            changes.iter().any(|change| change.starts_with(expected)),
            "{expected}: {changes:?}"
        );
    }
    let broken = folder.join("broken.json");
    fs::write(&broken, "{}").unwrap();
    let output =
        slotwise(&["report", CONFIG, "--compare", broken.to_str().unwrap(), "--records", "2000"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("broken.json: expected a report"));
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("capacity").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Names and values that would be markup, scripts, ends of lines or formulas if they were let.
const HOSTILE: [&str; 7] = [
    "</script><img src=x onerror=alert(1)>",
    "\"onmouseover=\"alert(1)",
    "'><b>bold</b>",
    "a\u{2028}b\u{2029}c",
    "<!--<script>",
    "```\n# title\n| cell | @all",
    "\u{1b}[31mred\u{7}\u{202e}txt",
];

#[test]
fn what_files_and_names_say_is_no_markup() {
    for (index, hostile) in HOSTILE.into_iter().enumerate() {
        let folder = folder(&format!("hostile-{index}"));
        let line = hostile.replace(['\n', '\u{1b}', '\u{7}'], " ");
        // A file may be called anything but with a slash in it.
        let inner = folder.join(line.replace('/', "\u{2215}"));
        fs::create_dir_all(&inner).unwrap();
        let file = inner.join("flink-conf.yaml");
        let config = format!(
            "taskmanager.memory.process.size: 4g\nstate.backend.gemini.{line}: {line}\n\
             taskmanager.numberOfTaskSlots: 2\nenv.java.opts: {line}\n"
        );
        fs::write(&file, config).unwrap();
        let workload = folder.join("workload.yaml");
        let name = serde_json::Value::from(hostile).to_string();
        fs::write(&workload, WORKLOAD.replace("NAME", &name)).unwrap();
        for format in ["html", "markdown", "json", "csv"] {
            let arguments =
                ["report", file.to_str().unwrap(), "--format", format, "--records", "2000"];
            let output = with_workload(&arguments, workload.to_str().unwrap());
            assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(!text.contains(['\u{1b}', '\u{7}']), "{format} {hostile:?}");
            match format {
                "html" => {
                    for markup in
                        ["<img", "<b>bold", "<!--", "<script>alert", "\"onmouse", "\u{202e}"]
                    {
                        assert!(!text.contains(markup), "{markup} of {hostile:?}");
                    }
                    // Those of the page: the data and the script.
                    assert_eq!(text.matches("<script").count(), 2, "{hostile:?}");
                    assert_eq!(text.matches("</script").count(), 2, "{hostile:?}");
                }
                "markdown" => {
                    let outside: Vec<_> = outside_of_blocks(&text);
                    for line in outside {
                        assert!(!line.contains("<img") && !line.contains("@all"), "{line}");
                        assert!(!line.starts_with("# "), "{line}");
                    }
                }
                "json" => drop(serde_json::from_str::<Value>(&text).unwrap()),
                _ => assert!(text.lines().all(|line| line.matches(',').count() == 10), "{text}"),
            }
        }
    }
}

/// Lines that are no code.
fn outside_of_blocks(text: &str) -> Vec<&str> {
    let mut end: Option<&str> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        let fence = line.trim_end_matches("diff");
        match end {
            None if fence.starts_with("```") => end = Some(fence),
            Some(open) if line == open => end = None,
            None => lines.push(line),
            Some(_) => {}
        }
    }
    assert_eq!(end, None, "a block without an end");
    lines
}

const WORKLOAD: &str = "
name: NAME
parallelism: 2
rate: 1000
event_rate: 1000
records: 2000
operators:
  - name: NAME
    keys: { count: 1000, distribution: uniform }
    key_bytes: 16
    value_bytes: { fixed: 84 }
    access: read_modify_write
";

#[test]
fn a_check_with_a_workload_reports_what_the_report_reports() {
    let found = |output: &str| -> Vec<String> {
        let codes =
            output.split_whitespace().filter(|word| word.len() == 5 && word.starts_with("FP"));
        codes.map(str::to_owned).collect()
    };
    let rate = ["--rate", "100000000"];
    // Few records, as the workload says so itself.
    let workload = "fixtures/capacity/wide-updates.yaml";
    let check =
        with_workload(&[&["check", CONFIG, "--format", "json"][..], &rate].concat(), workload);
    let check: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let codes: Vec<_> = check[0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap().to_owned())
        .filter(|code| code.starts_with("FP"))
        .collect();
    assert!(codes.contains(&"FP007".to_owned()), "{codes:?}");
    let report = [&["report", CONFIG, "--format", "markdown"][..], &rate].concat();
    let report = with_workload(&report, workload).stdout;
    assert_eq!(found(&String::from_utf8(report).unwrap()), codes);
}
