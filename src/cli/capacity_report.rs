use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::assess::page;
use super::capacity::{CapacityArguments, Case};
use super::comparison::compare;
use super::fix::difference;
use super::patch::patched;
use super::planning::{GoalArguments, plan};
use super::terminal::Color;
use super::what_if::what_if;
use crate::capacity::{
    Assessment, Budget, Observation, Question, Setup, StoreKind, assess, observe, sensitivity,
};
use crate::render::capacity::{
    BackendRow, FindingRow, Report, Timeline, report_csv, report_html, report_markdown,
};
use crate::render::json::{ReportJson, write_pretty};
use crate::render::report::Fingerprint;
use crate::simulator::{Ending, Seed};
use crate::source::LineIndex;
use crate::workload::{Checkpointing, Span, Workload};
use crate::workspace::{RuleSelection, Subject};

/// Write what an assessment and a plan say as one file, for a change request
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    #[command(flatten)]
    capacity: CapacityArguments,

    #[command(flatten)]
    goals: GoalArguments,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Say what changed since this report, which was written with --format json
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One self-contained HTML file
    #[default]
    Html,
    /// For a pull request
    Markdown,
    /// One JSON object with the assessment and the plan
    Json,
    /// The constraints, a line each
    Csv,
}

/// Assesses, plans and writes.
pub(super) fn run(arguments: &ReportArguments) -> io::Result<ExitCode> {
    let text = match arguments.text() {
        Ok(text) => text,
        Err(message) => {
            super::complain(&message);
            return Ok(ExitCode::from(2));
        }
    };
    match &arguments.output {
        Some(path) => super::atomic::write(path, text.as_bytes())?,
        None => {
            let mut out = super::output::stdout();
            out.write_all(text.as_bytes())?;
            out.flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl ReportArguments {
    fn text(&self) -> Result<String, String> {
        let mut case = self.capacity.read()?;
        let planned = plan(&self.capacity, &self.goals, &case);
        let patch = planned.as_ref().map_err(|_| "no plan".to_owned()).and_then(|plan| {
            let new = patched(&case.subject, &plan.settings)?;
            let before = Subject::masked_text(std::slice::from_ref(&case.subject));
            let after = Subject::masked_text(std::slice::from_ref(&new));
            Ok(difference(&case.subject.path, &before, &after))
        });
        let (setup, observation, assessment, backends) = self.evidence(&case)?;
        let forward = brought_forward(&case, &setup, &observation, Seed(self.capacity.seed));
        case.subject.assessment = Some(Box::new(assessment.clone()));
        case.subject.backends_per_slot = self.capacity.backends_per_slot(&case);
        let findings = findings(&case.subject);
        let question = self.capacity.question(&case, &setup, &observation);
        let (_, config) = case.subject.load();
        let what_if = what_if(&question, &config, &case);
        let comparison = match &self.compare {
            Some(path) => {
                let plan = planned.as_ref().ok();
                Some(compare(path, &assessment, plan, &findings)?)
            }
            None => None,
        };
        let changed = planned.as_ref().ok().filter(|plan| !plan.changes.is_empty());
        let sensitivity_proposed = changed.map_or_else(Vec::new, |plan| {
            let Assessment { setup, observation, .. } = &plan.assessment;
            sensitivity(&Question { setup, observation, ..question })
        });
        let page = page(&case, Color::Never);
        let report = Report {
            page: &page,
            assessment: &assessment,
            plan: planned.as_ref().map_err(String::as_str),
            patch: patch.as_deref().map_err(String::as_str),
            budget: &Budget::of(&question, &assessment.growth),
            timeline: Timeline {
                run: forward.as_ref().map_or(&observation.report, |(run, _)| &run.report),
                brought_forward: forward.as_ref().map(|(_, why)| why.clone()),
            },
            digest: &self.digest(&case),
            backends: &backends,
            sensitivity: &sensitivity(&question),
            sensitivity_proposed: &sensitivity_proposed,
            findings: &findings,
            what_if: &what_if,
            comparison: comparison.as_deref(),
        };
        Ok(match self.format {
            Format::Html => report_html(&report),
            Format::Markdown => report_markdown(&report),
            Format::Csv => report_csv(&report),
            Format::Json => {
                let mut text = Vec::new();
                write_pretty(&mut text, &ReportJson::new(&report)).map_err(|it| it.to_string())?;
                String::from_utf8(text).map_err(|error| error.to_string())?
            }
        })
    }

    fn evidence(
        &self,
        case: &Case,
    ) -> Result<(Setup, Observation, Assessment, Vec<BackendRow>), String> {
        let (_, config) = case.subject.load();
        let setup = self.capacity.setup(case, &config)?;
        let observation = self.capacity.observe(case, &setup)?;
        let question = self.capacity.question(case, &setup, &observation);
        let mut assessment = assess(&question);
        assessment.find_changes(&question, &config, &case.subject.target);
        let mut backends = vec![backend_row(&setup, &observation, case)];
        for kind in StoreKind::ALL.into_iter().filter(|kind| *kind != setup.kind) {
            let operators = self.capacity.backends_per_slot(case);
            let other = Setup::of(&config, &case.subject.target, operators, Some(kind));
            let Ok(other) = other else { continue };
            let seed = Seed(self.capacity.seed);
            let seen = observe(&other.store, &case.hardware, &case.workload, seed, &mut |_, _| ());
            if let Ok(seen) = seen {
                backends.push(backend_row(&other, &seen, case));
            }
        }
        Ok((setup, observation, assessment, backends))
    }
}

fn backend_row(setup: &Setup, observation: &Observation, case: &Case) -> BackendRow {
    let report = &observation.report;
    BackendRow {
        name: setup.kind.name(),
        memory: setup.store_memory(),
        throughput: report.throughput().saturating_mul(u64::from(case.workload.parallelism)),
        hits_per_million: report.hits_per_million(),
        p99: report.latency.p99.to_string(),
        disk_bytes: report.statistics.disk_bytes,
        failure: match report.ending {
            Ending::Completed => None,
            Ending::Failed(error) => Some(error.to_string()),
        },
        restore: report.recovery.map(|recovery| recovery.remote.0 as f64 / 1e9),
    }
}

fn findings(subject: &Subject) -> Vec<FindingRow> {
    let found = subject.check(&RuleSelection::default());
    let name = subject.path.rsplit('/').next().unwrap_or_default();
    let index = LineIndex::new(subject.text());
    found
        .into_iter()
        .map(|finding| FindingRow {
            code: finding.rule.code,
            severity: finding.severity.name(),
            place: match &finding.primary {
                Some(label) if label.span.file == subject.file => {
                    let place = index.line_column(subject.text(), label.span.start);
                    format!("{name}:{}", place.line)
                }
                _ => name.to_owned(),
            },
            help: match &finding.fix {
                Some(fix) => fix.title.clone(),
                None => finding.help.unwrap_or_default(),
            },
            message: finding.message,
        })
        .collect()
}

/// A run with checkpoints that come more often, where those of the workload are too rare for one
/// to be due within so few records.
fn brought_forward(
    case: &Case,
    setup: &Setup,
    observation: &Observation,
    seed: Seed,
) -> Option<(Observation, String)> {
    let report = &observation.report;
    let checkpoint = case.workload.checkpoint?;
    if !report.checkpoints.is_empty() || report.ending != Ending::Completed {
        return None;
    }
    // A few in the run, and none so close that it is about nothing else.
    let millis = (report.elapsed.0 / 4 / 1_000_000).max(1);
    let often = Checkpointing { interval: Span { millis }, ..checkpoint };
    let workload = Workload { checkpoint: Some(often), ..case.workload.clone() };
    let seen = observe(&setup.store, &case.hardware, &workload, seed, &mut |_, _| ()).ok()?;
    let why = format!(
        "Checkpoints are brought forward to every {} so that some are seen; the job takes one every {}.",
        often.interval, checkpoint.interval
    );
    (!seen.report.checkpoints.is_empty()).then_some((seen, why))
}

impl ReportArguments {
    /// What the inputs are known by. Secrets are masked in it, as a digest of a short one tells it.
    fn digest(&self, case: &Case) -> String {
        let asked = format!("{:?}", (&self.capacity.asked(), &self.goals));
        let workload = serde_json::to_string(&case.workload).unwrap_or_default();
        let text = Subject::masked_text(std::slice::from_ref(&case.subject));
        let target = case.subject.target.to_string();
        Fingerprint::of(&[&text, &target, &workload, &asked]).to_string()
    }
}
