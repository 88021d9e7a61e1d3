//! What slotwise derives equals what real Flink derived: `fixtures/flink/RELEASE/CASE/`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use slotwise::catalog::{Release, Target};
use slotwise::config::{Dialect, ResolvedConfig, load, load_dynamic_property};
use slotwise::memory::{Assumptions, Deployment, MemoryModel};
use slotwise::render::json::MemoryJson;
use slotwise::source::{SourceFile, Sources};

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The derivation of one case, as JSON.
fn derived(case: &Path, release: Release) -> Value {
    let (name, dialect) = if case.join("config.yaml").is_file() {
        ("config.yaml", Dialect::Yaml)
    } else {
        ("flink-conf.yaml", Dialect::Legacy)
    };
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::decode(name, fs::read(case.join(name)).unwrap()));
    let dynamic = fs::read_to_string(case.join("dynamic.txt")).unwrap_or_default();
    let dynamic: Vec<_> = dynamic
        .lines()
        .map(|line| sources.add(SourceFile::decode(line, line.as_bytes().to_vec())))
        .collect();
    let text = |id| sources.file(id).unwrap().text();
    let loaded = load(file, text(file), dialect);
    assert!(loaded.error.is_none(), "{}: {:?}", case.display(), loaded.error);
    let mut settings = loaded.settings;
    settings.extend(dynamic.iter().filter_map(|id| load_dynamic_property(*id, text(*id))));
    let config = ResolvedConfig::new(release, settings);
    let target = Target::flink(release);
    let deployment = Deployment::Standalone;
    let assumptions = Assumptions { target: &target, deployment, backends_per_slot: 1 };
    let model = MemoryModel::derive(&config, assumptions);
    serde_json::to_value(MemoryJson::derived("case", &target, "golden", &model)).unwrap()
}

/// The part of `found` that `expected` speaks of, in its shape: errors are Flink's messages, and
/// figures that the release does not have are left out.
fn comparable(found: &Value, expected: &Map<String, Value>) -> Value {
    let part = |key: &String| match &found[key] {
        error @ Value::Object(_) if key.ends_with("_error") => error["flink_messages"].clone(),
        _ if key.ends_with("_jvm_arguments") && expected[key].is_null() => Value::Null,
        Value::Object(sizes) => {
            let sizes = sizes.iter().filter(|(_, size)| !size.is_null());
            Value::Object(sizes.map(|(name, size)| (name.clone(), size.clone())).collect())
        }
        other => other.clone(),
    };
    Value::Object(expected.keys().map(|key| (key.clone(), part(key))).collect())
}

#[test]
fn memory_equals_real_flink() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/flink");
    let mut case_count = 0;
    for folder in folders(&root) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let release = Release::parse(&name).unwrap();
        assert!(folder.join("PROVENANCE.md").is_file(), "{name} does not say where it is from");
        for case in folders(&folder) {
            let expected = fs::read_to_string(case.join("expected.json")).unwrap();
            let expected: Map<String, Value> = serde_json::from_str(&expected).unwrap();
            let found = comparable(&derived(&case, release), &expected);
            assert_eq!(found, Value::Object(expected), "{}", case.display());
            case_count += 1;
        }
    }
    assert!(case_count >= 15 * 10, "only {case_count} golden cases were found");
}
