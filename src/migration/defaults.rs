//! Options whose default is another one in the other release.

use crate::catalog::{OptionEntry, Place, Target, ValueType, options, vvr_default};
use crate::config::{FromRaw, RawValue, ResolvedConfig, split_escaped};
use crate::units::{FlinkDuration, Fraction, MemorySize};

/// An option that is not set, with what it was and will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultChange {
    /// The option.
    pub key: &'static str,
    /// Its default before; `None` if it had none.
    pub before: Option<String>,
    /// Its default after.
    pub after: Option<String>,
}

/// Every option of both targets that `config` does not set and whose default differs, by key.
pub fn default_changes(
    config: &ResolvedConfig<'_>,
    from: &Target,
    to: &Target,
) -> Vec<DefaultChange> {
    let mut changes = Vec::new();
    for option in options().iter().filter(|option| option.place == Place::File) {
        let (Some(old), Some(new)) = (option.at(from.release()), option.at(to.release())) else {
            continue;
        };
        if config.lookup(option.key).is_some() {
            continue;
        }
        let of = |entry: &OptionEntry, target| {
            vvr_default(option.key, target).or(entry.default).map(str::to_owned)
        };
        let (before, after) = (of(old, from), of(new, to));
        let same = match (&before, &after) {
            (Some(before), Some(after)) => is_same(before, old, after, new),
            (None, None) => true,
            _ => false,
        };
        if !same {
            changes.push(DefaultChange { key: option.key, before, after });
        }
    }
    changes
}

/// Whether two defaults, as their releases write them, mean the same.
fn is_same(before: &str, old: &OptionEntry, after: &str, new: &OptionEntry) -> bool {
    fn read<T: FromRaw + PartialEq>(
        (before, old): (&str, &OptionEntry),
        (after, new): (&str, &OptionEntry),
    ) -> bool {
        let value = |text: &str, entry: &OptionEntry| {
            T::from_raw(&RawValue::Text(text.to_owned().into()), entry.last).ok()
        };
        value(before, old).is_some_and(|before| Some(before) == value(after, new))
    }
    let (before_entry, after_entry) = ((before, old), (after, new));
    before == after
        || match new.value_type {
            ValueType::Duration => read::<FlinkDuration>(before_entry, after_entry),
            ValueType::MemorySize => read::<MemorySize>(before_entry, after_entry),
            ValueType::Float => read::<Fraction>(before_entry, after_entry),
            ValueType::Boolean | ValueType::Enum(_) => before.eq_ignore_ascii_case(after),
            ValueType::List(_) | ValueType::Map => items(before) == items(after),
            _ => false,
        }
}

/// What a list or map holds, whether written with separators or as YAML.
fn items(text: &str) -> Vec<String> {
    let inner = text.trim_matches(['[', ']', '{', '}']);
    let separator = if inner.contains(';') { ';' } else { ',' };
    let mut items: Vec<String> = split_escaped(inner, separator)
        .unwrap_or_default()
        .iter()
        .map(|item| item.replace([' ', '\'', '"'], ""))
        .collect();
    items.sort();
    items
}
