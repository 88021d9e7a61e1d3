//! `slotwise check --baseline` and `--write-baseline`: findings that are known already.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::atomic;
use super::inputs::InputError;
use crate::lint;
use crate::render::json::{BASELINE_VERSION, BaselineJson, KnownFindingJson, write_baseline};
use crate::render::report::fingerprints_by;
use crate::render::{CheckedFile, count_of};
use crate::workspace::{absolute, read_file, seen_from, selects};

/// Which findings are known already.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Known findings")]
pub(super) struct BaselineArguments {
    /// Leave out the findings that this file lists; say which of them are gone
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write the findings to this file, to be known from now on; of a file that exists, only take
    /// out those that are gone
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "fix_only"])]
    write_baseline: Option<PathBuf>,

    /// With --write-baseline, also add what is new to a file that exists
    #[arg(long, requires = "write_baseline")]
    extend_baseline: bool,
}

/// What is known, and what this run says about it.
#[derive(Debug)]
pub(super) struct Baseline {
    path: PathBuf,
    /// The folder that paths are seen from.
    folder: PathBuf,
    /// The file's text; `None` for a file that is to be made.
    old: Option<Vec<u8>>,
    known: BTreeSet<KnownFindingJson>,
    /// What this run found, known or not.
    found: BTreeSet<KnownFindingJson>,
    /// The files that this run checked.
    checked: BTreeSet<String>,
    known_count: usize,
    writes: Writing,
}

/// Whether the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    No,
    Shrinking,
    Extending,
}

/// What a run looked at.
pub(super) struct Scope<'a> {
    /// Folders that were searched.
    pub(super) folders: &'a [PathBuf],
    /// Rules that were asked for and left out on the command line.
    pub(super) select: &'a [String],
    pub(super) ignore: &'a [String],
    /// A file could not be read, so that nobody knows what is in it.
    pub(super) unreadable: bool,
}

/// A baseline of half a million findings is smaller.
const BYTES_MAX: u64 = 128 << 20;

impl BaselineArguments {
    /// The file that is named.
    pub(super) fn file(&self) -> Option<&Path> {
        self.baseline.as_deref().or(self.write_baseline.as_deref())
    }

    /// Reads the baseline, if one is named.
    ///
    /// # Errors
    /// A file that cannot be read or is no baseline, and two different ones.
    pub(super) fn read(&self) -> Result<Option<Baseline>, InputError> {
        let Some(path) = self.baseline.as_ref().or(self.write_baseline.as_ref()) else {
            return Ok(None);
        };
        let name = path.display().to_string();
        if self.write_baseline.as_ref().is_some_and(|written| absolute(written) != absolute(path)) {
            let message = "expected the same file as --baseline, which it may only shrink";
            return Err(InputError::new("--write-baseline", message));
        }
        let old = match read_file(path, BYTES_MAX) {
            Ok(bytes) => Some(bytes),
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && self.write_baseline.is_some() =>
            {
                None
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(InputError::new(name, "no such file; --write-baseline makes it"));
            }
            Err(error) => return Err(InputError::new(name, error)),
        };
        let known = match &old {
            Some(bytes) => parse(bytes).map_err(|message| InputError::new(name, message))?,
            None => BTreeSet::new(),
        };
        let writes = match (&self.write_baseline, self.extend_baseline) {
            (None, _) => Writing::No,
            (Some(_), false) => Writing::Shrinking,
            (Some(_), true) => Writing::Extending,
        };
        let folder = absolute(path).parent().map_or_else(PathBuf::new, Path::to_owned);
        Ok(Some(Baseline {
            path: path.clone(),
            folder,
            old,
            known,
            found: BTreeSet::new(),
            checked: BTreeSet::new(),
            known_count: 0,
            writes,
        }))
    }
}

fn parse(bytes: &[u8]) -> Result<BTreeSet<KnownFindingJson>, String> {
    let wrong = |error| format!("expected a baseline that --write-baseline made: {error}");
    let baseline: BaselineJson = serde_json::from_slice(bytes).map_err(wrong)?;
    if baseline.version != BASELINE_VERSION {
        return Err(format!(
            "expected a baseline of version {BASELINE_VERSION}, found version {}",
            baseline.version
        ));
    }
    Ok(baseline.findings.into_iter().collect())
}

impl Baseline {
    /// Takes what is known out of a file's findings.
    pub(super) fn file(&mut self, file: &mut CheckedFile) {
        let fingerprints = fingerprints_by(file, |path| self.name_of(path));
        let path = self.name_of(&file.path);
        let known = fingerprints.iter().zip(&file.findings).map(|(fingerprint, finding)| {
            let entry = KnownFindingJson {
                path: path.clone(),
                rule: finding.rule.code.to_owned(),
                name: finding.rule.name.to_owned(),
                fingerprint: fingerprint.to_string(),
            };
            let is_known = self.accepts_new() || self.known.contains(&entry);
            self.found.insert(entry);
            is_known
        });
        let mut known: Vec<bool> = known.collect::<Vec<_>>();
        self.known_count += known.iter().filter(|known| **known).count();
        known.reverse();
        file.findings.retain(|_| !known.pop().unwrap_or(false));
        self.checked.insert(path);
    }

