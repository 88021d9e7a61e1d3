//! One open file.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use gen_lsp_types as lsp;

use super::assessor::{Answer, Answered};
use super::client::UserSettings;
use super::from_proto;
use super::layers::Layers;
use super::position::{Encoding, Positions};
use crate::config::{Layer, Setting};
use crate::finding::Finding;
use crate::lint::LintContext;
use crate::manifest;
use crate::source::{LineIndex, SourceFile};
use crate::workspace::{
    AssessmentQuestion, InputError, SettingsFinder, Subject, Surroundings, WorkloadFinder,
};

/// A version of a file; a new one takes its place with every edit.
#[derive(Debug)]
pub(super) struct Document {
    /// As the client writes it.
    pub(super) uri: lsp::Uri,
    /// What the client takes it for, such as `yaml`; empty for a file that nobody opened.
    language: String,
    /// The client's own number.
    pub(super) version: i32,
    text: String,
    lines: LineIndex,
    /// An earlier version had something to do with Flink: a half-typed line does not change that.
    was_ours: bool,
    /// What workloads made of this version and ones before, the latest last.
    answers: Answers,
    /// What was found, once someone wants to know.
    analysis: OnceLock<Analysis>,
}

/// Answers to questions about a document; an edit that is taken back needs no new run.
type Answers = Arc<Vec<(AssessmentQuestion, Answer)>>;

/// Languages of many files that Flink never sees.
const GENERAL_LANGUAGES: [&str; 9] =
    ["yaml", "dockercompose", "dockerfile", "helm", "json", "sql", "java", "scala", "python"];

/// So many answers are kept.
const MAX_ANSWERS: usize = 16;

/// What there is to know about a document.
#[derive(Debug)]
pub(super) struct Analysis {
    /// The text with its target and dialect; of several deployments, the first.
    pub(super) subject: Subject,
    /// The other deployments.
    others: Vec<Subject>,
    /// From the first to the last byte of each deployment, the first one's included; empty if
    /// there is only one.
    extents: Vec<Range<usize>>,
    /// The text has something to do with Flink; otherwise nothing is said about it.
    pub(super) is_ours: bool,
    /// What `slotwise check` finds.
    pub(super) findings: Vec<Finding>,
    /// Why the `slotwise.yaml` that applies could not be used.
    pub(super) settings_error: Option<InputError>,
    /// What a workload would tell of it, and no run has yet.
    unanswered: Vec<AssessmentQuestion>,
}

/// What an analysis depends on beside the text.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) settings: UserSettings,
    pub(super) finder: SettingsFinder,
    pub(super) workloads: WorkloadFinder,
    pub(super) layers: Layers,
    /// Another number after each change.
    pub(super) generation: u64,
}

impl Document {
    pub(super) fn new(uri: lsp::Uri, language: String, version: i32, text: String) -> Self {
        let lines = LineIndex::new(&text);
        let answers = Answers::default();
        let analysis = OnceLock::new();
        Self { uri, language, version, text, lines, was_ours: false, answers, analysis }
    }

