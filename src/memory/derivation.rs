use super::{MemoryError, Pool};
use crate::config::Origin;
use crate::units::{Fraction, MemorySize};

/// Every number of a process with the way it came about, or the point at which Flink refuses.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivation<'c, M> {
    /// What was derived, in the order in which Flink derives it; up to the error if there is one.
    pub steps: Vec<Step<'c>>,
    /// The memory of the process.
    ///
    /// # Errors
    /// The first reason for which Flink refuses the configuration.
    pub result: Result<M, MemoryError>,
}

impl<'c, M> Derivation<'c, M> {
    /// How `pool` came about; `None` if Flink stopped before.
    pub fn step(&self, pool: Pool) -> Option<&Step<'c>> {
        self.steps.iter().find(|step| step.pool == pool)
    }
}

/// One number and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'c> {
    /// What the number is.
    pub pool: Pool,
    /// The number.
    pub value: MemorySize,
    /// What it was computed from.
    pub formula: Formula<'c>,
    /// The Flink class and method that compute it, such as `ProcessMemoryUtils.deriveWithFraction`.
    pub source: &'static str,
}

/// What a number was computed from.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula<'c> {
    /// The value of an option.
    Option(Input<'c, MemorySize>),
    /// A fraction of other pools, kept within a range.
    Fraction(Capped<'c>),
    /// What must be added to other pools so that it is this fraction of the sum, kept within a
    /// range.
    InverseFraction(Capped<'c>),
    /// All of these together.
    Sum(&'static [Pool]),
    /// What `parts` leave of `total`, checked against a range where Flink checks one.
    Rest {
        /// What is divided.
        total: Pool,
        /// What is taken away.
        parts: &'static [Pool],
        /// The bounds within which the rest must lie.
        range: Option<Range<'c>>,
    },
    /// A number of memory segments.
    Segments {
        /// How many.
        count: Input<'c, i32>,
        /// Size of each.
        segment_size: Input<'c, MemorySize>,
    },
}

/// A fraction of a base, kept within a range; Flink's "capped fractionated component".
#[derive(Debug, Clone, PartialEq)]
pub struct Capped<'c> {
    /// The fraction.
    pub fraction: Input<'c, Fraction>,
    /// What the fraction is taken of.
    pub base: &'static [Pool],
    /// The sum of `base`.
    pub base_size: MemorySize,
    /// The product, before the range applies.
    pub product: MemorySize,
    /// The range; `None` if there is no option for it.
    pub range: Option<Range<'c>>,
    /// Which end of the range replaced the product.
    pub clamp: Option<Clamp>,
}

/// The ends of a range, both allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Range<'c> {
    /// The least.
    pub min: Input<'c, MemorySize>,
    /// The most.
    pub max: Input<'c, MemorySize>,
}

/// The end of a range that replaced a value outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Clamp {
    Min,
    Max,
}

/// The value of an option and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Input<'c, T> {
    /// The key of the option that was read; the setting may stand under another one.
    pub key: &'static str,
    /// The value.
    pub value: T,
    /// A setting, or the default of the release.
    pub origin: Origin<'c, 'c>,
}

impl<T> Input<'_, T> {
    /// The key that the setting stands under; `None` for a default.
    pub fn set_as(&self) -> Option<&str> {
        match self.origin {
            Origin::Setting(setting) => Some(&setting.key),
            Origin::Default => None,
        }
    }
}
