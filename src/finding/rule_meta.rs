/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Waste or lack of portability.
    Info,
    /// A likely incident.
    Warning,
    /// Flink will not start, will not do what the file says, or loses data.
    Error,
}

impl Severity {
    /// The lower-case word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether findings of a rule come with a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixAvailability {
    /// Every finding has one.
    Always,
    /// Some have one.
    Sometimes,
    /// None has one.
    Never,
}

/// Everything fixed about a rule.
#[derive(Debug)]
pub struct RuleMeta {
    /// Such as `FM004`: never reused, never renumbered.
    pub code: &'static str,
    /// The problem, such as `network-min-above-max`.
    pub name: &'static str,
    /// Severity unless a finding says otherwise.
    pub severity: Severity,
    /// Whether findings come with a fix.
    pub fix: FixAvailability,
    /// Where the rule's facts come from: class, page or thread, with version.
    pub source: &'static str,
    /// What `slotwise explain` prints: prose, then `## Bad` and `## Good` examples, which a test
    /// executes.
    pub docs: &'static str,
}

/// Rules are the same if their codes are.
impl PartialEq for RuleMeta {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}
