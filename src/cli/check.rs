use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::inputs::{InputArguments, InputError, Subject};
use super::terminal::{self, Color};
use crate::finding::{RuleMeta, Severity};
use crate::lint;
use crate::render::terminal::Renderer;
use crate::render::{CheckedFile, Counts, concise, count_of, json};
use crate::workspace::{RuleSelection, selects};

/// Find what is wrong with a configuration, before a deploy does
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    input: InputArguments,

    /// How to print what was found
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Exit with 1 if there is a finding of at least this severity
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,

    /// Report only these rules, by code, name or a code's first letters; may be repeated
    #[arg(long, value_delimiter = ',', value_name = "RULE", value_parser = rule_selector)]
    select: Vec<String>,

    /// Leave these rules out, likewise
    #[arg(long, value_delimiter = ',', value_name = "RULE", value_parser = rule_selector)]
    ignore: Vec<String>,

    /// Say only how it went, by the exit code
    #[arg(long, short)]
    quiet: bool,

    /// Count findings by rule instead of listing them
    #[arg(long)]
    statistics: bool,

    /// When to color
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the lines of the file, for people
    #[default]
    Human,
    /// One line a finding: path:line:column: severity[CODE] message
    Concise,
    /// One JSON array with an object a file
    Json,
    /// One JSON object a line and file
    Jsonl,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Waste or lack of portability
    Info,
    /// A likely incident
    Warning,
    /// Flink will not start, or will not do what the file says
    #[default]
    Error,
    /// Whatever was found
    Never,
}

impl FailOn {
    fn includes(self, severity: Severity) -> bool {
        match self {
            Self::Info => true,
            Self::Warning => severity >= Severity::Warning,
            Self::Error => severity >= Severity::Error,
            Self::Never => false,
        }
    }
}

/// A rule's code, its name, or the first letters of codes, such as `FG`.
fn rule_selector(text: &str) -> Result<String, String> {
    let known = lint::RULES.iter().any(|rule| selects(text, rule.meta()));
    if known {
        Ok(text.to_owned())
    } else {
        Err("no rule has this code or name; see `slotwise rules`".to_owned())
    }
}

