//! From a constraint of the assessment to a finding.

use crate::capacity::{Assessment, Constraint, ConstraintKind, Range, Standing, range_text};
use crate::finding::{Applicability, Edit, Finding, Fix, RuleMeta, Severity};
use crate::lint::LintContext;

/// A constraint of the assessment, and where to point.
pub(super) struct Evidence<'c, 'a> {
    ctx: &'c LintContext<'a>,
    assessment: &'a Assessment,
    constraint: &'a Constraint,
}

impl<'c, 'a> Evidence<'c, 'a> {
    /// The constraint of a kind, if somebody has assessed and it applies.
    pub(super) fn of(ctx: &'c LintContext<'a>, kind: ConstraintKind) -> Option<Self> {
        let assessment = ctx.assessment()?;
        let constraint = assessment.constraint(kind)?;
        Some(Self { ctx, assessment, constraint })
    }

    pub(super) fn need(&self) -> Option<Range> {
        self.constraint.need
    }

    pub(super) fn limit(&self) -> Option<Range> {
        self.constraint.limit
    }

    /// Whether it breaks, or may break once the unknown inputs are known.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.constraint.standing(), Standing::Broken | Standing::MayBreak)
    }

    /// Whether it breaks whatever the unknown inputs are.
    pub(super) fn is_certainly_broken(&self) -> bool {
        self.constraint.standing() == Standing::Broken
    }

    /// The finding: `{need}` and `{limit}` of the message are the figures, the first of `places`
    /// that the configuration sets is pointed at. What only may break is a warning at most.
    pub(super) fn finding(
        &self,
        meta: &'static RuleMeta,
        message: &str,
        places: &[&str],
    ) -> Finding {
        let text = |range: Option<Range>| {
            range.map_or("?".to_owned(), |range| range_text(range, self.constraint.unit))
        };
        let message = message
            .replace("{need}", &text(self.constraint.need))
            .replace("{limit}", &text(self.constraint.limit));
        let mut finding = Finding::new(meta, message);
        if self.constraint.standing() == Standing::MayBreak {
            finding = finding.severity(meta.severity.min(Severity::Warning));
        }
        let workload = &self.assessment.workload;
        if let Some(setting) = places.iter().find_map(|key| self.ctx.lookup(key)) {
            let label = format!("{workload}: {}", self.constraint.formula);
            finding = finding.primary(setting.value_span, label);
        }
        match self.fix() {
            Some(fix) => finding.fix(fix),
            None => finding,
        }
    }

    /// The one option that mends it, where the file sets it already.
    fn fix(&self) -> Option<Fix> {
        let change = self.assessment.change(self.constraint.kind)?;
        let setting = self.ctx.config.setting(change.key)?;
        if setting.value_span.file != self.ctx.file || self.ctx.deployment().is_some() {
            return None;
        }
        let edit = Edit { span: setting.value_span, text: change.value.clone() };
        let title = format!("set {} to {}", change.key, change.value);
        Some(Fix::new(title, Applicability::Unsafe, edit))
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::lint::rules::capacity::{LocalDiskTooSmall, StateExceedsHeap, ThroughputBelowRate};
    use crate::lint::testing::{check, findings};

    #[test]
    fn the_setting_that_decides_is_pointed_at() {
        let text = r"
# target: emr-3.28.2
# workload: nexmark-q20
# rate: 100000000
taskmanager.memory.process.size: 6g
";
        let found = findings(&ThroughputBelowRate, text);
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert!(finding.message.starts_with("the job needs 100,000,000/s, and sustains "));
        let span = finding.primary.as_ref().unwrap().span.range();
        assert_eq!(text.get(span), Some("6g"));
    }

    #[test]
    fn without_a_workload_nothing_is_said() {
        check(
            &StateExceedsHeap,
            "state.backend.type: hashmap\ntaskmanager.memory.process.size: 2g\n",
        );
    }

    #[test]
    fn what_depends_on_an_unknown_rate_is_a_warning() {
        let text = |rate: &str| {
            format!(
                "# target: emr-3.28.2\n# workload: nexmark-q20\n{rate}# disk: 20g\n\
                 taskmanager.memory.process.size: 6g\n"
            )
        };
        let severity = |rate: &str| {
            findings(&LocalDiskTooSmall, &text(rate)).first().map(|finding| finding.severity)
        };
        assert_eq!(severity(""), Some(Severity::Warning));
        assert_eq!(severity("# rate: 100000\n"), Some(Severity::Error));
        assert_eq!(severity("# rate: 100\n"), None);
    }
}