    /// The version after `changes`, applied one after the other.
    pub(super) fn edited(
        &self,
        version: i32,
        changes: Vec<lsp::TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Self {
        let mut text = self.text.clone();
        let mut lines = self.lines.clone();
        for change in changes {
            match change {
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangePartial(change) => {
                    let positions = Positions { text: &text, lines: &lines, encoding };
                    let bytes: Range<usize> = positions.bytes(change.range);
                    text.replace_range(bytes, &change.text);
                }
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(
                    change,
                ) => text = change.text,
            }
            lines = LineIndex::new(&text);
        }
        let (uri, language) = (self.uri.clone(), self.language.clone());
        let (was_ours, answers) = (self.is_known_as_ours(), Arc::clone(&self.answers));
        let analysis = OnceLock::new();
        Self { uri, language, version, text, lines, was_ours, answers, analysis }
    }

    /// The same text, not yet looked at.
    pub(super) fn fresh(&self) -> Self {
        let (was_ours, answers) = (self.is_known_as_ours(), Arc::clone(&self.answers));
        Self {
            was_ours,
            answers,
            ..Self::new(self.uri.clone(), self.language.clone(), self.version, self.text.clone())
        }
    }

    /// The same text with an answer; `None` if that is not what it asks.
    pub(super) fn answered(&self, answered: Answered, environment: &Environment) -> Option<Self> {
        let Answered { question, answer, .. } = answered;
        if !self.unanswered(environment).contains(&question) {
            return None;
        }
        let mut answers = self.answers.to_vec();
        let surplus = (answers.len() + 1).saturating_sub(MAX_ANSWERS);
        answers.drain(..surplus);
        answers.push((question, answer));
        Some(Self { answers: Arc::new(answers), ..self.fresh() })
    }

    /// What only a workload's run would tell.
    pub(super) fn unanswered(&self, environment: &Environment) -> Vec<AssessmentQuestion> {
        self.analysis(environment).unanswered.clone()
    }

    pub(super) fn positions(&self, encoding: Encoding) -> Positions<'_> {
        Positions { text: &self.text, lines: &self.lines, encoding }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where the file is, if it is one.
    pub(super) fn path(&self) -> Option<PathBuf> {
        from_proto::path(&self.uri)
    }

    /// What is found in this version; found out once.
    pub(super) fn analysis(&self, environment: &Environment) -> &Analysis {
        self.analysis.get_or_init(|| {
            let path = self.path();
            let name = match &path {
                Some(path) => path.display().to_string(),
                None => from_proto::name(&self.uri),
            };
            let surroundings = match &path {
                Some(path) => Surroundings::of(&environment.finder, path),
                None => Surroundings::of_unsaved(&environment.finder, Path::new(&name)),
            };
            let (surroundings, mut settings_error) = match surroundings {
                Ok(surroundings) => (surroundings, None),
                Err(error) => (Surroundings::default(), Some(error)),
            };
            let is_ours = self.is_ours(&name);
            let text = if is_ours { self.text.clone() } else { String::new() };
            let source = SourceFile::decode(name, text.into_bytes());
            let choices = &environment.settings.choices;
            let mut subjects = Subject::all(source.clone(), choices, &surroundings).into_iter();
            let mut subject =
                subjects.next().unwrap_or_else(|| Subject::new(source, choices, surroundings));
            let mut others: Vec<Subject> = subjects.collect();
            let mut unanswered = Vec::new();
            for subject in std::iter::once(&mut subject).chain(&mut others) {
                // What is laid over others stands for itself.
                let is_layer = path.as_ref().is_some_and(|path| environment.layers.has(path));
                if !is_layer && let Err(error) = environment.layers.lay_over(subject, choices) {
                    settings_error = Some(error);
                }
                match self.assess(subject, environment) {
                    Ok(question) => unanswered.extend(question),
                    Err(message) => {
                        settings_error = Some(InputError::new("workload", message));
                    }
                }
            }
            let all: Vec<&Subject> = std::iter::once(&subject).chain(&others).collect();
            let selection = &environment.settings.selection;
            let findings = if is_ours { Subject::check_all(&all, selection) } else { Vec::new() };
            others.truncate(MAX_OTHERS);
            let extents = if others.is_empty() {
                Vec::new()
            } else {
                std::iter::once(&subject).chain(&others).map(extent).collect()
            };
            let settings_error = settings_error.filter(|_| is_ours);
            Analysis { subject, others, extents, is_ours, findings, settings_error, unanswered }
        })
    }

    fn is_known_as_ours(&self) -> bool {
        self.was_ours || self.analysis.get().is_some_and(|analysis| analysis.is_ours)
    }

    /// Whether the text has something to do with Flink: editors send all files of a language.
    fn is_ours(&self, name: &str) -> bool {
        if self.was_ours || !GENERAL_LANGUAGES.contains(&self.language.as_str()) {
            return true;
        }
        let file_name = Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name);
        let folder = Path::new(name).parent().and_then(Path::file_name);
        match file_name {
            "flink-conf.yaml" => true,
            // Many programs have a file of this name; Flink's lies in a folder `conf`.
            "config.yaml" if folder.is_none_or(|folder| folder == "conf") => true,
            _ => manifest::configures_flink(file_name, &self.text),
        }
    }

