//! Seeded randomness for the simulator: the generator, and the distributions that workloads draw from.
//!
//! Drawing uses integers alone. Tables that need a power or a root are built beforehand with the
//! `libm` crate, which is the same code on every platform, so one seed gives one run everywhere.

mod generator;
mod permutation;
mod zipf;

pub(crate) use generator::mix;
pub use generator::{Generator, Probability, Seed};
pub use permutation::Permutation;
pub use zipf::{Zipf, ZipfError};

/// Draws keys of `0..key_count` by a skew; the popular keys are scattered over the key space.
#[derive(Debug, Clone)]
pub struct KeyChooser {
    skew: Skew,
    scatter: Permutation,
}

#[derive(Debug, Clone)]
enum Skew {
    Uniform,
    Zipf(Zipf),
    HotSet(HotSet),
}

/// A window of popular keys that moves through the key space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotSet {
    /// How many keys are popular at a time; at least one.
    pub key_count: u64,
    /// The chance that a draw falls into the hot set.
    pub share: Probability,
    /// After how many draws the window moves on; 0 keeps it still.
    pub drift_interval: u64,
    /// By how many keys the window moves.
    pub drift_step: u64,
}

impl KeyChooser {
    /// Every key is as likely as any other.
    #[must_use]
    pub fn uniform(key_count: u64) -> Self {
        // Uniform draws need no scatter, and any seed gives a valid one.
        Self { skew: Skew::Uniform, scatter: Permutation::new(key_count, Seed(0)) }
    }

    /// The key of popularity rank `k` is drawn with a probability proportional to `k` to the
    /// power of `-exponent`.
    ///
    /// # Errors
    /// [`ZipfError`] if the exponent is negative, not finite or above the supported range.
    pub fn zipf(key_count: u64, exponent: f64, seed: Seed) -> Result<Self, ZipfError> {
        let zipf = Zipf::new(key_count, exponent)?;
        Ok(Self { skew: Skew::Zipf(zipf), scatter: Permutation::new(key_count, seed) })
    }

    /// A moving window of popular keys over a uniform background.
    #[must_use]
    pub fn hot_set(key_count: u64, hot_set: HotSet, seed: Seed) -> Self {
        Self { skew: Skew::HotSet(hot_set), scatter: Permutation::new(key_count, seed) }
    }

    /// How many keys there are; at least one.
    #[must_use]
    pub fn key_count(&self) -> u64 {
        self.scatter.len()
    }

    /// Draws the key of the draw numbered `draw_index`, which is what a hot set drifts by.
    #[must_use]
    pub fn draw(&self, generator: &mut Generator, draw_index: u64) -> u64 {
        let key_count = self.scatter.len();
        match &self.skew {
            Skew::Uniform => generator.below(key_count),
            Skew::Zipf(zipf) => self.scatter.apply(zipf.draw(generator)),
            Skew::HotSet(hot) => self.scatter.apply(hot.draw(generator, draw_index, key_count)),
        }
    }
}

impl HotSet {
    fn draw(&self, generator: &mut Generator, draw_index: u64, key_count: u64) -> u64 {
        if !generator.chance(self.share) {
            return generator.below(key_count);
        }
        let moves = draw_index.checked_div(self.drift_interval).unwrap_or(0);
        let start = u128::from(moves) * u128::from(self.drift_step);
        let offset = generator.below(self.key_count.clamp(1, key_count));
        let key = (start + u128::from(offset)) % u128::from(key_count);
        u64::try_from(key).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_hot_set_takes_its_share() {
        let hot = HotSet {
            key_count: 10,
            share: Probability::from_ratio(9, 10),
            drift_interval: 0,
            drift_step: 0,
        };
        let chooser = KeyChooser::hot_set(1000, hot, Seed(1));
        let mut generator = Generator::new(Seed(2));
        let mut counts = vec![0_u32; 1000];
        for i in 0..100_000 {
            counts[usize::try_from(chooser.draw(&mut generator, i)).unwrap()] += 1;
        }
        counts.sort_unstable();
        let top: u32 = counts[990..].iter().sum();
        assert!((90_000..91_500).contains(&top), "ten hot keys drew {top}");
    }

    #[test]
    fn a_drifting_hot_set_leaves_its_keys() {
        let hot = HotSet {
            key_count: 10,
            share: Probability::ALWAYS,
            drift_interval: 1000,
            drift_step: 10,
        };
        let chooser = KeyChooser::hot_set(100, hot, Seed(1));
        let mut generator = Generator::new(Seed(2));
        let mut seen = [std::collections::BTreeSet::new(), std::collections::BTreeSet::new()];
        for i in 0..2000 {
            seen[i / 1000].insert(chooser.draw(&mut generator, i as u64));
        }
        assert_eq!((seen[0].len(), seen[1].len()), (10, 10));
        assert!(seen[0].is_disjoint(&seen[1]));
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        let chooser = KeyChooser::zipf(1_000_000, 0.99, Seed(7)).unwrap();
        let run = |seed| {
            let mut generator = Generator::new(Seed(seed));
            (0..5).map(|i| chooser.draw(&mut generator, i)).collect::<Vec<_>>()
        };
        // Written down so that another platform, or an edited table, shows.
        insta::assert_compact_debug_snapshot!(run(42), @"[985891, 827910, 392614, 794261, 284535]");
        assert_ne!(run(42), run(43));
    }
}
