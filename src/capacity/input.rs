/// Something that an assessment starts from, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is.
    pub name: &'static str,
    /// Its value, as text for people.
    pub value: String,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// Where an input comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// Set in the configuration under this key.
    Configuration(&'static str),
    /// The default of this key in the target's release.
    Default(&'static str),
    /// The workload's description.
    Workload,
    /// The command line, or whoever else asks.
    Given,
    /// Measured in a run of the simulator.
    Simulated,
    /// Assumed, because of this.
    Assumed(&'static str),
    /// Nobody says; figures that depend on it are ranges.
    Unknown,
}

impl Input {
    pub(super) fn new(
        name: &'static str,
        value: impl Into<String>,
        provenance: Provenance,
    ) -> Self {
        Self { name, value: value.into(), provenance }
    }
}
