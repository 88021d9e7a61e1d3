//! The workload that a folder's settings name, and what the rules on capacity need of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Choices, SettingsFile, Subject, read_text};
use crate::capacity::{Asked, Assessment, assess_briefly, shortened};
use crate::catalog::Target;
use crate::config::{Layer, ResolvedConfig, Setting};
use crate::source::{FileId, Span};
use crate::workload::{SHIPPED, Workload, shipped};

/// So many records settle hit ratios and rates of the shipped workloads, in a second or so.
pub const ASSESSED_RECORDS: u64 = 1_000_000;

/// No `workload.yaml` is longer.
const BYTES_MAX: u64 = 1 << 20;

/// The workload of this name, or in this file.
///
/// # Errors
/// Why it cannot be read, or is no workload.
pub fn read_workload(name: &str) -> Result<Workload, String> {
    let text = match shipped(name) {
        Some(shipped) => shipped.text.to_owned(),
        None => read_text(Path::new(name), BYTES_MAX).map_err(|error| {
            let known: Vec<_> = SHIPPED.iter().map(|workload| workload.name).collect();
            format!("{name}: {error}; shipped workloads are {}", known.join(", "))
        })?,
    };
    Workload::parse(name, &text).map_err(|error| error.to_string())
}

/// Reads workloads, each once, cut to [`ASSESSED_RECORDS`].
#[derive(Debug, Default)]
pub struct WorkloadFinder {
    found: Mutex<BTreeMap<String, Result<Arc<Workload>, String>>>,
}

impl WorkloadFinder {
    /// The workload of this name, or in this file.
    ///
    /// # Errors
    /// Those of [`read_workload`].
    pub fn find(&self, name: &str) -> Result<Arc<Workload>, String> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || Ok(Arc::new(shortened(&read_workload(name)?, ASSESSED_RECORDS)));
        found.entry(name.to_owned()).or_insert_with(read).clone()
    }

    /// Whether anybody has asked for a workload.
    pub fn is_used(&self) -> bool {
        !self.found.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Whether a file of this one's name was read, in whatever folder.
    pub fn has_read(&self, path: &Path) -> bool {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.keys().any(|name| Path::new(name).file_name() == path.file_name())
    }
}

impl SettingsFile {
    /// The workload that `slotwise.yaml` names; a file lies beside it.
    pub fn workload(&self) -> Option<String> {
        let name = self.settings.workload.clone()?;
        if shipped(&name).is_some() {
            return Some(name);
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        Some(folder.join(name).display().to_string())
    }
}

impl Subject {
    /// The workload that the folder's settings name.
    pub fn settled_workload(&self) -> Option<String> {
        self.surroundings.settings.as_ref()?.workload()
    }

    /// Takes what a workload says about the job, where nobody else does: it has one keyed state
    /// backend for each operator.
    pub fn take_workload(&mut self, workload: &Workload, choices: &Choices) {
        let settings = self.surroundings.settings.as_ref();
        let is_settled = settings.is_some_and(|file| file.settings.backends_per_slot.is_some());
        if choices.backends_per_slot.is_none() && !is_settled {
            self.backends_per_slot = u32::try_from(workload.operators.len()).unwrap_or(1);
        }
    }
}

/// All that an assessment depends on: two that are equal have the same answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AssessmentQuestion {
    target: Target,
    backends_per_slot: u32,
    workload: Arc<Workload>,
    /// The effective ones, wherever they are written.
    settings: Vec<Setting<'static>>,
}

impl AssessmentQuestion {
    /// What there is to ask about a configuration; nothing about one that Flink refuses, which
    /// has other findings.
    pub fn of(subject: &Subject, workload: Arc<Workload>) -> Option<Self> {
        let (loaded, config) = subject.load();
        if loaded.error.is_some() {
            return None;
        }
        let nowhere = Span::new(FileId::NOWHERE, 0..0);
        let settings = config.settings().iter().map(|setting| Setting {
            key_span: nowhere,
            value_span: nowhere,
            layer: Layer::File,
            ..setting.clone().into_owned()
        });
        Some(Self {
            target: subject.target.clone(),
            backends_per_slot: subject.backends_per_slot,
            workload,
            settings: settings.collect(),
        })
    }

    /// Runs the workload; nothing for a configuration that does not start. `progress` is told how
    /// far the run is, and may unwind to end it.
    pub fn answer(
        &self,
        asked: Asked,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Option<Box<Assessment>> {
        let settings = self.settings.iter().map(Setting::borrowed).collect();
        let config = ResolvedConfig::new(self.target.release(), settings);
        let (target, backends) = (&self.target, self.backends_per_slot);
        assess_briefly(&config, target, backends, &self.workload, asked, progress).map(Box::new)
    }
}
