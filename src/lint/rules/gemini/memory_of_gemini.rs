//! What rules on Gemini's memory share.

use super::options::is_in_effect;
use crate::lint::LintContext;
use crate::memory::{Backend, BackendMemory, GeminiMemory};

/// Gemini in a TaskManager that starts, and its memory.
pub(super) fn gemini_memory<'m>(
    ctx: &'m LintContext<'_>,
) -> Option<(&'m Backend<'m>, &'m GeminiMemory<'m>)> {
    if !is_in_effect(ctx) {
        return None;
    }
    let backend = ctx.memory().backend.as_ref()?;
    match &backend.memory {
        BackendMemory::Gemini(memory) => Some((backend, memory)),
        _ => None,
    }
}
