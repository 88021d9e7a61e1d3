use std::path::Path;
use std::sync::Arc;

use super::{RuleSelection, SettingsFile, SettingsFinder};
use crate::catalog::{Release, Target, infer_target};
use crate::config::{
    Dialect, Layer, Loaded, ResolvedConfig, Setting, load, load_dynamic_property, load_file,
};
use crate::finding::Finding;
use crate::lint::{self, Facts, LintContext};
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
    /// `KEY=VALUE` texts laid over the file.
    pub dynamic_properties: Vec<String>,
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
    /// What lies around the file.
    pub surroundings: Surroundings,
}

/// What a file's folder says about it.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The `slotwise.yaml` that applies.
    pub settings: Option<Arc<SettingsFile>>,
    /// The other one of Flink's two configuration files lies in the same directory.
    pub has_sibling: bool,
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
        Ok(Self { settings: finder.find(path)?, has_sibling: false })
    }
}

impl Subject {
    /// Decides the target and the dialect of a text.
    pub fn new(source: SourceFile, choices: &Choices, surroundings: Surroundings) -> Self {
        let path = source.name().to_owned();
        let file_name = Path::new(&path)
            .file_name()
            .map_or(path.as_str().into(), |name| name.to_string_lossy());
        let mut sources = Sources::default();
        let file = sources.add(source);
        let text = sources.file(file).map_or("", SourceFile::text);
        let settings = surroundings.settings.as_ref();
        let settled = settings.and_then(|file| Some((file.settings.target.as_ref()?, &file.path)));
        let (target, target_reason) = match (&choices.target, settled) {
            (Some((target, how)), _) => (target.clone(), (*how).to_owned()),
            (None, Some((target, path))) => (target.clone(), format!("set in {}", path.display())),
            (None, None) => infer(&file_name, file, text, choices.dialect),
        };
        let dialect =
            choices.dialect.unwrap_or_else(|| Dialect::of(&file_name, text, target.release()));
        let dynamic_properties = choices
            .dynamic_properties
            .iter()
            .map(|text| {
                let name = format!("-D {}", lint::mask_property(text));
                sources.add(SourceFile::decode(name, text.clone().into_bytes()))
            })
            .collect();
        drop(file_name);
        Self {
            path,
            sources,
            file,
            dynamic_properties,
            target,
            target_reason,
            dialect,
            surroundings,
        }
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        self.sources.file(self.file).map_or("", SourceFile::text)
    }

    /// Loads the file and lays the dynamic properties over it.
    pub fn load(&self) -> (Loaded<'_>, ResolvedConfig<'_>) {
        let text = |id| self.sources.file(id).map_or("", SourceFile::text);
        let file = self.sources.file(self.file);
        let loaded = file.map(|file| load_file(self.file, file, self.dialect)).unwrap_or_default();
        let mut settings: Vec<Setting<'_>> = loaded.settings.clone();
        let properties = self.dynamic_properties.iter();
        settings.extend(properties.filter_map(|id| load_dynamic_property(*id, text(*id))));
        debug_assert!(settings.iter().all(|setting| setting.layer <= Layer::DynamicProperty));
        (loaded, ResolvedConfig::new(self.target.release(), settings))
    }

    /// Every wanted problem of the configuration, in file order.
    pub fn check(&self, selection: &RuleSelection) -> Vec<Finding> {
        let (loaded, config) = self.load();
        self.wanted(selection, &self.context(&loaded, &config))
    }

    /// [`check`](Self::check), after which the texts show no secrets, for whatever prints their
    /// lines beside the findings; every place stays where it is.
    pub fn check_and_mask(&mut self, selection: &RuleSelection) -> Vec<Finding> {
        let (findings, secrets) = {
            let (loaded, config) = self.load();
            let ctx = self.context(&loaded, &config);
            let findings = self.wanted(selection, &ctx);
            let secrets = if findings.is_empty() { Vec::new() } else { lint::mask(&ctx) };
            (findings, secrets)
        };
        self.sources.mask(&secrets);
        findings
    }

    fn wanted(&self, selection: &RuleSelection, ctx: &LintContext<'_>) -> Vec<Finding> {
        let mut findings = lint::check(ctx);
        let settings = self.surroundings.settings.as_ref().map(|file| &file.settings);
        findings.retain(|finding| selection.reports(finding, settings));
        findings
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
            facts: Facts::default(),
        }
    }
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
fn infer(file_name: &str, file: FileId, text: &str, dialect: Option<Dialect>) -> (Target, String) {
    // Any release that reads both dialects will do, to tell them apart by the text.
    let guess = dialect.unwrap_or_else(|| Dialect::of(file_name, text, Release::V1_20));
    let loaded = load(file, text, guess);
    let settings: Vec<_> =
        loaded.settings.iter().map(|setting| (&*setting.key, setting.value.text())).collect();
    let settings = settings.iter().map(|(key, value)| (*key, &**value));
    let (target, why) = infer_target(file_name, settings);
    (target, why.to_string())
}
