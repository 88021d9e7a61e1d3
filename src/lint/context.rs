use std::cell::OnceCell;

use super::nesting::{self, Block};
use super::rules::input::is_key_misread;
use super::secrets;
use crate::capacity::Assessment;
use crate::catalog::{self, Classification, Release, Target};
use crate::cluster::Deployed;
use crate::config::{Dialect, Loaded, Origin, Resolved, ResolvedConfig, Setting};
use crate::finding::Label;
use crate::host::Host;
use crate::manifest;
use crate::memory::{Assumptions, Deployment, MemoryModel, SelectedStateBackend};
use crate::source::{FileId, SourceFile, Sources, Span};

/// Everything that a rule may look at.
#[derive(Debug)]
pub struct LintContext<'a> {
    /// What the configuration is for.
    pub target: &'a Target,
    /// All texts of this configuration.
    pub sources: &'a Sources,
    /// The configuration file within the sources.
    pub file: FileId,
    /// How the file is read.
    pub dialect: Dialect,
    /// What the file sets, duplicates and dropped lines included.
    pub loaded: &'a Loaded<'a>,
    /// The effective configuration.
    pub config: &'a ResolvedConfig<'a>,
    /// The other one of `flink-conf.yaml` and `config.yaml` lies in the same directory.
    pub has_sibling: bool,
    /// Keyed state backends that share a slot: one for each stateful operator in it.
    pub backends_per_slot: u32,
    /// What rules share; starts empty.
    pub facts: Facts<'a>,
}

/// What several rules need to know of one configuration, found out once.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    /// What the file describes, if it is no configuration file itself.
    deployment: Option<&'a manifest::Deployment>,
    /// What is laid over the file, if its rules are to speak.
    overlay: Option<&'a manifest::Deployment>,
    /// What a workload makes of it, if somebody has asked.
    assessment: Option<&'a Assessment>,
    /// What a running cluster has, if one is compared with.
    deployed: Option<&'a Deployed>,
    /// The machine that Flink is to run on, if one was read.
    host: Option<&'a Host>,
    memory: OnceCell<MemoryModel<'a>>,
    nested: OnceCell<Vec<Block>>,
    classes: OnceCell<Vec<Option<Classification>>>,
    secrets: OnceCell<Vec<Span>>,
    is_ascii: OnceCell<bool>,
}

impl<'a> Facts<'a> {
    /// The facts of a configuration that stands in another kind of text.
    pub fn of(deployment: Option<&'a manifest::Deployment>) -> Self {
        Self { deployment, ..Self::default() }
    }

    /// The same with another text laid over it.
    #[must_use]
    pub fn with_overlay(self, overlay: Option<&'a manifest::Deployment>) -> Self {
        Self { overlay, ..self }
    }

    /// These, and what a workload makes of the configuration.
    #[must_use]
    pub fn with_assessment(self, assessment: Option<&'a Assessment>) -> Self {
        Self { assessment, ..self }
    }

    /// These, and what a running cluster has.
    #[must_use]
    pub fn with_deployed(self, deployed: Option<&'a Deployed>) -> Self {
        Self { deployed, ..self }
    }

    /// These, and the machine that Flink is to run on.
    #[must_use]
    pub fn with_host(self, host: Option<&'a Host>) -> Self {
        Self { host, ..self }
    }
}

