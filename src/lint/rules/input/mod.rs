//! What the loader makes of a file: dropped lines, cut values, files it refuses or never reads.

mod byte_order_mark;
mod duplicate_key;
mod empty_key_or_value;
mod file_never_read;
mod invalid_utf8;
mod invisible_character;
mod line_without_separator;
mod nested_yaml;
mod quoted_value;
pub(in crate::lint) mod suppression;
mod value_cut_at_hash;

pub(super) use byte_order_mark::ByteOrderMark;
pub(super) use duplicate_key::DuplicateKey;
pub(super) use empty_key_or_value::EmptyKeyOrValue;
pub(super) use file_never_read::FileNeverRead;
pub(super) use invalid_utf8::InvalidUtf8;
pub(super) use invisible_character::InvisibleCharacter;
pub(super) use line_without_separator::LineWithoutSeparator;
pub(super) use nested_yaml::NestedYaml;
pub(super) use quoted_value::QuotedValue;
pub(super) use value_cut_at_hash::ValueCutAtHash;
