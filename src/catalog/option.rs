use super::Release;

/// One option over all releases that have it.
#[derive(Debug, PartialEq)]
pub struct OptionHistory {
    /// The option's key.
    pub key: &'static str,
    /// What it was, oldest first; each entry holds until the next one starts.
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
}

/// Another key of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternate {
    /// The key.
    pub key: &'static str,
    /// Deprecated keys make Flink log a warning, fallback keys do not.
    pub deprecated: bool,
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

impl OptionHistory {
    /// The option as `release` has it.
    pub fn at(&self, release: Release) -> Option<&'static OptionEntry> {
        self.entries.iter().find(|entry| entry.first <= release && release <= entry.last)
    }
}

/// The option of exactly this key, whatever the release; `None` for aliases and unknown keys.
pub fn option(key: &str) -> Option<&'static OptionHistory> {
    let _ = key;
    None
}
