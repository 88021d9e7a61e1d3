//! Gemini's options that rules read.

use crate::catalog::gemini_option;
use crate::config::Setting;
use crate::lint::LintContext;
use crate::memory::StateBackend;

pub(super) const MEMORY_MANAGED: &str = "state.backend.gemini.memory.managed";
pub(super) const OFF_HEAP_SIZE: &str = "state.backend.gemini.offheap.size";
pub(super) const WRITE_BUFFER_SIZE: &str = "state.backend.gemini.total.writebuffer.size";
pub(super) const LOCAL_DIRECTORY: &str = "state.backend.gemini.local.dir";
pub(super) const USE_OFF_HEAP: &str = "state.backend.gemini.use.offheap";
/// For DataStream and Python jobs.
pub(super) const TTL: &str = "state.backend.gemini.ttl.ms";
/// Flink's own, for SQL jobs.
pub(super) const SQL_TTL: &str = "table.exec.state.ttl";

/// Whether Gemini is the state backend in effect, on a target that has it.
pub(super) fn is_in_effect(ctx: &LintContext<'_>) -> bool {
    ctx.target.gemini().is_some() && ctx.state_backend().backend == StateBackend::Gemini
}

/// Effective settings of Gemini's options, by key.
pub(super) fn gemini_settings<'c, 'a>(
    ctx: &'c LintContext<'a>,
) -> impl Iterator<Item = &'c Setting<'a>> {
    let settings = ctx.config.settings().iter();
    settings.filter(|it| it.key.starts_with("state.backend.") && gemini_option(&it.key).is_some())
}

/// The setting which shows that the file means Gemini: the backend's, else the first option's.
pub(super) fn sign_of_gemini<'c, 'a>(ctx: &'c LintContext<'a>) -> Option<&'c Setting<'a>> {
    let first = || gemini_settings(ctx).min_by_key(|setting| setting.key_span);
    ctx.state_backend().setting.or_else(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_an_option() {
        let keys =
            [MEMORY_MANAGED, OFF_HEAP_SIZE, WRITE_BUFFER_SIZE, LOCAL_DIRECTORY, USE_OFF_HEAP, TTL];
        for key in keys {
            assert!(gemini_option(key).is_some(), "{key} is no option");
        }
        assert!(crate::catalog::option(SQL_TTL).is_some());
    }
}
