//! The formats of `slotwise check`, on a file with places, fixes, related places and text that
//! each format has to escape.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

const FORMATS: [&str; 11] = [
    "human",
    "concise",
    "json",
    "jsonl",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "rdjson",
    "checkstyle",
    "markdown",
];

fn check(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/formats"))
        .env_clear()
        .env("LANG", "C.UTF-8")
        .args(["check", "--target", "flink-1.20", "--dialect", "legacy"])
        .args(arguments)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

const FILES: [&str; 5] = ["a b.yaml", "clean.yaml", "missing.yaml", "-D", "rest.port=99999"];

#[test]
fn every_format() {
    for format in FORMATS.into_iter().filter(|format| *format != "json") {
        let (code, text) = check(&[FILES.as_slice(), &["--format", format]].concat());
        assert_eq!(code, Some(2), "{format}: a file is missing");
        assert!(!text.contains("hunter2"), "{format} tells a secret");
        insta::assert_snapshot!(format, text);
    }
}

#[test]
fn the_json_array_holds_the_json_lines() {
    let of = |format| check(&[FILES.as_slice(), &["--format", format]].concat()).1;
    let array: Vec<serde_json::Value> = serde_json::from_str(&of("json")).unwrap();
    let lines = of("jsonl");
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(array, lines);
}

#[test]
fn several_reports_of_one_run() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("several-reports");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let output = |format| format!("{format}={}", folder.join(format).display());
    let outputs: Vec<String> = FORMATS.into_iter().map(output).collect();
    let mut arguments = FILES.to_vec();
    arguments.extend(outputs.iter().flat_map(|output| ["--output", output]));
    let (_, human) = check(&arguments);
    assert!(human.contains("in 2 files, 1 file not read"), "{human}");
    for format in FORMATS {
        let (_, alone) = check(&[FILES.as_slice(), &["--format", format]].concat());
        assert_eq!(fs::read_to_string(folder.join(format)).unwrap(), alone, "{format}");
    }
    // Temporary files are gone.
    assert_eq!(fs::read_dir(&folder).unwrap().count(), FORMATS.len());
}

#[test]
fn a_fingerprint_survives_an_edit_above_it() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fingerprints");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("a.yaml");
    let fingerprints = |text: &str| -> Vec<String> {
        fs::write(&file, text).unwrap();
        let (_, report) = check(&[file.to_str().unwrap(), "--format", "gitlab"]);
        let issues: Vec<serde_json::Value> = serde_json::from_str(&report).unwrap();
        issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let memory = "taskmanager.memory.process.size: 4g\njobmanager.memory.process.size: 2g\n";
    let before = fingerprints(&format!("{memory}a:1\na:1\nb:1\n"));
    let after = fingerprints(&format!("# more\n\n{memory}\n  a:1\na:1\nb:1\n"));
    assert_eq!(before.len(), 3);
    assert_eq!(before, after);
    let unique: std::collections::BTreeSet<_> = before.iter().collect();
    assert_eq!(unique.len(), 3, "the same line twice");
}

#[test]
fn an_unknown_format_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["check", "--output", "xml=a", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text.contains("sarif") && text.contains("\"xml\""), "{text}");
}

#[test]
fn a_folder_settles_severities() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("severities");
    fs::create_dir_all(&folder).unwrap();
    let (file, settings) = (folder.join("a.yaml"), folder.join("slotwise.yaml"));
    fs::write(
        &file,
        "taskmanager.memory.process.size: 4g\njobmanager.memory.process.size: 2g\na:1\n",
    )
    .unwrap();
    let code = |text: &str| {
        fs::write(&settings, text).unwrap();
        check(&[file.to_str().unwrap(), "--format", "concise"])
    };
    assert_eq!(code("").0, Some(1));
    let (exit, text) = code("severity:\n  FI: error\n  line-without-separator: info\n");
    assert_eq!(exit, Some(0));
    assert!(text.contains("info[FI001]"), "{text}");
    assert_eq!(code("severity: {FI001: fatal}\n").0, Some(2));
}
