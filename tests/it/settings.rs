//! `slotwise.yaml` and the arguments around it: what is left out, who says so, what is wrong.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Memory that every file sets, so that only what a test writes is found.
const MEMORY: &str = "taskmanager.memory.process.size: 4g\njobmanager.memory.process.size: 2g\n";

/// A folder with files by name.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("settings").join(name);
    let _ = fs::remove_dir_all(&folder);
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Exit code, standard output and standard error of a check.
fn check(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(folder)
        .env_clear()
        .env("COLUMNS", "80")
        .arg("check")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// `path CODE` of every finding.
fn found(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let (_, out, _) = check(folder, &[&["--format", "concise"], arguments].concat());
    let short = |line: &str| {
        let code = line.split_once('[')?.1.split_once(']')?.0;
        Some(format!("{} {code}", line.split(':').next()?))
    };
    out.lines().filter_map(short).collect()
}

#[test]
fn patterns_leave_files_and_rules_out() {
    let text = format!("{MEMORY}a:1\n");
    let settings = "target: flink-1.20\nexclude: [old/]\nper-file-ignores:\n  test/**: [FI001]\n";
    let folder = folder(
        "patterns",
        &[
            ("slotwise.yaml", settings),
            ("a/flink-conf.yaml", &text),
            ("old/flink-conf.yaml", &text),
            ("test/b/flink-conf.yaml", &text),
        ],
    );
    assert_eq!(found(&folder, &["."]), ["a/flink-conf.yaml FI001"]);
    // What is named is wanted, unless somebody else names everything.
    assert_eq!(found(&folder, &["old/flink-conf.yaml"]), ["old/flink-conf.yaml FI001"]);
    assert_eq!(found(&folder, &["old/flink-conf.yaml", "--force-exclude"]), [""; 0]);
    let test = "test/b/flink-conf.yaml";
    assert_eq!(found(&folder, &[test]), [""; 0]);
    assert_eq!(found(&folder, &[test, "--no-ignores"]), [format!("{test} FI001")]);
    let isolated = ["--isolated", "--target", "flink-1.20", "."];
    assert_eq!(found(&folder, &isolated).len(), 3);
    // From below, the same folder's settings count.
    assert_eq!(found(&folder.join("test/b"), &["."]), [""; 0]);
    assert_eq!(found(&folder.join("a"), &["../test/b/flink-conf.yaml"]), [""; 0]);
}

#[test]
fn what_comments_silence_can_be_reviewed() {
    let text = format!("{MEMORY}a:1 # slotwise: ignore[FI001] ours\n");
    let folder = folder("review", &[("flink-conf.yaml", &text)]);
    let target = ["--target", "flink-1.20", "."];
    assert_eq!(found(&folder, &target), [""; 0]);
    assert_eq!(
        found(&folder, &[&["--no-ignores"], &target[..]].concat()),
        ["flink-conf.yaml FI001"]
    );
}

#[test]
fn a_mistake_in_the_settings_is_named_by_line() {
    let text = "target: flink-1.20\nper-file-ignore: {}\n";
    let folder = folder("mistake", &[("slotwise.yaml", text), ("flink-conf.yaml", MEMORY)]);
    let (code, _, said) = check(&folder, &["."]);
    assert_eq!(code, Some(2));
    let expected = "error: ./slotwise.yaml:2:1: unknown setting `per-file-ignore`; \
                    did you mean `per-file-ignores`?\n";
    assert_eq!(said.replace("error: slotwise", "error: ./slotwise"), expected);
}

#[test]
fn every_setting_is_shown_with_its_origin() {
    let settings = "# ours\ntarget: flink-1.20\nignore: [FC012]\nseverity:\n  FI: info\n";
    let folder = folder(
        "shown",
        &[("slotwise.yaml", settings), ("a/flink-conf.yaml", MEMORY), ("b/c.yaml", MEMORY)],
    );
    let arguments =
        ["--show-settings", "--ignore", "FN", "-D", "s3.secret-key=SECRET01", "--fail-on", "info"];
    let (code, out, said) = check(&folder, &arguments);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let out = out.replace(folder.to_str().unwrap(), "FOLDER");
    insta::assert_snapshot!(out);
    assert!(!out.contains("SECRET01"));
    let (_, json, _) = check(&folder, &[&arguments[..], &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["settings"][0]["name"], "target");
    assert_eq!(json[0]["settings"][0]["values"][0], "flink-1.20");
    let from = json[0]["settings"][0]["from"].as_str().unwrap();
    assert!(from.ends_with("slotwise.yaml:2"), "{from}");
}

#[test]
fn suppressions_are_added_once_and_atomically() {
    let text = format!("{MEMORY}a:1 # why\nb:1\n");
    let json = "{\"kind\": \"ConfigMap\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"f\"},\
                \"data\": {\"flink-conf.yaml\": \"a:1\\nrest.prot: 1\\n\"}}\n";
    let folder = folder("added", &[("conf/flink-conf.yaml", &text), ("cm.json", json)]);
    let arguments =
        [".", "cm.json", "--target", "flink-1.20", "--add-ignore", "--format", "concise"];
    let (_, _, said) = check(&folder, &arguments);
    assert!(said.contains("silenced 2 findings in 1 file; say why beside each"), "{said}");
    assert!(said.contains("cm.json:1: FK001 stays, as JSON has no comments"), "{said}");
    let after = fs::read_to_string(folder.join("conf/flink-conf.yaml")).unwrap();
    let comment = "# slotwise: ignore[FI001] TODO: say why\n";
    assert_eq!(after, format!("{MEMORY}{comment}a:1 # why\n{comment}b:1\n"));
    assert_eq!(fs::read_to_string(folder.join("cm.json")).unwrap(), json);
    let (_, _, said) = check(&folder, &arguments);
    assert!(!said.contains("silenced"), "{said}");
    assert_eq!(fs::read_to_string(folder.join("conf/flink-conf.yaml")).unwrap(), after);
    assert_eq!(fs::read_dir(folder.join("conf")).unwrap().count(), 1, "nothing else is left");
    let reason = [".", "--target", "flink-1.20", "--add-ignore=a legacy job", "--no-ignores"];
    assert_eq!(check(&folder, &reason).0, Some(2), "contradicting arguments");
}
