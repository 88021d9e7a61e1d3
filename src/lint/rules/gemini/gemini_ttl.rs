//! Three rules on how long state lives under GeminiStateBackend.

use super::options::{SQL_TTL, TTL, is_in_effect, sign_of_gemini};
use crate::catalog::vvr_default;
use crate::config::Setting;
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct GeminiTtlSetTwice;
pub(in crate::lint::rules) struct GeminiStateNeverExpires;
pub(in crate::lint::rules) struct TtlDigitMissing;

const SOURCE: &str = "Configurations of GeminiStateBackend, Realtime Compute (2026-03)";

static TWICE: RuleMeta = RuleMeta {
    code: "FG008",
    name: "gemini-ttl-set-twice",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: SOURCE,
    docs: r"
`table.exec.state.ttl` is for SQL jobs, `state.backend.gemini.ttl.ms` for DataStream and Python jobs.
The documentation says not to set both; which one wins is not published.
## Bad
# target: vvr-8.0.5
table.exec.state.ttl: 36 h
state.backend.gemini.ttl.ms: 129600000
## Good
# target: vvr-8.0.5
table.exec.state.ttl: 36 h
",
};

static NEVER: RuleMeta = RuleMeta {
    code: "FG009",
    name: "gemini-state-never-expires",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: SOURCE,
    docs: r"
Before VVR 4.0.12 state has no time to live unless one is set, so the state of joins and aggregations
grows for ever. From 4.0.12 on the state of SQL jobs lives 1.5 days by default, also after an
upgrade.
## Bad
# target: emr-3.28.2
state.backend: com.alibaba.flink.statebackend.GeminiStateBackendFactory
state.backend.gemini.local.dir: /mnt/disk1/gemini
## Good
# target: emr-3.28.2
state.backend: com.alibaba.flink.statebackend.GeminiStateBackendFactory
state.backend.gemini.local.dir: /mnt/disk1/gemini
state.backend.gemini.ttl.ms: 129600000
",
};

static DIGIT: RuleMeta = RuleMeta {
    code: "FG019",
    name: "ttl-digit-missing",
    severity: Severity::Warning,
    fix: FixAvailability::Always,
    source: "FAQ of Realtime Compute (2021-07), which gives 12960000 for 1.5 days",
    docs: r"
1.5 days are 129600000 milliseconds. The vendor's own FAQ has 12960000, one digit less, which is
3.6 hours: state disappears while it is still needed.
## Bad
# target: vvr-4.0.8
state.backend.gemini.ttl.ms: 12960000
## Good
# target: vvr-4.0.8
state.backend.gemini.ttl.ms: 129600000
",
};

/// The slip of the FAQ, and what was meant.
const SLIP: &str = "12960000";
const MEANT: &str = "129600000";

impl Rule for GeminiTtlSetTwice {
    fn meta(&self) -> &'static RuleMeta {
        &TWICE
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if is_in_effect(ctx)
            && let (Some(own), Some(sql)) = (ctx.lookup(TTL), ctx.lookup(SQL_TTL))
        {
            findings.push(set_twice(own, sql));
        }
    }
}

impl Rule for GeminiStateNeverExpires {
    fn meta(&self) -> &'static RuleMeta {
        &NEVER
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if is_in_effect(ctx)
            && vvr_default(SQL_TTL, ctx.target).is_none()
            && ctx.lookup(TTL).is_none()
            && ctx.lookup(SQL_TTL).is_none()
        {
            // Only where the file itself sets up Gemini.
            let has_sql_ttl = ctx.key_of(&[SQL_TTL]).is_some();
            findings.extend(sign_of_gemini(ctx).map(|sign| never_expires(sign, has_sql_ttl)));
        }
    }
}

impl Rule for TtlDigitMissing {
    fn meta(&self) -> &'static RuleMeta {
        &DIGIT
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if ctx.target.gemini().is_none() {
            return;
        }
        for key in [TTL, SQL_TTL] {
            if let Some(setting) = ctx.lookup(key).filter(|it| it.value.text() == SLIP) {
                findings.push(digit_missing(setting));
            }
        }
    }
}

fn set_twice(own: &Setting<'_>, sql: &Setting<'_>) -> Finding {
    Finding::new(&TWICE, "the time to live of state is set twice, which the documentation forbids")
        .primary(own.value_span, "for DataStream and Python jobs")
        .related(sql.value_span, "for SQL jobs")
        .help("keep the one for your kind of job")
}

fn never_expires(sign: &Setting<'_>, has_sql_ttl: bool) -> Finding {
    let help = if has_sql_ttl {
        format!("set `{SQL_TTL}` for SQL jobs, or `{TTL}` for others, in milliseconds")
    } else {
        format!("set `{TTL}`, in milliseconds")
    };
    Finding::new(&NEVER, "state never expires: no time to live is set")
        .primary(sign.key_span, "this engine has no default for it")
        .help(help)
}

fn digit_missing(setting: &Setting<'_>) -> Finding {
    Finding::new(&DIGIT, "state lives 3.6 hours; 1.5 days have one digit more")
        .primary(setting.value_span, "3.6 hours")
        .help(format!("write `{MEANT}` for 1.5 days"))
        .fix(Fix::new(
            "write 1.5 days",
            Applicability::Unsafe,
            Edit { span: setting.value_span, text: MEANT.to_owned() },
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn both_times_to_live() {
        check(
            &GeminiTtlSetTwice,
            r"
# target: vvr-8.0.5
table.exec.state.ttl: 36 h
#                     ^^^^ for SQL jobs
state.backend.gemini.ttl.ms: 129600000
#                            ^^^^^^^^^ FG008 for DataStream and Python jobs
",
        );
        check(&GeminiTtlSetTwice, "# target: vvr-8.0.5\ntable.exec.state.ttl: 36 h\n");
        check(
            &GeminiTtlSetTwice,
            "# target: vvr-8.0.5\nstate.backend: rocksdb\ntable.exec.state.ttl: 36 h\nstate.backend.gemini.ttl.ms: 1\n",
        );
    }

    #[test]
    fn none_before_4_0_12() {
        check(
            &GeminiStateNeverExpires,
            r"
# target: vvr-4.0.11
state.backend.gemini.local.dir: /mnt/disk1
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG009 this engine has no default for it
",
        );
        check(
            &GeminiStateNeverExpires,
            "# target: vvr-4.0.12\nstate.backend.gemini.local.dir: /mnt/disk1\n",
        );
        check(&GeminiStateNeverExpires, "# target: emr-3.28.2\nrest.port: 8081\n");
        check(
            &GeminiStateNeverExpires,
            "# target: emr-3.28.2\nstate.backend: gemini\ntable.exec.state.ttl: 1 d\n",
        );
    }

    #[test]
    fn the_slip_of_the_faq() {
        check(
            &TtlDigitMissing,
            r"
# target: vvr-8.0.5
table.exec.state.ttl: 12960000
#                     ^^^^^^^^ FG019 3.6 hours
",
        );
        check(&TtlDigitMissing, "# target: vvr-8.0.5\ntable.exec.state.ttl: 129600000\n");
        check(&TtlDigitMissing, "# target: flink-1.20\ntable.exec.state.ttl: 12960000\n");
    }
}
