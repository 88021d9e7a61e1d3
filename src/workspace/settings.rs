//! `slotwise.yaml`: what a team settles once for a folder of configurations.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use schemars::JsonSchema;
use serde::Deserialize;

use super::paths::PathRules;
use super::{InputError, absolute, read_text, settings_text};
use crate::catalog::Target;
use crate::finding::Severity;

/// The file's name; the nearest one beside a configuration or above it applies.
pub const SETTINGS_FILE_NAME: &str = "slotwise.yaml";

/// The settings of a folder.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// What the configurations are for, such as `flink-1.20`, `vvr-8.0.5` or `emr-3.28.2`.
    #[serde(deserialize_with = "target")]
    #[schemars(with = "Option<String>")]
    pub target: Option<Target>,
    /// State backends (keyed operators) that share one task slot; 1 if not given.
    pub backends_per_slot: Option<u32>,
    /// What the job does to its state: a workload.yaml beside this file, or the name of a shipped
    /// one. `check` then runs it and reports what will run out.
    pub workload: Option<String>,
    /// Report only these rules: codes, names, or the first letters of codes.
    pub select: Vec<String>,
    /// Leave these rules out, likewise.
    pub ignore: Vec<String>,
    /// Leave these rules out of some files: a list of rules for each pattern, which is read as in
    /// a `.gitignore` beside this file.
    pub per_file_ignores: BTreeMap<String, Vec<String>>,
    /// Files and folders that the search of a folder leaves out: patterns as in a `.gitignore`
    /// beside this file. A file that is named is checked all the same, unless `--force-exclude`
    /// says otherwise.
    pub exclude: Vec<String>,
    /// The severity of these rules' findings: `error`, `warning` or `info`, by code, name or the
    /// first letters of codes; the longest selector counts.
    #[serde(deserialize_with = "severities")]
    #[schemars(with = "BTreeMap<String, SeverityName>")]
    pub severity: BTreeMap<String, Severity>,
}

/// A severity as the file writes it.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum SeverityName {
    Error,
    Warning,
    Info,
}

impl Settings {
    /// Reads the text of a `slotwise.yaml` that lies at `path`.
    ///
    /// # Errors
    /// The first thing that it must not say, with its place.
    pub fn parse(path: &Path, text: &str) -> Result<Self, InputError> {
        settings_text::parse(path, text).map(|read| read.settings)
    }
}

fn severities<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Severity>, D::Error> {
    let names: BTreeMap<String, SeverityName> = BTreeMap::deserialize(deserializer)?;
    let severity = |name| match name {
        SeverityName::Error => Severity::Error,
        SeverityName::Warning => Severity::Warning,
        SeverityName::Info => Severity::Info,
    };
    Ok(names.into_iter().map(|(rule, name)| (rule, severity(name))).collect())
}

fn target<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Target>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// Settings and where they were found.
#[derive(Debug)]
pub struct SettingsFile {
    /// Such as `conf/slotwise.yaml`.
    pub path: PathBuf,
    /// What it says.
    pub settings: Settings,
    /// What it says of files.
    pub paths: PathRules,
    /// The line of each setting, from 1.
    pub lines: BTreeMap<&'static str, u32>,
}

type Found = Option<Arc<SettingsFile>>;

/// Finds settings; each folder is looked into once.
#[derive(Debug, Default)]
pub struct SettingsFinder {
    folders: Mutex<BTreeMap<PathBuf, Found>>,
    /// Whether nothing is to be found.
    isolated: bool,
}

impl SettingsFinder {
    /// A finder that looks nowhere and finds nothing.
    pub fn isolated() -> Self {
        Self { isolated: true, ..Self::default() }
    }

    /// Forgets what was found, as files may have changed.
    pub fn forget(&self) {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The nearest settings beside `file` or above it.
    ///
    /// # Errors
    /// A `slotwise.yaml` that cannot be read, or that says what it must not.
    pub fn find(&self, file: &Path) -> Result<Found, InputError> {
        if self.isolated {
            return Ok(None);
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        if let Some(found) = self.folders.lock().unwrap_or_else(PoisonError::into_inner).get(folder)
        {
            return Ok(found.clone());
        }
        let absolute = absolute(if folder == Path::new("") { Path::new(".") } else { folder });
        let mut found = None;
        for (height, ancestor) in absolute.ancestors().enumerate() {
            // Beside the file the path is shown as the user would write it.
            let path = if height == 0 {
                folder.join(SETTINGS_FILE_NAME)
            } else {
                ancestor.join(SETTINGS_FILE_NAME)
            };
            if let Some(file) = read(path)? {
                found = Some(Arc::new(file));
                break;
            }
        }
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.insert(folder.to_owned(), found.clone());
        Ok(found)
    }
}

/// No `slotwise.yaml` is longer.
const MAX_BYTES: u64 = 1 << 20;

fn read(path: PathBuf) -> Result<Option<SettingsFile>, InputError> {
    let text = match read_text(&path, MAX_BYTES) {
        Ok(text) => text,
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(InputError::new(path.display().to_string(), error)),
    };
    let settings_text::SettingsText { settings, paths, lines } =
        settings_text::parse(&path, &text)?;
    Ok(Some(SettingsFile { path, settings, paths, lines }))
}
