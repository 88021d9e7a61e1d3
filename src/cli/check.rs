use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::baseline::{Baseline, BaselineArguments, Scope};
use super::fix::{self, FixArguments, Outcome};
use super::host::HostArguments;
use super::inputs::{InputArguments, InputError, Subject};
use super::profile::deployed;
use super::report::{Format, Output, Reports};
use super::rest::{Client, ConnectArguments};
use super::terminal::{self, Color};
use crate::capacity::Asked;
use crate::cluster::Deployed;
use crate::finding::Severity;
use crate::lint;
use crate::render::CheckedFile;
use crate::units::MemorySize;
use crate::workspace::{AssessmentQuestion, RuleSelection, WorkloadFinder, selects};

/// Find what is wrong with a configuration, before a deploy does
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Also report what this workload will run out of: a workload.yaml, or the name of a shipped one
    /// [default: that of slotwise.yaml]
    #[arg(long, value_name = "FILE|NAME")]
    workload: Option<String>,

    /// Source records a second that the workload must keep up with [default: the workload's rate]
    #[arg(long, value_name = "COUNT", requires = "workload",
        value_parser = clap::value_parser!(u64).range(1..))]
    rate: Option<u64>,

    /// Local disk of a TaskManager
    #[arg(long, value_name = "SIZE", requires = "workload")]
    disk: Option<MemorySize>,

    /// Also report how the configuration differs from that of a running cluster, asked at its
    /// JobManager's address, such as http://jobmanager:8081; read-only
    #[arg(long, value_name = "URL")]
    cluster: Option<String>,

    #[command(flatten)]
    connect: ConnectArguments,

    #[command(flatten)]
    host: HostArguments,

    /// How to print what was found
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Write a report to a file as well, such as sarif=slotwise.sarif; may be repeated
    #[arg(long = "output", short, value_name = "FORMAT=FILE")]
    outputs: Vec<Output>,

    #[command(flatten)]
    fix: FixArguments,

    #[command(flatten)]
    baseline: BaselineArguments,

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
    let files = match arguments.input.discovered_files() {
        Ok(files) => files,
        Err(error) => {
            super::complain(&error.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    let running = match running_cluster(arguments) {
        Ok(running) => running,
        Err(message) => {
            super::complain(&message);
            return Ok(ExitCode::from(2));
        }
    };
    let baseline = match arguments.baseline.read() {
        Ok(baseline) => baseline,
        Err(error) => {
            super::complain(&error.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    let progress = progress_bar(arguments, files.len());
    let mut run = Run::new(arguments, baseline, io::BufWriter::new(io::stdout().lock()));
    run.reports.start()?;
    let workloads = WorkloadFinder::default();
    arguments.input.for_each_file(
        &files,
        |path, subjects| {
            let around = Around { running: running.as_ref(), workloads: &workloads };
            subjects.and_then(|subjects| check(arguments, &around, path, subjects))
        },
        |checked| {
            progress.inc(1);
            run.file(checked)
        },
    )?;
    progress.finish_and_clear();
    run.finish()
}

/// What became of one file; nothing is checked of one that turned out to configure nothing.
struct Checked {
    path: String,
    file: Option<CheckedFile>,
    fixed: Outcome,
}

/// What there is beside the files.
struct Around<'a> {
    /// What the cluster that is named runs with.
    running: Option<&'a Arc<Deployed>>,
    workloads: &'a WorkloadFinder,
}

/// Runs the rules on what one file configures, after its fixes where they are wanted.
fn check(
    arguments: &CheckArguments,
    around: &Around<'_>,
    path: &Path,
    mut subjects: Vec<Subject>,
) -> Result<Checked, InputError> {
    let selection =
        RuleSelection { select: arguments.select.clone(), ignore: arguments.ignore.clone() };
    let mut fixed = Outcome::default();
    if arguments.fix.is_wanted() {
        (subjects, fixed) = arguments.fix.apply(&arguments.input, path, subjects, &selection)?;
    }
    for subject in &mut subjects {
        subject.host = arguments.host.read(subject)?.map(Arc::new);
        assess(arguments, around.workloads, subject)?;
        subject.deployed = around.running.cloned();
    }
    let findings = Subject::check_all_and_mask(&mut subjects, &selection);
    let file = subjects.into_iter().next().map(|subject| CheckedFile {
        path: subject.path,
        target: subject.target.name().to_owned(),
        target_reason: subject.target_reason,
        sources: subject.sources,
        findings,
        host: subject.host,
    });
    Ok(Checked { path: path.display().to_string(), file, fixed })
}

/// What the cluster that is named runs with.
fn running_cluster(arguments: &CheckArguments) -> Result<Option<Arc<Deployed>>, String> {
    let Some(url) = &arguments.cluster else { return Ok(None) };
    let client = Client::new(url, &arguments.connect).map_err(|error| error.to_string())?;
    let running = deployed(&client).map_err(|error| error.to_string())?;
    Ok(Some(Arc::new(running)))
}

/// Runs the workload that is named, by whomever, for the rules on capacity. A configuration that
/// does not start has other findings.
fn assess(
    arguments: &CheckArguments,
    workloads: &WorkloadFinder,
    subject: &mut Subject,
) -> Result<(), InputError> {
    let name = arguments.workload.clone().or_else(|| subject.settled_workload());
    let Some(name) = name else { return Ok(()) };
    let workload = workloads.find(&name).map_err(|message| InputError::new("workload", message))?;
    subject.take_workload(&workload, &arguments.input.choices());
    let disk = arguments.disk.or_else(|| state_disk(subject));
    let asked = Asked { rate: arguments.rate, disk };
    let question = AssessmentQuestion::of(subject, workload);
    subject.assessment = question.and_then(|it| it.answer(asked, &mut |_, _| ()));
    Ok(())
}

/// The space that the machine has for the state of a TaskManager.
fn state_disk(subject: &Subject) -> Option<MemorySize> {
    let (loaded, config) = subject.load();
    lint::state_disk(&subject.context(&loaded, &config))
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

/// Tells the reports of file after file and remembers how the run went.
struct Run<'a, W> {
    arguments: &'a CheckArguments,
    reports: Reports<W>,
    baseline: Option<Baseline>,
    failed: bool,
    unreadable: bool,
    fix_count: usize,
    fixed_file_count: usize,
}

impl<'a, W: Write> Run<'a, W> {
    fn new(arguments: &'a CheckArguments, baseline: Option<Baseline>, out: W) -> Self {
        let mut reports = Reports::new(&arguments.outputs);
        let from_stdin = arguments.input.paths.iter().any(|path| path == Path::new("-"));
        let quiet = arguments.quiet || !arguments.fix.reports(from_stdin);
        match (quiet, arguments.statistics) {
            (true, _) => {}
            (false, true) => reports.count(out),
            (false, false) => {
                reports.list(arguments.format, terminal::style(arguments.color), out);
            }
        }
        Self {
            arguments,
            reports,
            baseline,
            failed: false,
            unreadable: false,
            fix_count: 0,
            fixed_file_count: 0,
        }
    }

    fn file(&mut self, checked: Result<Checked, InputError>) -> io::Result<()> {
        let checked = match checked {
            Ok(checked) => checked,
            Err(error) => {
                self.unreadable = true;
                super::complain(&error.to_string());
                return self.reports.unreadable(&error);
            }
        };
        if checked.fixed.fix_count > 0 {
            self.fix_count += checked.fixed.fix_count;
            self.fixed_file_count += 1;
            self.failed |= self.arguments.fix.only_shows();
        }
        if !checked.fixed.printed.is_empty() && !self.arguments.quiet {
            io::stdout().write_all(checked.fixed.printed.as_bytes())?;
        }
        let Some(mut file) = checked.file else {
            if let Some(baseline) = &mut self.baseline {
                baseline.empty_file(&checked.path);
            }
            return Ok(());
        };
        if let Some(baseline) = &mut self.baseline {
            baseline.file(&mut file);
        }
        let mut severities = file.findings.iter().map(|finding| finding.severity);
        let fails = severities.any(|found| self.arguments.fail_on.includes(found));
        self.failed |= fails && self.arguments.fix.reports(false);
        self.reports.file(&file)
    }

    fn finish(mut self) -> io::Result<ExitCode> {
        self.reports.finish()?;
        if let Some(baseline) = &self.baseline {
            let folders = self.arguments.input.folders();
            let scope = Scope {
                folders: &folders,
                select: &self.arguments.select,
                ignore: &self.arguments.ignore,
                unreadable: self.unreadable,
            };
            match baseline.finish(&scope) {
                Ok(notes) if self.arguments.quiet => drop(notes),
                Ok(notes) => notes.iter().for_each(|note| super::note(note)),
                Err(error) => {
                    super::complain(&error.to_string());
                    self.unreadable = true;
                }
            }
        }
        if self.fix_count > 0 && !self.arguments.fix.only_shows() && !self.arguments.quiet {
            fix::say_count(self.fix_count, self.fixed_file_count);
        }
        Ok(ExitCode::from(match (self.unreadable, self.failed) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }))
    }
}
