//! Configurations that are right get no error and no warning.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The files of `fixtures/valid`, each with the target whose folder it is in.
fn valid_files() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/valid");
    let mut files = Vec::new();
    for target in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if target.path().is_dir() {
            let name = target.file_name().into_string().unwrap();
            let inner = fs::read_dir(target.path()).unwrap();
            files.extend(inner.map(|file| (name.clone(), file.unwrap().path())));
        }
    }
    files.sort();
    files
}

#[test]
fn valid_files_have_no_error_and_no_warning() {
    let files = valid_files();
    assert!(files.len() >= 12);
    for (target, file) in files {
        let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .args(["check", "--format", "concise", "--fail-on", "warning", "--target", &target])
            .arg(&file)
            .output()
            .unwrap();
        let found = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{} is valid:\n{found}", file.display());
    }
}
