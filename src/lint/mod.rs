//! The rules, their registry and the runner.
//!
//! [`check`] runs every rule on one configuration. A rule reads resolved values and the derived
//! memory model; it reads no text and owns no formula. This room may import every room before
//! it but `simulator`, and never `render`, `lsp` or `cli`: rules run on every keystroke.

mod context;
mod limit;
mod lookup;
mod markdown;
mod nesting;
mod placeholder;
mod rules;
mod secrets;
mod suppression;
#[cfg(test)]
mod testing;

pub use context::{Facts, LintContext, Place};
pub use markdown::rules_markdown;
pub use rules::{RULES, local_paths, state_disk};
pub use secrets::{Secrets, is_secret, mask, mask_property, mask_value};

pub use suppression::Silenced;

use crate::finding::{Finding, RuleMeta};
use crate::manifest::Role;

/// One rule: its fixed facts and its check.
pub trait Rule: Sync {
    /// Code, name, severity, documentation.
    fn meta(&self) -> &'static RuleMeta;

    /// Adds a finding for each time the problem occurs.
    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>);
}

/// Every problem of a configuration, in file order, suppressed ones left out.
pub fn check(ctx: &LintContext<'_>) -> Vec<Finding> {
    let mut findings = find(ctx);
    suppress(ctx, &mut findings, Silenced::LeftOut);
    findings
}

/// Every problem of a configuration, by rule. A file of several deployments is searched for each
/// of them, and [`suppress`] looks at all findings together.
pub fn find(ctx: &LintContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A refused file is judged by what could be read around the fault; what it lacks is not known.
    let is_refused = ctx.loaded.error.is_some();
    let is_lost = is_refused && ctx.loaded.settings.is_empty();
    let role = ctx.own_deployment().map_or(Role::Cluster, |deployment| deployment.role);
    let wanted = |rule: &RuleMeta| is_about(rule.code, role) && (!is_lost || is_of_input(rule));
    for rule in RULES.iter().filter(|rule| wanted(rule.meta())) {
        rule.check(ctx, &mut findings);
    }
    if is_refused {
        findings.retain(|finding| finding.primary.is_some() || is_of_input(finding.rule));
    }
    if let Some(deployment) = ctx.own_deployment() {
        place_in_file(ctx, deployment, &mut findings);
    }
    secrets::scrub(ctx, &mut findings);
    findings
}

/// Whether the rule is about the file as a text, whatever its settings mean.
fn is_of_input(rule: &RuleMeta) -> bool {
    rule.code.starts_with("FI") || rule.name == "unreadable-manifest"
}

/// Leaves out suppressed findings if that is wanted, reports suppressions that do nothing, and
/// sorts.
pub fn suppress(ctx: &LintContext<'_>, findings: &mut Vec<Finding>, silenced: Silenced) {
    // Several deployments' findings of one rule belong together here.
    findings.sort_by_key(|finding| finding.rule.code);
    suppression::apply(ctx, findings, silenced);
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
}

/// Whether a rule has something to say about a deployment of that role.
fn is_about(code: &str, role: Role) -> bool {
    let family = |names: &[&str]| names.iter().any(|name| code.starts_with(name));
    match role {
        Role::Cluster => true,
        // State, checkpoints and high availability are the JobManager's and the job's.
        Role::TaskManager => !family(&["FC", "FN"]) || is_of_any_process(code),
        Role::JobManager => code != "FM001",
        // What is not here stands elsewhere.
        Role::Part => !family(&["FC", "FG", "FH", "FM", "FN"]) || is_of_any_process(code),
    }
}

/// Rules of those families about what stands in a text, whichever process reads it: secrets, flags
/// of the JVM, the parallelism.
fn is_of_any_process(code: &str) -> bool {
    ["FN008", "FN013", "FN014", "FN015"].contains(&code)
}

/// In a text of another kind an edit is right only where the text is the option's own, and what
/// lies in no text of the user's has no place to show.
fn place_in_file(
    ctx: &LintContext<'_>,
    deployment: &crate::manifest::Deployment,
    findings: &mut [Finding],
) {
    for finding in findings {
        let text = ctx.file_text();
        let fits = |fix: &crate::finding::Fix| {
            let mut edits = fix.edits.iter().filter(|edit| edit.span.file == ctx.file);
            edits.all(|edit| deployment.is_verbatim(edit.span, text))
        };
        if finding.fix.as_ref().is_some_and(|fix| !fits(fix)) {
            finding.fix = None;
        }
    }
}

/// File order; findings without a place come first.
fn order(finding: &Finding) -> (Option<crate::source::Span>, &'static str) {
    (finding.primary.as_ref().map(|label| label.span), finding.rule.code)
}

/// The rule of a code or a name, in any case.
pub fn rule(code_or_name: &str) -> Option<&'static RuleMeta> {
    RULES.iter().map(|rule| rule.meta()).find(|meta| {
        meta.code.eq_ignore_ascii_case(code_or_name) || meta.name.eq_ignore_ascii_case(code_or_name)
    })
}
