//! What the rules about refused memory share: the refusal, and the settings that led to it.

use crate::catalog::Release;
use crate::config::{Origin, Setting};
use crate::finding::{Finding, RuleMeta};
use crate::lint::LintContext;
use crate::memory::{Clamp, Formula, MemoryError, Pool, Process, Step};

/// A process that Flink refuses to start, and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure<'m> {
    pub(super) process: Process,
    pub(super) error: &'m MemoryError,
    /// What was derived before.
    pub(super) steps: &'m [Step<'m>],
    /// The start scripts accept it, and the started process does not.
    started: bool,
}

/// The refusals of a configuration, at most one a process.
pub(super) fn failures<'m>(ctx: &'m LintContext<'_>) -> impl Iterator<Item = Failure<'m>> {
    let model = ctx.memory();
    let task_manager = &model.task_manager;
    let refused = task_manager.result.as_ref().err().map(|error| (error, false));
    let died = model.task_manager_process.as_ref().and_then(|it| it.as_ref().err());
    let task_manager = refused.or(died.map(|error| (error, true))).map(|(error, started)| {
        Failure { process: Process::TaskManager, error, steps: &task_manager.steps, started }
    });
    let job_manager = model.job_manager.result.as_ref().err().map(|error| Failure {
        process: Process::JobManager,
        error,
        steps: &model.job_manager.steps,
        started: false,
    });
    task_manager.into_iter().chain(job_manager)
}

impl<'m> Failure<'m> {
    /// A finding without a place yet, with what Flink logs.
    pub(super) fn finding(
        &self,
        rule: &'static RuleMeta,
        release: Release,
        message: String,
    ) -> Finding {
        let messages = if self.started {
            self.error.start_messages(release)
        } else {
            self.error.flink_messages(self.process, release)
        };
        let mut text = messages.first().cloned().unwrap_or_default();
        if let Some(cause) = messages.last().filter(|cause| !text.contains(cause.as_str())) {
            text = format!("{text} Caused by: {cause}");
        }
        Finding::new(rule, message).flink_message(text)
    }

    /// The setting that decides how large a pool is; `None` for a default or a rest.
    pub(super) fn decider(&self, pool: Pool) -> Option<&'m Setting<'m>> {
        let step = self.steps.iter().find(|step| step.pool == pool)?;
        let origin = match &step.formula {
            Formula::Option(input) => input.origin,
            Formula::Fraction(capped) | Formula::InverseFraction(capped) => {
                match (capped.clamp, &capped.range) {
                    (Some(Clamp::Min), Some(range)) => range.min.origin,
                    (Some(Clamp::Max), Some(range)) => range.max.origin,
                    _ => capped.fraction.origin,
                }
            }
            Formula::Segments { count, .. } => count.origin,
            Formula::Sum(_) | Formula::Rest { .. } => return None,
        };
        match origin {
            Origin::Setting(setting) => Some(setting),
            Origin::Default => None,
        }
    }
}

/// A process's key for what both processes have, such as `process.size`.
pub(super) fn key(process: Process, name: &str) -> String {
    let prefix = match process {
        Process::TaskManager => "taskmanager",
        Process::JobManager => "jobmanager",
    };
    format!("{prefix}.memory.{name}")
}

/// Points at settings: the first of `places` that the user set is the primary one, the others are
/// related. What was not set cannot be pointed at; the caller says it in words.
pub(in crate::lint::rules) fn point<'s>(
    mut finding: Finding,
    places: impl IntoIterator<Item = (Option<&'s Setting<'s>>, String)>,
) -> Finding {
    let mut seen = Vec::new();
    for (setting, text) in places {
        let Some(setting) = setting else { continue };
        if seen.contains(&setting.value_span) {
            continue;
        }
        seen.push(setting.value_span);
        finding = if finding.primary.is_none() {
            finding.primary(setting.value_span, text)
        } else {
            finding.related(setting.value_span, text)
        };
    }
    finding
}
