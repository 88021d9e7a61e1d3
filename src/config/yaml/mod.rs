//! `config.yaml` as Flink's `GlobalConfiguration` turns it into flat keys and typed values.
//!
//! `construct` gives each scalar its Java type, `flatten` walks the maps, `emit` writes a list as
//! the one string that Flink makes of it.

mod construct;
mod emit;
mod flatten;

use construct::Constructed;
use emit::Emitter;
pub(super) use flatten::load;
