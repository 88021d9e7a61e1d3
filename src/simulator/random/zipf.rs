use super::Generator;

/// Ranks `0..len` with probabilities proportional to `(rank + 1)` to the power of `-exponent`.
///
/// Drawn from an alias table, so a draw costs one random word and one look-up whatever the length.
/// Up to [`Zipf::EXACT_RANKS`] ranks have a cell each. Beyond, the tail shares cells of neighboring
/// ranks, drawn evenly within a cell; a cell's first and last rank differ by less than 0.1 % in
/// probability per unit of the exponent.
///
/// Source: Walker, "An Efficient Method for Generating Discrete Random Variables" (1977).
#[derive(Debug, Clone)]
pub struct Zipf {
    len: u64,
    cells: Vec<Cell>,
    /// The tail: its first cell, its first rank and how many ranks a cell holds.
    tail_cell: u64,
    tail_width: u64,
}

/// One cell of the alias table: itself below the threshold, the other cell above it.
#[derive(Debug, Clone, Copy)]
struct Cell {
    threshold: u32,
    other: u32,
}

/// Why a Zipf distribution cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ZipfError {
    /// The exponent is outside the range that the table can hold.
    #[error("a Zipf exponent is a number from 0 to {max}, found {found}", max = Zipf::EXPONENT_MAX)]
    Exponent {
        /// What was asked for.
        found: f64,
    },
}

impl Zipf {
    /// Up to here every rank has a table cell of its own.
    // 2^20 cells of 8 bytes stay within the cache of the machines this runs on.
    pub const EXACT_RANKS: u64 = 1 << 20;

    /// The largest exponent; at 64 the second rank is already beyond the resolution of a draw.
    pub const EXPONENT_MAX: f64 = 64.0;

    /// A distribution over `len` ranks; a length of 0 counts as 1.
    ///
    /// # Errors
    /// [`ZipfError::Exponent`] if the exponent is not within `0..=EXPONENT_MAX`.
    pub fn new(len: u64, exponent: f64) -> Result<Self, ZipfError> {
        if !(0.0..=Self::EXPONENT_MAX).contains(&exponent) {
            return Err(ZipfError::Exponent { found: exponent });
        }
        let len = len.max(1);
        let tail_len = len.saturating_sub(Self::EXACT_RANKS);
        // As many cells again for the tail: the first tail rank is 2^20, so a width of w spans a
        // relative range of w / 2^20 there, and less further on.
        let tail_width = tail_len.div_ceil(Self::EXACT_RANKS).max(1);
        let tail_cell = len.min(Self::EXACT_RANKS);
        let mut weights = Vec::new();
        for rank in 0..tail_cell {
            weights.push(weight(rank as f64 + 1.0, exponent));
        }
        let mut first = tail_cell;
        while first < len {
            let width = tail_width.min(len - first);
            let middle = first as f64 + (width as f64 + 1.0) / 2.0;
            weights.push(width as f64 * weight(middle, exponent));
            first += width;
        }
        Ok(Self { len, cells: alias_cells(&weights), tail_cell, tail_width })
    }

    /// Draws a rank; 0 is the most popular one.
    #[must_use]
    #[inline]
    pub fn draw(&self, generator: &mut Generator) -> u64 {
        let word = generator.next_u64();
        let cell_count = self.cells.len() as u64;
        let index = ((word >> 32) * cell_count) >> 32;
        let fraction = word & 0xffff_ffff;
        let cell = match usize::try_from(index).ok().and_then(|i| self.cells.get(i)) {
            Some(cell) if fraction >= u64::from(cell.threshold) => u64::from(cell.other),
            _ => index,
        };
        if self.tail_width == 1 || cell < self.tail_cell {
            return cell;
        }
        let first = self.tail_cell + (cell - self.tail_cell) * self.tail_width;
        first + generator.below(self.tail_width.min(self.len - first))
    }
}

fn weight(rank: f64, exponent: f64) -> f64 {
    libm::pow(rank, -exponent)
}

/// Vose's construction: every cell holds an equal share, of at most two ranks.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "indices come from enumerating the same vector of at most 2^21 cells, and the \
              threshold is a fraction of 2^32, which a float cast saturates"
)]
fn alias_cells(weights: &[f64]) -> Vec<Cell> {
    let total: f64 = weights.iter().sum();
    let scale = weights.len() as f64 / total;
    let mut shares: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
    let mut cells: Vec<Cell> =
        (0..weights.len()).map(|i| Cell { threshold: u32::MAX, other: i as u32 }).collect();
    let (mut small, mut large): (Vec<u32>, Vec<u32>) =
        (0..weights.len() as u32).partition(|&i| shares[i as usize] < 1.0);
    while let (Some(&under), Some(&over)) = (small.last(), large.last()) {
        small.pop();
        let share = shares[under as usize];
        cells[under as usize] = Cell { threshold: (share * 4_294_967_296.0) as u32, other: over };
        shares[over as usize] -= 1.0 - share;
        if shares[over as usize] < 1.0 {
            large.pop();
            small.push(over);
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::random::Seed;

    fn frequencies(len: u64, exponent: f64, draws: u32) -> Vec<f64> {
        let zipf = Zipf::new(len, exponent).unwrap();
        let mut generator = Generator::new(Seed(5));
        let mut counts = vec![0_u32; usize::try_from(len).unwrap()];
        for _ in 0..draws {
            counts[usize::try_from(zipf.draw(&mut generator)).unwrap()] += 1;
        }
        counts.iter().map(|&count| f64::from(count) / f64::from(draws)).collect()
    }

    #[test]
    fn ranks_come_with_their_probabilities() {
        for exponent in [0.0, 0.5, 0.99, 1.0, 1.5, 3.0] {
            let weights: Vec<f64> = (1..=50).map(|k| f64::from(k).powf(-exponent)).collect();
            let total: f64 = weights.iter().sum();
            for (rank, found) in frequencies(50, exponent, 400_000).iter().enumerate() {
                let expected = weights[rank] / total;
                let tolerance = 5.0 * (expected / 400_000.0).sqrt() + 1e-6;
                assert!(
                    (found - expected).abs() < tolerance,
                    "{exponent} {rank}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn a_shared_tail_keeps_its_mass() {
        let len = 3 * Zipf::EXACT_RANKS + 17;
        let frequency = frequencies(len, 0.8, 2_000_000);
        let weights: Vec<f64> = (1..=len).map(|k| (k as f64).powf(-0.8)).collect();
        let total: f64 = weights.iter().sum();
        for cut in [1000, 1 << 20, 2 << 20, (3 << 20) + 10] {
            let expected: f64 = weights[..cut].iter().sum::<f64>() / total;
            let found: f64 = frequency[..cut].iter().sum();
            assert!((found - expected).abs() < 0.002, "below {cut}: {found} {expected}");
        }
    }

    #[test]
    fn exponents_out_of_range_are_refused() {
        for exponent in [-0.1, f64::NAN, f64::INFINITY, 65.0] {
            assert!(Zipf::new(10, exponent).is_err());
        }
        let lone = Zipf::new(0, 1.0).unwrap();
        assert_eq!(lone.draw(&mut Generator::new(Seed(1))), 0);
    }
}
