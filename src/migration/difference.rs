//! What differs between two configurations, whatever their files look like.

use crate::catalog::{Release, option, options_with_alternate};
use crate::config::{ResolvedConfig, Setting};
use crate::lint::Secrets;

/// One option that two configurations do not agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The option, by its newest key.
    pub key: String,
    /// What the first one sets it to, secrets masked; `None` if it does not.
    pub before: Option<String>,
    /// What the second one sets it to.
    pub after: Option<String>,
    /// Both set it to the same, under different keys.
    pub only_key: bool,
    /// The default of the release, for the one that does not set it.
    pub default: Option<&'static str>,
}

/// Every option that is set differently, by key; keys that mean the same option are one.
pub fn differences(
    before: (&ResolvedConfig<'_>, &Secrets),
    after: (&ResolvedConfig<'_>, &Secrets),
) -> Vec<Difference> {
    let mut keys: Vec<String> = Vec::new();
    for (config, _) in [before, after] {
        let names = config.settings().iter();
        keys.extend(names.map(|setting| name(&setting.key, config.release())));
    }
    keys.sort();
    keys.dedup();
    keys.into_iter().filter_map(|key| difference(key, before, after)).collect()
}

/// The option that a key stands for.
fn name(key: &str, release: Release) -> String {
    let mut readers = options_with_alternate(key, release);
    match (readers.next(), readers.next()) {
        (Some((option, alternate)), None) if alternate.deprecated => option.key.to_owned(),
        _ => key.to_owned(),
    }
}

fn setting<'c, 'a>(config: &'c ResolvedConfig<'a>, key: &str) -> Option<&'c Setting<'a>> {
    config.lookup(key).or_else(|| {
        config.settings().iter().find(|setting| name(&setting.key, config.release()) == key)
    })
}

fn difference(
    key: String,
    (before, hidden_before): (&ResolvedConfig<'_>, &Secrets),
    (after, hidden_after): (&ResolvedConfig<'_>, &Secrets),
) -> Option<Difference> {
    let (old, new) = (setting(before, &key), setting(after, &key));
    let text = |setting: &Setting<'_>| setting.value.text().into_owned();
    let (old_text, new_text) = (old.map(text), new.map(text));
    let only_key = old_text == new_text;
    if only_key && old.map(|setting| &setting.key) == new.map(|setting| &setting.key) {
        return None;
    }
    let shown = |setting: Option<&Setting<'_>>, hidden: &Secrets| {
        setting.map(|setting| hidden.mask_value(&setting.key, &setting.value.text()))
    };
    let release = if old.is_none() { before.release() } else { after.release() };
    let default = option(&key).and_then(|option| option.at(release)?.default);
    Some(Difference {
        before: shown(old, hidden_before),
        after: shown(new, hidden_after),
        only_key,
        default,
        key,
    })
}
