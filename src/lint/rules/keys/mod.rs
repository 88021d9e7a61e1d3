//! Keys: unknown, renamed, removed, not there yet, set twice under two names.

mod deprecated_key;
mod key_and_alias_both_set;
mod key_of_a_later_release;
mod legacy_heap_key;
mod removed_key;
mod unknown_key;

pub(super) use deprecated_key::DeprecatedKey;
pub(super) use key_and_alias_both_set::KeyAndAliasBothSet;
pub(super) use key_of_a_later_release::KeyOfALaterRelease;
pub(super) use legacy_heap_key::LegacyHeapKey;
pub(super) use removed_key::RemovedKey;
pub(super) use unknown_key::UnknownKey;

use crate::catalog::{Classification, OptionHistory, options_with_alternate};
use crate::config::Setting;
use crate::finding::{Applicability, Edit, Fix};
use crate::lint::LintContext;

/// Writes `new` in the place of a setting's key, unless the key is spread over nested maps.
fn rename(
    ctx: &LintContext<'_>,
    setting: &Setting<'_>,
    new: &str,
    applicability: Applicability,
) -> Option<Fix> {
    let written = ctx.sources.text(setting.key_span);
    let bare = written.trim_matches(['"', '\'']);
    // In a nested file the first parts stand above, and other keys share them.
    let above = setting.key.strip_suffix(bare).filter(|_| !bare.is_empty())?;
    let is_here = |other: &&Setting<'_>| other.key_span == setting.key_span;
    // What an alias brings in has the same place under another key.
    if !above.is_empty() && ctx.loaded.settings.iter().filter(is_here).nth(1).is_some() {
        return None;
    }
    let rest = new.strip_prefix(above).filter(|rest| !rest.is_empty())?;
    let edit = Edit { span: setting.key_span, text: written.replacen(bare, rest, 1) };
    Some(Fix::new(format!("rename to `{new}`"), applicability, edit))
}

/// The options under whose keys the target wants what `setting` sets under a deprecated one.
///
/// Empty if the key is not deprecated.
fn successors(
    ctx: &LintContext<'_>,
    setting: &Setting<'_>,
    class: Classification,
) -> Vec<&'static OptionHistory> {
    let deprecated = match class {
        Classification::Alias { alternate, .. } => alternate.deprecated,
        Classification::Known { entry, .. } => entry.deprecated,
        _ => false,
    };
    if !deprecated {
        return Vec::new();
    }
    let options = options_with_alternate(&setting.key, ctx.release());
    options
        .filter(|(option, alternate)| alternate.deprecated && option.key != setting.key)
        .filter(|(option, _)| option.at(ctx.release()).is_some_and(|entry| !entry.deprecated))
        .map(|(option, _)| option)
        .collect()
}
