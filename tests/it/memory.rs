//! The page of `slotwise memory` for people, as it looks on terminals of different kinds.

use std::process::Command;

/// Runs the command on an example and returns what it prints.
fn page(columns: &str, locale: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/examples"))
        .env_clear()
        .env("COLUMNS", columns)
        .env("LANG", locale)
        .arg("memory")
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const UTF_8: &str = "C.UTF-8";

#[test]
fn the_ytm_2048_cluster_with_one_slot_is_below_the_recommendation() {
    let file = "emr-ytm-2048-slots-1/flink-conf.yaml";
    insta::assert_snapshot!(page("80", UTF_8, &["--target", "emr-3.28.2", file]));
}

#[test]
fn the_ytm_2048_cluster_with_two_slots_is_likely_to_fail() {
    let file = "emr-ytm-2048-slots-2/flink-conf.yaml";
    insta::assert_snapshot!(page("80", UTF_8, &["--target", "emr-3.28.2", file]));
}

#[test]
fn the_ytm_2048_cluster_with_four_slots_fails() {
    let file = "emr-ytm-2048-slots-4/flink-conf.yaml";
    insta::assert_snapshot!(page("80", UTF_8, &["--target", "emr-3.28.2", file]));
}

#[test]
fn a_narrow_terminal_without_unicode_shows_all_of_it() {
    let file = "emr-ytm-2048-slots-2/flink-conf.yaml";
    let text = page("60", "C", &["--target", "flink-1.20", "-Dstate.backend.type=rocksdb", file]);
    assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 60), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn memory_of_its_own_overruns_the_container() {
    let file = "emr-ytm-2048-slots-2/flink-conf.yaml";
    let managed = "-Dstate.backend.gemini.memory.managed=false";
    let text = page("100", UTF_8, &["--target", "emr-3.28.2", managed, file]);
    let (_, backend) = text.split_once("State backend").unwrap();
    insta::assert_snapshot!(backend);
}

#[test]
fn a_refused_configuration_shows_how_far_flink_came() {
    let file = "emr-ytm-2048-slots-2/flink-conf.yaml";
    let size = "-Dtaskmanager.memory.process.size=500m";
    insta::assert_snapshot!(page("80", UTF_8, &["--target", "flink-1.20", size, file]));
}

#[test]
fn every_step_is_explained() {
    let file = "emr-ytm-2048-slots-2/flink-conf.yaml";
    insta::assert_snapshot!(page("80", UTF_8, &["--target", "flink-1.20", "--explain", file]));
}
