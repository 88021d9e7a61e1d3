//! Options of the operator's autoscaler, which have an older name each.

use crate::config::Setting;
use crate::lint::LintContext;

/// The setting of `job.autoscaler.NAME` under either name.
///
/// Source: `AutoScalerOptions`, operator 1.5 to 1.13, whose older keys start with
/// `kubernetes.operator.`.
pub(super) fn option<'c, 'a>(ctx: &'c LintContext<'a>, name: &str) -> Option<&'c Setting<'a>> {
    let key = format!("job.autoscaler.{name}");
    ctx.config.setting(&key).or_else(|| ctx.config.setting(&format!("kubernetes.operator.{key}")))
}

/// Whether a switch is on.
pub(super) fn is_on(setting: &Setting<'_>) -> bool {
    setting.value.text().trim().eq_ignore_ascii_case("true")
}
