//! The decimal digits that Java prints for a double.
//!
//! Up to JDK 18, `Double.toString` is not always the shortest text that reads back: `2.0E-44` has
//! the shortest one, `5.6843418860808015E-14` has one digit too many, `4.9E-324` two. Flink's
//! releases run on those JDKs, and `BigDecimal.valueOf` goes through the same digits, so they show
//! in values and in memory sizes.

use std::cmp::Ordering;

/// `0.DIGITS * 10^exponent`, without zeros at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    /// ASCII digits, at least one.
    pub(super) digits: String,
    /// Decimal exponent.
    pub(super) exponent: i32,
}

const SIGNIFICAND_BITS: u32 = 52;
const EXPONENT_BIAS: i32 = 1023;

/// The digits of a finite `value`, its sign aside.
///
/// The digits are generated from a scaled fraction until the rest is below the margin on either
/// side; a value that needs an exponent gets two digits at least.
///
/// Source: `jdk.internal.math.FloatingDecimal`, by its behavior in JDK 17.
pub(super) fn java_digits(value: f64) -> Digits {
    let bits = value.to_bits();
    let hidden = 1_u64 << SIGNIFICAND_BITS;
    let significand = bits & (hidden - 1);
    let biased = i32::try_from((bits >> SIGNIFICAND_BITS) & 0x7FF).unwrap_or(0);
    if significand == 0 && biased == 0 {
        return Digits { digits: "0".to_owned(), exponent: 1 };
    }
    // The significand gets its highest bit in one place; subnormals have fewer bits in it.
    let (significand, binary_exponent, significant_bits) = if biased == 0 {
        let shift = significand.leading_zeros() - (63 - SIGNIFICAND_BITS);
        let exponent = 1 - i32::try_from(shift).unwrap_or(0) - EXPONENT_BIAS;
        (significand << shift, exponent, SIGNIFICAND_BITS + 1 - shift)
    } else {
        (significand | hidden, biased - EXPONENT_BIAS, SIGNIFICAND_BITS + 1)
    };
    let significant_bits = i32::try_from(significant_bits).unwrap_or(0);
    let trailing = significand.trailing_zeros();
    let fraction_bits = i32::try_from(SIGNIFICAND_BITS + 1 - trailing).unwrap_or(0);
    if fraction_bits <= binary_exponent + 1 && binary_exponent <= 62 {
        return whole_digits(significand, binary_exponent, significant_bits);
    }
    let decimal_exponent = estimate(significand, binary_exponent);
    Generator::new(
        significand >> trailing,
        Bits { exponent: binary_exponent, fraction: fraction_bits, significant: significant_bits },
        decimal_exponent,
    )
    .run(decimal_exponent)
}

/// The decimal exponent of the first digit, or one too many.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::approx_constant,
    reason = "Java's own guess, with its own constants"
)]
fn estimate(significand: u64, binary_exponent: i32) -> i32 {
    let one = 1.0_f64.to_bits();
    let mantissa = f64::from_bits(one | (significand & ((1 << SIGNIFICAND_BITS) - 1)));
    let logarithm = (mantissa - 1.5) * 0.289_529_654
        + 0.176_091_259
        + f64::from(binary_exponent) * 0.301_029_995_663_981;
    logarithm.floor() as i32
}

/// Digits of a whole number below 2^63, those beyond the double's precision rounded away.
fn whole_digits(significand: u64, binary_exponent: i32, significant_bits: i32) -> Digits {
    let shift = binary_exponent - i32::try_from(SIGNIFICAND_BITS).unwrap_or(0);
    let mut number = if shift >= 0 {
        significand << shift.unsigned_abs()
    } else {
        significand >> shift.unsigned_abs()
    };
    let surplus_bits = binary_exponent - significant_bits - 1;
    let mut exponent = 0;
    if binary_exponent > significant_bits && surplus_bits > 1 {
        // floor(bits * log10(2))
        let surplus_digits = u32::try_from(surplus_bits * 30_103 / 100_000).unwrap_or(0);
        let scale = 10_u64.pow(surplus_digits);
        let rest = number % scale;
        number /= scale;
        if surplus_digits > 0 && rest >= scale >> 1 {
            number += 1;
        }
        exponent = i32::try_from(surplus_digits).unwrap_or(0);
    }
    let text = number.to_string();
    exponent += i32::try_from(text.len()).unwrap_or(0);
    let digits = text.trim_end_matches('0');
    Digits { digits: if digits.is_empty() { "0" } else { digits }.to_owned(), exponent }
}

