//! What a migration changed, and what two configurations do not agree on, for people.

use std::io::{self, Write};

use super::{count_of, printable};
use crate::migration::{Change, ChangeKind, DefaultChange, Difference, MemoryChange, Migration};
use crate::units::MemorySize;

type IsPart = fn(&ChangeKind) -> bool;

/// Writes what a migration changed, and what somebody has to look at.
///
/// # Errors
/// Those of `out`.
pub fn write_migration(
    out: &mut dyn Write,
    migration: &Migration,
    memory: &[MemoryChange],
) -> io::Result<()> {
    let parts: [(&str, IsPart); 4] = [
        ("renamed", |kind| matches!(kind, ChangeKind::Renamed(_))),
        ("rewritten", |kind| matches!(kind, ChangeKind::Rewritten { .. })),
        ("dropped", |kind| matches!(kind, ChangeKind::Dropped)),
        ("to look at", |kind| matches!(kind, ChangeKind::Flagged)),
    ];
    for (title, is_part) in parts {
        let mut changes =
            migration.changes.iter().filter(|change| is_part(&change.kind)).peekable();
        if changes.peek().is_some() {
            writeln!(out, "{title}:")?;
        }
        for change in changes {
            write_change(out, change)?;
        }
    }
    if !migration.defaults.is_empty() {
        let count = count_of(migration.defaults.len(), "option");
        writeln!(out, "not set, with another default now ({count}):")?;
    }
    for change in &migration.defaults {
        write_default(out, change)?;
    }
    write_memory(out, memory)
}

fn write_change(out: &mut dyn Write, change: &Change) -> io::Result<()> {
    let what = match &change.kind {
        ChangeKind::Renamed(new) => format!("{} -> {new}", change.key),
        ChangeKind::Rewritten { from, to } => format!("{}: {from} -> {to}", change.key),
        ChangeKind::Dropped | ChangeKind::Flagged => change.key.clone(),
    };
    writeln!(out, "  line {}: {}", change.line, printable(&what))?;
    writeln!(out, "    {}", printable(&change.reason))
}

fn write_default(out: &mut dyn Write, change: &DefaultChange) -> io::Result<()> {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    writeln!(out, "  {}: {} -> {}", change.key, shown(&change.before), shown(&change.after))
}

/// Writes what two configurations do not agree on.
///
/// # Errors
/// Those of `out`.
pub fn write_differences(
    out: &mut dyn Write,
    differences: &[Difference],
    memory: &[MemoryChange],
) -> io::Result<()> {
    for difference in differences {
        let shown = |value: &Option<String>| match (value, difference.default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => format!("{default} (default)"),
            (None, None) => "not set".to_owned(),
        };
        let (before, after) = (shown(&difference.before), shown(&difference.after));
        let note = if difference.only_key { " (the same under another key)" } else { "" };
        let line = format!("{}: {before} -> {after}{note}", difference.key);
        writeln!(out, "{}", printable(&line))?;
    }
    if differences.is_empty() {
        writeln!(out, "no setting differs")?;
    }
    write_memory(out, memory)
}

/// Writes the pools of each process and of a slot, before and after.
fn write_memory(out: &mut dyn Write, memory: &[MemoryChange]) -> io::Result<()> {
    let size = |size: Option<MemorySize>| {
        size.map_or_else(|| "-".to_owned(), |size| size.human().to_string())
    };
    for change in memory {
        writeln!(out, "{}:", change.owner)?;
        for (when, refusal) in ["before", "after"].iter().zip(&change.refusals) {
            if let Some(refusal) = refusal {
                writeln!(out, "  {when}: Flink refuses: {}", printable(refusal))?;
            }
        }
        for pool in &change.pools {
            let (before, after) = (size(pool.before), size(pool.after));
            if pool.before == pool.after {
                writeln!(out, "  {:<21} {before}", pool.name)?;
            } else {
                writeln!(out, "  {:<21} {before} -> {after}", pool.name)?;
            }
        }
    }
    Ok(())
}
