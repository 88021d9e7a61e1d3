use std::path::Path;
use std::sync::Arc;

use super::{RuleSelection, SettingsFile, SettingsFinder, absolute};
use crate::capacity::Assessment;
use crate::catalog::{Release, Target, infer_target};
use crate::cluster::Deployed;
use crate::config::{
    Dialect, Layer, Loaded, Reading, ResolvedConfig, Setting, load_dynamic_property, load_file,
};
use crate::finding::Finding;
use crate::host::Host;
use crate::lint::{self, Facts, LintContext};
use crate::manifest::{self, Deployment, Form};
use crate::source::{FileId, SourceFile, Sources};

/// A file that could not be read, a `slotwise.yaml` that says what it must not, or a `-D`
/// without `=`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub struct InputError {
    /// The path or argument.
    pub name: String,
    /// What went wrong.
    pub message: String,
}

impl InputError {
    /// The error `message` about `name`.
    pub fn new(name: impl Into<String>, message: impl ToString) -> Self {
        Self { name: name.into(), message: message.to_string() }
    }
}

/// What a user chose beside `slotwise.yaml`; it outranks the file.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// The target, and how it was chosen, as a sentence's end: "given with --target".
    pub target: Option<(Target, &'static str)>,
    /// How to read the file.
    pub dialect: Option<Dialect>,
    /// What the text is, if its name and content shall not decide.
    pub form: Option<Form>,
    /// `KEY=VALUE` texts laid over the file.
    pub dynamic_properties: Vec<String>,
    /// Keyed state backends per slot.
    pub backends_per_slot: Option<u32>,
}

/// One configuration as a process would see it: a file, and the `-D` properties over it.
#[derive(Debug)]
pub struct Subject {
    /// The file's path as the user wrote it.
    pub path: String,
    /// The file and the dynamic properties as texts.
    pub sources: Sources,
    /// The file within the sources.
    pub file: FileId,
    /// The `-D` arguments within the sources.
    pub dynamic_properties: Vec<FileId>,
    /// What the configuration is for.
    pub target: Target,
    /// Why this target, as a sentence's end: "given with --target".
    pub target_reason: String,
    /// How the file is read.
    pub dialect: Dialect,
    /// Keyed state backends per slot: one for each stateful operator that shares a slot.
    pub backends_per_slot: u32,
    /// What lies around the file.
    pub surroundings: Surroundings,
    /// What the file describes, if it is no configuration file itself; a file that describes
    /// several deployments has a subject for each.
    pub deployment: Option<Deployment>,
    /// Texts laid over the file, lowest first.
    pub overlays: Vec<Overlay>,
    /// What a workload makes of the configuration, for the rules on capacity.
    pub assessment: Option<Box<Assessment>>,
    /// What a running cluster has, for the rules that compare.
    pub deployed: Option<Arc<Deployed>>,
    /// The machine that Flink is to run on, for the rules that compare.
    pub host: Option<Arc<Host>>,
    /// The file as it was read to infer the target.
    reading: Option<Reading>,
}

/// A text laid over a configuration: a job command, a manifest, a script, another file.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// The text within the subject's sources.
    file: FileId,
    /// What it describes; `None` for a configuration file.
    deployment: Option<Deployment>,
}

/// What a file's folder says about it.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The `slotwise.yaml` that applies.
    pub settings: Option<Arc<SettingsFile>>,
    /// The other one of Flink's two configuration files lies in the same directory.
    pub has_sibling: bool,
    /// The rules that the settings leave out of this file.
    pub ignored: Vec<String>,
}

impl Surroundings {
    /// Looks around the file at `path`.
    ///
    /// # Errors
    /// A `slotwise.yaml` that cannot be read, or that says what it must not.
    pub fn of(finder: &SettingsFinder, path: &Path) -> Result<Self, InputError> {
        Ok(Self { has_sibling: has_sibling(path), ..Self::of_unsaved(finder, path)? })
    }

    /// The surroundings of a text that goes by the name `path` and is not a file.
    ///
    /// # Errors
    /// Those of [`of`](Self::of).
    pub fn of_unsaved(finder: &SettingsFinder, path: &Path) -> Result<Self, InputError> {
        let settings = finder.find(path)?;
        let ignored = settings.as_ref().map(|file| file.paths.ignored(&absolute(path)));
        Ok(Self { settings, has_sibling: false, ignored: ignored.unwrap_or_default() })
    }
}

