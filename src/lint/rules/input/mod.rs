//! What the loader makes of a file: dropped lines, cut values, files it refuses or never reads.

mod line_without_separator;
pub(in crate::lint) mod suppression;
mod value_cut_at_hash;

pub(super) use line_without_separator::LineWithoutSeparator;
pub(super) use value_cut_at_hash::ValueCutAtHash;
