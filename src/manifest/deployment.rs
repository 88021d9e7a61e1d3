use std::borrow::Cow;
use std::ops::Range;

use super::yaml::{PropertiesLine, properties_lines};
use super::{ContainerSpec, Form, JobCommand, OperatorSpec, ScriptSpec};
use crate::catalog::{Release, Target, keys};
use crate::config::{Dialect, Layer, LoadError, Loaded, RawValue, Setting, load};
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
    /// Why the text cannot be read as a whole; all else then is what its other lines say.
    pub fault: Option<LoadError>,
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
    /// A resource of the Kubernetes operator.
    Operator(Box<OperatorSpec>),
    /// A container.
    Container(Box<ContainerSpec>),
    /// A script or program.
    Script(Box<ScriptSpec>),
    /// Nothing more.
    None,
}

impl Embedded {
    /// The name of properties in a container's environment.
    pub const PROPERTIES: &'static str = "FLINK_PROPERTIES";

    /// Whether a release's image reads it by the rules of its start script rather than as a file.
    ///
    /// Source: `docker-entrypoint.sh` of the images of Flink 1.19 to 2.2.
    pub fn is_stripped(&self, release: Release) -> bool {
        self.name == Self::PROPERTIES && release >= Release::V1_19
    }

    /// The lines of properties, each cut at its first colon.
    pub fn lines(&self) -> Vec<PropertiesLine> {
        properties_lines(&self.view, self.range.clone())
    }
}

impl Deployment {
    /// The text that its settings point into.
    pub fn file(&self) -> Option<FileId> {
        let words = self.job().and_then(|command| command.words.first());
        let setting = self.settings.first().map(|setting| setting.value_span.file);
        setting.or(words.map(|word| word.span.file))
    }

    /// How a release reads the configuration within.
    pub fn dialect(&self, release: Release) -> Dialect {
        let stated = self.embedded.as_ref().and_then(|embedded| embedded.dialect);
        let by_release = if release < Release::V2_0 { Dialect::Legacy } else { Dialect::Yaml };
        stated.unwrap_or(by_release)
    }

    /// What a loader makes of the configuration within, and every setting of the deployment.
    pub fn load(&self, file: FileId, target: &Target) -> (Loaded<'_>, Vec<Setting<'_>>) {
        let release = target.release();
        let whole = self.job().filter(|command| command.is_read_whole(target));
        let unread = whole.map_or(&[][..], |command| &command.unread);
        let outside = self.settings.iter().chain(unread);
        let outside = outside.map(|setting| setting_for(setting, release));
        let Some(embedded) = &self.embedded else {
            let settings: Vec<Setting<'_>> = outside.collect();
            let written = settings.iter().filter(|setting| setting.layer == Layer::Manifest);
            let error = self.fault.clone();
            let loaded =
                Loaded { settings: written.cloned().collect(), skipped: Vec::new(), error };
            return (loaded, settings);
        };
        if embedded.is_stripped(release) {
            // The start script has no rules that a finding about files could tell of.
            let settings = outside.chain(stripped(file, embedded)).collect();
            return (Loaded { error: self.fault.clone(), ..Loaded::default() }, settings);
        }
        let mut loaded = load(file, &embedded.view, self.dialect(release));
        if self.fault.is_some() {
            loaded.error.clone_from(&self.fault);
        }
        for setting in &mut loaded.settings {
            setting.layer = embedded.layer;
        }
        let settings = outside.chain(loaded.settings.iter().cloned()).collect();
        (loaded, settings)
    }

    /// The command, if this is one.
    pub fn job(&self) -> Option<&JobCommand> {
        match &self.facts {
            Facts::Job(command) => Some(command),
            _ => None,
        }
    }

    /// The operator's resource, if this is one.
    pub fn operator(&self) -> Option<&OperatorSpec> {
        match &self.facts {
            Facts::Operator(spec) => Some(spec),
            _ => None,
        }
    }

    /// The container, if this is one.
    pub fn container(&self) -> Option<&ContainerSpec> {
        match &self.facts {
            Facts::Container(spec) => Some(spec),
            _ => None,
        }
    }

    /// The script or program, if this is one.
    pub fn script(&self) -> Option<&ScriptSpec> {
        match &self.facts {
            Facts::Script(spec) => Some(spec),
            _ => None,
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

/// The properties as the start script hands them on: without any white space.
fn stripped(file: FileId, embedded: &Embedded) -> impl Iterator<Item = Setting<'_>> {
    let without_space = |range: &Range<usize>| -> String {
        let text = embedded.view.get(range.clone()).unwrap_or("");
        text.split_whitespace().collect()
    };
    embedded.lines().into_iter().map(move |line| Setting {
        key: Cow::Owned(without_space(&line.key)),
        value: RawValue::Text(Cow::Owned(without_space(&line.value))),
        key_span: Span::new(file, line.key),
        value_span: Span::new(file, line.value),
        layer: embedded.layer,
    })
}

/// The setting as a release knows it: `-yjm` is the heap option of Flink 1.10, whose JobManager
/// has no other.
///
/// Source: `FlinkYarnSessionCli.applyCommandLineOptionsToConfiguration`, Flink 1.10.3 and 1.11.4.
fn setting_for<'a>(setting: &'a Setting<'static>, release: Release) -> Setting<'a> {
    let mut setting = setting.clone();
    if release < Release::V1_11
        && matches!(setting.layer, Layer::CommandOption | Layer::Shipped)
        && setting.key == keys::JOB_MANAGER_PROCESS_SIZE.key()
    {
        setting.key = keys::JOB_MANAGER_HEAP_SIZE.key().into();
    }
    setting
}
