//! What a record does to the state, by what the plan says of an operator.

use super::profile::{Figure, Source};
use crate::workload::{Access, JoinSide, Share, SizeDistribution, Span};

/// What [`infer`] needs beside the description.
#[derive(Debug, Clone)]
pub(super) struct Sides {
    /// The first input's part of the records, if both are known.
    pub(super) left_share: Option<f64>,
    /// Bytes of a row.
    pub(super) value_bytes: SizeDistribution,
}

/// Operators that hold keyed state, by the names that Flink gives them; a longer name stands
/// before one that it contains.
///
/// Source: the descriptions of `StreamExec*` nodes and of `DataStream` transformations,
/// Flink 1.20.
const STATEFUL: [&str; 24] = [
    "GlobalWindowAggregate",
    "GroupWindowAggregate",
    "WindowAggregate",
    "GlobalGroupAggregate",
    "IncrementalGroupAggregate",
    "GroupTableAggregate",
    "GroupAggregate",
    "WindowDeduplicate",
    "Deduplicate",
    "WindowRank",
    "Rank",
    "OverAggregate",
    "ChangelogNormalize",
    "IntervalJoin",
    "WindowJoin",
    "TemporalJoin",
    "DeltaJoin",
    "Join",
    "TemporalSort",
    "Match",
    "EventTimeWindows",
    "ProcessingTimeWindows",
    "EventTimeSessionWindows",
    "ProcessingTimeSessionWindows",
];

/// The part of a vertex's description that is about the operator of this metric name; without a
/// name, about the first operator that holds keyed state.
pub(super) fn part_of<'d>(description: &'d str, operator: Option<&str>) -> &'d str {
    let parts =
        || description.split("<br/>").map(|part| part.trim_start_matches([' ', '+', '-', ':']));
    let named = operator.and_then(|operator| {
        let (name, number) = operator.split_once('[').unwrap_or((operator, ""));
        let number = format!("[{}", number.trim_end_matches(']'));
        parts().find(|part| {
            part.contains(name) && (number == "[" || part.starts_with(&format!("{number}]")))
        })
    });
    let stateful = || parts().find(|part| STATEFUL.iter().any(|name| is_operator(part, name)));
    named.or_else(stateful).unwrap_or(description)
}

/// Whether a part of a description is about an operator of this name, and not of one whose name
/// only contains it: `LookupJoin` holds no state.
fn is_operator(part: &str, name: &str) -> bool {
    let at = part.find(&format!("{name}("));
    at.and_then(|at| part.get(..at)).is_some_and(|before| {
        let is_window = name.ends_with("Windows");
        is_window || !before.ends_with(|c: char| c.is_ascii_alphanumeric())
    })
}

/// What the operator does with a record.
pub(super) fn infer(part: &str, sides: &Sides) -> Figure<Access> {
    let is = |name: &str| is_operator(part, name);
    let told = |access, what: &str| {
        let note = format!("the plan says {what}: {}", excerpt(part));
        Figure::new(Source::Derived, access, note)
    };
    let left_share = || Share::try_from(sides.left_share.unwrap_or(0.5)).unwrap_or(Share::ALL);
    if is("IntervalJoin") {
        let bounds = ["leftLowerBound=", "leftUpperBound="].map(|name| number_after(part, name));
        let bound = bounds.iter().flatten().map(|bound| bound.unsigned_abs()).max();
        if let Some(millis) = bound.filter(|millis| *millis > 0) {
            let access = Access::IntervalJoin { bound: Span { millis }, left_share: left_share() };
            return told(access, "an interval join");
        }
    }
    if is("WindowJoin")
        && let Some(size) = span_after(part, "size=[")
    {
        return told(Access::WindowJoin { size, left_share: left_share() }, "a window join");
    }
    if ["Join", "TemporalJoin", "DeltaJoin"].iter().any(|name| is(name)) {
        let left = JoinSide {
            share: left_share(),
            match_rate: Share::ALL,
            value_bytes: sides.value_bytes.clone(),
        };
        return told(
            Access::DualStreamJoin { left },
            "a join; that every row has a partner, and that both sides' rows are as large, is \
             assumed",
        );
    }
    if is("Deduplicate") {
        let keep_last = part.contains("LastRow");
        return told(Access::Deduplicate { keep_last }, "a deduplication");
    }
    if is("ChangelogNormalize") {
        return told(Access::Deduplicate { keep_last: true }, "the newest row of each key");
    }
    if is("Rank")
        && let Some(n) = number_after(part, "rankEnd=").and_then(|n| u32::try_from(n).ok())
        && n > 0
    {
        return told(Access::TopN { n }, "a Top-N");
    }
    if let Some(access) = window(part) {
        return told(access, "a window");
    }
    let known = STATEFUL.iter().any(|name| is(name));
    let note = format!(
        "a record reads its key's value and writes it back; {}",
        if known { excerpt(part) } else { "the plan does not tell what the operator does".into() }
    );
    let source = if known { Source::Derived } else { Source::Assumed };
    Figure::new(source, Access::ReadModifyWrite, note)
}

