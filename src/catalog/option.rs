use std::fmt;
use std::sync::LazyLock;

use super::Release;
use super::tables::{ALIASES, OPTIONS, SECONDARY, SLOTS};

/// One option over all releases that have it.
#[derive(Debug, PartialEq)]
pub struct OptionHistory {
    /// The option's key.
    pub key: &'static str,
    /// Where a user may write the key.
    pub place: Place,
    /// What it was, oldest first; each entry holds for its range of releases.
    pub entries: &'static [OptionEntry],
}

/// An option as a range of releases has it.
#[derive(Debug, PartialEq)]
pub struct OptionEntry {
    /// First release of the range.
    pub first: Release,
    /// Last release of the range.
    pub last: Release,
    /// The type of its values.
    pub value_type: ValueType,
    /// The default as that release's `Configuration.toMap` writes it; `None` if there is none.
    pub default: Option<&'static str>,
    /// Other keys under which the option is read, in the order in which Flink tries them.
    pub alternates: &'static [Alternate],
    /// Flink marks the option itself as deprecated.
    pub deprecated: bool,
    /// The class that declares it, such as `TaskManagerOptions`.
    pub declared_in: &'static str,
}

/// Another key of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternate {
    /// The key.
    pub key: &'static str,
    /// Deprecated keys make Flink log a warning, fallback keys do not.
    pub deprecated: bool,
}

/// Where a user may write an option's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In the configuration file.
    File,
    /// In the file, with a name of the user's own in the place of `<name>`.
    Pattern,
    /// In the file, below a prefix that names an instance, such as `metrics.reporter.NAME.`.
    Suffix,
    /// In a SQL statement only: an option of a table, format, catalog, module or hint.
    Sql,
    /// Nowhere: Flink writes it for itself.
    Internal,
}

/// The type of an option's values, with Flink's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Flink's")]
pub enum ValueType {
    Boolean,
    Int,
    Long,
    Float,
    Double,
    String,
    MemorySize,
    Duration,
    /// One of the constants, by `toString`, in any case.
    Enum(&'static [&'static str]),
    List(&'static ValueType),
    Map,
}

impl ValueType {
    /// The constants of an enum, or of a list of an enum.
    pub fn constants(self) -> &'static [&'static str] {
        match self {
            Self::Enum(constants) => constants,
            Self::List(item) => item.constants(),
            _ => &[],
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "Boolean",
            Self::Int => "Integer",
            Self::Long => "Long",
            Self::Float => "Float",
            Self::Double => "Double",
            Self::String => "String",
            Self::MemorySize => "MemorySize",
            Self::Duration => "Duration",
            Self::Enum(_) => "Enum",
            Self::List(item) => return write!(f, "List<{item}>"),
            Self::Map => "Map",
        })
    }
}

impl OptionHistory {
    /// The option as `release` has it.
    pub fn at(&self, release: Release) -> Option<&'static OptionEntry> {
        self.entries.iter().find(|entry| entry.first <= release && release <= entry.last)
    }

    /// The newest release that has it.
    pub fn last_release(&self) -> Release {
        self.entries.last().map_or(Release::LATEST, |entry| entry.last)
    }

    /// The oldest release that has it; [`V1_10`](Release::V1_10) also stands for older ones.
    pub fn first_release(&self) -> Release {
        self.entries.first().map_or(Release::LATEST, |entry| entry.first)
    }
}

/// Every option of every release, by key.
pub fn options() -> &'static [OptionHistory] {
    &OPTIONS
}

/// What a release declares once more under a key of [`options`], where the declarations differ in
/// type, default or alternates; by key. Flink's runtime does not read these; its catalog has them.
pub fn secondary_declarations() -> &'static [OptionHistory] {
    &SECONDARY
}

/// The option of exactly this key, whatever the release; `None` for aliases and unknown keys.
pub fn option(key: &str) -> Option<&'static OptionHistory> {
    let mut slot = first_slot(key, SLOTS.len());
    loop {
        // Slots hold index + 1, so that 0 ends the search; the table is never full.
        let index = usize::from(*SLOTS.get(slot)?).checked_sub(1)?;
        let option = OPTIONS.get(index)?;
        if option.key == key {
            return Some(option);
        }
        slot = (slot + 1) % SLOTS.len();
    }
}

/// The options that `release` also reads under `key`, a deprecated or fallback key of theirs.
pub fn options_with_alternate(
    key: &str,
    release: Release,
) -> impl Iterator<Item = (&'static OptionHistory, Alternate)> {
    options_with_alternate_in_any(key).filter_map(move |option| {
        let alternates = option.at(release)?.alternates;
        // The alias is compared again, as other releases may have it and this one not.
        let alternate = alternates.iter().find(|alternate| alternate.key == key)?;
        Some((option, *alternate))
    })
}

