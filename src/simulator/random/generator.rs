/// What a run is reproduced from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed of one concern of a run, so that drawing more for one leaves the others as they were.
    #[must_use]
    pub const fn split(self, concern: u64) -> Self {
        Self(mix(self.0 ^ mix(concern.wrapping_add(GOLDEN_GAMMA))))
    }
}

/// xoshiro256**: 256 bits of state, 64 bits a draw.
///
/// Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators" (2018).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generator {
    state: [u64; 4],
}

/// A probability in units of 2 to the power of -32; comparing it takes no floating point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probability(u64);

// Odd fraction of 2^64 by the golden ratio, the step of SplitMix64.
// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64's finalizer: a bijection of 64-bit words that mixes every bit into every other.
pub(crate) const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl Generator {
    /// Starts the sequence of `seed`.
    #[must_use]
    pub const fn new(seed: Seed) -> Self {
        let first = seed.0.wrapping_add(GOLDEN_GAMMA);
        let second = first.wrapping_add(GOLDEN_GAMMA);
        let third = second.wrapping_add(GOLDEN_GAMMA);
        let fourth = third.wrapping_add(GOLDEN_GAMMA);
        Self { state: [mix(first), mix(second), mix(third), mix(fourth)] }
    }

    /// The next 64 bits.
    #[inline]
    pub const fn next_u64(&mut self) -> u64 {
        let [s0, s1, s2, s3] = self.state;
        let result = s1.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (t2, t3) = (s2 ^ s0, s3 ^ s1);
        self.state = [s0 ^ t3, s1 ^ t2, t2 ^ (s1 << 17), t3.rotate_left(45)];
        result
    }

    /// A number below `bound`, each as likely as the other; 0 for a bound of 0.
    ///
    /// Source: Lemire, "Fast Random Integer Generation in an Interval" (2019).
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        let (mut high, mut low) = widening_mul(self.next_u64(), bound);
        if low < bound {
            let rejected = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
            while low < rejected {
                (high, low) = widening_mul(self.next_u64(), bound);
            }
        }
        high
    }

    /// Whether an event of this probability happens.
    #[inline]
    pub const fn chance(&mut self, probability: Probability) -> bool {
        (self.next_u64() >> 32) < probability.0
    }
}

#[inline]
fn widening_mul(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    let [high, low] = [product >> 64, product & u128::from(u64::MAX)];
    (u64::try_from(high).unwrap_or(u64::MAX), u64::try_from(low).unwrap_or(u64::MAX))
}

impl Probability {
    /// It never happens.
    pub const NEVER: Self = Self(0);
    /// It happens every time.
    pub const ALWAYS: Self = Self(1 << 32);

    /// `numerator / denominator`, at most one; a denominator of 0 counts as never.
    #[must_use]
    pub fn from_ratio(numerator: u32, denominator: u32) -> Self {
        let scaled = (u64::from(numerator) << 32).checked_div(u64::from(denominator));
        Self(scaled.unwrap_or(0).min(Self::ALWAYS.0))
    }

    /// The nearest probability to `value`, of which NaN and negative values count as never.
    #[must_use]
    pub fn from_f64(value: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float cast saturates, and the range is cut to 0..=1 first"
        )]
        let scaled = (value.clamp(0.0, 1.0) * 4_294_967_296.0) as u64;
        Self(scaled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference sequence from the state 1, 2, 3, 4 (rand_xoshiro's and the authors' vector).
    #[test]
    fn the_generator_is_xoshiro256_star_star() {
        let mut generator = Generator { state: [1, 2, 3, 4] };
        let drawn: Vec<u64> = (0..5).map(|_| generator.next_u64()).collect();
        assert_eq!(
            drawn,
            [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360]
        );
    }

    #[test]
    fn bounded_draws_stay_below_and_reach_every_value() {
        let mut generator = Generator::new(Seed(1));
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[usize::try_from(generator.below(7)).unwrap()] += 1;
        }
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
        assert_eq!(generator.below(0), 0);
        assert_eq!(generator.below(1), 0);
    }

    #[test]
    fn probabilities_at_the_ends_are_certain() {
        let mut generator = Generator::new(Seed(1));
        assert!((0..1000).all(|_| generator.chance(Probability::ALWAYS)));
        assert!((0..1000).all(|_| !generator.chance(Probability::NEVER)));
        assert_eq!(Probability::from_f64(f64::NAN), Probability::NEVER);
        assert_eq!(Probability::from_f64(7.0), Probability::ALWAYS);
        assert_eq!(Probability::from_f64(0.25), Probability::from_ratio(1, 4));
    }

    #[test]
    fn concerns_draw_apart() {
        assert_ne!(Seed(1).split(0), Seed(1).split(1));
        assert_ne!(Seed(1).split(0), Seed(2).split(0));
    }
}
