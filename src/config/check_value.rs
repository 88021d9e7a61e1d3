use super::collection::{check_list, parse_map};
use super::{Dialect, FromRaw, RawValue, Refusal, ResolvedConfig, Setting, ValueError, refusal};
use crate::catalog::{self, OptionHistory, Place, Release, ValueType};
use crate::units::{FlinkDuration, Fraction, MemorySize};

/// Whether Flink reads `raw` as a value of `value_type`; the file's dialect also decides how lists
/// and maps of `-D` are read.
///
/// # Errors
/// [`Refusal`] where `Configuration.get` throws.
///
/// Source: `ConfigurationUtils.convertValue`, `convertToList` and `convertToProperties`, Flink 1.10
/// to 2.3.
pub fn check_value(
    raw: &RawValue<'_>,
    value_type: ValueType,
    release: Release,
    dialect: Dialect,
) -> Result<(), Refusal> {
    let standard_yaml = dialect == Dialect::Yaml;
    match value_type {
        ValueType::Boolean => bool::from_raw(raw, release).map(drop),
        ValueType::Int => i32::from_raw(raw, release).map(drop),
        ValueType::Long => i64::from_raw(raw, release).map(drop),
        ValueType::Float => Fraction::from_raw(raw, release).map(drop),
        ValueType::Double => f64::from_raw(raw, release).map(drop),
        ValueType::String => Ok(()),
        ValueType::MemorySize => MemorySize::from_raw(raw, release).map(drop),
        ValueType::Duration => FlinkDuration::from_raw(raw, release).map(drop),
        ValueType::Enum(constants) => {
            let text = raw.text();
            let upper = text.to_uppercase();
            if constants.iter().any(|constant| constant.to_uppercase() == upper) {
                Ok(())
            } else {
                Err(refusal::constant(&text, constants))
            }
        }
        ValueType::List(item) => {
            check_list(raw, standard_yaml, |raw| check_value(raw, *item, release, dialect))
        }
        ValueType::Map => parse_map(raw, standard_yaml, release).map(drop),
    }
}

impl<'a> ResolvedConfig<'a> {
    /// Every effective value that Flink refuses once it reads the option, with the setting that
    /// holds it.
    pub fn refused(&self, dialect: Dialect) -> Vec<(&Setting<'a>, ValueError)> {
        let release = self.release();
        let mut refused = Vec::new();
        for setting in self.settings() {
            let own = catalog::option(&setting.key);
            let others = catalog::options_with_alternate(&setting.key, release)
                .map(|(option, _)| option)
                // The option's own key and earlier alternates outrank this one.
                .filter(|option| self.lookup(option.key) == Some(setting));
            for option in own.into_iter().chain(others) {
                if let Err(error) = check_option(option, setting, release, dialect) {
                    refused.push((setting, error));
                }
            }
        }
        refused
    }
}

fn check_option(
    option: &'static OptionHistory,
    setting: &Setting<'_>,
    release: Release,
    dialect: Dialect,
) -> Result<(), ValueError> {
    let Some(entry) = option.at(release).filter(|_| option.place == Place::File) else {
        return Ok(());
    };
    let Setting { key, value, .. } = setting;
    check_value(value, entry.value_type, release, dialect)
        .map_err(|refusal| ValueError::new(option.key, key, value, refusal, release))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Flink 1.20 refuses in `flink-conf.yaml`, as the real release was asked.
    #[test]
    fn values_that_flink_refuses() {
        const MODES: ValueType = ValueType::Enum(&["STREAMING", "BATCH"]);
        const LIST: ValueType = ValueType::List(&ValueType::String);
        for (value_type, value, is_read) in [
            (ValueType::Int, "08", true),
            (ValueType::Int, "+4", true),
            (ValueType::Int, "3.0", false),
            (ValueType::Int, "2147483648", false),
            (ValueType::Long, "2147483648", true),
            (ValueType::Long, "300s", false),
            (ValueType::Boolean, "TRUE", true),
            (ValueType::Boolean, "yes", false),
            (ValueType::Float, "0.4f", true),
            (ValueType::Float, "40%", false),
            (ValueType::MemorySize, "1.5g", false),
            (ValueType::Duration, "10 s", true),
            (ValueType::Duration, "1.5s", false),
            (MODES, "Batch", true),
            (MODES, "bach", false),
            (LIST, "a;'b;c'", true),
            (LIST, "'a", false),
            (LIST, "'a'b;c", false),
            (LIST, "a'b;c", true),
            (ValueType::Map, "k1:v1, k2:v2", true),
            (ValueType::Map, "'k1: v1'", true),
            (ValueType::Map, "k1:v1:x", false),
            (ValueType::Map, "k1", false),
            (ValueType::Map, "'a:b':c", false),
        ] {
            let raw = RawValue::Text(value.into());
            let result = check_value(&raw, value_type, Release::V1_20, Dialect::Legacy);
            assert_eq!(result.is_ok(), is_read, "{value_type} {value}: {result:?}");
        }
    }
}
