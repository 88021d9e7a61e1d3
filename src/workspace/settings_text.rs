//! The text of a `slotwise.yaml`, and what is wrong with it, by line.

use std::collections::BTreeMap;
use std::path::Path;

use super::paths::PathRules;
use super::{InputError, Settings, absolute, selects};
use crate::lint;
use crate::source::LineIndex;
use crate::syntax::yaml::{self, Content, Document, NodeId, Pair};

/// Every setting, as the file writes it.
pub(super) const SETTING_NAMES: [&str; 8] = [
    "backends-per-slot",
    "exclude",
    "ignore",
    "per-file-ignores",
    "select",
    "severity",
    "target",
    "workload",
];

/// What a settings file holds.
#[derive(Debug)]
pub(super) struct SettingsText {
    pub(super) settings: Settings,
    pub(super) paths: PathRules,
    /// The line of each setting, from 1.
    pub(super) lines: BTreeMap<&'static str, u32>,
}

/// Reads the text of the file at `path`.
///
/// # Errors
/// The first thing that is wrong, with its line and column.
pub(super) fn parse(path: &Path, text: &str) -> Result<SettingsText, InputError> {
    let index = LineIndex::new(text);
    let wrong = |at: usize, message: String| {
        let place = index.line_column(text, u32::try_from(at).unwrap_or(u32::MAX));
        InputError::new(format!("{}:{}:{}", path.display(), place.line, place.column), message)
    };
    if yaml::is_too_deep(text) {
        return Err(wrong(0, format!("nested deeper than {} levels", yaml::MAX_DEPTH)));
    }
    // What is no YAML at all, serde says better.
    let document = yaml::parse(text).unwrap_or_default();
    let mut lines = BTreeMap::new();
    for (name, pair) in pairs(&document, document.root()) {
        let Some(known) = SETTING_NAMES.into_iter().find(|known| *known == name) else {
            let all = SETTING_NAMES.join(", ");
            let expected = match nearest(name, SETTING_NAMES) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("expected one of {all}"),
            };
            return Err(wrong(
                pair.key_span.start,
                format!("unknown setting `{name}`; {expected}"),
            ));
        };
        let at = u32::try_from(pair.key_span.start).unwrap_or(u32::MAX);
        lines.insert(known, index.line_column(text, at).line);
    }
    let settings = if text.trim().is_empty() { Settings::default() } else { read(path, text)? };
    for (selector, at) in selectors(&document) {
        if !lint::RULES.iter().any(|rule| selects(selector, rule.meta())) {
            let names = lint::RULES.iter().flat_map(|rule| [rule.meta().code, rule.meta().name]);
            let help = match nearest(selector, names) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "see `slotwise rules`".to_owned(),
            };
            return Err(wrong(at, format!("no rule has the code or name `{selector}`; {help}")));
        }
    }
    let folder = absolute(path).parent().map_or_else(Default::default, Path::to_owned);
    let paths = PathRules::new(folder, &settings.exclude, &settings.per_file_ignores);
    let paths = paths.map_err(|error| {
        let all = document.nodes().map(|node| (&node.content, node.span.start));
        let is_it = |content: &Content<'_>| {
            matches!(content, Content::Scalar(text, _) if **text == *error.pattern)
        };
        let at = all.into_iter().find(|(content, _)| is_it(content)).map_or(0, |(_, at)| at);
        wrong(at, error.to_string())
    })?;
    Ok(SettingsText { settings, paths, lines })
}

fn read(path: &Path, text: &str) -> Result<Settings, InputError> {
    serde_yaml::from_str(text).map_err(|error| {
        let place = error.location().map(|place| format!(":{}:{}", place.line(), place.column()));
        let message = error.to_string();
        // The location stands in front of the message already.
        let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
        InputError::new(format!("{}{}", path.display(), place.unwrap_or_default()), message)
    })
}

/// The pairs of a mapping whose keys are texts.
fn pairs<'d>(
    document: &'d Document<'_>,
    id: Option<NodeId>,
) -> impl Iterator<Item = (&'d str, &'d Pair)> {
    let node = id.and_then(|id| document.node(id));
    let pairs = match node.map(|node| &node.content) {
        Some(Content::Mapping(pairs)) => pairs.as_slice(),
        _ => &[],
    };
    pairs.iter().filter_map(|pair| match &document.node(pair.key)?.content {
        Content::Scalar(text, _) => Some((&**text, pair)),
        _ => None,
    })
}

