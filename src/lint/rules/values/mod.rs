//! Values: units that are missing or unknown, and texts that are not of the option's type.

mod duration_without_unit;
mod number_out_of_range;
mod size_without_unit;
mod unknown_enum_constant;
mod unknown_size_unit;
mod wrong_value_type;

pub(super) use duration_without_unit::DurationWithoutUnit;
pub(super) use number_out_of_range::NumberOutOfRange;
pub(super) use size_without_unit::SizeWithoutUnit;
pub(super) use unknown_enum_constant::UnknownEnumConstant;
pub(super) use unknown_size_unit::UnknownSizeUnit;
pub(super) use wrong_value_type::WrongValueType;

use super::input::is_value_misread;
use crate::catalog::{Classification, OptionEntry, OptionHistory, Place, ValueType};
use crate::config::{RawValue, Setting, check_value};
use crate::finding::{Applicability, Edit, Fix};
use crate::lint::LintContext;
use crate::lint::placeholder::is_placeholder;

/// A setting of an option whose type is known.
#[derive(Clone, Copy)]
struct Typed<'c, 'a> {
    setting: &'c Setting<'a>,
    option: &'static OptionHistory,
    /// The option as the target has it.
    entry: &'static OptionEntry,
}

/// Every setting that Flink reads as a value of a type; left out are those that a template or a
/// finding about the way they are written explains, and those that lose to another key.
fn typed<'c, 'a>(ctx: &'c LintContext<'a>) -> impl Iterator<Item = Typed<'c, 'a>> {
    ctx.classified().filter_map(|(setting, class)| {
        let (option, entry) = match class {
            Classification::Known { option, entry } => (option, entry),
            Classification::Alias { option, entry, .. } => {
                let read = ctx.lookup(option.key)?;
                (read.key == setting.key).then_some((option, entry))?
            }
            Classification::Pattern { option: Some(option), .. } => {
                let entry = option.at(ctx.release())?;
                // Reporters share suffixes such as `port`, each with a type of its own; those of
                // Flink's own classes are the same for all.
                let is_flinks = option.place == Place::Pattern
                    || ["MetricOptions", "TraceOptions", "EventOptions"]
                        .contains(&entry.declared_in);
                is_flinks.then_some((option, entry))?
            }
            _ => return None,
        };
        let is_of_template = matches!(&setting.value, RawValue::Text(text) if is_placeholder(text));
        let explained = entry.value_type == ValueType::String
            || is_of_template
            || is_value_misread(ctx, setting);
        (!explained).then_some(Typed { setting, option, entry })
    })
}

impl Typed<'_, '_> {
    /// Why Flink refuses the value, if it does.
    fn refusal(&self, ctx: &LintContext<'_>) -> Option<String> {
        check_value(&self.setting.value, self.entry.value_type, ctx.release(), ctx.dialect)
            .map_err(|refusal| refusal.reason)
            .err()
    }

    /// What Flink logs of a value that it refuses.
    fn flink_message(&self) -> String {
        let key = self.option.key;
        if self.entry.value_type == ValueType::MemorySize
            && (key.starts_with("taskmanager.memory.") || key.starts_with("jobmanager.memory."))
        {
            return format!("Cannot read memory size from config option '{key}'.");
        }
        format!("Could not parse value '{}' for key '{key}'.", self.setting.value.text())
    }

    /// Writes `value` in the place of the setting's, if it stands in the file as it is read.
    fn replace(
        &self,
        ctx: &LintContext<'_>,
        value: impl Into<String>,
        applicability: Applicability,
    ) -> Option<Fix> {
        let span = self.setting.value_span;
        (ctx.sources.text(span) == self.setting.value.text()).then(|| {
            let text = value.into();
            Fix::new(format!("write `{text}`"), applicability, Edit { span, text })
        })
    }
}

/// A value that is nothing but a number without a sign, in whatever way YAML typed it.
fn bare_number(raw: &RawValue<'_>) -> Option<u64> {
    let text = raw.text();
    let digits = text.trim_matches(|c| c <= ' ');
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}