impl Subject {
    /// Every configuration that a text holds, in its order: one for a configuration file, one for
    /// each deployment that a manifest describes.
    pub fn all(source: SourceFile, choices: &Choices, surroundings: &Surroundings) -> Vec<Self> {
        let name = file_name(source.name()).into_owned();
        // A dialect says that the text is a configuration file, whatever it looks like.
        let form = match choices.dialect {
            Some(_) => None,
            None => choices.form.or_else(|| manifest::recognize(&name, source.text())),
        };
        let Some(form) = form else {
            return vec![Self::new(source, choices, surroundings.clone())];
        };
        let mut sources = Sources::default();
        let file = sources.add(source.clone());
        let deployments = manifest::read(form, file, source.text());
        let subject = |deployment| {
            Self::of_deployment(source.clone(), choices, surroundings.clone(), deployment)
        };
        deployments.into_iter().map(subject).collect()
    }

    /// Lays a text over the configuration; what it says of the version counts, unless somebody
    /// chose a target.
    ///
    /// # Errors
    /// A manifest that describes nothing, or several deployments.
    pub fn overlay(
        &mut self,
        source: SourceFile,
        form: Option<Form>,
        choices: &Choices,
    ) -> Result<(), InputError> {
        let name = source.name().to_owned();
        let form = form.or_else(|| manifest::recognize(&file_name(&name), source.text()));
        let file = self.sources.add(source);
        let text = self.sources.file(file).map_or("", SourceFile::text);
        let mut deployments =
            form.map_or_else(Vec::new, |form| manifest::read(form, file, text)).into_iter();
        let deployment = deployments.next();
        let count = usize::from(deployment.is_some()) + deployments.count();
        if form.is_some() && count != 1 {
            return Err(InputError::new(name, format!("expected one deployment, found {count}")));
        }
        if let Some(stated) = deployment.as_ref().and_then(|it| it.target.as_ref())
            && self.settled_target(choices).is_none()
        {
            self.target = stated.target.clone();
            self.target_reason.clone_from(&stated.reason);
        }
        self.overlays.push(Overlay { file, deployment });
        Ok(())
    }

    /// Decides the target of a deployment that was read from `source`.
    fn of_deployment(
        source: SourceFile,
        choices: &Choices,
        surroundings: Surroundings,
        deployment: Deployment,
    ) -> Self {
        // The text as a whole is no configuration, so its target is not inferred with care.
        let quick = Choices { dialect: Some(Dialect::Legacy), ..choices.clone() };
        let mut subject = Self::new(source, &quick, surroundings);
        if let (None, Some(stated)) = (subject.settled_target(choices), &deployment.target) {
            subject.target = stated.target.clone();
            subject.target_reason.clone_from(&stated.reason);
        } else if subject.settled_target(choices).is_none() {
            let (_, settings) = deployment.load(subject.file, &Target::flink(Release::V1_20));
            let settings: Vec<_> =
                settings.iter().map(|setting| (&*setting.key, setting.value.text())).collect();
            let name = deployment.embedded.as_ref().map_or("", |embedded| embedded.name);
            let settings = settings.iter().map(|(key, value)| (*key, &**value));
            let (target, why) = infer_target(name, settings);
            subject.target = target;
            subject.target_reason = why.to_string();
        }
        subject.dialect = deployment.dialect(subject.target.release());
        subject.deployment = Some(deployment);
        subject.reading = None; // What was read is the file, not the configuration in it.
        subject
    }

    /// The target that somebody chose.
    fn settled_target<'c>(&'c self, choices: &'c Choices) -> Option<&'c Target> {
        let settings = self.surroundings.settings.as_ref();
        let settled = settings.and_then(|file| file.settings.target.as_ref());
        choices.target.as_ref().map(|(target, _)| target).or(settled)
    }

    /// Decides the target and the dialect of a text that is a configuration file.
    pub fn new(source: SourceFile, choices: &Choices, surroundings: Surroundings) -> Self {
        let path = source.name().to_owned();
        let file_name = file_name(&path);
        let mut sources = Sources::default();
        let file = sources.add(source);
        let text = sources.file(file).map_or("", SourceFile::text);
        let mut reading = None;
        let settings = surroundings.settings.as_ref();
        let settled = settings.and_then(|file| Some((file.settings.target.as_ref()?, &file.path)));
        let (target, target_reason) = match (&choices.target, settled) {
            (Some((target, how)), _) => (target.clone(), (*how).to_owned()),
            (None, Some((target, path))) => (target.clone(), format!("set in {}", path.display())),
            (None, None) => {
                // Any release that reads both dialects will do, to tell them apart by the text.
                let guess = choices
                    .dialect
                    .unwrap_or_else(|| Dialect::of(&file_name, text, Release::V1_20));
                let source = sources.file(file);
                reading = source.map(|source| Reading::new(file, source, guess));
                let loaded = reading.as_ref().zip(source);
                let loaded = loaded.map(|(reading, source)| reading.loaded(file, source));
                infer(&file_name, &loaded.unwrap_or_default())
            }
        };
        let dialect =
            choices.dialect.unwrap_or_else(|| Dialect::of(&file_name, text, target.release()));
        let dynamic_properties = choices
            .dynamic_properties
            .iter()
            .map(|text| {
                let name = format!("-D {}", lint::mask_property(text));
                sources.add(SourceFile::argument(name, text))
            })
            .collect();
        drop(file_name);
        let settled = settings.and_then(|file| file.settings.backends_per_slot);
        let backends_per_slot = choices.backends_per_slot.or(settled).unwrap_or(1);
        Self {
            path,
            sources,
            file,
            dynamic_properties,
            target,
            target_reason,
            dialect,
            backends_per_slot,
            surroundings,
            deployment: None,
            overlays: Vec::new(),
            assessment: None,
            deployed: None,
            host: None,
            reading: reading.filter(|reading| reading.dialect() == dialect),
        }
    }

