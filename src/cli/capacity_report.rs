use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::assess::page;
use super::capacity::{CapacityArguments, Case};
use super::fix::difference;
use super::patch::patched;
use super::planning::{GoalArguments, plan};
use super::terminal::Color;
use crate::capacity::{
    Assessment, Observation, Question, Setup, StoreKind, Verdict, assess, observe, sensitivity,
};
use crate::config::ResolvedConfig;
use crate::render::capacity::{
    BackendRow, ComparisonRow, FindingRow, Report, WhatIfRow, report_csv, report_html,
    report_markdown,
};
use crate::render::json::{AssessmentJson, PlanJson};
use crate::simulator::{Ending, Seed};
use crate::source::LineIndex;
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

#[derive(Serialize)]
struct ReportJson<'a> {
    assessment: AssessmentJson<'a>,
    plan: Option<PlanJson<'a>>,
    no_plan_because: Option<&'a str>,
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
            let mut out = io::stdout().lock();
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
            let new = patched(&case.subject, &plan.pick.settings())?;
            let before = Subject::masked_text(std::slice::from_ref(&case.subject));
            let after = Subject::masked_text(std::slice::from_ref(&new));
            Ok(difference(&case.subject.path, &before, &after))
        });
        let (setup, observation, assessment, backends) = self.evidence(&case)?;
        case.subject.assessment = Some(Box::new(assessment.clone()));
        case.subject.backends_per_slot = self.capacity.backends_per_slot(&case);
        let findings = findings(&case.subject);
        let question = self.capacity.question(&case, &setup, &observation);
        let (_, config) = case.subject.load();
        let what_if = what_if(&question, &config, &case);
        let comparison = match &self.compare {
            Some(path) => Some(compare(path, &assessment)?),
            None => None,
        };
        let page = page(&case, Color::Never);
        let report = Report {
            page: &page,
            assessment: &assessment,
            plan: planned.as_ref().map_err(String::as_str),
            patch: patch.as_deref().map_err(String::as_str),
            backends: &backends,
            sensitivity: &sensitivity(&question),
            findings: &findings,
            what_if: &what_if,
            comparison: comparison.as_deref(),
        };
        Ok(match self.format {
            Format::Html => report_html(&report),
            Format::Markdown => report_markdown(&report),
            Format::Csv => report_csv(&report),
            Format::Json => {
                let json = ReportJson {
                    assessment: AssessmentJson::new(&case.subject.path, &assessment),
                    plan: planned.as_ref().ok().map(PlanJson::new),
                    no_plan_because: planned.as_ref().err().map(String::as_str),
                };
                let text = serde_json::to_string_pretty(&json).map_err(|it| it.to_string())?;
                format!("{text}\n")
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

/// Every combination of a few slots, sizes and fractions around what there is.
fn what_if(question: &Question<'_>, config: &ResolvedConfig<'_>, case: &Case) -> Vec<WhatIfRow> {
    let setup = question.setup;
    let now = setup.memory.total_process_memory.mebibytes();
    let mut sizes = vec![now, 1_728, 2_048, 3_072, 4_096, 6_144, 8_192, 12_288, 16_384];
    sizes.sort_unstable();
    sizes.dedup();
    let mut slots = vec![setup.slot_count, 1, 2, 3, 4, 6, 8];
    slots.sort_unstable();
    slots.dedup();
    let mut rows = Vec::new();
    for slots in slots {
        for process in &sizes {
            for fraction in ["0.2", "0.4", "0.5", "0.6", "0.7"] {
                let proposed = config.proposed(&[
                    ("taskmanager.memory.process.size", Some(format!("{process}m"))),
                    ("taskmanager.numberOfTaskSlots", Some(slots.to_string())),
                    ("taskmanager.memory.managed.fraction", Some(fraction.to_owned())),
                    ("taskmanager.memory.managed.size", None),
                    ("taskmanager.memory.task.heap.size", None),
                    ("taskmanager.memory.flink.size", None),
                ]);
                let operators = setup.backends_per_slot;
                let target = &case.subject.target;
                let shaped = Setup::of(&proposed, target, operators, Some(setup.kind));
                let (memory, verdict) = match &shaped {
                    Err(error) => (None, error.to_string()),
                    Ok(shaped) => {
                        let answer = assess(&Question { setup: shaped, ..*question });
                        let managed = shaped.memory.managed.bytes();
                        let heap = shaped.slot.task_heap.bytes();
                        let store = shaped.store_memory().unwrap_or(0);
                        (Some([managed, store, heap]), words(&answer))
                    }
                };
                let task_managers = question.workload.parallelism.div_ceil(slots);
                rows.push(WhatIfRow {
                    slots,
                    process: *process,
                    fraction,
                    memory,
                    verdict,
                    task_managers,
                });
            }
        }
    }
    rows
}

fn words(assessment: &Assessment) -> String {
    let binding = assessment.binding.map_or("nothing", |kind| kind.title());
    match assessment.verdict {
        Verdict::Fits { headroom } => {
            format!("Fits with {:.0} % headroom, bound by {binding}", headroom * 100.0)
        }
        Verdict::MayNotFit => format!("May not fit, for {binding}"),
        Verdict::DoesNotFit => format!("Does not fit, for {binding}"),
    }
}

/// What differs from a report that was written before.
fn compare(path: &PathBuf, now: &Assessment) -> Result<Vec<ComparisonRow>, String> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
    let before = json.get("assessment").unwrap_or(&json);
    let verdict = before
        .get("verdict")
        .and_then(serde_json::Value::as_str)
        .ok_or_else(|| format!("{name}: expected a report of --format json, found no verdict"))?;
    let mut rows = Vec::new();
    let mut row = |name: &str, before: &str, now: &str| {
        if before != now {
            let (before, now) = (before.to_owned(), now.to_owned());
            rows.push(ComparisonRow { name: name.to_owned(), before, now });
        }
    };
    row("verdict", verdict, now.verdict.name());
    let binding = before.get("binding").and_then(serde_json::Value::as_str).unwrap_or("none");
    row("binding", binding, now.binding.map_or("none", |kind| kind.name()));
    let constraints = before.get("constraints").and_then(serde_json::Value::as_array);
    for it in &now.constraints {
        let earlier = constraints.into_iter().flatten().find(|earlier| {
            earlier.get("name").and_then(serde_json::Value::as_str) == Some(it.kind.name())
        });
        let bound = |side: &str| {
            let bounds = earlier?.get(side)?;
            Some(crate::capacity::Range {
                low: bounds.get("low")?.as_f64()?,
                high: bounds.get("high")?.as_f64()?,
            })
        };
        let show = |range: Option<crate::capacity::Range>| {
            range.map_or("?".to_owned(), |range| crate::capacity::range_text(range, it.unit))
        };
        row(&format!("{} needs", it.kind.title()), &show(bound("need")), &show(it.need));
        row(&format!("{} has", it.kind.title()), &show(bound("limit")), &show(it.limit));
    }
    Ok(rows)
}
