//! Twenty secrets a file, and no output of any command that tells one.

use std::process::Command;

const FORMATS: [&str; 11] = [
    "human",
    "concise",
    "json",
    "jsonl",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "rdjson",
    "checkstyle",
    "markdown",
];

/// Both streams of a command, run beside the files.
fn output(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/secrets"))
        .env_clear()
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.code().is_some_and(|code| code <= 2), "{arguments:?}");
    let mut text = String::from_utf8(output.stdout).unwrap();
    text.push_str(&String::from_utf8(output.stderr).unwrap());
    text
}

#[test]
fn no_output_tells_a_secret() {
    for file in ["flink-conf.yaml", "config.yaml"] {
        for target in ["flink-1.17", "flink-1.20", "flink-2.3", "emr-3.28.2", "vvr-8.0.5"] {
            let of = ["--target", target, file];
            let mut commands: Vec<Vec<&str>> = Vec::new();
            for format in FORMATS {
                let property = ["-D", "s3.secret-key=SECRET21", "-D", "a=b://x:SECRET22@h"];
                commands.push([["check", "--format", format].as_slice(), &property, &of].concat());
            }
            for format in ["human", "json", "jsonl"] {
                for command in ["config", "memory", "effective"] {
                    commands.push([[command, "--format", format].as_slice(), &of].concat());
                }
            }
            commands.push([["config", "--format", "json", "--origins"].as_slice(), &of].concat());
            commands.push([["check", "--diff", "--unsafe-fixes"].as_slice(), &of].concat());
            commands.push([["check", "--statistics"].as_slice(), &of].concat());
            for format in ["human", "json"] {
                for to in ["flink-1.20", "flink-2.3", "vvr-8.0.5"] {
                    let both = ["--from", target, "--to", to, "--format", format];
                    commands.push([["migrate"].as_slice(), &both, &[file]].concat());
                    commands
                        .push([["diff"].as_slice(), &both, &[file, "flink-conf.yaml"]].concat());
                }
            }
            for command in commands {
                let text = output(&command);
                assert!(!text.contains("SECRET"), "{command:?}\n{text}");
            }
        }
    }
}

#[test]
fn the_files_hold_twenty_secrets() {
    for file in ["flink-conf.yaml", "config.yaml"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/secrets/");
        let text = std::fs::read_to_string(format!("{folder}{file}")).unwrap();
        for number in 1..=20 {
            assert!(text.contains(&format!("SECRET{number:02}")), "{file}: {number}");
        }
    }
}