    /// The file.
    pub fn source(&self) -> Option<&SourceFile> {
        self.sources.file(self.file)
    }

    /// The text of the file that `subjects` were read from, without its secrets.
    pub fn masked_text(subjects: &[Self]) -> String {
        let Some(first) = subjects.first() else { return String::new() };
        let secrets: Vec<_> = subjects
            .iter()
            .flat_map(|subject| {
                let (loaded, config) = subject.load();
                lint::mask(&subject.context(&loaded, &config)).to_vec()
            })
            .collect();
        let mut sources = first.sources.clone();
        sources.mask(&secrets);
        sources.file(first.file).map_or_else(String::new, |file| file.text().to_owned())
    }

    /// What the first overlay describes that has rules of its own.
    fn overlay_deployment(&self) -> Option<&Deployment> {
        self.overlays.iter().find_map(|overlay| overlay.deployment.as_ref())
    }

    /// This file's text without its secrets, and without those of the file that it was made of.
    pub fn without_secrets_of(&self, origin: &Self) -> String {
        let mut text = Self::masked_text(std::slice::from_ref(self));
        let (loaded, config) = origin.load();
        let ctx = origin.context(&loaded, &config);
        for span in lint::mask(&ctx) {
            let secret = origin.sources.text(*span).trim_matches(['"', '\'']);
            if !secret.is_empty() {
                text = text.replace(secret, &"*".repeat(secret.len()));
            }
        }
        text
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        self.sources.file(self.file).map_or("", SourceFile::text)
    }

    /// Loads the file and lays the dynamic properties over it.
    pub fn load(&self) -> (Loaded<'_>, ResolvedConfig<'_>) {
        let text = |id| self.sources.file(id).map_or("", SourceFile::text);
        let (loaded, mut settings) = match &self.deployment {
            Some(deployment) => deployment.load(self.file, &self.target),
            None => self.load_file(),
        };
        for Overlay { file, deployment } in &self.overlays {
            let (_, laid) = match deployment {
                Some(deployment) => deployment.load(*file, &self.target),
                None => {
                    let source = self.sources.file(*file);
                    let read = |source| load_file(*file, source, self.dialect);
                    let loaded = source.map(read).unwrap_or_default();
                    (Loaded::default(), loaded.settings)
                }
            };
            // What ships with an image is below the file that is checked, and known from there.
            settings.extend(laid.into_iter().filter(|setting| setting.layer != Layer::Shipped));
        }
        // A job changes nothing in a cluster that runs.
        settings.retain(|it| it.layer != Layer::Job || !manifest::is_of_cluster(&it.key));
        let properties = self.dynamic_properties.iter();
        settings.extend(properties.filter_map(|id| load_dynamic_property(*id, text(*id))));
        (loaded, ResolvedConfig::new(self.target.release(), settings))
    }

    fn load_file(&self) -> (Loaded<'_>, Vec<Setting<'_>>) {
        let read = |source| match &self.reading {
            Some(reading) => reading.loaded(self.file, source),
            None => load_file(self.file, source, self.dialect),
        };
        let loaded = self.sources.file(self.file).map(read).unwrap_or_default();
        let settings = loaded.settings.clone();
        (loaded, settings)
    }

    /// Every wanted problem of the configuration, in file order.
    pub fn check(&self, selection: &RuleSelection) -> Vec<Finding> {
        let (loaded, config) = self.load();
        self.wanted(selection, &self.context(&loaded, &config))
    }

