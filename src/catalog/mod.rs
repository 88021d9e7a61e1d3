//! Every Flink option of every release as data, typed keys, lookup and did-you-mean.
//!
//! The data under `data/` were extracted from the real releases; this room may import `units`
//! only, and never `syntax` or `config`.

mod classify;
mod describe;
mod gemini;
#[cfg(test)]
mod generate;
mod infer;
mod key;
pub mod keys;
mod namespace;
mod option;
mod recall;
mod release;
mod resemblance;
mod suggest;
#[rustfmt::skip]
mod tables;
mod target;

pub use classify::{Classification, classify, classify_exactly};
pub use describe::{Scope, description, documentation_url, gemini_documentation_url, scope};
pub use gemini::{
    Engines, Evidence, GEMINI_FACTORY, GEMINI_OPTIONS, GEMINI_PREFIX, GeminiOption, GeminiSpelling,
    GeminiSupport, Unit, gemini_option, gemini_spelling, vvr_default,
};
pub use infer::{Why, infer_target};
pub use key::OptionKey;
pub use namespace::{Namespace, Openness, namespace, namespaces};
pub use option::{
    Alternate, OptionEntry, OptionHistory, Place, ValueType, option, options,
    options_with_alternate, secondary_declarations,
};
pub use recall::suggestions;
pub use release::Release;
pub use target::{DefaultStateBackend, GeminiGeneration, ParseTargetError, Target, VvrVersion};
