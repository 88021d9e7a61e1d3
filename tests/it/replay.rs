//! Every input in `fixtures/fuzz`, through its target: seeds, and what once was a defect.
//!
//! Each target also takes its seeds cut short and with a byte changed, which is a little fuzzing that
//! needs no tool.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::fuzzed::TARGETS;

/// Nothing takes longer, even in a debug build on a busy machine.
const HANG: Duration = Duration::from_secs(30);

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz")
}

fn inputs(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut inputs: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    inputs.sort();
    inputs
}

#[test]
fn every_input_is_survived() {
    for (name, target) in TARGETS {
        let inputs = inputs(&corpus().join(name));
        assert!(!inputs.is_empty(), "{name} has no seed");
        for (path, bytes) in inputs {
            // What a failing test shows last.
            eprintln!("{}", path.display());
            let start = Instant::now();
            target(&bytes);
            let half = bytes.len() / 2;
            target(&bytes[..half]);
            let mut changed = bytes.clone();
            if let Some(byte) = changed.get_mut(half) {
                *byte ^= 0x10;
            }
            target(&changed);
            assert!(start.elapsed() < HANG, "{path:?} took {:?}", start.elapsed());
        }
    }
}

#[test]
fn every_folder_and_every_program_is_that_of_a_target() {
    let known = |name: &str| TARGETS.iter().any(|(target, _)| *target == name);
    for entry in fs::read_dir(corpus()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known(&name), "fixtures/fuzz/{name} belongs to no target");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        let program = root.join(format!("fuzz_targets/{name}.rs"));
        let code = fs::read_to_string(&program).unwrap_or_default();
        assert!(code.contains(&format!("run(\"{name}\", bytes)")), "{program:?} is not there");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not built");
    }
}

#[test]
fn the_corpus_stays_small() {
    let all = TARGETS.iter().flat_map(|(name, _)| inputs(&corpus().join(name)));
    let bytes: usize = all.map(|(_, bytes)| bytes.len()).sum();
    assert!(bytes < 400 << 10, "{bytes} bytes of seeds");
}
