//! Machine formats. The shapes are contracts: fields are added, never renamed or dropped.
//!
//! They are types of their own, converted by hand, so that the domain can change without them.

mod check;
mod line;
mod memory;

pub use check::{CheckedFileJson, checked_file};
pub use line::write_line;
pub use memory::{MemoryJson, TaskManagerJson};
