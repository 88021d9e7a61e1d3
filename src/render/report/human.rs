//! For people: every finding with the lines of the file, then a summary.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::host::HostSummary;
use super::super::terminal::{Renderer, Style};
use super::super::{CheckedFile, Counts, count_of, printable_line};
use super::Report;

/// The drawn findings, and what the summary needs to know.
#[derive(Debug)]
pub(super) struct Human {
    renderer: Renderer,
    counts: Counts,
    file_count: usize,
    unreadable_count: usize,
    /// The first code of all that were found.
    first_code: Option<&'static str>,
    /// Target and reason of every file; the end says which were used.
    targets: BTreeMap<(String, String), usize>,
    /// What a user has to know about a target, unless a finding says it.
    notes: BTreeSet<String>,
    /// The machine, and every directory that some file asked about.
    host: Option<HostSummary>,
}

impl Human {
    pub(super) fn new(style: Style) -> Self {
        Self {
            renderer: Renderer::new(style),
            counts: Counts::default(),
            file_count: 0,
            unreadable_count: 0,
            first_code: None,
            targets: BTreeMap::new(),
            notes: BTreeSet::new(),
            host: None,
        }
    }
}

impl Report for Human {
    fn file(&mut self, mut out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        self.counts.add(&file.findings);
        self.file_count += 1;
        let codes = file.findings.iter().map(|finding| finding.rule.code);
        self.first_code = self.first_code.into_iter().chain(codes).min();
        *self.targets.entry((file.target.clone(), file.target_reason.clone())).or_default() += 1;
        let is_said = |note: &&String| file.findings.iter().any(|it| it.message == **note);
        self.notes.extend(file.target_note.iter().filter(|note| !is_said(note)).cloned());
        if let Some(host) = &file.host {
            self.host.get_or_insert_with(|| HostSummary::new(host)).add(host);
        }
        self.renderer.write(&mut out, file)
    }

    fn unreadable(&mut self, _out: &mut dyn Write, _path: &str, _why: &str) -> io::Result<()> {
        self.unreadable_count += 1;
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        const SHOWN: usize = 5;
        let unread = format!("{} not read", count_of(self.unreadable_count, "file"));
        let found = format!("{} in {}", self.counts, count_of(self.file_count, "file"));
        match (self.file_count, self.unreadable_count) {
            (_, 0) => writeln!(out, "{found}")?,
            (0, _) => writeln!(out, "{unread}")?,
            _ => writeln!(out, "{found}, {unread}")?,
        }
        for ((target, reason), _) in self.targets.iter().take(SHOWN) {
            writeln!(out, "checked for {target}: {}", printable_line(reason))?;
        }
        for note in self.notes.iter().take(SHOWN) {
            writeln!(out, "note: {note}")?;
        }
        if self.targets.len() > SHOWN {
            writeln!(out, "and for {} more targets", self.targets.len() - SHOWN)?;
        }
        if let Some(host) = &self.host {
            write!(out, "{host}")?;
        }
        if let Some(code) = self.first_code {
            writeln!(out, "`slotwise explain {code}` says more about a rule")?;
        }
        Ok(())
    }
}
