//! Findings counted by rule.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::CheckedFile;
use super::Report;
use crate::finding::RuleMeta;

/// Counts findings instead of listing them; the most frequent rule comes first.
#[derive(Debug, Default)]
pub struct Statistics {
    by_rule: BTreeMap<&'static str, (&'static RuleMeta, usize)>,
}

impl Report for Statistics {
    fn file(&mut self, _out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        for finding in &file.findings {
            self.by_rule.entry(finding.rule.code).or_insert((finding.rule, 0)).1 += 1;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows: Vec<_> = self.by_rule.values().collect();
        rows.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), rule.code));
        for (rule, count) in rows {
            let (code, severity, name) = (rule.code, rule.severity.name(), rule.name);
            writeln!(out, "{count:>7}  {code}  {severity:<7}  {name}")?;
        }
        Ok(())
    }
}
