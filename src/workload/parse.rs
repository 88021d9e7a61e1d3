use super::{Access, KeyDistribution, SizeDistribution, Workload};

/// Why a text is no workload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}{}: {message}", place(.line_column))]
pub struct WorkloadError {
    /// The file, or what else the text was called.
    pub name: String,
    /// Line and column, from 1.
    pub line_column: Option<(usize, usize)>,
    /// What was found, and what is expected.
    pub message: String,
}

fn place(line_column: &Option<(usize, usize)>) -> String {
    line_column.map_or(String::new(), |(line, column)| format!(":{line}:{column}"))
}

/// Source: "What are the maximum key and value sizes supported?", RocksDB FAQ.
const KEY_BYTES_MAX: u32 = 8 << 20;

/// Flink serializes a value into one array of Java's.
const VALUE_BYTES_MAX: u32 = i32::MAX.unsigned_abs();

/// A state keeps 36 bits of key; more keys than this could not be told apart.
const KEY_COUNT_MAX: u64 = 1 << 34;

impl Workload {
    /// Reads a `workload.yaml` called `name`.
    ///
    /// # Errors
    /// [`WorkloadError`]: the first thing that is not as expected, with its place where the text
    /// has one.
    pub fn parse(name: &str, text: &str) -> Result<Self, WorkloadError> {
        if crate::syntax::yaml::is_too_deep(text) {
            let message = format!("nested deeper than {} levels", crate::syntax::yaml::MAX_DEPTH);
            return Err(WorkloadError { name: name.to_owned(), line_column: None, message });
        }
        let workload: Self = serde_yaml::from_str(text).map_err(|error| {
            let line_column = error.location().map(|at| (at.line(), at.column()));
            let message = error.to_string();
            // The place is told apart already.
            let end = message.rfind(" at line ").unwrap_or(message.len());
            let message = message.get(..end).unwrap_or(&message).to_owned();
            WorkloadError { name: name.to_owned(), line_column, message }
        })?;
        match workload.problem() {
            None => Ok(workload),
            Some((key, message)) => Err(WorkloadError {
                name: name.to_owned(),
                line_column: find_key(text, key),
                message: format!("{key}: {message}"),
            }),
        }
    }

    /// What the types alone do not forbid: the key, and what is wrong with it.
    fn problem(&self) -> Option<(&'static str, String)> {
        let at_least_one = |found: u64| format!("found {found}, expected at least 1");
        if self.parallelism == 0 {
            return Some(("parallelism", at_least_one(0)));
        }
        if self.event_rate == 0 {
            return Some(("event_rate", at_least_one(0)));
        }
        if self.rate == Some(0) {
            return Some(("rate", at_least_one(0)));
        }
        if self.checkpoint.is_some_and(|checkpoint| checkpoint.interval.millis == 0) {
            return Some(("interval", "found 0ms, expected a span above 0".to_owned()));
        }
        // Joins have two states each, and a task at most sixteen.
        if self.operators.is_empty() || self.operators.len() > 8 {
            let found = self.operators.len();
            return Some(("operators", format!("found {found}, expected 1 to 8")));
        }
        self.operators.iter().find_map(|operator| {
            let keys = operator.keys;
            if keys.count == 0 || keys.count > KEY_COUNT_MAX {
                let found = keys.count;
                return Some(("count", format!("found {found}, expected 1 to {KEY_COUNT_MAX}")));
            }
            if operator.key_bytes > KEY_BYTES_MAX {
                let found = operator.key_bytes;
                return Some((
                    "key_bytes",
                    format!("found {found}, expected at most {KEY_BYTES_MAX}"),
                ));
            }
            if !(0.0..=1_000.0).contains(&keys.growth) {
                return Some(("growth", format!("found {}, expected 0 to 1000", keys.growth)));
            }
            match keys.distribution {
                KeyDistribution::Zipf { exponent } if !(0.0..=4.0).contains(&exponent) => {
                    return Some(("exponent", format!("found {exponent}, expected 0 to 4")));
                }
                KeyDistribution::Recent { active: 0, .. } => {
                    return Some(("active", at_least_one(0)));
                }
                KeyDistribution::HotSet { keys: 0, .. } => return Some(("keys", at_least_one(0))),
                _ => {}
            }
            size_problem(&operator.value_bytes).or_else(|| access_problem(&operator.access))
        })
    }
}

fn size_problem(sizes: &SizeDistribution) -> Option<(&'static str, String)> {
    match sizes {
        _ if sizes.max() > VALUE_BYTES_MAX => {
            let found = sizes.max();
            Some(("value_bytes", format!("found {found}, expected at most {VALUE_BYTES_MAX}")))
        }
        SizeDistribution::Uniform { min, max } if min > max => {
            Some(("min", format!("found {min}, expected at most max, which is {max}")))
        }
        SizeDistribution::Weighted(sizes) if sizes.iter().all(|size| size.weight == 0) => {
            Some(("weighted", "found no weight above 0, expected at least one".to_owned()))
        }
        _ => None,
    }
}