    /// Gives a subject what its workload makes of it, or returns the question if that is not
    /// known.
    fn assess(
        &self,
        subject: &mut Subject,
        environment: &Environment,
    ) -> Result<Option<AssessmentQuestion>, String> {
        let Some(name) = subject.settled_workload() else { return Ok(None) };
        let workload = environment.workloads.find(&name)?;
        subject.take_workload(&workload, &environment.settings.choices);
        let Some(question) = AssessmentQuestion::of(subject, workload) else { return Ok(None) };
        let mut known = self.answers.iter();
        match known.find(|(known, _)| *known == question) {
            Some((_, answer)) => {
                subject.assessment.clone_from(answer);
                Ok(None)
            }
            None => Ok(Some(question)),
        }
    }
}

impl Analysis {
    /// How much of it is not known yet.
    pub(super) fn unanswered_count(&self) -> usize {
        self.unanswered.len()
    }

    /// Every deployment of the text.
    pub(super) fn subjects(&self) -> impl Iterator<Item = &Subject> {
        std::iter::once(&self.subject).chain(&self.others)
    }

    /// Where a deployment begins; the file's start if it is the only one.
    pub(super) fn start_of(&self, subject: &Subject) -> usize {
        let index = self.subjects().position(|other| std::ptr::eq(other, subject));
        index.and_then(|index| self.extents.get(index)).map_or(0, |extent| extent.start)
    }

    /// The deployment at a byte, else the one before it.
    pub(super) fn at(&self, offset: usize) -> &Subject {
        let mut extents = self.extents.iter();
        let around = extents.position(|it| (it.start..=it.end).contains(&offset));
        let before = || self.extents.iter().rposition(|it| it.start <= offset);
        let index = around.or_else(before).unwrap_or(0);
        self.subjects().nth(index).unwrap_or(&self.subject)
    }
}

/// Runs `look` on what rules look at.
pub(super) fn with_context<T>(subject: &Subject, look: impl FnOnce(&LintContext<'_>) -> T) -> T {
    let (loaded, config) = subject.load();
    look(&subject.context(&loaded, &config))
}

/// What the file itself sets, in its order; what is worked out from it is left out.
pub(super) fn written<'a>(ctx: &LintContext<'a>) -> Vec<&'a Setting<'a>> {
    if !ctx.loaded.settings.is_empty() {
        return ctx.loaded.settings.iter().collect();
    }
    // Of a command, a script, or variables that a start script reads, there is no loaded file.
    let all = ctx.config.settings().iter().chain(ctx.config.overridden());
    let is_written = |setting: &&Setting<'_>| {
        setting.key_span.file == ctx.file
            && !setting.key_span.range().is_empty()
            && !matches!(setting.layer, Layer::Shipped | Layer::Derived)
    };
    let mut written: Vec<_> = all.filter(is_written).collect();
    written.sort_by_key(|setting| setting.key_span);
    written
}

/// More deployments of one file are checked, and otherwise left alone.
const MAX_OTHERS: usize = 63;

/// From the first to the last byte of what a deployment says in its file.
fn extent(subject: &Subject) -> Range<usize> {
    let (_, config) = subject.load();
    let spans = config.settings().iter().flat_map(|it| [it.key_span, it.value_span]);
    let here = spans.filter(|span| span.file == subject.file).map(crate::source::Span::range);
    here.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(0..0)
}

/// Every open file, by URI; shared with the workers, copied when it changes meanwhile.
pub(super) type Documents = Arc<std::collections::BTreeMap<String, Arc<Document>>>;
