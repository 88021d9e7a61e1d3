//! What others install and call: every option that a hook or an action names exists, every page
//! and completion names the commands, and llms.txt says what the program says.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::generated::assert_fresh;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(arguments)
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Each command with what it does, as the program says.
fn commands() -> Vec<(String, String)> {
    let help = printed(&["--help"]);
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in lines {
        match (line.starts_with("   "), line.trim().split_once(' ')) {
            (false, Some((name, about))) => {
                commands.push((name.to_owned(), about.trim().to_owned()));
            }
            _ => {
                let (_, about) = commands.last_mut().unwrap();
                about.push(' ');
                about.push_str(line.trim());
            }
        }
    }
    commands.retain(|(name, _)| name != "help");
    assert!(commands.len() > 15, "{commands:?}");
    commands
}

/// Every `--option` of a text.
fn options(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with("--") && word.len() > 2).collect()
}

#[test]
fn hooks_and_actions_name_options_that_exist() {
    let help = printed(&["check", "--help"]);
    let known = options(&help);
    let hooks: serde_yaml::Value = serde_yaml::from_str(&read(".pre-commit-hooks.yaml")).unwrap();
    let hooks = hooks.as_sequence().unwrap();
    assert_eq!(hooks.len(), 3);
    for hook in hooks {
        assert_eq!(hook["entry"].as_str(), Some("slotwise check"));
        for argument in hook["args"].as_sequence().unwrap() {
            let argument = argument.as_str().unwrap();
            assert!(!argument.starts_with("--") || known.contains(argument), "{argument}");
        }
    }
    let text = read("action.yml");
    let action: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let check = steps.last().unwrap();
    let script = check["run"].as_str().unwrap();
    for option in options(script) {
        assert!(known.contains(option), "{option}");
    }
    // Every input reaches the script as a variable, and none is pasted into it.
    assert!(!script.contains("${{"), "{script}");
    for (name, _) in action["inputs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        let variable = name.to_ascii_uppercase().replace('-', "_");
        assert_eq!(
            check["env"][variable.as_str()].as_str(),
            Some(format!("${{{{ inputs.{name} }}}}").as_str())
        );
        assert!(script.contains(&format!("${variable}")), "{name}");
    }
}

#[test]
fn the_image_holds_the_program_and_runs_without_rights() {
    let text = read("Dockerfile");
    let toolchain = read("Cargo.toml");
    let version = toolchain.split("rust-version = \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(text.contains(&format!("FROM rust:{version}-")), "another Rust than Cargo.toml's");
    let last = text.rsplit("FROM ").next().unwrap();
    assert!(last.lines().next().unwrap().ends_with(":nonroot"));
    assert!(last.contains("ENTRYPOINT [\"slotwise\"]"));
    for source in text.lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from"))
    {
        let words: Vec<&str> = source.split(' ').skip(1).collect();
        for path in &words[..words.len() - 1] {
            assert!(root().join(path).exists(), "{path}");
            let kept = read(".dockerignore").lines().any(|line| line == format!("!{path}"));
            assert!(kept, "{path} is left out of the build");
        }
    }
    // Every bench of Cargo.toml has its placeholder.
    for bench in toolchain.split("[[bench]]").skip(1) {
        let name = bench.split("name = \"").nth(1).unwrap().split('"').next().unwrap();
        assert!(text.contains(name), "bench {name}");
    }
    // What is compiled into the program is in the image's build.
    let shipped = read("src/workload/shipped.rs");
    for path in shipped.split("include_str!(\"../../").skip(1) {
        assert!(path.starts_with("fixtures/workloads/"), "{path}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    let _ = fs::remove_dir_all(&folder);
    printed(&["man", "--dir", folder.to_str().unwrap()]);
    for (command, about) in commands() {
        let page = fs::read_to_string(folder.join(format!("slotwise-{command}.1"))).unwrap();
        let title = format!(".TH slotwise-{command} 1");
        assert!(page.contains(&title), "{page}");
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
        let first = about.split(' ').next().unwrap();
        assert!(page.contains(first), "{command}: {about}");
        assert_eq!(printed(&["man", &command]), page);
    }
    let page = printed(&["man"]);
    assert!(page.contains(".TH slotwise 1") && page.contains("slotwise\\-check(1)"), "{page}");
}

#[test]
fn five_shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&["completions", shell]);
        for (command, _) in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
        assert!(script.contains("write-baseline") && script.contains("show-settings"), "{shell}");
    }
}

#[test]
fn llms_txt_says_what_the_program_says() {
    let mut text = read("llms.txt.in");
    let commands: String =
        commands().iter().map(|(name, about)| format!("- `slotwise {name}`: {about}\n")).collect();
    let families: BTreeSet<&str> =
        slotwise::lint::RULES.iter().map(|rule| &rule.meta().code[..2]).collect();
    let rules = families.into_iter().collect::<Vec<_>>().join(", ");
    for (mark, content) in [("COMMANDS\n", &commands), ("RULES", &rules)] {
        assert!(text.contains(&format!("@{mark}")), "{mark}");
        text = text.replace(&format!("@{mark}"), content);
    }
    assert_fresh("llms.txt", &text);
    let targets = text.split("](").skip(1).map(|link| link.split(')').next().unwrap());
    for link in targets.filter(|link| !link.starts_with("http")) {
        assert!(root().join(link).exists(), "{link}");
    }
    let help = printed(&["check", "--help"]);
    let known = options(&help);
    let check = text.lines().filter(|line| line.contains("slotwise check"));
    for option in check.flat_map(options) {
        assert!(known.contains(option), "{option}");
    }
}
