//! Assessments, plans and reports of the shipped cluster, end to end. Runs are short: what they show is
//! the figures' way to the page, not the figures of a long run.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

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
    let arguments = ["report", CONFIG, "--records", "20000"];
    let html = printed(&arguments);
    assert_eq!(html, printed(&arguments));
    assert!(html.len() < 1 << 20);
    for outside in ["http://", "https://", "<link", "@import", "src="] {
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
        "failover",
        "sensitivity",
        "alternatives",
        "findings",
        "inputs",
        "assumptions",
    ] {
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

#[test]
fn what_a_file_says_is_no_markup() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("capacity");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("flink-conf.yaml");
    fs::write(
        &file,
        "taskmanager.memory.process.size: 4g\nstate.backend.gemini.<script>alert(1)</script>: 1\n\
         taskmanager.numberOfTaskSlots: 2 </script><b>\n",
    )
    .unwrap();
    let output = slotwise(&["report", file.to_str().unwrap(), "--records", "2000"]);
    let html = String::from_utf8(output.stdout).unwrap();
    assert!(!html.contains("alert(1)</script>") && !html.contains("<b>"), "{html}");
}

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
