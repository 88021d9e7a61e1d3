//! SQL scripts and the code of jobs.

mod cluster_option_in_job;
mod state_backend_in_code;

pub(super) use cluster_option_in_job::ClusterOptionInJob;
pub(super) use state_backend_in_code::StateBackendInCode;

use crate::lint::LintContext;
use crate::manifest::ScriptSpec;

/// The script or program that is checked, if it is one.
fn script<'a>(ctx: &LintContext<'a>) -> Option<&'a ScriptSpec> {
    ctx.deployment()?.script()
}
