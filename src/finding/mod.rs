//! What a user is told: findings with places, help and fixes, as plain values.
//!
//! Rules build [`Finding`]s; `render`, `lsp` and `cli` show them. This room imports `source`
//! only, and knows neither the rules nor any output format.

mod fix;
mod rule_meta;

pub use fix::{Applicability, ApplyError, Edit, Fix, apply};
pub use rule_meta::{FixAvailability, RuleMeta, Severity};

use std::sync::Arc;

use crate::source::Span;

/// One problem at one place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static RuleMeta,
    /// How bad it is here; the rule's severity unless the rule or the settings say otherwise.
    pub severity: Severity,
    /// The fact, with the user's own values; lower-case technical terms kept, no final period.
    pub message: String,
    /// The place to point at first; `None` if the file as a whole is at fault.
    pub primary: Option<Label>,
    /// Other places that play a part: overridden layers, the other bound, aliases.
    pub related: Vec<Label>,
    /// What to do, as an imperative.
    pub help: Option<String>,
    /// What Flink itself would log where it would fail.
    pub flink_message: Option<String>,
    /// An edit that solves it.
    pub fix: Option<Fix>,
    /// Which one of the deployments that its file describes it is about, if there are several.
    pub deployment: Option<Arc<str>>,
}

/// A place and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What the user sees beside it; may be empty.
    pub text: String,
}

impl Finding {
    /// A finding of `rule` with its default severity and no place yet.
    pub fn new(rule: &'static RuleMeta, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            primary: None,
            related: Vec::new(),
            help: None,
            flink_message: None,
            fix: None,
            deployment: None,
        }
    }

    /// Sets the primary place.
    #[must_use]
    pub fn primary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    /// Adds a related place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// Sets what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Sets what Flink would log.
    #[must_use]
    pub fn flink_message(mut self, text: impl Into<String>) -> Self {
        self.flink_message = Some(text.into());
        self
    }

    /// Overrides the rule's severity for this case.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Attaches a fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}
