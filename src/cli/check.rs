use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::add_ignore::{self, Ignored};
use super::baseline::{Baseline, BaselineArguments, Scope};
use super::fix::{self, FixArguments, Outcome};
use super::host::HostArguments;
use super::inputs::{InputArguments, InputError, Subject};
use super::profile::deployed;
use super::report::{Format, Output, Reports};
use super::rest::{Client, ConnectArguments};
use super::terminal::{self, Color};
use super::{show_settings, watch};
use crate::capacity::Asked;
use crate::cluster::Deployed;
use crate::finding::Severity;
use crate::lint::{self, Silenced};
use crate::render::{CheckedFile, count_of};
use crate::units::MemorySize;
use crate::workspace::{
    AssessmentQuestion, REASON_PLACEHOLDER, RuleSelection, WorkloadFinder, selects,
};

/// Find what is wrong with a configuration, before a deploy does
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Leave out what slotwise.yaml excludes even where it is named, as a hook names every file
    #[arg(long)]
    force_exclude: bool,

    /// Report only these rules, by code, name or a code's first letters; may be repeated
    #[arg(long, value_delimiter = ',', value_name = "RULE", value_parser = rule_selector,
        help_heading = RULES)]
    select: Vec<String>,

    /// Leave these rules out, likewise
    #[arg(long, value_delimiter = ',', value_name = "RULE", value_parser = rule_selector,
        help_heading = RULES)]
    ignore: Vec<String>,

    /// Also report what comments and slotwise.yaml silence
    #[arg(long, help_heading = RULES)]
    no_ignores: bool,

    /// Silence each finding by a comment in the file, `# slotwise: ignore[CODE] REASON`, wherever
    /// a comment can stand
    #[arg(long, value_name = "REASON", num_args = 0..=1, require_equals = true,
        default_missing_value = REASON_PLACEHOLDER, help_heading = RULES,
        conflicts_with_all = ["baseline", "write_baseline", "no_ignores", "diff", "fix_only"])]
    add_ignore: Option<String>,

    /// Exit with 1 if there is a finding of at least this severity
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY", help_heading = RULES)]
    fail_on: FailOn,

    #[command(flatten)]
    baseline: BaselineArguments,

    #[command(flatten)]
    fix: FixArguments,

    /// How to print what was found
    #[arg(long, value_enum, default_value_t, help_heading = REPORT)]
    format: Format,

    /// Write a report to a file as well, such as sarif=slotwise.sarif; may be repeated
    #[arg(long = "output", short, value_name = "FORMAT=FILE", help_heading = REPORT)]
    outputs: Vec<Output>,

    /// Say only how it went, by the exit code
    #[arg(long, short, help_heading = REPORT)]
    quiet: bool,

    /// Count findings by rule instead of listing them
    #[arg(long, help_heading = REPORT)]
    statistics: bool,

    /// When to color
    #[arg(long, value_enum, default_value_t, help_heading = REPORT)]
    color: Color,

    /// Check again whenever a file changes, until Ctrl-C
    #[arg(long, help_heading = REPORT, conflicts_with = "add_ignore")]
    watch: bool,

    /// Check nothing; print every setting, its value, and where that comes from
    #[arg(long, help_heading = REPORT)]
    show_settings: bool,

    /// Also report what this workload will run out of: a workload.yaml, or the name of a shipped one
    /// [default: that of slotwise.yaml]
    #[arg(long, value_name = "FILE|NAME", help_heading = CAPACITY)]
    workload: Option<String>,

    /// Source records a second that the workload must keep up with [default: the workload's rate]
    #[arg(long, value_name = "COUNT", requires = "workload",
        value_parser = clap::value_parser!(u64).range(1..), help_heading = CAPACITY)]
    rate: Option<u64>,

    /// Local disk of a TaskManager
    #[arg(long, value_name = "SIZE", requires = "workload", help_heading = CAPACITY)]
    disk: Option<MemorySize>,

    #[command(flatten)]
    host: HostArguments,

    /// Also report how the configuration differs from that of a running cluster, asked at its
    /// JobManager's address, such as http://jobmanager:8081; read-only
    #[arg(long, value_name = "URL", help_heading = CLUSTER)]
    cluster: Option<String>,

    #[command(flatten)]
    connect: ConnectArguments,
}

