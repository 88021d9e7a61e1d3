//! Configuration as Flink holds it: every effective value with its origin and what it overrode.
//!
//! [`load`] turns a text into [`Setting`]s as the target's loader does; [`ResolvedConfig`] lays
//! the layers over each other and reads typed options as `Configuration.get` does. This room may
//! import `source`, `syntax`, `catalog` and `units`, never `memory` or `lint`.

mod check_value;
mod collection;
mod load;
mod refusal;
mod resolved;
mod setting;
mod value;
mod yaml;

pub use check_value::check_value;
pub use collection::{parse_map, split_escaped};
pub use load::{
    Dialect, LoadError, LoadErrorKind, Loaded, Reading, load, load_dynamic_property, load_file,
    split_property,
};
pub use refusal::Refusal;
pub use resolved::{Origin, Resolved, ResolvedConfig};
pub use setting::{Layer, RawValue, Setting};
pub use value::{FromRaw, ValueError};
