//! Faults of every write: a full disk, a folder that takes nothing, a kill in the middle, a reader who
//! leaves. What a command should have replaced is then as it was, and the error names it.

#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const OLD: &str = "jobmanager.memory.process.size: 1600m\ntaskmanager.memory.process.size: 4GB\n\
                   taskmanager.numberOfTaskSlots: 2\nstate.backend: rocksdb\n";

/// Every command that writes a file, with `FILE` for it and `IN` for a configuration beside.
const WRITERS: &[&[&str]] = &[
    &["check", "--target", "flink-1.20", "--fix", "--unsafe-fixes", "FILE"],
    &["check", "--quiet", "IN", "--output", "sarif=FILE"],
    &["check", "--quiet", "IN", "--output", "markdown=FILE"],
    &["migrate", "IN", "--from", "flink-1.17", "--to", "flink-2.1", "--output", "FILE"],
    &["report", "IN", "--workload", "nexmark-q5", "--records", "2000", "--output", "FILE"],
    &["plan", "IN", "--workload", "nexmark-q5", "--records", "2000", "--output", "FILE"],
    &["simulate", "--workload", "nexmark-q5", "--records", "50", "--record", "FILE"],
];

/// Every command that prints, likewise.
const PRINTERS: &[&[&str]] = &[
    &["check", "IN"],
    &["check", "IN", "--format", "json"],
    &["check", "IN", "--diff"],
    &["check", "IN", "--show-settings"],
    &["check", "IN", "--show-settings", "--format", "json"],
    &["config", "IN"],
    &["effective", "IN"],
    &["memory", "IN"],
    &["migrate", "IN", "--from", "flink-1.17", "--to", "flink-2.1"],
    &["diff", "IN", "FILE"],
    &["options", "--target", "flink-1.20"],
    &["options", "--target", "flink-1.20", "--format", "json"],
    &["targets"],
    &["rules"],
    &["explain", "FM004"],
    &["completions", "bash"],
    &["man"],
    &["simulate", "--workload", "nexmark-q5", "--records", "50", "--format", "csv"],
    &["assess", "IN", "--workload", "nexmark-q5", "--records", "2000"],
    &["plan", "IN", "--workload", "nexmark-q5", "--records", "2000", "--largest-load"],
    &["--help"],
    &["--version"],
    &["check", "--help"],
];

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("flink-conf.yaml"), OLD).unwrap();
    fs::write(folder.join("file.yaml"), OLD).unwrap();
    folder
}

fn arguments(writer: &[&str], folder: &Path, file: &str) -> Vec<String> {
    let input = folder.join("flink-conf.yaml").display().to_string();
    let one = |word: &&str| if *word == "IN" { input.clone() } else { word.replace("FILE", file) };
    writer.iter().map(one).collect()
}

