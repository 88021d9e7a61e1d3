//! Suppression comments that do nothing; the runner reports them, since only it knows.

use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct UnusedSuppression;
pub(in crate::lint::rules) struct UnknownSuppressionCode;

static UNUSED: RuleMeta = RuleMeta {
    code: "FI011",
    name: "unused-suppression",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "slotwise",
    docs: r"
A comment silences a rule that finds nothing on this line. It would hide a later mistake.
## Bad
taskmanager.numberOfTaskSlots: 2 # slotwise: ignore[FI002] nothing is cut here
## Good
taskmanager.numberOfTaskSlots: 2
",
};

static UNKNOWN: RuleMeta = RuleMeta {
    code: "FI012",
    name: "unknown-suppression-code",
    severity: Severity::Warning,
    fix: FixAvailability::Sometimes,
    source: "slotwise",
    docs: r"
A comment silences a rule that does not exist.
## Bad
taskmanager.numberOfTaskSlots: 2 # slotwise: ignore[FZ999] no such rule
## Good
taskmanager.numberOfTaskSlots: 2
",
};

impl Rule for UnusedSuppression {
    fn meta(&self) -> &'static RuleMeta {
        &UNUSED
    }

    fn check(&self, _: &LintContext<'_>, _: &mut Vec<Finding>) {}
}

impl Rule for UnknownSuppressionCode {
    fn meta(&self) -> &'static RuleMeta {
        &UNKNOWN
    }

    fn check(&self, _: &LintContext<'_>, _: &mut Vec<Finding>) {}
}

/// `rule` is silenced where it finds nothing.
pub(in crate::lint) fn unused_suppression(rule: &RuleMeta, code: Span) -> Finding {
    Finding::new(&UNUSED, format!("{} finds nothing here to ignore", rule.code))
        .primary(code, format!("no {} on this line", rule.name))
        .help("remove the suppression")
}

/// A rule is silenced that does not exist.
pub(in crate::lint) fn unknown_code(code: &str, span: Span) -> Finding {
    let finding = Finding::new(&UNKNOWN, format!("there is no rule {code:?} to ignore"))
        .primary(span, "not a rule's code or name");
    let names = crate::lint::RULES.iter().flat_map(|rule| [rule.meta().code, rule.meta().name]);
    let nearest = names
        .map(|name| (strsim::damerau_levenshtein(name, code), name))
        .min()
        .filter(|(distance, name)| distance * 3 <= name.len());
    match nearest {
        Some((_, name)) => finding.help(format!("did you mean `{name}`?")).fix(Fix::new(
            format!("replace with {name}"),
            Applicability::Unsafe,
            Edit { span, text: name.to_owned() },
        )),
        None => finding.help("remove it, or see `slotwise rules` for the rules that exist"),
    }
}
