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
mod state_backend;
mod suppression;
#[cfg(test)]
mod testing;

pub use context::{Facts, LintContext, Place};
pub use markdown::rules_markdown;
pub use rules::RULES;
pub use secrets::{is_secret, mask, mask_property, mask_value};
pub use state_backend::{STATE_BACKEND, SelectedStateBackend, StateBackend};

use crate::finding::{Finding, RuleMeta};

/// One rule: its fixed facts and its check.
pub trait Rule: Sync {
    /// Code, name, severity, documentation.
    fn meta(&self) -> &'static RuleMeta;

    /// Adds a finding for each time the problem occurs.
    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>);
}

/// Every problem of a configuration, in file order, suppressed ones left out.
pub fn check(ctx: &LintContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A refused file is judged by what could be read around the fault; what it lacks is not known.
    let is_refused = ctx.loaded.error.is_some();
    let is_lost = is_refused && ctx.loaded.settings.is_empty();
    for rule in RULES.iter().filter(|rule| !is_lost || is_of_input(rule.meta())) {
        rule.check(ctx, &mut findings);
    }
    if is_refused {
        findings.retain(|finding| finding.primary.is_some() || is_of_input(finding.rule));
    }
    suppression::apply(ctx, &mut findings);
    secrets::scrub(ctx, &mut findings);
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    findings
}

/// Whether the rule is about the file as a text, whatever its settings mean.
fn is_of_input(rule: &RuleMeta) -> bool {
    rule.code.starts_with("FI")
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