/// Runs with what `shell` sets before.
fn run(shell: &str, arguments: &[String]) -> Output {
    Command::new("sh")
        .args(["-c", &format!("{shell} exec \"$@\""), "sh", env!("CARGO_BIN_EXE_slotwise")])
        .args(arguments)
        .output()
        .unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn assert_refused(output: &Output, named: &str, writer: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{writer:?}: {error}");
    assert!(error.contains(named), "{writer:?} does not name {named}: {error}");
    assert!(!error.contains("panicked"), "{writer:?}: {error}");
}

#[test]
fn every_writer_writes_where_nothing_is_wrong() {
    let folder = folder("none");
    for writer in WRITERS {
        let file = folder.join("file.yaml");
        fs::write(&file, OLD).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.join("link.yaml");
        let _ = fs::remove_file(&link);
        symlink("file.yaml", &link).unwrap();
        let output = run("", &arguments(writer, &folder, link.to_str().unwrap()));
        let text = fs::read_to_string(&file).unwrap();
        assert_ne!(text, OLD, "{writer:?}: {output:?}");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "{writer:?}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640, "{writer:?}");
        assert_eq!(names(&folder), ["file.yaml", "flink-conf.yaml", "link.yaml"], "{writer:?}");
    }
}

#[test]
fn a_full_disk_leaves_the_file_and_nothing_beside_it() {
    let folder = folder("full");
    for writer in WRITERS {
        let file = folder.join("file.yaml");
        // No file may grow, and whoever tries is told, not killed.
        let shell = "trap '' XFSZ; ulimit -f 0;";
        let output = run(shell, &arguments(writer, &folder, file.to_str().unwrap()));
        assert_refused(&output, "file.yaml: File too large", writer);
        assert_eq!(fs::read_to_string(&file).unwrap(), OLD, "{writer:?}");
        assert_eq!(names(&folder), ["file.yaml", "flink-conf.yaml"], "{writer:?}");
    }
}

#[test]
fn a_kill_in_the_middle_of_a_write_leaves_the_file() {
    const SIGXFSZ: i32 = 25;
    let folder = folder("killed");
    for writer in WRITERS {
        let file = folder.join("file.yaml");
        let output =
            run("ulimit -c 0; ulimit -f 0;", &arguments(writer, &folder, file.to_str().unwrap()));
        assert_eq!(output.status.signal(), Some(SIGXFSZ), "{writer:?}: {output:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), OLD, "{writer:?}");
    }
}

#[test]
fn a_folder_that_takes_no_file_is_named() {
    let folder = folder("refusing");
    for writer in
        WRITERS.iter().filter(|writer| writer.last() != Some(&"FILE") || writer[0] != "check")
    {
        for file in ["/proc/slotwise.yaml", "missing/file.yaml", "/dev/full"] {
            let output = run("", &arguments(writer, &folder, file));
            assert_refused(&output, file, writer);
        }
        let output = run("", &arguments(writer, &folder, folder.to_str().unwrap()));
        assert_refused(&output, folder.to_str().unwrap(), writer);
    }
}

#[test]
fn a_file_that_is_read_only_stays() {
    let folder = folder("read-only");
    let file = folder.join("file.yaml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    for writer in WRITERS {
        let output = run("", &arguments(writer, &folder, file.to_str().unwrap()));
        assert_refused(&output, "file.yaml: the file is read-only", writer);
        assert_eq!(fs::read_to_string(&file).unwrap(), OLD, "{writer:?}");
    }
}

#[test]
fn a_change_keeps_the_text_before_it_or_is_not_made() {
    let folder = folder("tune");
    let file = folder.join("file.yaml");
    let tune = ["tune", "FILE", "--workload", "nexmark-q5", "--records", "2000", "--write"];
    let arguments = arguments(&tune, &folder, file.to_str().unwrap());
    let output = run("trap '' XFSZ; ulimit -f 0;", &arguments);
    assert_refused(&output, "file.yaml.orig: File too large", &tune);
    assert_eq!(names(&folder), ["file.yaml", "flink-conf.yaml"]);
    let output = run("", &arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_ne!(fs::read_to_string(&file).unwrap(), OLD);
    assert_eq!(fs::read_to_string(folder.join("file.yaml.orig")).unwrap(), OLD);
}

#[test]
fn a_full_disk_under_standard_output_is_an_error() {
    let folder = folder("stdout");
    let file = folder.join("file.yaml").display().to_string();
    for printer in PRINTERS {
        let output = run("exec > /dev/full;", &arguments(printer, &folder, &file));
        assert_refused(&output, "standard output: No space left on device", printer);
    }
}

#[test]
fn a_reader_who_leaves_changes_nothing_but_the_output() {
    let folder = folder("pipe");
    let file = folder.join("file.yaml").display().to_string();
    for printer in PRINTERS {
        let arguments = arguments(printer, &folder, &file);
        let expected = run("", &arguments);
        let mut child = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!(child.wait().unwrap().code(), expected.status.code(), "{printer:?}: {errors}");
        assert_eq!(errors, String::from_utf8_lossy(&expected.stderr), "{printer:?}");
    }
}
