use crate::catalog::{Release, Target};
use crate::config::{Dialect, Loaded, Origin, Resolved, ResolvedConfig, Setting};
use crate::finding::Label;
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
}

impl<'a> LintContext<'a> {
    /// The Flink release of the target.
    pub fn release(&self) -> Release {
        self.target.release()
    }

    /// The configuration file.
    pub fn source(&self) -> Option<&'a SourceFile> {
        self.sources.file(self.file)
    }

    /// The file's text.
    pub fn text(&self) -> &'a str {
        self.source().map_or("", SourceFile::text)
    }

    /// The file's name without its directories.
    pub fn file_name(&self) -> &'a str {
        let name = self.source().map_or("", SourceFile::name);
        name.rsplit(['/', '\\']).next().unwrap_or(name)
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
