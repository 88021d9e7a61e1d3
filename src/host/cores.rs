use std::fmt;

/// Processor time in thousandths of a processor; a quota may be half a one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cores(u64);

impl Cores {
    /// So many whole processors.
    pub fn whole(count: u32) -> Self {
        Self(u64::from(count) * 1000)
    }

    /// Time of `quota` out of every `period`, both in the same unit; `None` for a period of zero.
    pub fn of_quota(quota: u64, period: u64) -> Option<Self> {
        let thousandths = (u128::from(quota) * 1000).checked_div(u128::from(period))?;
        u64::try_from(thousandths).ok().map(|thousandths| Self(thousandths.max(1)))
    }

    /// The thousandths.
    pub const fn thousandths(self) -> u64 {
        self.0
    }
}

/// Such as `2`, `1.5` or `0.25`.
impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:03}", self.0 / 1000, self.0 % 1000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_parts_of_processors() {
        let text = |quota, period| Cores::of_quota(quota, period).map(|cores| cores.to_string());
        assert_eq!(text(150_000, 100_000).as_deref(), Some("1.5"));
        assert_eq!(text(200_000, 100_000).as_deref(), Some("2"));
        assert_eq!(text(1, 100_000).as_deref(), Some("0.001"));
        assert_eq!(text(1, 0), None);
        assert_eq!(text(u64::MAX, 1), None);
        assert_eq!(Cores::whole(10).to_string(), "10");
    }
}