/// Binary sizes of a double.
struct Bits {
    exponent: i32,
    fraction: i32,
    significant: i32,
}

/// Digit generation: `numerator / denominator` yields the digits one by one, and `margin` is half
/// the distance to the next double, in the same scale.
enum Generator {
    /// Java's `int` or `long`, whose overflow shows in some last digits.
    Word(Word),
    /// Any size.
    Exact(Exact),
}

struct Word {
    numerator: i64,
    denominator: i64,
    margin: i64,
    /// Ten times the denominator.
    tens: i64,
    is_int: bool,
}

struct Exact {
    numerator: Natural,
    denominator: Natural,
    margin: Natural,
    /// Ten times the denominator.
    tens: Natural,
}

/// One digit, and whether the rest is within the margin of it or of the one above.
struct Step {
    digit: u8,
    is_low: bool,
    is_high: bool,
}

impl Generator {
    fn new(fraction: u64, bits: Bits, decimal_exponent: i32) -> Self {
        let decimals_in_binary = (bits.fraction - bits.exponent - 1).max(0);
        let fives_up = (-decimal_exponent).max(0);
        let fives_down = decimal_exponent.max(0);
        let mut twos_up = fives_up + decimals_in_binary + bits.exponent;
        let mut twos_down = fives_down + decimals_in_binary;
        let mut twos_margin = twos_up - bits.significant;
        twos_up -= bits.fraction - 1;
        let common = twos_up.min(twos_down);
        twos_up -= common;
        twos_down -= common;
        twos_margin -= common;
        if bits.fraction == 1 {
            // Below a power of two, doubles are twice as dense.
            twos_margin -= 1;
        }
        if twos_margin < 0 {
            twos_up -= twos_margin;
            twos_down -= twos_margin;
            twos_margin = 0;
        }
        let numerator_bits = bits.fraction + twos_up + bits_of_fives(fives_up);
        let denominator_bits = twos_down + 1 + bits_of_fives(fives_down + 1);
        let denominator = Natural::new(1, fives_down, twos_down);
        let mut tens = denominator.clone();
        tens.multiply(10);
        let numerator = Natural::new(fraction, fives_up, twos_up);
        let margin = Natural::new(1, fives_up, twos_margin);
        let bit_count = numerator_bits.max(denominator_bits);
        if bit_count >= 64 {
            return Self::Exact(Exact { numerator, denominator, margin, tens });
        }
        Self::Word(Word {
            numerator: numerator.word(),
            denominator: denominator.word(),
            margin: margin.word(),
            tens: tens.word(),
            is_int: bit_count < 32,
        })
    }

    fn run(mut self, mut decimal_exponent: i32) -> Digits {
        let mut digits = Vec::new();
        let Step { digit, mut is_low, mut is_high } = self.step();
        if digit == 0 && !is_high {
            decimal_exponent -= 1;
        } else {
            digits.push(digit);
        }
        if !(-3..8).contains(&decimal_exponent) {
            // With an exponent, there are two digits at least.
            is_low = false;
            is_high = false;
        }
        while !is_low && !is_high {
            let step = self.step();
            digits.push(step.digit);
            // A margin beyond the word ends the digits.
            let is_over = matches!(&self, Self::Word(word) if word.margin <= 0);
            is_low = step.is_low || is_over;
            is_high = step.is_high || is_over;
        }
        let is_up = match (is_low, is_high) {
            (_, false) => false,
            (false, true) => true,
            (true, true) => match self.rest_against_half() {
                Ordering::Less => false,
                Ordering::Equal => digits.last().is_some_and(|digit| digit % 2 == 1),
                Ordering::Greater => true,
            },
        };
        let mut exponent = decimal_exponent + 1;
        if is_up && round_up(&mut digits) {
            exponent += 1;
        }
        let digits = digits.into_iter().map(|digit| char::from(b'0' + digit)).collect();
        Digits { digits, exponent }
    }

    fn step(&mut self) -> Step {
        match self {
            Self::Word(word) => word.step(),
            Self::Exact(exact) => exact.step(),
        }
    }

    fn rest_against_half(&self) -> Ordering {
        match self {
            Self::Word(word) => word.wrap(word.numerator << 1).wrapping_sub(word.tens).cmp(&0),
            Self::Exact(exact) => {
                let mut twice = exact.numerator.clone();
                twice.multiply(2);
                twice.compare(&exact.tens)
            }
        }
    }
}

