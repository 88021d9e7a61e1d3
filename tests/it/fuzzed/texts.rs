//! Configuration files and whatever else holds configuration.

use slotwise::catalog::Target;
use slotwise::config::{Dialect, ResolvedConfig, load};
use slotwise::finding::{Applicability, Finding, apply};
use slotwise::manifest::{Form, Language};
use slotwise::migration::{MigrationError, migrate};
use slotwise::render::CheckedFile;
use slotwise::render::report::{ReportFormat, report};
use slotwise::render::terminal::Style;
use slotwise::source::{LineIndex, SourceFile, Sources, Span};
use slotwise::syntax::yaml;
use slotwise::workspace::{Choices, RuleSelection, Subject, Surroundings, fix};

use super::draw::Draw;

const TARGETS: &[&str] = &[
    "flink-1.10",
    "flink-1.12",
    "flink-1.17",
    "flink-1.19",
    "flink-1.20",
    "flink-2.0",
    "flink-2.3",
    "vvr-8.0.5",
    "emr-3.28.2",
];

const DIALECTS: &[Dialect] = &[Dialect::Legacy, Dialect::Yaml];

const FORMATS: &[ReportFormat] = &[
    ReportFormat::Human,
    ReportFormat::Concise,
    ReportFormat::Json,
    ReportFormat::Jsonl,
    ReportFormat::Sarif,
    ReportFormat::Github,
    ReportFormat::Gitlab,
    ReportFormat::Junit,
    ReportFormat::Rdjson,
    ReportFormat::Checkstyle,
    ReportFormat::Markdown,
];

fn target(draw: &mut Draw<'_>) -> Target {
    draw.one(TARGETS).parse().unwrap()
}

fn loaded(bytes: &[u8], dialect: Dialect) {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::decode("f", bytes.to_vec()));
    let text = sources.file(file).unwrap().text();
    let loaded = load(file, text, dialect);
    for setting in &loaded.settings {
        assert_in_bounds(&sources, setting.key_span);
        assert_in_bounds(&sources, setting.value_span);
    }
    if let Some(error) = &loaded.error {
        assert_in_bounds(&sources, error.span);
        LineIndex::new(text).line_column(text, error.span.start);
    }
    for target in ["flink-1.10", "flink-2.3"] {
        let target: Target = target.parse().unwrap();
        let config = ResolvedConfig::new(target.release(), loaded.settings.clone());
        config.refused(dialect);
    }
}

/// A `flink-conf.yaml`.
pub(super) fn legacy(bytes: &[u8]) {
    loaded(bytes, Dialect::Legacy);
}

/// A `config.yaml`: its grammar, and what Flink makes of it.
pub(super) fn yaml(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        match yaml::parse(text) {
            Ok(document) => {
                assert!(document.nodes().all(|node| text.get(node.span.clone()).is_some()));
            }
            Err(error) => {
                assert!(text.get(error.span.clone()).is_some());
                error.engine_text(text);
            }
        }
    }
    loaded(bytes, Dialect::Yaml);
}

/// Two bytes that choose target and dialect, then a configuration file: every rule and format.
pub(super) fn check(bytes: &[u8]) {
    let mut draw = Draw(bytes);
    let choices = Choices {
        target: Some((target(&mut draw), "drawn")),
        dialect: Some(draw.one(DIALECTS)),
        ..Choices::default()
    };
    checked("flink-conf.yaml", draw.0, &choices);
}

/// The same bytes as for [`check`], with every fix applied.
pub(super) fn fix_all(bytes: &[u8]) {
    let mut draw = Draw(bytes);
    let choices = Choices {
        target: Some((target(&mut draw), "drawn")),
        dialect: Some(draw.one(DIALECTS)),
        ..Choices::default()
    };
    let read = |text: String| {
        let source = SourceFile::decode("flink-conf.yaml", text.into_bytes());
        Subject::all(source, &choices, &Surroundings::default())
    };
    let source = SourceFile::decode("flink-conf.yaml", draw.0.to_vec());
    if !source.invalid_utf8().is_empty() {
        return; // Such a file is left alone, and what was read of it is another one.
    }
    let subjects = || Subject::all(source.clone(), &choices, &Surroundings::default());
    let readable = subjects().iter().all(|subject| subject.load().0.error.is_none());
    for least in [Applicability::Safe, Applicability::Unsafe] {
        let fixed = fix(subjects(), &RuleSelection::default(), least, read);
        let after = read(fixed.text.clone());
        assert!(!readable || after.iter().all(|subject| subject.load().0.error.is_none()));
        let again = fix(after, &RuleSelection::default(), least, read);
        assert_eq!(again.text, fixed.text, "fixes do not converge");
    }
}

