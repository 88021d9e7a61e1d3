use super::Settings;
use crate::finding::{Finding, RuleMeta, Severity};
use crate::lint::Silenced;

/// Which rules are wanted, by code, name or the first letters of codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSelection {
    /// Only these; empty for all.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Whether to report what comments and the folder's settings silence.
    pub silenced: Silenced,
}

impl RuleSelection {
    /// Whether this selection, the folder's settings and the `ignored` rules of the file want the
    /// finding; what is selected here outranks the settings' selection.
    pub fn reports(
        &self,
        finding: &Finding,
        settings: Option<&Settings>,
        ignored: &[String],
    ) -> bool {
        let any = |rules: &[String]| rules.iter().any(|rule| selects(rule, finding.rule));
        let settled = settings.map_or(&[][..], |settings| &settings.select);
        let select = if self.select.is_empty() { settled } else { &self.select };
        let settled = any(ignored) || settings.is_some_and(|settings| any(&settings.ignore));
        let ignored = any(&self.ignore) || self.silenced == Silenced::LeftOut && settled;
        (select.is_empty() || any(select)) && !ignored
    }
}

impl Settings {
    /// The severity that the folder gives to a rule; the most exact selector counts.
    pub fn severity_of(&self, rule: &RuleMeta) -> Option<Severity> {
        let given = self.severity.iter().filter(|(selector, _)| selects(selector, rule));
        given.max_by_key(|(selector, _)| selector.len()).map(|(_, severity)| *severity)
    }
}

/// Whether `selector` is the rule's code, its name, or the first letters of its code.
pub fn selects(selector: &str, rule: &RuleMeta) -> bool {
    let starts = |code: &str| {
        code.get(..selector.len()).is_some_and(|start| start.eq_ignore_ascii_case(selector))
    };
    !selector.is_empty() && (starts(rule.code) || rule.name.eq_ignore_ascii_case(selector))
}
