//! Configuration outside of configuration files: places, deployments, discovery, layers.

use std::process::Command;

/// Exit code, standard output and standard error of a run in the folder of examples.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/examples"))
        .env_clear()
        .env("COLUMNS", "80")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The findings of a check, a line each.
fn check(arguments: &[&str]) -> String {
    run(&[&["check", "--format", "concise"], arguments].concat()).1
}

#[test]
fn manifests_of_kubernetes_with_places_inside_block_scalars() {
    insta::assert_snapshot!(check(&["kubernetes/orders.yaml"]));
    insta::assert_snapshot!(check(&["kubernetes/config-map.yaml"]));
}

#[test]
fn properties_in_compose_files() {
    insta::assert_snapshot!(check(&["compose/compose.yaml"]));
}