/// The window that the operator aggregates in, if it does.
pub(super) fn window(part: &str) -> Option<Access> {
    let millis_after = |name| {
        let millis = number_after(part, name).and_then(|millis| u64::try_from(millis).ok());
        millis.filter(|millis| *millis > 0).map(|millis| Span { millis })
    };
    if part.contains("TUMBLE(") {
        return Some(Access::TumblingWindow { size: span_after(part, "size=[")? });
    }
    if part.contains("HOP(") {
        let (size, slide) = (span_after(part, "size=[")?, span_after(part, "slide=[")?);
        return sliding(size, slide);
    }
    if part.contains("SESSION(") {
        return Some(Access::SessionWindow { gap: span_after(part, "gap=[")? });
    }
    for name in ["TumblingEventTimeWindows(", "TumblingProcessingTimeWindows("] {
        if let Some(size) = millis_after(name) {
            return Some(Access::TumblingWindow { size });
        }
    }
    for name in ["SlidingEventTimeWindows(", "SlidingProcessingTimeWindows("] {
        if let Some(size) = millis_after(name) {
            let rest = part.split_once(name)?.1;
            let slide = number_after(rest, ", ").and_then(|millis| u64::try_from(millis).ok())?;
            return sliding(size, Span { millis: slide });
        }
    }
    ["EventTimeSessionWindows(", "ProcessingTimeSessionWindows("]
        .iter()
        .find_map(|name| Some(Access::SessionWindow { gap: millis_after(name)? }))
}

/// Slices that do not fill the window are what the workload cannot say.
fn sliding(size: Span, slide: Span) -> Option<Access> {
    let fits = slide.millis > 0 && size.millis.is_multiple_of(slide.millis);
    fits.then_some(Access::SlidingWindow { size, slide })
}

fn number_after(text: &str, name: &str) -> Option<i64> {
    let rest = text.split_once(name)?.1;
    let is_number = |c: char| c.is_ascii_digit() || c == '-';
    let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// A span as SQL's plans write it: `10 min`.
fn span_after(text: &str, name: &str) -> Option<Span> {
    let rest = text.split_once(name)?.1;
    let span: Span = rest.split_once(']')?.0.trim().parse().ok()?;
    (span.millis > 0).then_some(span)
}

/// Enough of a description to know it again.
fn excerpt(part: &str) -> String {
    const LENGTH: usize = 90;
    let part = part.trim();
    match part.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", part.get(..end).unwrap_or(part)),
        None => part.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(part: &str, expected: &str) {
        let sides = Sides { left_share: Some(0.25), value_bytes: SizeDistribution::Fixed(10) };
        let found = infer(part, &sides);
        let found = format!(
            "{} {}",
            serde_json::to_string(&found.value).unwrap(),
            match found.noted.source {
                Source::Derived => "derived",
                _ => "assumed",
            }
        );
        assert_eq!(found, expected, "{part}");
    }

    #[test]
    fn plans_tell_what_operators_do() {
        check(
            "[3]:GroupAggregate(groupBy=[auction], select=[COUNT(*)])",
            r#""read_modify_write" derived"#,
        );
        check("KeyedProcess", r#""read_modify_write" assumed"#);
        check(
            "[5]:GlobalWindowAggregate(groupBy=[a], window=[TUMBLE(slice_end=[$s], size=[10 min])])",
            r#"{"tumbling_window":{"size":"10min"}} derived"#,
        );
        check(
            "[5]:WindowAggregate(window=[HOP(time_col=[t], size=[10 s], slide=[2 s])])",
            r#"{"sliding_window":{"size":"10s","slide":"2s"}} derived"#,
        );
        check(
            "WindowAggregate(window=[SESSION(time_col=[t], gap=[5 min])])",
            r#"{"session_window":{"gap":"5min"}} derived"#,
        );
        check(
            "Window(TumblingEventTimeWindows(10000), EventTimeTrigger)",
            r#"{"tumbling_window":{"size":"10s"}} derived"#,
        );
        check(
            "Window(SlidingEventTimeWindows(10000, 5000), X)",
            r#"{"sliding_window":{"size":"10s","slide":"5s"}} derived"#,
        );
        check(
            "[7]:IntervalJoin(joinType=[InnerJoin], windowBounds=[isRowTime=true, leftLowerBound=-600000, leftUpperBound=0])",
            r#"{"interval_join":{"bound":"10min","left_share":0.25}} derived"#,
        );
        check(
            "[7]:Deduplicate(keep=[LastRow], key=[a], order=[ROWTIME])",
            r#"{"deduplicate":{"keep_last":true}} derived"#,
        );
        check(
            "[7]:Rank(rankType=[ROW_NUMBER], rankRange=[rankStart=1, rankEnd=10])",
            r#"{"top_n":{"n":10}} derived"#,
        );
        check("[7]:LookupJoin(table=[x])", r#""read_modify_write" assumed"#);
        check(
            "[7]:Join(joinType=[InnerJoin])",
            r#"{"dual_stream_join":{"left":{"share":0.25,"match_rate":1.0,"value_bytes":{"fixed":10}}}} derived"#,
        );
    }

    #[test]
    fn operators_are_found_in_a_chain() {
        let chain = "[3]:Calc(select=[a])<br/>+- [4]:GroupAggregate(groupBy=[a])<br/>   +- [5]:Join(x)<br/>";
        assert_eq!(part_of(chain, Some("Join[5]")), "[5]:Join(x)");
        assert_eq!(part_of(chain, None), "[4]:GroupAggregate(groupBy=[a])");
        assert_eq!(part_of("Flat Map<br/>", None), "Flat Map<br/>");
    }

    proptest::proptest! {
        #[test]
        fn any_description_is_read(text in ".*") {
            let sides = Sides { left_share: None, value_bytes: SizeDistribution::Fixed(1) };
            infer(part_of(&text, Some(&text)), &sides);
        }
    }
}