impl Word {
    /// The value as the word holds it.
    #[expect(clippy::cast_possible_truncation, reason = "Java's int wraps")]
    fn wrap(&self, value: i64) -> i64 {
        if self.is_int { i64::from(value as i32) } else { value }
    }

    fn step(&mut self) -> Step {
        let digit = self.numerator.checked_div(self.denominator).unwrap_or(0);
        let rest = self.numerator.checked_rem(self.denominator).unwrap_or(0);
        self.numerator = self.wrap(rest.wrapping_mul(10));
        self.margin = self.wrap(self.margin.wrapping_mul(10));
        Step {
            digit: u8::try_from(digit).unwrap_or(9),
            is_low: self.numerator < self.margin,
            is_high: self.wrap(self.numerator.wrapping_add(self.margin)) > self.tens,
        }
    }
}

impl Exact {
    fn step(&mut self) -> Step {
        let digit = self.numerator.divide(&self.denominator);
        self.numerator.multiply(10);
        self.margin.multiply(10);
        let is_low = self.numerator.compare(&self.margin) == Ordering::Less;
        let mut sum = self.numerator.clone();
        sum.add(&self.margin);
        // Less strict than with words, as in Java.
        Step { digit, is_low, is_high: sum.compare(&self.tens) != Ordering::Less }
    }
}

/// Adds one to the last digit; true if all were nines and a digit was gained in front.
fn round_up(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return false;
        }
        *digit = 0;
    }
    if let Some(first) = digits.first_mut() {
        *first = 1;
    }
    true
}

/// Bits of `5^count`, as Java counts them: three for each five beyond its table.
fn bits_of_fives(count: i32) -> i32 {
    match count {
        0 => 0,
        // floor(count * log2(5)) + 1
        1..=26 => count * 232_193 / 100_000 + 1,
        _ => count * 3,
    }
}

/// A natural number of any size, lowest limb first, without zero limbs at the top.
#[derive(Debug, Clone)]
struct Natural {
    limbs: Vec<u32>,
}

impl Natural {
    /// `factor * 5^fives * 2^twos`
    fn new(factor: u64, fives: i32, twos: i32) -> Self {
        let mut natural = Self { limbs: Vec::with_capacity(40) };
        natural.push(factor);
        for _ in 0..fives {
            natural.multiply(5);
        }
        let twos = u32::try_from(twos).unwrap_or(0);
        for _ in 0..twos / 16 {
            natural.multiply(1 << 16);
        }
        natural.multiply(1 << (twos % 16));
        natural
    }

    fn push(&mut self, mut value: u64) {
        while value > 0 {
            self.limbs.push(low(value));
            value >>= 32;
        }
    }

    fn multiply(&mut self, factor: u32) {
        let mut carry = 0_u64;
        for limb in &mut self.limbs {
            let value = u64::from(*limb) * u64::from(factor) + carry;
            *limb = low(value);
            carry = value >> 32;
        }
        self.push(carry);
    }

    fn add(&mut self, other: &Self) {
        if self.limbs.len() < other.limbs.len() {
            self.limbs.resize(other.limbs.len(), 0);
        }
        let mut carry = 0_u64;
        let others = other.limbs.iter().chain(std::iter::repeat(&0));
        for (limb, other) in self.limbs.iter_mut().zip(others) {
            let value = u64::from(*limb) + u64::from(*other) + carry;
            *limb = low(value);
            carry = value >> 32;
        }
        self.push(carry);
    }

    fn compare(&self, other: &Self) -> Ordering {
        let by_length = self.limbs.len().cmp(&other.limbs.len());
        by_length.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }

    /// Leaves the remainder and returns the quotient, which is a digit.
    fn divide(&mut self, divisor: &Self) -> u8 {
        let mut quotient = 0;
        while self.compare(divisor) != Ordering::Less {
            self.subtract(divisor);
            quotient += 1;
        }
        quotient
    }

    /// Subtracts what is not larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = 0_u64;
        let others = other.limbs.iter().chain(std::iter::repeat(&0));
        for (limb, other) in self.limbs.iter_mut().zip(others) {
            let value = (1 << 32) + u64::from(*limb) - u64::from(*other) - borrow;
            *limb = low(value);
            borrow = 1 - (value >> 32);
        }
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }

    /// As a Java `long`, which is known to hold it.
    fn word(&self) -> i64 {
        self.limbs.iter().rev().fold(0, |word, limb| (word << 32) | i64::from(*limb))
    }
}

/// The lower half.
fn low(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or(0)
}