fn access_problem(access: &Access) -> Option<(&'static str, String)> {
    let zero = |key| Some((key, "found 0, expected more".to_owned()));
    match access {
        Access::TumblingWindow { size } | Access::WindowJoin { size, .. } if size.millis == 0 => {
            zero("size")
        }
        Access::SlidingWindow { slide, .. } if slide.millis == 0 => zero("slide"),
        Access::SlidingWindow { size, slide } if !size.millis.is_multiple_of(slide.millis) => {
            Some(("slide", format!("found {slide}, expected a part of the size, which is {size}")))
        }
        Access::SessionWindow { gap } if gap.millis == 0 => zero("gap"),
        Access::IntervalJoin { bound, .. } if bound.millis == 0 => zero("bound"),
        Access::TopN { n: 0 } => zero("n"),
        Access::ListAppend { flush_every: 0 } => zero("flush_every"),
        Access::MapScan { entries: 0, .. } => zero("entries"),
        Access::DualStreamJoin { left } => size_problem(&left.value_bytes),
        Access::Mix { reads, deletes } if reads.get() + deletes.get() > 1.0 => {
            let found = reads.get() + deletes.get();
            Some(("deletes", format!("reads and deletes are {found} together, expected at most 1")))
        }
        _ => None,
    }
}

/// Where a key first stands in the text.
fn find_key(text: &str, key: &str) -> Option<(usize, usize)> {
    let is_key = |line: &str| {
        let start = line.find(key)?;
        let before = line.get(..start)?.trim_start_matches([' ', '-', '{', ',']).is_empty();
        let inline = line.get(..start)?.trim_end().ends_with(['{', ',']);
        let after = line.get(start + key.len()..)?.trim_start().starts_with(':');
        ((before || inline) && after).then_some(start + 1)
    };
    (1..).zip(text.lines()).find_map(|(number, line)| Some((number, is_key(line)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::SHIPPED;

    const GOOD: &str = "\
name: counts
parallelism: 4
event_rate: 1000
records: 1000
operators:
  - name: count
    keys: { count: 100, distribution: { zipf: { exponent: 0.99 } } }
    key_bytes: 12
    value_bytes: { fixed: 16 }
    access: read_modify_write
";

    fn error(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from));
        Workload::parse("w.yaml", &GOOD.replace(from, to)).unwrap_err().to_string()
    }

    #[test]
    fn errors_say_where_and_what() {
        assert!(Workload::parse("w.yaml", GOOD).is_ok());
        insta::assert_snapshot!(error("parallelism: 4", "parallelism: 0"), @"w.yaml:2:1: parallelism: found 0, expected at least 1");
        insta::assert_snapshot!(error("parallelism", "paralelism"), @"w.yaml:2:1: unknown field `paralelism`, expected one of `name`, `description`, `parallelism`, `rate`, `event_rate`, `warm_up_records`, `records`, `duration`, `checkpoint`, `operators`");
        insta::assert_snapshot!(error("exponent: 0.99", "exponent: 9"), @"w.yaml:7:49: exponent: found 9, expected 0 to 4");
        insta::assert_snapshot!(error("zipf", "zipff"), @"w.yaml:7:41: operators[0].keys.distribution: unknown variant `zipff`, expected one of `uniform`, `zipf`, `hot_set`, `recent`, `fresh`");
        insta::assert_snapshot!(error("fixed: 16", "uniform: { min: 9, max: 3 }"), @"w.yaml:9:31: min: found 9, expected at most max, which is 3");
        insta::assert_snapshot!(error("records: 1000", "records: many"), @"w.yaml:4:10: records: invalid type: string \"many\", expected u64");
        insta::assert_snapshot!(
            error("read_modify_write", "{ tumbling_window: { size: 10 weeks } }"), @"w.yaml:10:32: operators[0].access.tumbling_window: found \"10 weeks\", expected a number with ms, s, min, h or d, such as 10s"
        );
    }

    #[test]
    fn any_text_is_answered() {
        for text in ["", "[]", "a: b: c", "\u{0}", "name: &a *a", "operators: []"] {
            assert!(Workload::parse("w.yaml", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn shipped_workloads_are_read_and_written() {
        for shipped in SHIPPED {
            let workload = Workload::parse(shipped.name, shipped.text).unwrap();
            assert_eq!(workload.name, shipped.name);
            let again = serde_yaml::to_string(&workload).unwrap();
            assert_eq!(Workload::parse(shipped.name, &again), Ok(workload));
        }
    }
}
