//! What it takes to move a configuration to another release, and what differs between two.
//!
//! [`migrate`] decides for every line what becomes of it and writes the new file; every setting
//! that does not simply stay is a [`Change`] with its reason. [`differences`] compares two
//! configurations. Both tell what each pool of memory had and will have ([`MemoryChange`]). This
//! room may import every room up to `lint`, never `render` or `cli`.

mod defaults;
mod difference;
mod document;
mod key;
mod memory_change;
mod scalar;
mod tree;

pub use defaults::{DefaultChange, default_changes};
pub use difference::{Difference, differences};
pub use memory_change::{MemoryChange, PoolChange, memory_changes};

use crate::catalog::{Release, Target};
use crate::config::{Dialect, Loaded, ResolvedConfig, load};
use crate::source::{FileId, LineIndex, SourceFile, Sources};

/// A configuration for another target.
#[derive(Debug)]
pub struct Migration {
    /// The name of the file that the target reads.
    pub file_name: &'static str,
    /// The new file's text; it holds the secrets that the old one holds.
    pub text: String,
    /// Everything that did not simply stay, in file order.
    pub changes: Vec<Change>,
    /// Options that are not set, and whose default is another one now.
    pub defaults: Vec<DefaultChange>,
}

/// What became of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The old file's line, from 1.
    pub line: u32,
    /// The key, as the old file has it.
    pub key: String,
    /// What became of it.
    pub kind: ChangeKind,
    /// Why, as a sentence's end.
    pub reason: String,
}

/// What can become of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// The target reads it under this key.
    Renamed(String),
    /// The target reads this value; secrets are masked.
    Rewritten {
        /// The value it had.
        from: String,
        /// The value it has.
        to: String,
    },
    /// It is a comment now.
    Dropped,
    /// It stays, but somebody has to look at it.
    Flagged,
}

/// Why a file cannot be migrated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrationError {
    /// The source target does not start with this file either.
    #[error(
        "line {line}: {message}; {from} refuses this file, so nothing is known of its settings"
    )]
    Unreadable {
        /// Line, from 1.
        line: u32,
        /// What is wrong.
        message: String,
        /// The source target.
        from: String,
    },
    /// A bug of ours, found before anything was written.
    #[error("`{0}` would not be the same in the new file; nothing was written")]
    Unfaithful(String),
}

/// Rewrites `text`, a file for `from` in `dialect`, as a file for `to`.
///
/// # Errors
/// A file that `from` refuses.
pub fn migrate(
    text: &str,
    dialect: Dialect,
    from: &Target,
    to: &Target,
) -> Result<Migration, MigrationError> {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::decode("migrated", text.as_bytes().to_vec()));
    let loaded = load(file, text, dialect);
    let index = LineIndex::new(text);
    if let Some(error) = &loaded.error {
        return Err(MigrationError::Unreadable {
            line: index.line_column(text, error.span.start).line,
            message: error.message.clone(),
            from: from.name().to_owned(),
        });
    }
    let config = ResolvedConfig::new(from.release(), loaded.settings.clone());
    // Up to 1.20 the file stays what it is; later releases read YAML only.
    let new_dialect = if to.release() >= Release::V2_0 { Dialect::Yaml } else { dialect };
    let mut fates: Vec<key::Fate> = loaded
        .settings
        .iter()
        .map(|setting| key::fate(setting, &config, from, to, (dialect, new_dialect)))
        .collect();
    key::settle(&loaded.settings, &mut fates, &config, to);
    let document = document::Document::new(text, &index, &loaded, dialect);
    let in_place = dialect == Dialect::Legacy || document.can_be_edited(text, &loaded, &fates);
    let (new_text, expected) = if new_dialect == dialect && in_place {
        document::edited(text, &loaded, &fates, to, dialect)
    } else {
        tree::written(text, &document, &loaded, &fates, to, dialect)
    };
    verify(file, &new_text, new_dialect, &expected)?;
    let changes = changes(&loaded, &fates, &index, text, new_dialect != dialect);
    let defaults = default_changes(&config, from, to);
    let file_name = match new_dialect {
        Dialect::Legacy => "flink-conf.yaml",
        Dialect::Yaml => "config.yaml",
    };
    Ok(Migration { file_name, text: new_text, changes, defaults })
}

/// Every planned setting must load from the new text, with the text it was planned to have.
fn verify(
    file: FileId,
    text: &str,
    dialect: Dialect,
    expected: &[(String, String)],
) -> Result<(), MigrationError> {
    let loaded = load(file, text, dialect);
    if let Some(error) = loaded.error {
        return Err(MigrationError::Unfaithful(error.message));
    }
    let config = ResolvedConfig::new(Release::LATEST, loaded.settings);
    for (key, value) in expected {
        if config.setting(key).is_none_or(|setting| setting.value.text() != value.as_str()) {
            return Err(MigrationError::Unfaithful(key.clone()));
        }
    }
    let planned = |key: &str| expected.iter().any(|(other, _)| other == key);
    match config.settings().iter().find(|setting| !planned(&setting.key)) {
        Some(stray) => Err(MigrationError::Unfaithful(stray.key.to_string())),
        None => Ok(()),
    }
}

fn changes(
    loaded: &Loaded<'_>,
    fates: &[key::Fate],
    index: &LineIndex,
    text: &str,
    converted: bool,
) -> Vec<Change> {
    let line = |offset| index.line_column(text, offset).line;
    let mut changes: Vec<Change> = Vec::new();
    for (setting, fate) in loaded.settings.iter().zip(fates) {
        let change = |kind, reason: &str| Change {
            line: line(setting.key_span.start),
            key: setting.key.to_string(),
            kind,
            reason: reason.to_owned(),
        };
        for (kind, reason) in &fate.notes {
            changes.push(change(kind.clone(), reason));
        }
    }
    if converted {
        changes.extend(loaded.skipped.iter().map(|skipped| Change {
            line: line(u32::try_from(skipped.line.start).unwrap_or(u32::MAX)),
            key: String::new(),
            kind: ChangeKind::Dropped,
            reason: "Flink drops this line, and YAML would not".to_owned(),
        }));
    }
    changes.sort_by_key(|change| change.line);
    changes
}
