//! What a running cluster has, beside what a file says: the file was changed and not deployed, or
//! the cluster was changed and the file was not.

mod deployed_pools_differ;
mod deployed_setting_missing;
mod deployed_value_differs;

pub(super) use deployed_pools_differ::DeployedPoolsDiffer;
pub(super) use deployed_setting_missing::DeployedSettingMissing;
pub(super) use deployed_value_differs::DeployedValueDiffers;

use std::borrow::Cow;

use crate::catalog::{self, OptionHistory, Release, ValueType};
use crate::cluster::Deployed;
use crate::lint::{LintContext, is_secret};
use crate::units::{DurationGrammar, FlinkDuration, MemorySize};

/// Keys that the start of a cluster sets itself, or that differ between processes.
///
/// Source: `GET /jobmanager/config` of Flink 1.10 to 2.3, started with an empty file.
fn is_set_at_start(key: &str) -> bool {
    const KEYS: [&str; 17] = [
        "blob.server.port",
        "web.tmpdir",
        "web.port",
        "jobmanager.rpc.address",
        "jobmanager.rpc.port",
        "rest.address",
        "rest.port",
        "rest.bind-port",
        "jobmanager.memory.heap.size",
        "jobmanager.memory.off-heap.size",
        "jobmanager.memory.jvm-metaspace.size",
        "jobmanager.memory.jvm-overhead.min",
        "jobmanager.memory.jvm-overhead.max",
        "execution.target",
        "execution.attached",
        "execution.shutdown-on-attached-exit",
        "high-availability.cluster-id",
    ];
    KEYS.contains(&key) || key.starts_with("internal.") || key.starts_with('$')
}

/// The option that Flink reads under a key, which may be one of its older names.
fn option_under(key: &str, release: Release) -> Option<&'static OptionHistory> {
    catalog::option(key)
        .filter(|option| option.at(release).is_some())
        .or_else(|| catalog::options_with_alternate(key, release).map(|(option, _)| option).next())
}

/// What the cluster has under any of an option's keys.
fn deployed_value<'d>(
    deployed: &'d Deployed,
    key: &str,
    option: Option<&OptionHistory>,
    release: Release,
) -> Option<&'d str> {
    let of = |key: &str| {
        let found = deployed.settings.iter().find(|(found, _)| found == key);
        found.map(|(_, value)| value.as_str())
    };
    let Some(option) = option else { return of(key) };
    let entry = option.at(release);
    let alternates = entry.into_iter().flat_map(|entry| entry.alternates);
    of(option.key).or_else(|| alternates.into_iter().find_map(|alternate| of(alternate.key)))
}

/// The default of an option.
fn default_of(option: Option<&'static OptionHistory>, release: Release) -> Option<&'static str> {
    option?.at(release)?.default
}

/// Whether two texts are the same value to Flink: `2g` and `2048m` are.
fn is_same(a: &str, b: &str, option: Option<&OptionHistory>, release: Release) -> bool {
    if a == b {
        return true;
    }
    let entry = option.and_then(|option| option.at(release));
    same_of_type(a, b, entry.map_or(ValueType::String, |entry| entry.value_type), release)
}

fn same_of_type(a: &str, b: &str, value_type: ValueType, release: Release) -> bool {
    match value_type {
        ValueType::MemorySize => {
            let size = |text: &str| text.parse::<MemorySize>().ok();
            size(a).is_some() && size(a) == size(b)
        }
        ValueType::Duration => {
            let grammar = DurationGrammar {
                short_minutes: release >= Release::V1_15,
                large_numbers: release >= Release::V2_0,
                iso_8601: release >= Release::V2_1,
            };
            let span = |text: &str| FlinkDuration::parse(text, grammar).ok();
            span(a).is_some() && span(a) == span(b)
        }
        ValueType::Int | ValueType::Long | ValueType::Float | ValueType::Double => {
            let number = |text: &str| text.trim().parse::<f64>().ok();
            number(a).zip(number(b)).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
        }
        ValueType::Boolean | ValueType::Enum(_) => a.eq_ignore_ascii_case(b),
        ValueType::List(_) => items(a) == items(b),
        ValueType::String | ValueType::Map => a.trim() == b.trim(),
    }
}

/// The items of a list in either of Flink's forms, `a;b` and `[a, b]`.
fn items(text: &str) -> Vec<&str> {
    let text = text.trim();
    let flow = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let (inner, separator) = flow.map_or((text, ';'), |inner| (inner, ','));
    let items = inner.split(separator).map(|item| item.trim().trim_matches(['\'', '"']));
    items.filter(|item| !item.is_empty()).collect()
}

/// Whether a value cannot be compared, as Flink or the key hides it.
fn is_hidden(key: &str, value: &str) -> bool {
    is_secret(key) || (!value.is_empty() && value.chars().all(|c| c == '*'))
}

/// A value for a message, cut where it is too long for one.
fn shown(value: &str) -> Cow<'_, str> {
    const LENGTH: usize = 60;
    match value.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or(value)).into(),
        None => value.into(),
    }
}

/// The cluster to compare with.
fn cluster<'a>(ctx: &LintContext<'a>) -> Option<&'a Deployed> {
    ctx.deployed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_flink_reads_them() {
        let check = |key: &str, a: &str, b: &str, expected: bool| {
            let option = option_under(key, Release::V1_20);
            assert_eq!(is_same(a, b, option, Release::V1_20), expected, "{key}: {a} and {b}");
        };
        check("taskmanager.memory.process.size", "2g", "2048 mb", true);
        check("taskmanager.memory.process.size", "2g", "2 gib", false);
        check("execution.checkpointing.interval", "60 s", "1min", true);
        check("execution.checkpointing.interval", "60 s", "2min", false);
        check("taskmanager.numberOfTaskSlots", "2", "+2", true);
        check("execution.checkpointing.mode", "exactly_once", "EXACTLY_ONCE", true);
        check("pipeline.jars", "a;b", "[a, b]", true);
        check("pipeline.jars", "a;b", "[a, c]", false);
        check("my.own.key", "2g", "2048m", false);
    }
}
