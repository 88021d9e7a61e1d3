/// How many requests an LRU cache answers, for every capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissRatioCurve {
    requests: u64,
    points: Vec<CurvePoint>,
}

/// From this capacity on, this many requests hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurvePoint {
    /// In objects or bytes, as the curve was recorded.
    pub capacity: u64,
    /// Requests that hit, in the unit of [`MissRatioCurve::requests`].
    pub hits: u64,
}

impl MissRatioCurve {
    /// From the hits that each capacity adds, in rising order of capacity.
    pub(super) fn from_increments(
        requests: u64,
        increments: impl IntoIterator<Item = CurvePoint>,
    ) -> Self {
        let mut hits = 0_u64;
        let mut points: Vec<CurvePoint> = Vec::new();
        for added in increments {
            if added.hits > 0 {
                // A sample can count more hits than requests; a ratio above one helps nobody.
                hits = hits.saturating_add(added.hits).min(requests);
                points.push(CurvePoint { capacity: added.capacity, hits });
            }
        }
        Self { requests, points }
    }

    /// All requests. Of a sampled curve this is an estimate in its own unit, so compare ratios.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// The capacities at which the number of hits rises.
    #[must_use]
    pub fn points(&self) -> &[CurvePoint] {
        &self.points
    }

    /// The hits of a cache of `capacity`.
    #[must_use]
    pub fn hits(&self, capacity: u64) -> u64 {
        let after = self.points.partition_point(|point| point.capacity <= capacity);
        after.checked_sub(1).and_then(|at| self.points.get(at)).map_or(0, |point| point.hits)
    }

    /// The share of requests that a cache of `capacity` misses; 0 of no requests.
    #[must_use]
    pub fn miss_ratio(&self, capacity: u64) -> f64 {
        if self.requests == 0 {
            return 0.0;
        }
        (self.requests - self.hits(capacity)) as f64 / self.requests as f64
    }

    /// The smallest capacity whose miss ratio is at most `miss_ratio`, if any has it.
    #[must_use]
    pub fn capacity_for(&self, miss_ratio: f64) -> Option<u64> {
        if self.miss_ratio(0) <= miss_ratio {
            return Some(0);
        }
        let enough = |point: &CurvePoint| self.miss_ratio(point.capacity) <= miss_ratio;
        let at = self.points.partition_point(|point| !enough(point));
        self.points.get(at).map(|point| point.capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_between_and_beyond_its_points() {
        let point = |capacity, hits| CurvePoint { capacity, hits };
        let curve = MissRatioCurve::from_increments(10, [point(2, 3), point(3, 0), point(5, 4)]);
        let hits: Vec<u64> = (0..8).map(|capacity| curve.hits(capacity)).collect();
        assert_eq!(hits, [0, 0, 3, 3, 3, 7, 7, 7]);
        assert_eq!(curve.points().len(), 2);
        assert!((curve.miss_ratio(4) - 0.7).abs() < 1e-12);
        let capacities = [1.0, 0.7, 0.5, 0.3, 0.2].map(|ratio| curve.capacity_for(ratio));
        assert_eq!(capacities, [Some(0), Some(2), Some(5), Some(5), None]);
    }
}