impl<'a> LintContext<'a> {
    /// What the configuration makes of memory, given the state backends per slot.
    pub fn memory(&self) -> &MemoryModel<'a> {
        let assumptions = Assumptions {
            target: self.target,
            deployment: Deployment::of(self.target),
            backends_per_slot: self.backends_per_slot,
        };
        self.facts.memory.get_or_init(|| MemoryModel::derive(self.config, assumptions))
    }

    /// What a workload makes of the configuration; rules never run one.
    pub fn assessment(&self) -> Option<&'a Assessment> {
        self.facts.assessment
    }

    /// What a running cluster has, if the file is compared with one.
    pub fn deployed(&self) -> Option<&'a Deployed> {
        self.facts.deployed
    }

    /// The machine that Flink is to run on, if the file is compared with one.
    pub fn host(&self) -> Option<&'a Host> {
        self.facts.host
    }

    /// The state backend that the configuration or else the target's default selects.
    pub fn state_backend(&self) -> SelectedStateBackend<'_, 'a> {
        SelectedStateBackend::of(self.config, self.target)
    }

    /// The Flink release of the target.
    pub fn release(&self) -> Release {
        self.target.release()
    }

    /// The configuration file.
    pub fn source(&self) -> Option<&'a SourceFile> {
        self.sources.file(self.file)
    }

    /// What the file describes, if it is no configuration file itself, else what is laid over it.
    pub fn deployment(&self) -> Option<&'a manifest::Deployment> {
        self.facts.deployment.or(self.facts.overlay)
    }

    /// What the file itself describes, if it is no configuration file.
    pub(super) fn own_deployment(&self) -> Option<&'a manifest::Deployment> {
        self.facts.deployment
    }

    /// The configuration's text; where it is a part of the file, all around it is blank.
    pub fn text(&self) -> &'a str {
        match self.own_deployment().and_then(|deployment| deployment.embedded.as_ref()) {
            Some(embedded) => &embedded.view,
            None => self.file_text(),
        }
    }

    /// The whole file's text.
    pub(super) fn file_text(&self) -> &'a str {
        self.source().map_or("", SourceFile::text)
    }

    /// The configuration's name without its directories.
    pub fn file_name(&self) -> &'a str {
        if let Some(deployment) = self.own_deployment() {
            return deployment.embedded.as_ref().map_or("", |embedded| embedded.name);
        }
        let name = self.source().map_or("", SourceFile::name);
        name.rsplit(['/', '\\']).next().unwrap_or(name)
    }

    /// Every secret in the texts, in order.
    pub(super) fn secrets(&self) -> &[Span] {
        self.facts.secrets.get_or_init(|| secrets::find_secrets(self))
    }

    /// Whether the file has nothing but ASCII.
    pub(super) fn is_ascii(&self) -> bool {
        *self.facts.is_ascii.get_or_init(|| self.file_text().is_ascii())
    }

    /// Whether some release has an option of this key, or reads one under it.
    pub(super) fn is_known_key(&self, key: &str) -> bool {
        catalog::option(key).is_some()
            || catalog::options_with_alternate(key, self.release()).next().is_some()
    }

    /// The blocks of nested YAML in a legacy file, in file order.
    pub(super) fn nested_blocks(&self) -> &[Block] {
        self.facts.nested.get_or_init(|| nesting::blocks(self))
    }

    /// Whether a place of the file lies in a block of nested YAML, which a finding of its own
    /// tells of.
    pub(super) fn is_nested(&self, offset: usize) -> bool {
        let blocks = self.nested_blocks();
        let next = blocks.partition_point(|block| block.range.start <= offset);
        let block = next.checked_sub(1).and_then(|at| blocks.get(at));
        block.is_some_and(|block| offset < block.range.end)
    }

    /// Every effective setting with what its key is to the target, by key; those whose keys are
    /// not what they seem are left out, as a finding of their own tells of them.
    pub(super) fn classified(&self) -> impl Iterator<Item = (&Setting<'a>, Classification)> {
        let settings = self.config.settings();
        let classes = self.facts.classes.get_or_init(|| self.classes());
        settings.iter().zip(classes).filter_map(|(setting, class)| Some((setting, (*class)?)))
    }

    fn classes(&self) -> Vec<Option<Classification>> {
        /// Each key of a namespace that is partly known is compared with the options that it
        /// resembles, so more of them than this are taken as they are.
        const MAX_COMPARED: usize = 500;
        let mut compared = 0;
        let settings = self.config.settings().iter();
        settings
            .map(|setting| {
                if is_key_misread(self, setting) {
                    return None;
                }
                let exact = catalog::classify_exactly(&setting.key, self.target);
                if exact.is_none() {
                    compared += 1;
                    if compared > MAX_COMPARED {
                        return None;
                    }
                }
                Some(exact.unwrap_or_else(|| catalog::classify(&setting.key, self.target)))
            })
            .collect()
    }

    /// The effective setting of a key or one of its alternates.
    pub fn lookup(&self, key: &str) -> Option<&Setting<'a>> {
        self.config.lookup(key)
    }
}

/// Where a value is to be shown: its own place, or, for a default, the place of the setting that
/// makes the default matter.
pub trait Place {
    /// The label; `because` is pointed at if the value is a default.
    fn place(&self, because: Span, text: String) -> Label;
}

impl<T> Place for Resolved<'_, '_, T> {
    fn place(&self, because: Span, text: String) -> Label {
        match self.origin {
            Origin::Setting(setting) => Label { span: setting.value_span, text },
            Origin::Default => Label { span: because, text: format!("{text} (default)") },
        }
    }
}
