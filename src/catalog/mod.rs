//! Every Flink option of every release as data, typed keys, lookup and did-you-mean.
//!
//! The data under `data/` were extracted from the real releases; this room may import `units`
//! only, and never `syntax` or `config`.

mod key;
pub mod keys;
mod option;
mod release;
mod target;

pub use key::OptionKey;
pub use option::{Alternate, OptionEntry, OptionHistory, ValueType, option};
pub use release::Release;
pub use target::{GeminiGeneration, ParseTargetError, Target};