/// Every code or name of a rule, and where it stands.
fn selectors<'d>(document: &'d Document<'_>) -> Vec<(&'d str, usize)> {
    let mut selectors = Vec::new();
    let mut list = |id: NodeId| {
        let Some(Content::Sequence(items)) = document.node(id).map(|node| &node.content) else {
            return;
        };
        selectors.extend(items.iter().filter_map(|item| {
            let item = document.node(*item)?;
            match &item.content {
                Content::Scalar(text, _) => Some((&**text, item.span.start)),
                _ => None,
            }
        }));
    };
    let mut rules_of_severities = Vec::new();
    for (name, pair) in pairs(document, document.root()) {
        match name {
            "select" | "ignore" => list(pair.value),
            "per-file-ignores" => {
                pairs(document, Some(pair.value)).for_each(|(_, pair)| list(pair.value));
            }
            "severity" => {
                let rules = pairs(document, Some(pair.value));
                rules_of_severities.extend(rules.map(|(rule, pair)| (rule, pair.key_span.start)));
            }
            _ => {}
        }
    }
    selectors.extend(rules_of_severities);
    selectors
}

/// The candidate that differs least from what was written, if it differs little.
fn nearest<'c>(written: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let lower = written.to_ascii_lowercase().replace('_', "-");
    let distance = |name: &&str| strsim::damerau_levenshtein(&name.to_ascii_lowercase(), &lower);
    let nearest = candidates.into_iter().min_by_key(distance)?;
    (distance(&nearest) * 3 <= nearest.len()).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        match parse(Path::new("slotwise.yaml"), text) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_wrong_is_said_by_line() {
        for (text, expected) in [
            ("", ""),
            ("# nothing\n", ""),
            ("ignore: [FM004, FG, network-min-above-max]\nseverity: {FI: info}\n", ""),
            (
                "target: flink-1.20\ntargt: 1\n",
                "2:1: unknown setting `targt`; did you mean `target`?",
            ),
            (
                "backends_per_slot: 2\n",
                "1:1: unknown setting `backends_per_slot`; did you mean `backends-per-slot`?",
            ),
            (
                "color: 2\n",
                "1:1: unknown setting `color`; expected one of backends-per-slot, exclude, ignore, per-file-ignores, select, severity, target, workload",
            ),
            (
                "ignore:\n- FM004\n- FZ004\n",
                "3:3: no rule has the code or name `FZ004`; did you mean `FC004`?",
            ),
            (
                "severity:\n  network-min-abvoe-max: info\n",
                "2:3: no rule has the code or name `network-min-abvoe-max`; did you mean `network-min-above-max`?",
            ),
            (
                "per-file-ignores:\n  'a/**': [nothing-like-it]\n",
                "2:12: no rule has the code or name `nothing-like-it`; see `slotwise rules`",
            ),
            (
                "exclude:\n- a\n- 'b/{c'\n",
                "3:3: expected a pattern as in .gitignore, found \"b/{c\"",
            ),
            ("severity: {FM004: fatal}\n", "1:"),
            ("target: flnk-1.20\n", "1:"),
            ("ignore: [\n", ":"),
        ] {
            let error = error(text);
            if expected.is_empty() {
                assert_eq!(error, "", "{text}");
            } else {
                let start = format!("slotwise.yaml:{}", expected.trim_start_matches(':'));
                assert!(error.starts_with(&start), "{text}: {error}");
            }
        }
    }

    #[test]
    fn every_setting_has_its_line() {
        let text = "# ours\ntarget: flink-1.20\n\nexclude: [a]\n";
        let lines = parse(Path::new("slotwise.yaml"), text).unwrap().lines;
        assert_eq!(lines, BTreeMap::from([("target", 2), ("exclude", 4)]));
    }

    #[test]
    fn the_names_are_those_of_the_schema() {
        let schema = schemars::schema_for!(Settings);
        let properties = schema.get("properties").unwrap().as_object().unwrap();
        assert_eq!(properties.keys().map(String::as_str).collect::<Vec<_>>(), SETTING_NAMES);
    }
}