/// The options that some release reads under `key` too.
fn options_with_alternate_in_any(key: &str) -> impl Iterator<Item = &'static OptionHistory> {
    alias(key).unwrap_or_default().iter().filter_map(|index| OPTIONS.get(usize::from(*index)))
}

/// The options that `key` is an alias of, as indices.
fn alias(key: &str) -> Option<&'static [u16]> {
    let slots = &*ALIAS_SLOTS;
    let mut slot = first_slot(key, slots.len());
    loop {
        let at = usize::from(*slots.get(slot)?).checked_sub(1)?;
        let (alias, indices) = ALIASES.get(at)?;
        if *alias == key {
            return Some(indices);
        }
        slot = (slot + 1) % slots.len();
    }
}

/// Where to find an alias, as `SLOTS` is for options: every key of a file is looked up as an
/// alias, too, several times on every keystroke.
static ALIAS_SLOTS: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let slot_count = (ALIASES.len() * 2 + 1).next_power_of_two();
    let mut slots = vec![0; slot_count];
    for (number, (alias, _)) in (1..).zip(&ALIASES) {
        let mut slot = first_slot(alias, slot_count);
        while slots.get(slot).is_some_and(|taken| *taken != 0) {
            slot = (slot + 1) % slot_count;
        }
        if let Some(free) = slots.get_mut(slot) {
            *free = number;
        }
    }
    slots
});

/// The releases that read `key` out of a file, as an option or as an alternate.
pub(super) fn releases_that_read(key: &str) -> ReleaseSet {
    let mut releases = ReleaseSet(0);
    let own = option(key).filter(|option| option.place == Place::File);
    for entry in own.map_or(&[][..], |option| option.entries) {
        releases.insert_range(entry.first, entry.last);
    }
    for entry in options_with_alternate_in_any(key).flat_map(|option| option.entries) {
        if entry.alternates.iter().any(|alternate| alternate.key == key) {
            releases.insert_range(entry.first, entry.last);
        }
    }
    releases
}

/// Some releases, a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReleaseSet(u16);

impl ReleaseSet {
    pub(super) fn contains(self, release: Release) -> bool {
        self.0 >> release.index() & 1 == 1
    }

    pub(super) fn last(self) -> Option<Release> {
        Release::ALL.into_iter().rev().find(|release| self.contains(*release))
    }

    fn insert_range(&mut self, first: Release, last: Release) {
        for index in first.index()..=last.index() {
            self.0 |= 1 << index;
        }
    }
}

/// Where the search for `key` starts in a table of `slot_count` slots, a power of two.
///
/// FNV-1a over chunks of eight bytes: the keys are short, and the table is fixed.
pub(super) fn first_slot(key: &str, slot_count: usize) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut mix = |word: u64| {
        hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3);
        hash ^= hash >> 29;
    };
    let (chunks, rest) = key.as_bytes().as_chunks();
    chunks.iter().copied().map(u64::from_le_bytes).for_each(&mut mix);
    if !rest.is_empty() {
        mix(rest.iter().rev().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte)));
    }
    usize::try_from(hash >> 20).map_or(0, |hash| hash % slot_count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_no_other() {
        for history in options() {
            assert_eq!(option(history.key), Some(history));
            assert_eq!(option(&format!("{}x", history.key)).map(|o| o.key), None);
        }
        assert_eq!(option(""), None);
    }

    #[test]
    fn every_alias_is_found_and_no_other() {
        for (key, indices) in &ALIASES {
            assert_eq!(alias(key), Some(*indices), "{key}");
            assert_eq!(alias(&format!("{key}x")), None);
        }
        assert_eq!(alias(""), None);
    }

    #[test]
    fn defaults_follow_the_release() {
        let network_max = option("taskmanager.memory.network.max").unwrap();
        let default = |release| network_max.at(release).unwrap().default;
        assert_eq!(default(Release::V1_16), Some("1 gb"));
        assert_eq!(default(Release::V1_17), Some("9223372036854775807 bytes"));
    }

    #[test]
    fn an_alternate_counts_only_where_the_release_has_it() {
        let of = |key, release| {
            options_with_alternate(key, release).map(|(option, _)| option.key).collect::<Vec<_>>()
        };
        assert_eq!(
            of("taskmanager.memory.size", Release::V2_3),
            ["taskmanager.memory.managed.size"]
        );
        assert_eq!(of("state.backend", Release::V1_20), ["state.backend.type"]);
        assert_eq!(of("state.backend", Release::V1_10), [""; 0]);
        assert_eq!(of("rest.port", Release::V1_20), ["rest.bind-port"]);
    }
}
