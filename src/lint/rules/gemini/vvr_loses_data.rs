use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct VvrLosesData;

static META: RuleMeta = RuleMeta {
    code: "FG018",
    name: "vvr-loses-data",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "Release notes of VVR 8.0.1 and 8.0.3",
    docs: r"
The engine's own release notes say that this version can lose data.
## Bad
# target: vvr-8.0.3
taskmanager.numberOfTaskSlots: 1
## Good
# target: vvr-8.0.5
taskmanager.numberOfTaskSlots: 1
",
};

impl Rule for VvrLosesData {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if let (Some(_), Some(note)) = (ctx.target.vvr(), ctx.target.note()) {
            findings.push(loses_data(note));
        }
    }
}

fn loses_data(note: String) -> Finding {
    Finding::new(&META, note).help("restore from a savepoint on a later version")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn two_versions() {
        check(
            &VvrLosesData,
            "# target: vvr-8.0.1\n# whole file: FG018 VVR 8.0.1 can lose data by its own release notes; move to 8.0.5 or later\n",
        );
        check(&VvrLosesData, "# target: vvr-8.0.4\n");
        check(&VvrLosesData, "# target: emr-3.27.2\n");
    }
}
