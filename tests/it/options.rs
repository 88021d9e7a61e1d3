//! `slotwise options` and `slotwise targets`, end to end.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use serde_json::Value;

fn slotwise(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotwise"));
    command.env_clear().args(arguments).output().unwrap()
}

fn rows(arguments: &[&str]) -> Vec<Value> {
    let output = slotwise(arguments);
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Numbers of distinct keys, as `conformance/catalog.py compare` counts them in the real releases.
#[test]
fn every_release_has_all_of_its_keys_and_one_effective_declaration_of_each() {
    for (target, expected) in [("flink-1.10", 489), ("flink-1.20", 1042), ("flink-2.3", 1154)] {
        let mut effective: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows(&["options", "--target", target, "--format", "json"]) {
            let count = effective.entry(row["key"].as_str().unwrap().to_owned()).or_default();
            *count += usize::from(row["effective"] == true);
        }
        assert_eq!(effective.len(), expected, "{target}");
        assert!(effective.values().all(|count| *count == 1), "{target}");
    }
}

#[test]
fn an_alias_leads_to_its_option() {
    let found = rows(&["options", "state.backend", "-t", "flink-2.3", "--format", "json"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["key"], "state.backend.type");
    let text = String::from_utf8(slotwise(&["options", "akka.ask.timeout"]).stdout).unwrap();
    assert!(text.contains("pekko.ask.timeout"), "{text}");
}

#[test]
fn an_unknown_key_is_a_usage_error_with_a_hint() {
    let output = slotwise(&["options", "taskmanager.memory.proces.size"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("did you mean taskmanager.memory.process.size?"), "{message}");
}

#[test]
fn every_listed_target_is_taken() {
    let targets = rows(&["targets", "--format", "json"]);
    assert!(targets.len() > 40);
    for target in targets.iter().step_by(7) {
        let name = target["name"].as_str().unwrap();
        assert!(slotwise(&["options", "parallelism.default", "-t", name]).status.success());
    }
}
