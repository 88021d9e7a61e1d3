/// A figure that is known within bounds; both are the same where it is known exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

impl Range {
    /// Nothing.
    pub const ZERO: Self = Self::exactly(0.0);

    /// A known figure.
    pub const fn exactly(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// Anything between two figures, in whichever order they come.
    pub fn between(one: f64, other: f64) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    /// Whether the figure is known exactly.
    pub fn is_exact(self) -> bool {
        self.low >= self.high
    }

    /// This range `factor` times.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor }
    }

    /// Each bound with `other`'s added.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }

    /// No more than `limit`.
    #[must_use]
    pub fn at_most(self, limit: f64) -> Self {
        Self { low: self.low.min(limit), high: self.high.min(limit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_stay_in_order() {
        let range = Range::between(7.0, 3.0);
        assert_eq!(range, Range { low: 3.0, high: 7.0 });
        assert_eq!(range.times(2.0).plus(Range::exactly(1.0)), Range { low: 7.0, high: 15.0 });
        assert!(!range.is_exact() && range.at_most(2.0).is_exact());
    }
}
