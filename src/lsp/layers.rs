//! What a user lays over every configuration, as `slotwise check --job --overlay` does.

use std::path::{Path, PathBuf};

use super::client::UserSettings;
use super::document::Documents;
use crate::manifest::Form;
use crate::source::SourceFile;
use crate::workspace::{Choices, InputError, Subject};

/// Larger files are not read on the side.
const MAX_BYTES: u64 = 4 << 20;

/// The command that starts the job, and files: a manifest, a script, another configuration.
#[derive(Debug, Default)]
pub(super) struct Layers {
    job: Option<String>,
    files: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    path: PathBuf,
    /// As the editor has it, else as it is on disk; or why it cannot be read.
    text: Result<String, String>,
}

impl Layers {
    /// Reads what the settings name; files lie in the first folder that has them.
    pub(super) fn read(
        settings: &UserSettings,
        folders: &[PathBuf],
        documents: &Documents,
    ) -> Self {
        let files = settings.overlays.iter().map(|name| {
            let mut places = folders.iter().map(|folder| folder.join(name));
            let path = places.find(|path| path.is_file());
            let path = path.unwrap_or_else(|| {
                folders.first().map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
            });
            let open = documents.values().find(|it| it.path().as_deref() == Some(&*path));
            let text = open.map_or_else(|| read(&path), |document| Ok(document.text().to_owned()));
            Layer { path, text }
        });
        Self { job: settings.job.clone(), files: files.collect() }
    }

    /// Whether a file is laid over others.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.files.iter().any(|layer| layer.path == path)
    }

    /// Lays everything over a configuration.
    ///
    /// # Errors
    /// A file that cannot be read, or that describes several deployments.
    pub(super) fn lay_over(
        &self,
        subject: &mut Subject,
        choices: &Choices,
    ) -> Result<(), InputError> {
        if let Some(job) = &self.job {
            subject.overlay(SourceFile::argument("--job", job), Some(Form::Job), choices)?;
        }
        for Layer { path, text } in &self.files {
            let name = path.display().to_string();
            let text = text.clone().map_err(|message| InputError::new(name.clone(), message))?;
            subject.overlay(SourceFile::decode(name, text.into_bytes()), None, choices)?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<String, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(format!("expected a file of at most {MAX_BYTES} bytes"));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}