    /// Every wanted problem of the deployments of one file, in file order; what several
    /// deployments share is reported once.
    pub fn check_all(subjects: &[&Self], selection: &RuleSelection) -> Vec<Finding> {
        if let [subject] = subjects {
            return subject.check(selection);
        }
        let mut findings: Vec<Finding> = Vec::new();
        for subject in subjects {
            let (loaded, config) = subject.load();
            let ctx = subject.context(&loaded, &config);
            let name = subject.deployment.as_ref().map(|it| Arc::from(it.name.as_str()));
            for mut finding in lint::find(&ctx) {
                finding.deployment.clone_from(&name);
                let is_same = |other: &Finding| {
                    other.rule == finding.rule
                        && other.primary == finding.primary
                        && other.message == finding.message
                };
                let labeled = finding.primary.is_some();
                if !(labeled && findings.iter().rev().take(64).any(is_same)) {
                    findings.push(finding);
                }
            }
        }
        if let Some(subject) = subjects.first() {
            let (loaded, config) = subject.load();
            let ctx = subject.context(&loaded, &config);
            lint::suppress(&ctx, &mut findings, selection.silenced);
            subject.retain_wanted(selection, &mut findings);
        }
        let position = |finding: &Finding| {
            let name = finding.deployment.as_deref()?;
            subjects.iter().position(|subject| {
                subject.deployment.as_ref().is_some_and(|deployment| deployment.name == name)
            })
        };
        findings.sort_by_cached_key(position);
        findings
    }

    /// [`check_all`](Self::check_all), after which the first one's texts show no secrets.
    pub fn check_all_and_mask(subjects: &mut [Self], selection: &RuleSelection) -> Vec<Finding> {
        if let [subject] = subjects {
            return subject.check_and_mask(selection);
        }
        let all: Vec<&Self> = subjects.iter().collect();
        let findings = Self::check_all(&all, selection);
        let mut secrets = Vec::new();
        for subject in &*subjects {
            let (loaded, config) = subject.load();
            secrets.extend_from_slice(lint::mask(&subject.context(&loaded, &config)));
        }
        if let Some(subject) = subjects.first_mut() {
            subject.sources.mask(&secrets);
        }
        findings
    }

    /// [`check`](Self::check), after which the texts show no secrets, for whatever prints their
    /// lines beside the findings; every place stays where it is.
    pub fn check_and_mask(&mut self, selection: &RuleSelection) -> Vec<Finding> {
        let (findings, secrets) = {
            let (loaded, config) = self.load();
            let ctx = self.context(&loaded, &config);
            let findings = self.wanted(selection, &ctx);
            let secrets = if findings.is_empty() { Vec::new() } else { lint::mask(&ctx).to_vec() };
            (findings, secrets)
        };
        self.sources.mask(&secrets);
        findings
    }

    fn wanted(&self, selection: &RuleSelection, ctx: &LintContext<'_>) -> Vec<Finding> {
        let mut findings = lint::find(ctx);
        lint::suppress(ctx, &mut findings, selection.silenced);
        self.retain_wanted(selection, &mut findings);
        findings
    }

    fn retain_wanted(&self, selection: &RuleSelection, findings: &mut Vec<Finding>) {
        let settings = self.surroundings.settings.as_ref().map(|file| &file.settings);
        let ignored = &self.surroundings.ignored;
        findings.retain(|finding| selection.reports(finding, settings, ignored));
        let Some(settings) = settings.filter(|settings| !settings.severity.is_empty()) else {
            return;
        };
        for finding in findings {
            finding.severity = settings.severity_of(finding.rule).unwrap_or(finding.severity);
        }
    }

    /// What rules look at; `loaded` and `config` come from [`load`](Self::load).
    pub fn context<'a>(
        &'a self,
        loaded: &'a Loaded<'a>,
        config: &'a ResolvedConfig<'a>,
    ) -> LintContext<'a> {
        LintContext {
            target: &self.target,
            sources: &self.sources,
            file: self.file,
            dialect: self.dialect,
            loaded,
            config,
            has_sibling: self.surroundings.has_sibling,
            backends_per_slot: self.backends_per_slot,
            facts: Facts::of(self.deployment.as_ref())
                .with_overlay(self.overlay_deployment())
                .with_assessment(self.assessment.as_deref())
                .with_deployed(self.deployed.as_deref())
                .with_host(self.host.as_deref()),
        }
    }
}

/// A path's last part.
fn file_name(path: &str) -> std::borrow::Cow<'_, str> {
    Path::new(path).file_name().map_or(path.into(), |name| name.to_string_lossy())
}

/// Whether Flink's other configuration file lies beside `path`.
fn has_sibling(path: &Path) -> bool {
    let other = match path.file_name().and_then(|name| name.to_str()) {
        Some("flink-conf.yaml") => "config.yaml",
        Some("config.yaml") => "flink-conf.yaml",
        _ => return false,
    };
    path.with_file_name(other).is_file()
}

/// The target that the file's name and keys suggest, and why.
fn infer(file_name: &str, loaded: &Loaded<'_>) -> (Target, String) {
    let settings: Vec<_> =
        loaded.settings.iter().map(|setting| (&*setting.key, setting.value.text())).collect();
    let settings = settings.iter().map(|(key, value)| (*key, &**value));
    let (target, why) = infer_target(file_name, settings);
    (target, why.to_string())
}
