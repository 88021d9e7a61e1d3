//! `--baseline` and `--write-baseline`: what is known stays silent, what is new does not.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// A configuration with two findings, of which one occurs twice.
const TEXT: &str = "taskmanager.memory.process.size: 4g\njobmanager.memory.process.size: 2g\n\
                    a:1\nrest.prot: 1\na:1\n";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("baseline").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("conf")).unwrap();
    fs::write(folder.join("conf/flink-conf.yaml"), TEXT).unwrap();
    folder
}

/// The exit code, the codes of what was found, and what was said beside it.
fn check(folder: &Path, arguments: &[&str]) -> (Option<i32>, Vec<String>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(folder)
        .env_clear()
        .args(["check", "--target", "flink-1.20", "--format", "concise", "--fail-on", "info"])
        .args(arguments)
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let code = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    let codes = lines.lines().filter_map(code).collect();
    (output.status.code(), codes, String::from_utf8(output.stderr).unwrap())
}

fn entries(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("b.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["version"], 1);
    let entries = value["findings"].as_array().unwrap();
    entries.iter().map(|entry| format!("{} {}", entry["path"], entry["rule"])).collect()
}

const WRITE: [&str; 3] = [".", "--write-baseline", "b.json"];
const READ: [&str; 3] = [".", "--baseline", "b.json"];
/// A blank line, a comment, other findings above: whatever moves lines.
const MOVED: &str = "# more\n\ntaskmanager.memory.process.size: 4g\n\
                     jobmanager.memory.process.size: 2g\nrest.prot: 1\n  a:1\nb: c\na:1\n";

#[test]
fn what_is_known_stays_silent_wherever_it_moves() {
    let folder = folder("known");
    let (code, found, _) = check(&folder, &["."]);
    assert_eq!((code, found.len()), (Some(1), 3));
    let (code, found, said) = check(&folder, &WRITE);
    assert_eq!((code, found.len()), (Some(0), 0), "{said}");
    assert!(said.contains("b.json: wrote 3 findings"), "{said}");
    let path = "\"conf/flink-conf.yaml\"";
    assert_eq!(entries(&folder).len(), 3);
    assert!(entries(&folder).iter().all(|entry| entry.starts_with(path)));
    let file = folder.join("conf/flink-conf.yaml");
    fs::write(&file, MOVED.replace("b: c\n", "")).unwrap();
    let (code, found, said) = check(&folder, &READ);
    assert_eq!((code, found.len()), (Some(0), 0), "{said}");
    assert_eq!(said, "note: 3 known findings left out, as b.json says\n");
    // From elsewhere, by another spelling, the file is the same one.
    let (code, ..) =
        check(&folder.join("conf"), &["../conf/flink-conf.yaml", "--baseline", "../b.json"]);
    assert_eq!(code, Some(0));
}

#[test]
fn one_more_of_the_same_is_new() {
    let folder = folder("more");
    check(&folder, &WRITE);
    fs::write(folder.join("conf/flink-conf.yaml"), format!("{TEXT}a:1\n")).unwrap();
    let (code, found, _) = check(&folder, &READ);
    assert_eq!((code, found), (Some(1), vec!["FI001".to_owned()]));
}

#[test]
fn a_baseline_only_shrinks_unless_asked() {
    let folder = folder("shrinks");
    let file = folder.join("conf/flink-conf.yaml");
    check(&folder, &WRITE);
    // One of the two is solved, another problem is new.
    fs::write(&file, TEXT.replacen("a:1\n", "", 1) + "b:1\n").unwrap();
    let before = fs::read(folder.join("b.json")).unwrap();
    let (code, found, said) = check(&folder, &READ);
    assert_eq!((code, found.len()), (Some(1), 1));
    assert!(said.contains("1 finding of b.json is gone"), "{said}");
    assert!(said.contains("gone: conf/flink-conf.yaml: FI001"), "{said}");
    assert_eq!(fs::read(folder.join("b.json")).unwrap(), before);
    for _ in 0..2 {
        let (code, found, _) = check(&folder, &WRITE);
        assert_eq!((code, found.len()), (Some(1), 1), "what is new is not taken in");
        assert_eq!(entries(&folder).len(), 2);
    }
    let (code, found, said) = check(&folder, &[&WRITE[..], &["--extend-baseline"]].concat());
    assert_eq!((code, found.len()), (Some(0), 0), "{said}");
    assert_eq!(entries(&folder).len(), 3);
    // A file that is gone takes its findings along.
    fs::remove_file(&file).unwrap();
    check(&folder, &WRITE);
    assert_eq!(entries(&folder).len(), 0);
}

#[test]
fn a_run_says_nothing_of_what_it_did_not_look_at() {
    let folder = folder("scope");
    check(&folder, &WRITE);
    fs::write(folder.join("conf/flink-conf.yaml"), "a: b\n").unwrap();
    fs::create_dir_all(folder.join("other")).unwrap();
    let (_, _, said) = check(&folder, &["other", "--write-baseline", "b.json"]);
    assert!(said.contains("as before, 3 findings"), "{said}");
    let (_, _, said) = check(&folder, &[&WRITE[..], &["--ignore", "FI"]].concat());
    assert!(said.contains("took 1 out"), "{said}");
    assert_eq!(entries(&folder).len(), 2);
}

#[test]
fn a_file_that_is_no_baseline_is_refused() {
    let folder = folder("refused");
    for (text, expected) in [
        ("{", "expected a baseline that --write-baseline made"),
        ("{\"version\":2,\"findings\":[]}", "expected a baseline of version 1, found version 2"),
    ] {
        fs::write(folder.join("b.json"), text).unwrap();
        for arguments in [READ, WRITE] {
            let (code, _, said) = check(&folder, &arguments);
            assert_eq!(code, Some(2));
            assert!(said.contains(expected), "{said}");
            assert_eq!(fs::read_to_string(folder.join("b.json")).unwrap(), text);
        }
    }
    let (code, _, said) = check(&folder, &[".", "--baseline", "none.json"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("--write-baseline makes it"), "{said}");
}
