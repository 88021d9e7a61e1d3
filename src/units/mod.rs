//! Quantities with Flink's own grammar, arithmetic and spelling.
//!
//! Sizes are whole bytes, never floats; a fraction has one door, [`Fraction::of`], which
//! multiplies exactly as Flink does. This room imports no other room.

mod duration;
mod fraction;
mod java_digits;
mod java_number;
mod memory_size;

pub use duration::{DurationGrammar, FlinkDuration, ParseDurationError};
pub use fraction::{Fraction, ParseFractionError};
pub use java_number::{java_double_to_string, parse_java_double, parse_java_float};
pub use memory_size::{MemorySize, ParseMemorySizeError};

/// A quantity left the range of Flink's signed 64-bit sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {} bytes", i64::MAX)]
pub struct Overflow;
