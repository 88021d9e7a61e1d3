use super::Nanos;

/// Values below this have a bucket each.
const LINEAR: u64 = 32;
/// Buckets between two powers of two: a quantile is at most 6 % too high.
const PER_DOUBLING_BITS: u32 = 4;

/// Spans by size, in buckets that grow with them.
#[derive(Debug, Clone, Default)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: Nanos,
}

impl Histogram {
    #[inline]
    pub(super) fn record(&mut self, span: Nanos) {
        let bucket = bucket(span.0);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.total += 1;
        self.max = self.max.max(span);
    }

    /// The smallest span that `per_mille` of all are not above, rounded up to its bucket.
    pub(super) fn quantile(&self, per_mille: u64) -> Nanos {
        let rank = (self.total * per_mille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (bucket, count) in (0_u64..).zip(&self.counts) {
            seen += count;
            if seen >= rank {
                return Nanos(upper_bound(bucket)).min(self.max);
            }
        }
        self.max
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, added) in self.counts.iter_mut().zip(&other.counts) {
            *count += added;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    pub(super) fn max(&self) -> Nanos {
        self.max
    }
}

#[inline]
fn bucket(value: u64) -> usize {
    let bucket = if value < LINEAR {
        value
    } else {
        let shift = value.ilog2() - PER_DOUBLING_BITS;
        let doubling = u64::from(shift) << PER_DOUBLING_BITS;
        doubling + (value >> shift)
    };
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

fn upper_bound(bucket: u64) -> u64 {
    if bucket < LINEAR {
        return bucket;
    }
    let shift = (bucket >> PER_DOUBLING_BITS) - 1;
    let mantissa = bucket - (shift << PER_DOUBLING_BITS);
    ((mantissa + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_is_put_into_it() {
        for value in (0..5_000).chain((10..63).map(|shift| 1_u64 << shift)) {
            let upper = upper_bound(bucket(value) as u64);
            assert!(upper >= value && upper - value <= value / 16, "{value} -> {upper}");
        }
    }

    #[test]
    fn quantiles_are_ranks() {
        let mut histogram = Histogram::default();
        for value in 1..=1_000 {
            histogram.record(Nanos(value * 1_000));
        }
        let p50 = histogram.quantile(500).0;
        assert!((500_000..=532_000).contains(&p50), "{p50}");
        assert_eq!(histogram.quantile(1_000), Nanos(1_000_000));
        assert_eq!(Histogram::default().quantile(500), Nanos::ZERO);
    }
}
