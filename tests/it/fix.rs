//! `slotwise check --fix`: what it changes, what it never changes, and what a kill leaves.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{fs, thread, time};

use proptest::prelude::*;
use slotwise::config::Dialect;
use slotwise::finding::Applicability;
use slotwise::source::SourceFile;
use slotwise::workspace::{Choices, FixedText, RuleSelection, Subject, Surroundings, fix};

fn subjects(text: String, target: &str, dialect: Dialect) -> Vec<Subject> {
    let choices = Choices {
        target: Some((target.parse().unwrap(), "given")),
        dialect: Some(dialect),
        ..Choices::default()
    };
    let name = if dialect == Dialect::Yaml { "config.yaml" } else { "flink-conf.yaml" };
    let source = SourceFile::decode(name, text.into_bytes());
    Subject::all(source, &choices, &Surroundings::default())
}

fn fixed(text: &str, target: &str, dialect: Dialect, least: Applicability) -> FixedText {
    let read = |text| subjects(text, target, dialect);
    fix(read(text.to_owned()), &RuleSelection::default(), least, read)
}

/// Lines as people get them wrong, in both dialects.
const LINES: [&str; 30] = [
    "# a comment: with a colon",
    "   # indented \u{e9}\u{4e2d}",
    "",
    "taskmanager.memory.process.size: 4g",
    "taskmanager.memory.process.size: 4GB  # why",
    "jobmanager.memory.process.size: 1600m",
    "taskmanager.heap.size: 1024m",
    "taskmanager.heap.mb: 1024 # old",
    "taskmanager.network.memory.min: 64mb",
    "state.backend: rocksdb",
    "state.backend: com.alibaba.flink.statebackend.GeminiStateBackendFactory",
    "state.backend: gemini # short",
    "state.backend.gemini.offheap.size: 2",
    "state.backend.gemini.ttl.ms: 12960000",
    "state.backend.incremental: yes",
    "state.checkpoints.dir: hdfs:///a#b",
    "taskmanager.numberOfTaskSlots:4",
    "taskmanager.numberOfTaskSlots: \"4\"",
    "taskmanager.memory.network.max: 1Gi",
    "taskmanager.memory.managed.size: 512",
    "execution.checkpointing.interval: 60000",
    "execution.checkpointing.interval: 3min #soon",
    "restart-strategy: fixeddelay",
    "rest.adress: localhost",
    "akka.ask.timeout: 10 s",
    "taskmanager:",
    "  memory:",
    "    flink.size: 3g   # nested",
    "'quoted.key': 'quoted value'",
    "s3.secret-key: abc # slotwise: ignore[FN999]",
];

const TARGETS: [&str; 6] =
    ["flink-1.10", "flink-1.17", "flink-1.20", "flink-2.3", "vvr-8.0.5", "emr-3.28.2"];

/// The comments of a text, in order.
fn comments(text: &str) -> Vec<&str> {
    let lines = text.lines().filter_map(|line| line.find('#').map(|at| line[at..].trim_end()));
    lines.collect()
}

