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
mod unreadable_yaml;
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
pub(super) use unreadable_yaml::UnreadableYaml;
pub(super) use value_cut_at_hash::ValueCutAtHash;

use invisible_character::{Place, invisible};

use crate::config::Setting;
use crate::lint::LintContext;

/// Whether a finding about how a key is written already explains why it is not what it seems; a
/// rule about keys or values then says nothing more.
pub(in crate::lint) fn is_key_misread(ctx: &LintContext<'_>, setting: &Setting<'_>) -> bool {
    setting.key_span.file == ctx.file
        && (ctx.is_nested(setting.key_span.range().start)
            || setting.key.starts_with(byte_order_mark::BYTE_ORDER_MARK)
            || matches!(invisible(ctx, setting), Some(Place::Key(..))))
}

/// Whether a finding about how a value is written already explains what Flink makes of it.
pub(in crate::lint) fn is_value_misread(ctx: &LintContext<'_>, setting: &Setting<'_>) -> bool {
    setting.value_span.file == ctx.file
        && (quoted_value::keeps_quotes(ctx, setting) || invisible(ctx, setting).is_some())
}
