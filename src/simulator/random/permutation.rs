use super::generator::{Seed, mix};

/// A seeded one-to-one map of `0..len` onto itself that needs no table.
///
/// Four Feistel rounds permute the smallest even-bit domain that holds `len`; a result outside is
/// permuted again until it falls inside, which keeps the map one to one.
///
/// Source: Black and Rogaway, "Ciphers with Arbitrary Finite Domains" (2002), cycle walking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permutation {
    len: u64,
    half_bits: u32,
    round_keys: [u64; 4],
}

impl Permutation {
    /// The permutation of `0..len` that `seed` chooses; a length of 0 counts as 1.
    #[must_use]
    pub fn new(len: u64, seed: Seed) -> Self {
        let len = len.max(1);
        let bits = u64::BITS - (len - 1).leading_zeros();
        let round_keys = [0, 1, 2, 3].map(|round| seed.split(round).0);
        Self { len, half_bits: bits.div_ceil(2), round_keys }
    }

    /// How many numbers are permuted; at least one.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Always false: there is at least one number.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Where `index` goes; an index beyond the length is taken modulo it.
    #[must_use]
    #[inline]
    pub fn apply(&self, index: u64) -> u64 {
        let mut value = if index < self.len { index } else { index % self.len };
        if self.len == 1 {
            return 0;
        }
        // The domain is below four times the length, so this takes four turns on average at most,
        // and it ends because the walk follows a cycle that starts inside.
        loop {
            value = self.rounds(value);
            if value < self.len {
                return value;
            }
        }
    }

    #[inline]
    const fn rounds(&self, value: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let [k0, k1, k2, k3] = self.round_keys;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        left ^= mix(right ^ k0) & mask;
        right ^= mix(left ^ k1) & mask;
        left ^= mix(right ^ k2) & mask;
        right ^= mix(left ^ k3) & mask;
        left << self.half_bits | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_is_hit_once(len in 1_u64..3000, seed: u64) {
            let permutation = Permutation::new(len, Seed(seed));
            let mut image: Vec<u64> = (0..len).map(|i| permutation.apply(i)).collect();
            image.sort_unstable();
            prop_assert!(image.iter().copied().eq(0..len));
        }

        #[test]
        fn the_largest_domain_stays_in_range(index: u64, seed: u64) {
            prop_assert!(Permutation::new(u64::MAX, Seed(seed)).apply(index) < u64::MAX);
        }
    }

    #[test]
    fn a_seed_chooses_the_permutation() {
        let of =
            |seed| (0..100).map(|i| Permutation::new(100, Seed(seed)).apply(i)).collect::<Vec<_>>();
        assert_ne!(of(1), of(2));
        assert_eq!(of(1), of(1));
    }
}
