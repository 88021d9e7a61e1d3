//! Mutated configurations: no panic, no hang, every span inside its text, whatever the bytes.
//!
//! The plain test runs a few thousand. `SLOTWISE_MUTATIONS=1000000 cargo test --release --test it
//! hostile -- --nocapture` runs a million and says how long it took; `SLOTWISE_MUTATION_SEED` starts
//! elsewhere. A failure prints the seed of its input.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

use rayon::prelude::*;
use slotwise::catalog::Target;
use slotwise::config::{Dialect, ResolvedConfig, load};
use slotwise::finding::{Finding, apply};
use slotwise::lint::{self, Facts, LintContext};
use slotwise::render::CheckedFile;
use slotwise::render::report::{ReportFormat, report};
use slotwise::render::terminal::Style;
use slotwise::source::{SourceFile, Sources, Span};

/// Nothing takes longer, even on a busy machine with checks of overflow on.
const HANG: Duration = Duration::from_secs(20);

const TARGETS: &[&str] = &["flink-1.10", "flink-1.15", "flink-1.20", "flink-2.3"];

/// What mutation splices in: the syntax of both dialects, and what parsers stumble over.
const TOKENS: &[&str] = &[
    ": ",
    ":",
    "#",
    " #",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "- ",
    "? ",
    "&a ",
    "*a",
    "!!str ",
    "!<",
    "|",
    ">-",
    "%YAML 1.1\n",
    "---\n",
    "...\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    "\"",
    "\\",
    "\\u00e9",
    "\\ud800",
    "<<: *a",
    "~",
    "null",
    "0x",
    ".inf",
    "1e309",
    "99999999999999999999",
    "-",
    "0",
    "2g",
    "2",
    "9223372036854775807",
    "8388608t",
    "1.5g",
    "PT5M",
    "5 min",
    "taskmanager.memory.",
    "state.backend.gemini.",
    "execution.checkpointing.",
    "\u{feff}",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "\0",
    "\u{1b}[31m",
    "中",
    "🦀",
    "  ",
    "slotwise: ignore[",
    "# slotwise: ignore[FM004]\n",
];

/// A small generator; the quality of its numbers does not matter here.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ (mixed >> 29)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 32).unwrap() % bound.max(1)
    }
}

fn corpus(folder: &Path, texts: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            corpus(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            texts.push(fs::read(&path).unwrap());
        }
    }
}

fn mutate(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    if random.below(4) == 0 {
        let other = &corpus[random.below(corpus.len())];
        let (keep, from) = (random.below(bytes.len() + 1), random.below(other.len() + 1));
        bytes.truncate(keep);
        bytes.extend_from_slice(&other[from..]);
    }
    bytes.truncate(8 << 10);
    for _ in 0..=random.below(12) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(24)).min(bytes.len());
        match random.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            2 if at < bytes.len() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            3 => {
                let token = TOKENS[random.below(TOKENS.len())].repeat(1 + random.below(3));
                bytes.splice(at..at, token.into_bytes());
            }
            4 => {
                let token = TOKENS[random.below(TOKENS.len())].as_bytes().to_vec();
                bytes.splice(at..end, token);
            }
            _ => {
                // A line somewhere else, deeper or shallower.
                let line = bytes
                    .split(|byte| *byte == b'\n')
                    .nth(random.below(40))
                    .unwrap_or_default()
                    .to_vec();
                let mut line = [" ".repeat(random.below(9)).into_bytes(), line].concat();
                line.push(b'\n');
                bytes.splice(at..at, line);
            }
        }
    }
    bytes
}

/// Everything that `check` does with a text, its output included.
fn check(bytes: Vec<u8>, target: &str, dialect: Dialect) {
    let target: Target = target.parse().unwrap();
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::decode("flink-conf.yaml", bytes));
    let findings = {
        let text = sources.file(file).unwrap().text();
        let loaded = load(file, text, dialect);
        for setting in &loaded.settings {
            assert_in_bounds(&sources, setting.key_span);
            assert_in_bounds(&sources, setting.value_span);
        }
        let config = ResolvedConfig::new(target.release(), loaded.settings.clone());
        let ctx = LintContext {
            target: &target,
            sources: &sources,
            file,
            dialect,
            loaded: &loaded,
            config: &config,
            has_sibling: false,
            backends_per_slot: 1,
            facts: Facts::default(),
        };
        lint::check(&ctx)
    };
    findings.iter().for_each(|finding| assert_sound(&sources, finding));
    let checked = CheckedFile {
        host: None,
        target_note: None,
        path: "flink-conf.yaml".to_owned(),
        target: target.name().to_owned(),
        target_reason: String::new(),
        sources,
        findings,
    };
    let mut out = Vec::new();
    let style = Style { color: false, unicode: true, links: false, width: 80 };
    for format in [
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
    ] {
        let mut report = report(format, style);
        report.start(&mut out).unwrap();
        report.file(&mut out, &checked).unwrap();
        report.finish(&mut out).unwrap();
    }
    assert!(!out.contains(&0x1b), "an escape sequence of the file reached the terminal");
}

fn assert_in_bounds(sources: &Sources, span: Span) {
    let text = sources.file(span.file).unwrap().text();
    assert!(
        text.get(span.range()).is_some(),
        "{span:?} is not on characters of {} bytes",
        text.len()
    );
}

fn assert_sound(sources: &Sources, finding: &Finding) {
    for label in finding.primary.iter().chain(&finding.related) {
        assert_in_bounds(sources, label.span);
    }
    if let Some(fix) = &finding.fix {
        for edit in &fix.edits {
            assert_in_bounds(sources, edit.span);
            let text = sources.file(edit.span.file).unwrap().text();
            let applied = apply(edit.span.file, text, &fix.edits);
            assert!(applied.is_ok(), "{}: {applied:?}", finding.rule.code);
        }
    }
}

#[test]
fn mutated_configurations_are_all_survived() {
    let mut texts = Vec::new();
    corpus(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut texts);
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let count = number("SLOTWISE_MUTATIONS").unwrap_or(3000);
    let first = number("SLOTWISE_MUTATION_SEED").unwrap_or(1);
    let slowest = AtomicU64::new(0);
    let start = Instant::now();
    (first..first + count).into_par_iter().for_each(|seed| {
        let mut random = Random(seed);
        let bytes = mutate(&mut random, &texts);
        let target = TARGETS[random.below(TARGETS.len())];
        let dialect = if random.below(2) == 0 { Dialect::Legacy } else { Dialect::Yaml };
        let began = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| check(bytes, target, dialect)));
        assert!(
            outcome.is_ok(),
            "seed {seed} panics: SLOTWISE_MUTATION_SEED={seed} SLOTWISE_MUTATIONS=1"
        );
        let took = began.elapsed();
        slowest.fetch_max(u64::try_from(took.as_micros()).unwrap(), Ordering::Relaxed);
        assert!(took < HANG, "seed {seed} took {took:?}");
    });
    let slowest = Duration::from_micros(slowest.into_inner());
    eprintln!(
        "{count} mutated inputs of {} files in {:.1?}, slowest {slowest:.1?}",
        texts.len(),
        start.elapsed()
    );
}