/// Three bytes that choose both targets and the dialect, then a file to migrate.
pub(super) fn migrated(bytes: &[u8]) {
    let mut draw = Draw(bytes);
    let (from, to, dialect) = (target(&mut draw), target(&mut draw), draw.one(DIALECTS));
    let source = SourceFile::decode("flink-conf.yaml", draw.0.to_vec());
    match migrate(source.text(), dialect, &from, &to) {
        Ok(migration) => {
            let mut sources = Sources::default();
            let text = migration.text.clone();
            let file = sources.add(SourceFile::decode(migration.file_name, text.into_bytes()));
            let dialect = Dialect::of(migration.file_name, &migration.text, to.release());
            let loaded = load(file, &migration.text, dialect);
            assert!(loaded.error.is_none(), "{:?} of {:?}", loaded.error, migration.text);
        }
        Err(error @ MigrationError::Unfaithful(_)) => panic!("{error}"),
        Err(MigrationError::Unreadable { .. }) => {}
    }
}

/// The command that starts a job.
pub(super) fn job(bytes: &[u8]) {
    of_form("job.sh", Form::Job, bytes);
}

/// A manifest: Kubernetes, compose, Helm, a vendor's console.
pub(super) fn manifest(bytes: &[u8]) {
    let mut draw = Draw(bytes);
    let name = draw.one(&["deployment.yaml", "compose.yaml", "values.yaml", "job.json"]);
    of_form(name, Form::Manifest, draw.0);
}

/// A Dockerfile.
pub(super) fn dockerfile(bytes: &[u8]) {
    of_form("Dockerfile", Form::Dockerfile, bytes);
}

/// A script or a program.
pub(super) fn script(bytes: &[u8]) {
    let mut draw = Draw(bytes);
    let (name, language) = draw.one(&[
        ("job.sql", Language::Sql),
        ("Job.java", Language::Java),
        ("job.py", Language::Python),
    ]);
    of_form(name, Form::Script(language), draw.0);
}

fn of_form(name: &str, form: Form, bytes: &[u8]) {
    checked(name, bytes, &Choices { form: Some(form), ..Choices::default() });
    // Its name and content alone may say something else.
    checked(name, bytes, &Choices::default());
}

fn checked(name: &str, bytes: &[u8], choices: &Choices) {
    let source = SourceFile::decode(name, bytes.to_vec());
    let mut subjects = Subject::all(source, choices, &Surroundings::default());
    let findings = Subject::check_all_and_mask(&mut subjects, &RuleSelection::default());
    let Some(subject) = subjects.into_iter().next() else { return };
    for finding in &findings {
        assert_sound(&subject.sources, finding);
    }
    let file = CheckedFile {
        path: subject.path,
        target: subject.target.name().to_owned(),
        target_note: subject.target.note(),
        target_reason: subject.target_reason,
        host: None,
        sources: subject.sources,
        findings,
    };
    printed(&file);
}

fn printed(file: &CheckedFile) {
    let style = Style { color: false, unicode: true, links: false, width: 80 };
    for format in FORMATS {
        let mut out = Vec::new();
        let mut report = report(*format, style);
        report.start(&mut out).unwrap();
        report.file(&mut out, file).unwrap();
        report.finish(&mut out).unwrap();
        let text = String::from_utf8(out).expect("UTF-8");
        let steers = |c: &char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        assert_eq!(text.chars().find(steers), None, "{format:?} steers the terminal");
        if matches!(format, ReportFormat::Json | ReportFormat::Sarif | ReportFormat::Gitlab) {
            serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
        }
    }
}

fn assert_in_bounds(sources: &Sources, span: Span) {
    let text = sources.file(span.file).expect("a file of the run").text();
    assert!(text.get(span.range()).is_some(), "{span:?} of {} bytes", text.len());
}

fn assert_sound(sources: &Sources, finding: &Finding) {
    for label in finding.primary.iter().chain(&finding.related) {
        assert_in_bounds(sources, label.span);
    }
    for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
        assert_in_bounds(sources, edit.span);
    }
    if let Some(fix) = &finding.fix
        && let Some(edit) = fix.edits.first()
    {
        let text = sources.file(edit.span.file).expect("a file of the run").text();
        let applied = apply(edit.span.file, text, &fix.edits);
        assert!(applied.is_ok(), "{}: {applied:?}", finding.rule.code);
    }
}