const RULES: &str = "Rules";
const REPORT: &str = "Report";
const CAPACITY: &str = "Capacity";
const CLUSTER: &str = "Options for a cluster";

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
    const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Never => "never",
        }
    }

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

/// Checks every file and prints what was found, once or whenever one changes.
pub(super) fn run(arguments: &CheckArguments) -> io::Result<ExitCode> {
    if !arguments.watch {
        return run_once(arguments);
    }
    let workload = arguments.workload.as_ref().map(PathBuf::from).filter(|path| path.is_file());
    let others: Vec<PathBuf> =
        workload.into_iter().chain(arguments.baseline.file().map(Path::to_owned)).collect();
    watch::run(&arguments.input, &others, || run_once(arguments))
}

fn run_once(arguments: &CheckArguments) -> io::Result<ExitCode> {
    let mut files = match arguments.input.discovered_files() {
        Ok(files) => files,
        Err(error) => {
            super::complain(&error.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    if arguments.force_exclude {
        files.retain(|file| !arguments.input.is_excluded(file));
    }
    if arguments.show_settings {
        let asked = show_settings::Asked {
            workload: arguments.workload.as_deref(),
            select: &arguments.select,
            ignore: &arguments.ignore,
            baseline: arguments.baseline.file().map(|path| path.display().to_string()),
            fail_on: arguments.fail_on.name(),
        };
        return show_settings::run(&arguments.input, &files, &asked, arguments.format);
    }
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
    let mut run = Run::new(arguments, baseline, io::BufWriter::new(super::output::stdout()));
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
    ignored: Ignored,
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
    let selection = RuleSelection {
        select: arguments.select.clone(),
        ignore: arguments.ignore.clone(),
        silenced: if arguments.no_ignores { Silenced::Reported } else { Silenced::LeftOut },
    };
    let mut fixed = Outcome::default();
    let prepare = |subjects: &mut [Subject]| prepare(arguments, around, subjects);
    prepare(&mut subjects)?;
    if arguments.fix.is_wanted() {
        (subjects, fixed) =
            arguments.fix.apply(&arguments.input, path, subjects, &selection, &prepare)?;
    }
    let mut ignored = Ignored::default();
    if let Some(reason) = &arguments.add_ignore {
        (subjects, ignored) =
            add_ignore::apply(&arguments.input, path, subjects, &selection, reason)?;
        prepare(&mut subjects)?;
    }
    let findings = Subject::check_all_and_mask(&mut subjects, &selection);
    let file = subjects.into_iter().next().map(|subject| CheckedFile {
        path: subject.path,
        target: subject.target.name().to_owned(),
        target_note: subject.target.note(),
        target_reason: subject.target_reason,
        sources: subject.sources,
        findings,
        host: subject.host,
    });
    Ok(Checked { path: path.display().to_string(), file, fixed, ignored })
}

/// Adds what rules compare with: the machine, the workload's evidence, the running cluster.
fn prepare(
    arguments: &CheckArguments,
    around: &Around<'_>,
    subjects: &mut [Subject],
) -> Result<(), InputError> {
    for subject in subjects {
        subject.host = arguments.host.read(subject)?.map(Arc::new);
        assess(arguments, around.workloads, subject)?;
        subject.deployed = around.running.cloned();
    }
    Ok(())
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
    ignored_count: usize,
    ignored_file_count: usize,
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
            ignored_count: 0,
            ignored_file_count: 0,
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
        if checked.ignored.count > 0 {
            self.ignored_count += checked.ignored.count;
            self.ignored_file_count += 1;
        }
        checked.ignored.notes.iter().for_each(|note| super::note(note));
        if !checked.fixed.printed.is_empty() && !self.arguments.quiet {
            super::output::stdout().write_all(checked.fixed.printed.as_bytes())?;
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
        if self.ignored_count > 0 && !self.arguments.quiet {
            let findings = count_of(self.ignored_count, "finding");
            let files = count_of(self.ignored_file_count, "file");
            super::note(&format!("silenced {findings} in {files}; say why beside each"));
        }
        Ok(ExitCode::from(match (self.unreadable, self.failed) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }))
    }
}
