//! What README shows is what the commands print.

use std::path::Path;
use std::process::Command;

use crate::generated::assert_fresh;

/// The lines that a command prints to a plain 80-column terminal, from the package's root.
fn printed(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .envs([("COLUMNS", "80"), ("LANG", "C.UTF-8"), ("NO_COLOR", "1")])
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// The text with the block between two markers replaced.
fn with_block(text: &str, name: &str, lines: &[String]) -> String {
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let (before, rest) = text.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}```text\n{}\n```\n{end}{after}", lines.join("\n"))
}

/// A finding starts with its code and name, at the line's start.
fn is_heading(line: &str) -> bool {
    line.len() > 6 && line.starts_with('F') && line[2..5].chars().all(|c| c.is_ascii_digit())
}

#[test]
fn the_readme_shows_what_is_printed() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let check =
        printed(&["check", "fixtures/examples/emr-gemini-broken", "--target", "emr-3.28.2"]);
    let memory =
        printed(&["memory", "fixtures/examples/emr-ytm-2048-slots-2", "--target", "emr-3.28.2"]);
    // Three findings of the middle, and how it ends.
    let starts: Vec<usize> = (0..check.len()).filter(|at| is_heading(&check[*at])).collect();
    let shown =
        [&check[starts[2]..starts[5]], &["…".to_owned(), String::new()], &check[check.len() - 3..]]
            .concat();
    let text = with_block(&text, "check", &shown);
    assert_fresh("README.md", &with_block(&text, "memory", &memory));
}
