//! A baseline: the findings that a team knows of and has not solved yet.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `slotwise check --write-baseline` writes and `--baseline` reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineJson {
    /// The version of this shape: 1.
    pub version: u32,
    /// The known findings, by path, rule and fingerprint.
    pub findings: Vec<KnownFindingJson>,
}

/// One finding that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct KnownFindingJson {
    /// The file, seen from the baseline's folder, with `/` between folders.
    pub path: String,
    /// The rule's code.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// 32 hexadecimal digits over path, rule, the line's text without its secrets, and how many
    /// findings like it come before in the file. Line numbers are no part of it.
    pub fingerprint: String,
}

/// The only version so far.
pub const BASELINE_VERSION: u32 = 1;

/// Writes a baseline with a line for each finding, so that version control shows what changed.
///
/// # Errors
/// Those of `out`.
pub fn write_baseline(mut out: impl Write, findings: &[KnownFindingJson]) -> io::Result<()> {
    writeln!(out, "{{\n\"version\": {BASELINE_VERSION},\n\"findings\": [")?;
    for (index, finding) in findings.iter().enumerate() {
        let line = serde_json::to_string(finding)?;
        writeln!(out, "{line}{}", if index + 1 < findings.len() { "," } else { "" })?;
    }
    writeln!(out, "]\n}}")
}