fn is_subsequence(part: &[&str], whole: &[&str]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|item| whole.any(|other| other == item))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn fixing_converges_and_keeps_what_it_does_not_edit(
        picks in prop::collection::vec(prop::sample::select(LINES.as_slice()), 0..14),
        end in prop::sample::select(["\n", "\r\n"].as_slice()),
        target in prop::sample::select(TARGETS.as_slice()),
        yaml in any::<bool>(),
        last_line_ends in any::<bool>(),
        least in prop::sample::select([Applicability::Safe, Applicability::Unsafe].as_slice()),
    ) {
        let dialect = if yaml { Dialect::Yaml } else { Dialect::Legacy };
        let mut text = picks.join(end);
        if last_line_ends {
            text.push_str(end);
        }
        let once = fixed(&text, target, dialect, least);
        let twice = fixed(&once.text, target, dialect, least);
        prop_assert_eq!(&twice.text, &once.text, "not idempotent");
        prop_assert_eq!(twice.fix_count, 0);
        prop_assert_eq!(once.fix_count == 0, once.text == text);
        // Only a suppression that names no rule is edited itself.
        let kept: Vec<&str> =
            comments(&text).into_iter().filter(|comment| !comment.contains("FN999")).collect();
        prop_assert!(is_subsequence(&kept, &comments(&once.text)), "{text:?}\n{:?}", once.text);
        if end == "\r\n" {
            let bare = once.text.matches('\n').count() - once.text.matches("\r\n").count();
            prop_assert_eq!(bare, 0, "line ends changed: {:?}", once.text);
        } else {
            prop_assert!(!once.text.contains('\r'));
        }
        let error = |text: &str| {
            subjects(text.to_owned(), target, dialect)[0].load().0.error.is_some()
        };
        prop_assert!(error(&text) || !error(&once.text), "can be read no more: {:?}", once.text);
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn slotwise(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotwise"));
    command.current_dir(folder).env_clear().arg("check").args(["--target", "flink-1.20"]);
    command.args(arguments);
    command
}

fn text(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

const WRONG: &str = "# kept\ntaskmanager.numberOfTaskSlots:4 # kept too\ns3.secret-key: hunter2\n\
                     state.backend: rocksdb\n";
const RIGHT: &str = "# kept\ntaskmanager.numberOfTaskSlots: 4 # kept too\ns3.secret-key: hunter2\n\
                     state.backend.type: rocksdb\n";

#[test]
fn fixes_are_shown_or_written_or_printed() {
    let folder = folder("fix-modes");
    let file = folder.join("flink-conf.yaml");
    fs::write(&file, WRONG).unwrap();

    let output = slotwise(&folder, &["--diff", "flink-conf.yaml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(&file).unwrap(), WRONG);
    insta::assert_snapshot!("the_difference", text(&output).0);

    let output = slotwise(&folder, &["--fix-only", "flink-conf.yaml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output), (String::new(), "fixed 2 problems in 1 file\n".to_owned()));
    assert_eq!(fs::read_to_string(&file).unwrap(), RIGHT);

    let output = slotwise(&folder, &["--diff", "flink-conf.yaml"]).output().unwrap();
    assert_eq!((output.status.code(), text(&output).0.as_str()), (Some(0), ""));

    let mut command = slotwise(&folder, &["--fix", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), WRONG.as_bytes()).unwrap();
    assert_eq!(text(&child.wait_with_output().unwrap()).0, RIGHT);
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let folder = folder("fix-unwritable");
    fs::write(folder.join("flink-conf.yaml"), b"a:1\n\xff: b\n").unwrap();
    let output = slotwise(&folder, &["--fix", "flink-conf.yaml"]).output().unwrap();
    // Bytes that are no UTF-8 would not survive, so nothing is fixed.
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read(folder.join("flink-conf.yaml")).unwrap(), b"a:1\n\xff: b\n");
}

/// A kill at any point leaves the old text or the new one.
#[test]
fn a_kill_leaves_one_of_both_texts() {
    let folder = folder("fix-killed");
    let file = folder.join("flink-conf.yaml");
    let old = WRONG.repeat(60);
    fs::write(&file, &old).unwrap();
    let start = time::Instant::now();
    assert!(slotwise(&folder, &["--fix-only", "flink-conf.yaml"]).status().unwrap().success());
    let whole = start.elapsed();
    let new = fs::read(&file).unwrap();
    let rounds = 40;
    let mut seen = [0; 2];
    for round in 0..rounds {
        fs::write(&file, &old).unwrap();
        let mut child = slotwise(&folder, &["--fix-only", "flink-conf.yaml"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(whole * round / (rounds - 10));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = fs::read(&file).unwrap();
        assert!(found == old.as_bytes() || found == new, "neither text after round {round}");
        seen[usize::from(found == new)] += 1;
    }
    assert!(seen[0] > 0, "no kill came in time: {seen:?}");
}
