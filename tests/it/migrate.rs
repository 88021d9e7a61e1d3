//! `slotwise migrate` and `slotwise diff`, from the command line's side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use slotwise::config::{Dialect, load};
use slotwise::migration::{MigrationError, migrate};
use slotwise::source::{SourceFile, Sources};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Exit code, standard output and standard error.
fn slotwise(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(folder)
        .env_clear()
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const OLD: &str = "\
# The cluster.

jobmanager.memory.process.size: 1600m # jm
taskmanager.heap.size: 4096m
no separator
state.backend: rocksdb
state.backend.incremental: TRUE   # why
# where state goes
state.checkpoints.dir: hdfs:///a
rest.port: 1
rest.port: 8081
env.java.opts: -Dx=\"a: b\"
s3.secret-key: hunter2hunter2
security.ssl.enabled: true
classloader.parent-first-patterns.additional: [a, b];c
";

#[test]
fn to_nested_yaml() {
    let folder = folder("migrate-nested");
    fs::write(folder.join("flink-conf.yaml"), OLD).unwrap();
    let command = ["migrate", "--from", "flink-1.17", "--to", "flink-2.1", "flink-conf.yaml"];
    let (code, file, report) = slotwise(&folder, &command);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!("migrate_to_2_1_file", file);
    insta::assert_snapshot!("migrate_to_2_1_report", report);

    let with_output = [command.as_slice(), &["--output", "config.yaml"]].concat();
    let (code, on_stdout, _) = slotwise(&folder, &with_output);
    assert_eq!(code, Some(0));
    assert_eq!(
        on_stdout,
        report.replace("secrets are masked above; --output FILE writes them\n", "")
    );
    let written = fs::read_to_string(folder.join("config.yaml")).unwrap();
    assert_eq!(written, file.replace("**************", "hunter2hunter2"));
}

#[test]
fn within_one_dialect_lines_are_edited_in_place() {
    let migrated = |text: &str, dialect, from: &str, to: &str| {
        migrate(text, dialect, &from.parse().unwrap(), &to.parse().unwrap()).unwrap().text
    };
    assert_eq!(
        migrated(
            "a: b # c\r\n\r\n state.backend:   rocksdb  # d\r\nrest.port: 1",
            Dialect::Legacy,
            "flink-1.17",
            "flink-1.20"
        ),
        "a: b # c\r\n\r\n state.backend.type:   rocksdb  # d\r\nrest.port: 1"
    );
    assert_eq!(
        migrated(
            "# x\nstate:\n  backend: rocksdb # b\n  checkpoints.dir: 'hdfs:///a'\nrest:\n  port: 1\n  tags: [a,\n    b]\n",
            Dialect::Yaml,
            "flink-1.20",
            "flink-2.3"
        ),
        "# x\nstate.backend.type: rocksdb # b\nexecution.checkpointing.dir: 'hdfs:///a'\nrest:\n  port: 1\n  tags: [a, b]\n"
    );
}

#[test]
fn between_engines() {
    let migrated = |text: &str, from: &str, to: &str| {
        let migration =
            migrate(text, Dialect::Legacy, &from.parse().unwrap(), &to.parse().unwrap()).unwrap();
        migration.text
    };
    let rocksdb = "state.backend: rocksdb\nstate.backend.rocksdb.localdir: /mnt\nstate.backend.rocksdb.block.cache-size: 1g\n";
    insta::assert_snapshot!("rocksdb_to_gemini", migrated(rocksdb, "flink-1.10", "emr-3.28.2"));
    let v3 = "state.backend: com.alibaba.flink.statebackend.GeminiStateBackendFactory\nstate.backend.gemini.file.cache.lazy-restore: ON\n";
    insta::assert_snapshot!("gemini_v3_to_v4", migrated(v3, "vvr-6.0.7", "vvr-8.0.5"));
    insta::assert_snapshot!("gemini_to_rocksdb", migrated(v3, "vvr-8.0.5", "flink-1.20"));
}

#[test]
fn a_file_that_is_refused_is_not_migrated() {
    let (from, to) = ("flink-1.20".parse().unwrap(), "flink-2.3".parse().unwrap());
    let error = migrate("a: 1\na: 2\n", Dialect::Yaml, &from, &to).unwrap_err();
    assert!(matches!(error, MigrationError::Unreadable { line: 2, .. }), "{error}");
}

#[test]
fn differences_of_two_files() {
    let folder = folder("diff");
    fs::write(
        folder.join("a.yaml"),
        "taskmanager.memory.process.size: 2g\nstate.backend: rocksdb\ns3.secret-key: hunter2a\n",
    )
    .unwrap();
    fs::write(
        folder.join("b.yaml"),
        "# other\ntaskmanager.memory.process.size: 4g\nstate.backend.type: rocksdb\nrest.port: 1\ns3.secret-key: hunter2b\n",
    )
    .unwrap();
    let command = ["diff", "--target", "flink-1.20", "a.yaml", "b.yaml"];
    let (code, text, _) = slotwise(&folder, &command);
    assert_eq!(code, Some(1));
    assert!(!text.contains("hunter2"));
    insta::assert_snapshot!("differences", text);
    assert_eq!(
        slotwise(&folder, &["diff", "--target", "flink-1.20", "a.yaml", "a.yaml"]).0,
        Some(0)
    );
}

proptest! {
    /// What is planned is what the new file loads as, or `migrate` would say `Unfaithful`.
    #[test]
    fn whatever_the_old_file_says(
        lines in prop::collection::vec(("[a-c.]{0,4}|state.backend|rest.port|é|1|true|web.port", ": |:| : |\t: ", "[^\n\r]{0,12}"), 0..8),
        end in prop::sample::select(["\n", "\r\n", "\r"].as_slice()),
        to in prop::sample::select(["flink-1.20", "flink-2.3", "vvr-8.0.5", "emr-3.28.2"].as_slice()),
    ) {
        let text: String =
            lines.iter().map(|(key, separator, value)| format!("{key}{separator}{value}{end}")).collect();
        let (from, to) = ("flink-1.17".parse().unwrap(), to.parse().unwrap());
        let migration = migrate(&text, Dialect::Legacy, &from, &to).unwrap();
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::argument("", ""));
        let dialect =
            if migration.file_name == "config.yaml" { Dialect::Yaml } else { Dialect::Legacy };
        prop_assert!(load(file, &migration.text, dialect).error.is_none());
    }

    /// Nor does a file of nested YAML stop it.
    #[test]
    fn whatever_the_old_yaml_says(
        lines in prop::collection::vec("( {0,4}(a|state|backend|b.c|rest): ?([a-z]{0,2}|\\[a, b\\]|'x'|1.10) ?(#c)?)", 0..8),
    ) {
        let text = lines.join("\n");
        let (from, to) = ("flink-1.20".parse().unwrap(), "flink-2.3".parse().unwrap());
        match migrate(&text, Dialect::Yaml, &from, &to) {
            Ok(_) | Err(MigrationError::Unreadable { .. }) => {}
            Err(error @ MigrationError::Unfaithful(_)) => prop_assert!(false, "{error}: {text:?}"),
        }
    }
}
