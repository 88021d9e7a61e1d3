//! What `slotwise check` says of the shipped examples, as it looks on terminals of different kinds.

use std::process::Command;

/// Exit code and output of a check of one example.
fn check(columns: &str, locale: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/examples"))
        .env_clear()
        .env("COLUMNS", columns)
        .env("LANG", locale)
        .arg("check")
        .args(arguments)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

const UTF_8: &str = "C.UTF-8";
const BROKEN: [&str; 3] = ["--target", "emr-3.28.2", "emr-gemini-broken/flink-conf.yaml"];

#[test]
fn the_broken_emr_configuration() {
    let (code, text) = check("80", UTF_8, &BROKEN);
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(text);
}

#[test]
fn the_broken_emr_configuration_on_a_narrow_terminal_without_unicode() {
    let (code, text) = check("60", "C", &BROKEN);
    assert_eq!(code, Some(1));
    assert!(text.is_ascii());
    insta::assert_snapshot!(text);
}

#[test]
fn the_broken_emr_configuration_has_findings_of_many_kinds() {
    let (_, text) = check("80", UTF_8, &[BROKEN.as_slice(), &["--format", "concise"]].concat());
    let codes: std::collections::BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.split_once('[')?.1.split_once(']'))
        .map(|(code, _)| code)
        .collect();
    let families: std::collections::BTreeSet<&str> = codes.iter().map(|code| &code[..2]).collect();
    assert!(codes.len() >= 6 && families.len() >= 4, "{codes:?}");
}

#[test]
fn the_ytm_2048_cluster_by_slots() {
    let of = |slots: u32| {
        let file = format!("emr-ytm-2048-slots-{slots}/flink-conf.yaml");
        check("80", UTF_8, &["--target", "emr-3.28.2", &file])
    };
    let (code, text) = of(1);
    assert_eq!((code, text.lines().next()), (Some(0), Some("no problems in 1 file")));
    insta::assert_snapshot!("ytm_2048_with_two_slots", of(2).1);
    insta::assert_snapshot!("ytm_2048_with_four_slots", of(4).1);
}

/// The codes that a check with `--format concise` lists, in its order.
fn codes(arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let (code, text) = check("80", UTF_8, &[arguments, &["--format", "concise"]].concat());
    let codes = text.lines().filter_map(|line| line.split_once('[')?.1.split_once(']'));
    (code, codes.map(|(code, _)| code.to_owned()).collect())
}

#[test]
fn the_job_commands_of_emr() {
    let of = |file: &str| codes(&["--target", "emr-3.28.2", &format!("emr-job-command/{file}")]);
    for file in ["jar.sh", "python.sh"] {
        assert_eq!(of(file), (Some(0), vec!["FJ008".to_owned()]), "{file}");
    }
    let mistakes = ["FJ008", "FG012", "FM015", "FJ001", "FJ001"].map(str::to_owned);
    assert_eq!(of("as-of-2019.sh"), (Some(1), mistakes.into()));
    // The client of Flink 1.9 reads all of it.
    let old = codes(&["--target", "emr-3.27.2", "emr-job-command/as-of-2019.sh"]);
    assert_eq!(old, (Some(0), vec!["FJ008".to_owned(), "FM015".to_owned()]));
}

#[test]
fn the_same_command_as_an_argument_and_on_stdin() {
    let job = "run -m yarn-cluster -yjm 1024 -ytm 1024 -yn 4 -ys 4 -c C ossref://b/a.jar";
    let (code, found) = codes(&["--target", "emr-3.28.2", "--job", job]);
    assert_eq!((code, found.len()), (Some(1), 5));
    let (code, found) = codes(&["--target", "emr-3.28.1", "--job", "run -py ossref://b/a.py"]);
    assert_eq!((code, found), (Some(1), vec!["FM001".to_owned(), "FJ007".to_owned()]));
}

#[test]
fn two_backends_in_a_slot_share_its_memory() {
    let file = "emr-ytm-2048-slots-1/flink-conf.yaml";
    let (_, text) =
        check("80", UTF_8, &["--target", "emr-3.28.2", "--backends-per-slot", "2", file]);
    assert!(text.contains("FG013") && text.contains("317.4 MiB"), "{text}");
}

#[test]
fn a_file_name_steers_no_terminal_and_a_missing_file_is_no_checked_one() {
    let (code, text) = check("80", UTF_8, &["missing\x1b[31m.yaml", "--target", "flink-1.20"]);
    assert_eq!((code, text.as_str()), (Some(2), "1 file not read\n"));
    let folder = std::env::temp_dir().join(format!("slotwise-names-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("a\nb\x1b[31m.yaml");
    std::fs::write(&path, "key: \x1b]0;title\x07\n").unwrap();
    let path = path.to_str().unwrap();
    for format in ["human", "concise", "github", "markdown"] {
        let (_, text) = check("80", UTF_8, &[path, "--target", "flink-1.20", "--format", format]);
        assert!(!text.contains(['\x1b', '\x07']) && !text.contains("a\nb"), "{format}: {text}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
