use std::ops::Range;

use super::{Form, JobCommand};
use crate::catalog::{Release, Target, keys};
use crate::config::{Dialect, Layer, Loaded, Setting, load};
use crate::source::{FileId, Span};

/// One thing that a text configures: a job, a cluster, a container.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// What people call it, such as `FlinkDeployment orders`.
    pub name: String,
    /// What kind of text it stands in.
    pub form: Form,
    /// Whose configuration it is, and how much of it.
    pub role: Role,
    /// The configuration file within the text, if there is one.
    pub embedded: Option<Embedded>,
    /// The settings outside of `embedded`, in the order of the text.
    pub settings: Vec<Setting<'static>>,
    /// What the text says about the version it is for.
    pub target: Option<StatedTarget>,
    /// What rules of this form look at.
    pub facts: Facts,
}

/// Whose configuration a deployment is; a rule about what is missing must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything that a cluster and its jobs read.
    Cluster,
    /// What a JobManager reads; its TaskManagers have their own.
    JobManager,
    /// What a TaskManager reads.
    TaskManager,
    /// A few settings over a configuration that stands elsewhere.
    Part,
}

/// A version that a text names.
#[derive(Debug, Clone)]
pub struct StatedTarget {
    /// The target.
    pub target: Target,
    /// How it is known, as a sentence's end: "spec.flinkVersion says so".
    pub reason: String,
}

/// A configuration file inside another text.
///
/// `view` is as long as the original up to the end of the configuration, and blank outside of it,
/// so that a place in it is a place in the original.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The name by which Flink knows it, such as `flink-conf.yaml`.
    pub name: &'static str,
    /// The text, everything around it blank.
    pub view: String,
    /// Where the configuration is.
    pub range: Range<usize>,
    /// How it is read, if that does not depend on the release.
    pub dialect: Option<Dialect>,
    /// The layer of its settings.
    pub layer: Layer,
}

/// What a form has beside settings.
#[derive(Debug, Clone)]
pub enum Facts {
    /// The command that starts a job.
    Job(JobCommand),
}

impl Deployment {
    /// How a release reads the configuration within.
    pub fn dialect(&self, release: Release) -> Dialect {
        let stated = self.embedded.as_ref().and_then(|embedded| embedded.dialect);
        let by_release = if release < Release::V2_0 { Dialect::Legacy } else { Dialect::Yaml };
        stated.unwrap_or(by_release)
    }

    /// What a loader makes of the configuration within, and every setting of the deployment.
    pub fn load(&self, file: FileId, release: Release) -> (Loaded<'_>, Vec<Setting<'_>>) {
        let outside = self.settings.iter().map(|setting| setting_for(setting, release));
        let Some(embedded) = &self.embedded else {
            let settings: Vec<Setting<'_>> = outside.collect();
            let written = settings.iter().filter(|setting| setting.layer == Layer::Manifest);
            let loaded = Loaded { settings: written.cloned().collect(), ..Loaded::default() };
            return (loaded, settings);
        };
        let mut loaded = load(file, &embedded.view, self.dialect(release));
        for setting in &mut loaded.settings {
            setting.layer = embedded.layer;
        }
        let settings = loaded.settings.iter().cloned().chain(outside).collect();
        (loaded, settings)
    }

    /// The command, if this is one.
    pub fn job(&self) -> Option<&JobCommand> {
        match &self.facts {
            Facts::Job(command) => Some(command),
        }
    }

    /// Whether the text at `span` is a key or a value as written, so that an edit of it does what
    /// it says; what is computed or quoted by another language is not.
    pub fn is_verbatim(&self, span: Span, text: &str) -> bool {
        let within = |range: &Range<usize>| {
            range.start <= span.range().start && span.range().end <= range.end
        };
        if let Some(embedded) = &self.embedded
            && within(&embedded.range)
        {
            return embedded.view.get(span.range()) == text.get(span.range());
        }
        let same = |place: Span, value: &str| {
            place.file == span.file
                && within(&place.range())
                && text.get(place.range()) == Some(value)
        };
        self.settings.iter().any(|setting| {
            same(setting.key_span, &setting.key) || same(setting.value_span, &setting.value.text())
        })
    }
}

/// The setting as a release knows it: `-yjm` is the heap option of Flink 1.10, whose JobManager
/// has no other.
///
/// Source: `FlinkYarnSessionCli.applyCommandLineOptionsToConfiguration`, Flink 1.10.3 and 1.11.4.
fn setting_for<'a>(setting: &'a Setting<'static>, release: Release) -> Setting<'a> {
    let mut setting = setting.clone();
    if release < Release::V1_11
        && setting.layer == Layer::CommandOption
        && setting.key == keys::JOB_MANAGER_PROCESS_SIZE.key()
    {
        setting.key = keys::JOB_MANAGER_HEAP_SIZE.key().into();
    }
    setting
}