    /// A file that configures nothing has no findings.
    pub(super) fn empty_file(&mut self, path: &str) {
        let path = self.name_of(path);
        self.checked.insert(path);
    }

    fn accepts_new(&self) -> bool {
        self.writes == Writing::Extending || self.writes == Writing::Shrinking && self.old.is_none()
    }

    /// An argument such as `--job` is no file and keeps its name.
    fn name_of(&self, path: &str) -> String {
        if is_argument(path) {
            return path.to_owned();
        }
        seen_from(&self.folder, &absolute(Path::new(path)))
    }

    /// What is known and was not found although this run would have.
    fn gone(&self, scope: &Scope<'_>) -> Vec<&KnownFindingJson> {
        let folders: Vec<PathBuf> = scope.folders.iter().map(|it| absolute(it)).collect();
        let is_wanted = |known: &KnownFindingJson| {
            let Some(rule) = lint::rule(&known.rule) else { return true };
            let any = |rules: &[String]| rules.iter().any(|selector| selects(selector, rule));
            (scope.select.is_empty() || any(scope.select)) && !any(scope.ignore)
        };
        let was_looked_at = |known: &KnownFindingJson| {
            let path = absolute(&self.folder.join(&known.path));
            let searched = folders.iter().any(|folder| path.starts_with(folder));
            self.checked.contains(&known.path)
                || !scope.unreadable && !is_argument(&known.path) && (searched || !path.exists())
        };
        let known = self.known.difference(&self.found);
        known.filter(|known| is_wanted(known) && was_looked_at(known)).collect()
    }

    /// Writes the file if it is to be, and says what was known and what is gone.
    ///
    /// # Errors
    /// A file that cannot be written, or that has changed meanwhile.
    pub(super) fn finish(&self, scope: &Scope<'_>) -> Result<Vec<String>, InputError> {
        const SHOWN: usize = 10;
        let name = self.path.display();
        let gone = self.gone(scope);
        if self.writes != Writing::No {
            let mut kept: BTreeSet<_> = self.known.iter().collect();
            kept.retain(|known| !gone.contains(known));
            if self.accepts_new() {
                kept.extend(&self.found);
            }
            let added = kept.iter().filter(|entry| !self.known.contains(entry)).count();
            let kept: Vec<_> = kept.into_iter().cloned().collect();
            self.write(&kept).map_err(|error| InputError::new(name.to_string(), error))?;
            let count = count_of(kept.len(), "finding");
            return Ok(vec![match (&self.old, gone.len()) {
                (None, _) => format!("{name}: wrote {count}"),
                (Some(_), 0) if added == 0 => format!("{name}: as before, {count}"),
                (Some(_), gone) => {
                    format!("{name}: took {gone} out, added {added}; {count} left")
                }
            }]);
        }
        let mut notes = Vec::new();
        if self.known_count > 0 {
            let count = count_of(self.known_count, "known finding");
            notes.push(format!("{count} left out, as {name} says"));
        }
        if !gone.is_empty() {
            let are = if gone.len() == 1 { "is" } else { "are" };
            let count = count_of(gone.len(), "finding");
            notes.push(format!("{count} of {name} {are} gone; --write-baseline takes them out"));
            let list: BTreeMap<_, usize> = gone.iter().fold(BTreeMap::new(), |mut list, known| {
                *list.entry((&known.path, &known.rule, &known.name)).or_default() += 1;
                list
            });
            for ((path, rule, rule_name), count) in list.iter().take(SHOWN) {
                let times = if *count > 1 { format!(", {count} times") } else { String::new() };
                notes.push(format!("gone: {path}: {rule} {rule_name}{times}"));
            }
            if list.len() > SHOWN {
                notes.push(format!("gone: {} more", list.len() - SHOWN));
            }
        }
        Ok(notes)
    }

    fn write(&self, findings: &[KnownFindingJson]) -> io::Result<()> {
        let mut text = Vec::new();
        write_baseline(&mut text, findings)?;
        match &self.old {
            Some(old) if *old == text => Ok(()),
            Some(old) => atomic::replace(&self.path, old, &text).map_err(|error| error.cause),
            None => atomic::write(&self.path, &text).map_err(|error| error.cause),
        }
    }
}

/// Whether the name is that of an argument such as `--job`.
fn is_argument(path: &str) -> bool {
    path.starts_with('-')
}