/// Checks every file and prints what was found.
pub(super) fn run(arguments: &CheckArguments) -> io::Result<ExitCode> {
    let files = match arguments.input.files() {
        Ok(files) => files,
        Err(error) => {
            super::complain(&error.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    let progress = progress_bar(arguments, files.len());
    let mut report = Report::new(arguments, io::BufWriter::new(io::stdout().lock()));
    report.start()?;
    arguments.input.for_each_file(
        &files,
        |subjects| subjects.map(|subjects| check(arguments, subjects)),
        |checked| {
            progress.inc(1);
            report.file(checked)
        },
    )?;
    progress.finish_and_clear();
    report.finish()
}

/// Runs the rules on what one file configures.
fn check(arguments: &CheckArguments, mut subjects: Vec<Subject>) -> Option<CheckedFile> {
    let selection =
        RuleSelection { select: arguments.select.clone(), ignore: arguments.ignore.clone() };
    let findings = Subject::check_all_and_mask(&mut subjects, &selection);
    let subject = subjects.into_iter().next()?;
    Some(CheckedFile {
        path: subject.path,
        target: subject.target.name().to_owned(),
        target_reason: subject.target_reason,
        sources: subject.sources,
        findings,
    })
}

fn progress_bar(arguments: &CheckArguments, file_count: usize) -> ProgressBar {
    const WORTH_A_BAR: usize = 200;
    if file_count < WORTH_A_BAR || arguments.quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files, {eta} left");
    ProgressBar::new(file_count as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Prints file after file and remembers what the end needs to know.
struct Report<'a, W> {
    arguments: &'a CheckArguments,
    out: W,
    renderer: Renderer,
    counts: Counts,
    by_rule: BTreeMap<&'static str, (&'static RuleMeta, usize)>,
    /// Target and reason of every file so far; the end says which were used.
    targets: BTreeMap<(String, String), usize>,
    file_count: usize,
    failed: bool,
    unreadable: bool,
}

impl<'a, W: Write> Report<'a, W> {
    fn new(arguments: &'a CheckArguments, out: W) -> Self {
        Self {
            arguments,
            out,
            renderer: Renderer::new(terminal::style(arguments.color)),
            counts: Counts::default(),
            by_rule: BTreeMap::new(),
            targets: BTreeMap::new(),
            file_count: 0,
            failed: false,
            unreadable: false,
        }
    }

    fn lists(&self) -> bool {
        !self.arguments.quiet && !self.arguments.statistics
    }

    fn start(&mut self) -> io::Result<()> {
        if self.lists() && self.arguments.format == Format::Json {
            writeln!(self.out, "[")?;
        }
        Ok(())
    }

    fn file(&mut self, checked: Result<Option<CheckedFile>, InputError>) -> io::Result<()> {
        let checked = match checked {
            Ok(Some(checked)) => checked,
            // The file turned out to configure nothing.
            Ok(None) => return Ok(()),
            Err(error) => return self.unreadable(&error),
        };
        self.counts.add(&checked.findings);
        for finding in &checked.findings {
            self.failed |= self.arguments.fail_on.includes(finding.severity);
            self.by_rule.entry(finding.rule.code).or_insert((finding.rule, 0)).1 += 1;
        }
        *self
            .targets
            .entry((checked.target.clone(), checked.target_reason.clone()))
            .or_default() += 1;
        if self.lists() {
            match self.arguments.format {
                Format::Human => self.renderer.write(&mut self.out, &checked)?,
                Format::Concise => concise::write(&mut self.out, &checked)?,
                Format::Json | Format::Jsonl => self.json(&json::checked_file(&checked))?,
            }
        }
        self.file_count += 1;
        Ok(())
    }

    fn unreadable(&mut self, error: &InputError) -> io::Result<()> {
        self.unreadable = true;
        if self.lists() && matches!(self.arguments.format, Format::Json | Format::Jsonl) {
            self.json(&json::CheckedFileJson::unreadable(&error.name, &error.message))?;
        }
        self.file_count += 1;
        super::complain(&error.to_string());
        Ok(())
    }

    fn json(&mut self, file: &json::CheckedFileJson<'_>) -> io::Result<()> {
        let array = self.arguments.format == Format::Json;
        if array && self.file_count > 0 {
            writeln!(self.out, ",")?;
        }
        json::write_line(&mut self.out, file)?;
        if array { Ok(()) } else { writeln!(self.out) }
    }

    fn finish(mut self) -> io::Result<ExitCode> {
        if !self.arguments.quiet {
            match self.arguments.format {
                _ if self.arguments.statistics => self.statistics()?,
                Format::Json => {
                    writeln!(self.out, "{}]", if self.file_count > 0 { "\n" } else { "" })?
                }
                Format::Human => self.summary()?,
                Format::Concise | Format::Jsonl => {}
            }
        }
        self.out.flush()?;
        Ok(ExitCode::from(match (self.unreadable, self.failed) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }))
    }

    fn statistics(&mut self) -> io::Result<()> {
        let mut rows: Vec<_> = self.by_rule.values().collect();
        rows.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), rule.code));
        for (rule, count) in rows {
            writeln!(
                self.out,
                "{count:>7}  {}  {:<7}  {}",
                rule.code,
                rule.severity.name(),
                rule.name
            )?;
        }
        Ok(())
    }

    fn summary(&mut self) -> io::Result<()> {
        writeln!(self.out, "{} in {}", self.counts, count_of(self.file_count, "file"))?;
        const SHOWN: usize = 5;
        for ((target, reason), _) in self.targets.iter().take(SHOWN) {
            writeln!(self.out, "checked for {target}: {reason}")?;
        }
        if self.targets.len() > SHOWN {
            writeln!(self.out, "and for {} more targets", self.targets.len() - SHOWN)?;
        }
        if self.counts != Counts::default() {
            let code = self.by_rule.keys().next().copied().unwrap_or("FM004");
            writeln!(self.out, "`slotwise explain {code}` says more about a rule")?;
        }
        Ok(())
    }
}
