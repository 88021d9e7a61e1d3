//! Twenty secrets a file, and no output of any command that tells one.

use std::fs;
use std::path::{Path, PathBuf};
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

/// A folder of this name with the files in it, and its path.
fn copy(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("secrets").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in ["flink-conf.yaml", "config.yaml"] {
        let from = format!("{}/fixtures/secrets/{file}", env!("CARGO_MANIFEST_DIR"));
        fs::copy(from, folder.join(file)).unwrap();
    }
    folder
}

/// Everything that a folder holds but the configurations themselves.
fn written(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.extension().is_none_or(|ending| ending != "yaml") {
            text.push_str(&format!("{}:\n", path.display()));
            text.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap()));
        }
    }
    text
}

#[test]
fn no_file_that_is_written_tells_a_secret() {
    let folder = copy("written");
    let path = |name: &str| folder.join(name).display().to_string();
    let (legacy, standard) = (path("flink-conf.yaml"), path("config.yaml"));
    for (file, target) in [(&legacy, "flink-1.17"), (&standard, "flink-2.0")] {
        let outputs: Vec<String> =
            FORMATS.iter().map(|format| format!("{format}={}", path(format))).collect();
        let mut check = vec!["check", file, "--target", target, "--no-ignores"];
        outputs.iter().for_each(|output| check.extend(["--output", output]));
        let baseline = path("baseline.json");
        let _ = fs::remove_file(&baseline);
        let commands = [
            check,
            vec!["check", file, "--target", target, "--write-baseline", &baseline],
            vec!["check", file, "--target", target, "--baseline", &baseline, "--format", "sarif"],
            vec!["check", file, "--target", "flink-1.19", "--baseline", &baseline],
        ];
        for command in commands {
            let text = output(&command) + &written(&folder);
            assert!(!text.contains("SECRET"), "{command:?}\n{text}");
        }
        assert!(written(&folder).contains("FN008"), "the baseline knows of secrets");
    }
}

#[test]
fn no_layer_setting_or_rule_tells_a_secret() {
    let folder = copy("layers");
    let settings = folder.join("slotwise.yaml");
    fs::write(&settings, "target: flink-1.20\nignore: [FC012]\n").unwrap();
    let file = folder.join("flink-conf.yaml").display().to_string();
    let job = "run -m yarn-cluster -yD s3.secret-key=SECRET31 -yD a.password='SECRET32 x' \
               oss://id:SECRET33@b/a.jar --token SECRET34";
    let properties = ["-D", "s3.secret-key=SECRET35", "-D", "x.y=https://u:SECRET36@h"];
    let laid = [["--job", job].as_slice(), &["--overlay", &file], &properties].concat();
    for format in ["human", "json", "jsonl"] {
        let show = ["check", "--show-settings", "--format", format, file.as_str()];
        let text = output(&[&show[..], &laid].concat());
        assert!(text.contains("flink-1.20") && !text.contains("SECRET"), "{text}");
        let effective = ["effective", "--format", format, file.as_str()];
        let text = output(&[&effective[..], &laid].concat());
        assert!(!text.contains("SECRET"), "{text}");
    }
    for format in FORMATS {
        let text = output(&[&["check", "--format", format, &file], &laid[..]].concat());
        assert!(!text.contains("SECRET"), "{format}: {text}");
    }
    for rule in slotwise::lint::RULES {
        assert!(!output(&["explain", rule.meta().code]).contains("SECRET"));
    }
    // A silenced secret stays one, and what was added tells none.
    let before = fs::read_to_string(&file).unwrap();
    let text = output(&["check", &file, "--add-ignore"]);
    assert!(!text.contains("SECRET"), "{text}");
    let after = fs::read_to_string(&file).unwrap();
    assert!(after.lines().count() > before.lines().count());
    assert_eq!(after.matches("SECRET").count(), before.matches("SECRET").count());
    for format in FORMATS {
        let text = output(&["check", &file, "--format", format, "--no-ignores"]);
        assert!(!text.contains("SECRET"), "{format}: {text}");
    }
}

#[test]
fn no_assessment_and_no_tuning_tells_a_secret() {
    let folder = copy("capacity");
    let file = folder.join("flink-conf.yaml").display().to_string();
    let short = ["--workload", "key-value", "--records", "2000", "--target", "vvr-8.0.5"];
    let short = [short.as_slice(), &["--backend", "gemini"]].concat();
    let of = |command: &str, more: &[&str]| {
        let text = output(&[&[command, file.as_str()], &short[..], more].concat());
        assert!(!text.is_empty(), "{command}");
        text + &written(&folder)
    };
    // A search takes a while, so there is one: the change that it proposes shows the file's lines.
    let texts = [of("assess", &["--format", "json"]), of("tune", &["--diff"])];
    for text in texts {
        assert!(!text.contains("SECRET"), "{text}");
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
