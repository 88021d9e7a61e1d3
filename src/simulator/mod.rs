//! The state stores under virtual time and a seeded generator.

pub mod random;
