//! Options and targets as text for people.

use std::fmt;
use std::io::{self, Write};

use super::terminal::Style;
use crate::catalog::{
    Engines, Evidence, GeminiOption, GeminiSupport, OptionEntry, OptionHistory, Place, Release,
    Scope, Target, Unit, ValueType, description, documentation_url, gemini_documentation_url,
    options_with_alternate, scope, vvr_default,
};
use crate::units::MemorySize;

/// One line of a list of options.
#[derive(Debug, Clone)]
pub struct OptionLine {
    /// The option's key.
    pub key: &'static str,
    /// The type of its values.
    pub value_type: ValueType,
    /// The default of the target.
    pub default: Option<&'static str>,
}

/// A key of usual length is not cut off from its type and default.
const KEY_COLUMN: std::ops::RangeInclusive<usize> = 16..=46;
const TYPE_COLUMN: usize = 12;

/// Writes one option a line; where a key is too long for its column, its type starts a new line.
///
/// # Errors
/// Those of `out`.
pub fn write_option_list(
    out: &mut impl Write,
    lines: &[OptionLine],
    style: Style,
) -> io::Result<()> {
    // Long keys are the minority; they do not set the column for the others.
    let longest = lines.iter().map(|line| line.key.len()).max().unwrap_or(0);
    let column = longest.clamp(*KEY_COLUMN.start(), *KEY_COLUMN.end());
    for line in lines {
        let key = Emphasis { text: line.key, color: style.color };
        write!(out, "{key}")?;
        if line.key.len() > column {
            write!(out, "\n{:column$}", "")?;
        } else {
            write!(out, "{:width$}", "", width = column - line.key.len())?;
        }
        let value_type = line.value_type.to_string();
        let room = style.width.saturating_sub(column + TYPE_COLUMN + 4).max(8);
        match line.default {
            Some(default) => {
                let default = shortened(&shown_default(default, line.value_type), room, style);
                writeln!(out, "  {value_type:TYPE_COLUMN$}  {default}")?;
            }
            None => writeln!(out, "  {value_type}")?,
        }
    }
    Ok(())
}

/// Writes everything that is known of one option.
///
/// # Errors
/// Those of `out`.
pub fn write_option(
    out: &mut impl Write,
    option: &OptionHistory,
    target: Option<&Target>,
    style: Style,
) -> io::Result<()> {
    writeln!(out, "{}", Emphasis { text: option.key, color: style.color })?;
    write_description(out, description(option.key), style)?;
    let field = Field { width: style.width };

    let types = ranges(option, |entry| entry.value_type.to_string());
    field.write_all(out, "type", &types)?;
    let newest = option.entries.last();
    let constants = newest.map_or(&[][..], |entry| entry.value_type.constants());
    if !constants.is_empty() {
        field.write(out, "values", &constants.join(", "))?;
    }
    let defaults = ranges(option, |entry| match entry.default {
        Some(default) => shown_default(default, entry.value_type),
        None => "none".to_owned(),
    });
    field.write_all(out, "default", &defaults)?;
    if let Some(target) = target
        && let Some(default) = vvr_default(option.key, target)
    {
        field.write(out, "", &format!("{default} on {target}"))?;
    }
    let releases = (option.first_release(), option.last_release());
    if releases != (Release::V1_10, Release::LATEST) {
        field.write(out, "exists", &span(releases.0, releases.1))?;
    }
    if let Some(first) = option.entries.iter().find(|entry| entry.deprecated) {
        field.write(out, "deprecated", &span(first.first, option.last_release()))?;
    }
    field.write_all(out, "also read", &alternates(option))?;
    let release = target.map_or(Release::LATEST, Target::release);
    let readers = options_with_alternate(option.key, release).map(|(other, _)| other.key);
    let readers: Vec<String> =
        readers.filter(|key| *key != option.key).map(str::to_owned).collect();
    field.write_all(out, "read by", &readers)?;
    if let Some(scope) = scope(option.key) {
        field.write(out, "scope", scope_text(scope))?;
    }
    if let Some(place) = place_text(option.place) {
        field.write(out, "where", place)?;
    }
    if let Some(entry) = newest {
        field.write(out, "declared", entry.declared_in)?;
    }
    if let Some(url) = documentation_url(option, release.min(option.last_release())) {
        field.write(out, "docs", &url)?;
    }
    Ok(())
}

/// Writes everything that is known of one option of GeminiStateBackend.
///
/// # Errors
/// Those of `out`.
pub fn write_gemini_option(
    out: &mut impl Write,
    option: &GeminiOption,
    target: Option<&Target>,
    style: Style,
) -> io::Result<()> {
    writeln!(out, "{}", Emphasis { text: option.key, color: style.color })?;
    write_description(out, Some(option.description), style)?;
    let field = Field { width: style.width };
    field.write(out, "type", &option.value_type.to_string())?;
    let constants = option.value_type.constants();
    if !constants.is_empty() {
        field.write(out, "values", &constants.join(", "))?;
    }
    if !option.seen_values.is_empty() {
        let seen = option.seen_values.join(", ");
        field.write(out, "values", &format!("{seen} (seen; others may be valid)"))?;
    }
    if option.defaults.is_empty() {
        field.write(out, "default", "not known")?;
    }
    for (at, (first, default)) in option.defaults.iter().enumerate() {
        let name = if at == 0 { "default" } else { "" };
        let default = default.unwrap_or("none");
        let text = match option.engines {
            Engines::Blink => default.to_owned(),
            _ => format!("{default} from VVR {first} on"),
        };
        field.write(out, name, &text)?;
    }
    if let Some(unit) = unit_text(option.unit) {
        field.write(out, "unit", unit)?;
    }
    let engines = match option.engines {
        Engines::From(first) => format!("VVR {first} and later"),
        Engines::Between(first, end) => format!("VVR {first} to before {end}"),
        Engines::Blink => "Blink only".to_owned(),
    };
    field.write(out, "engines", &engines)?;
    if let Some(target) = target {
        let support = match option.support(target) {
            GeminiSupport::Supported => "has it".to_owned(),
            GeminiSupport::NoGemini => "has no GeminiStateBackend".to_owned(),
            GeminiSupport::NotYet(first) => format!("is older than VVR {first}"),
            GeminiSupport::Replaced(end) => format!("has another option, as VVR {end} and later"),
            GeminiSupport::BlinkOnly => "is not Blink".to_owned(),
        };
        field.write(out, "target", &format!("{target} {support}"))?;
    }
    let evidence = match option.evidence {
        Evidence::Documented => "documentation read in full",
        Evidence::Excerpt => "excerpt of a documentation page",
        Evidence::Seen => "seen in a log or a real configuration; not documented",
    };
    field.write(out, "evidence", evidence)?;
    if let Some(url) = gemini_documentation_url(option.key) {
        field.write(out, "docs", url)?;
    }
    Ok(())
}

/// Writes one target a line.
///
/// # Errors
/// Those of `out`.
pub fn write_targets(out: &mut impl Write, targets: &[Target], style: Style) -> io::Result<()> {
    writeln!(out, "{:<12}  {:<8}  {:<8}  DEFAULT STATE BACKEND", "TARGET", "FLINK", "VVR")?;
    for target in targets {
        let name = Emphasis { text: target.name(), color: style.color };
        let padding = 12_usize.saturating_sub(target.name().len());
        let vvr = target.vvr().map_or("-".to_owned(), |version| version.to_string());
        let flink = target.flink_version();
        let backend = target.default_state_backend();
        write!(out, "{name}{:padding$}  {flink:<8}  {vvr:<8}  {backend}", "")?;
        if let Some(generation) = target.gemini() {
            write!(out, " {generation}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A text in bold, where color is on.
struct Emphasis<'a> {
    text: &'a str,
    color: bool,
}

impl fmt::Display for Emphasis<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.color { write!(f, "\x1b[1m{}\x1b[0m", self.text) } else { f.write_str(self.text) }
    }
}

fn write_description(
    out: &mut impl Write,
    description: Option<&str>,
    style: Style,
) -> io::Result<()> {
    for line in wrapped(description.unwrap_or_default(), style.width.saturating_sub(2)) {
        writeln!(out, "  {line}")?;
    }
    writeln!(out)
}

/// A name and what belongs to it, the rest indented below the first line.
struct Field {
    width: usize,
}

impl Field {
    const NAME: usize = 10;

    fn write(&self, out: &mut impl Write, name: &str, text: &str) -> io::Result<()> {
        let room = self.width.saturating_sub(Self::NAME + 4);
        for (at, line) in wrapped(text, room).iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            writeln!(out, "  {name:width$}  {line}", width = Self::NAME)?;
        }
        Ok(())
    }

    fn write_all(&self, out: &mut impl Write, name: &str, texts: &[String]) -> io::Result<()> {
        for (at, text) in texts.iter().enumerate() {
            self.write(out, if at == 0 { name } else { "" }, text)?;
        }
        Ok(())
    }
}

/// Greedy lines of at most `width` columns; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn shortened(text: &str, room: usize, style: Style) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let ellipsis = if style.unicode { "…" } else { "..." };
    let kept = room.saturating_sub(ellipsis.chars().count());
    text.chars().take(kept).chain(ellipsis.chars()).collect()
}

/// A default as people write it: a release writes `10 s` where an older one writes
/// `10000000000 ns`.
fn shown_default(default: &str, value_type: ValueType) -> String {
    let unlimited = value_type == ValueType::MemorySize && default.parse() == Ok(MemorySize::MAX);
    if unlimited {
        return "unlimited".to_owned();
    }
    if value_type == ValueType::Duration
        && let Some(nanos) = default.strip_suffix(" ns").and_then(|text| text.parse().ok())
    {
        return shown_nanos(nanos);
    }
    if default.is_empty() { "\"\"".to_owned() } else { default.to_owned() }
}

fn shown_nanos(nanos: u64) -> String {
    // The units and the rule of Flink's own text: the largest that divides exactly.
    let units: [(u64, &str); 6] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "min"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "µs"),
    ];
    let unit = units.into_iter().find(|(size, _)| nanos > 0 && nanos.is_multiple_of(*size));
    match unit {
        Some((size, name)) => format!("{} {name}", nanos / size),
        None if nanos == 0 => "0 ms".to_owned(),
        None => format!("{nanos} ns"),
    }
}

/// What `text` says of each entry, with the releases for which it says so.
fn ranges(option: &OptionHistory, text: impl Fn(&OptionEntry) -> String) -> Vec<String> {
    let mut found: Vec<(String, Release, Release)> = Vec::new();
    for entry in option.entries {
        let text = text(entry);
        match found.last_mut() {
            Some((last, _, end)) if *last == text => *end = entry.last,
            _ => found.push((text, entry.first, entry.last)),
        }
    }
    if let [(text, ..)] = found.as_slice() {
        return vec![text.clone()];
    }
    found.into_iter().map(|(text, first, last)| format!("{text} ({})", span(first, last))).collect()
}

/// The option's other keys, each with the releases that read it.
fn alternates(option: &OptionHistory) -> Vec<String> {
    let mut found: Vec<(&str, bool, Release, Release)> = Vec::new();
    for entry in option.entries {
        for alternate in entry.alternates {
            match found.iter_mut().find(|(key, ..)| *key == alternate.key) {
                Some((_, deprecated, _, end)) => {
                    (*deprecated, *end) = (alternate.deprecated, entry.last);
                }
                None => {
                    found.push((alternate.key, alternate.deprecated, entry.first, entry.last));
                }
            }
        }
    }
    let whole = (option.first_release(), option.last_release());
    let line = |(key, deprecated, first, last): (&str, bool, Release, Release)| {
        let kind = if deprecated { "deprecated" } else { "fallback" };
        if (first, last) == whole {
            format!("{key} ({kind})")
        } else {
            format!("{key} ({kind}; {})", span(first, last))
        }
    };
    found.into_iter().map(line).collect()
}

fn span(first: Release, last: Release) -> String {
    match (first, last) {
        (first, last) if first == last => format!("Flink {first}"),
        (Release::V1_10, last) => format!("up to Flink {last}"),
        (first, Release::LATEST) => format!("Flink {first} and later"),
        (first, last) => format!("Flink {first} to {last}"),
    }
}

fn scope_text(scope: Scope) -> &'static str {
    match scope {
        Scope::Cluster => "cluster: read when a process starts",
        Scope::Job => "job: a submission may override it",
    }
}

fn place_text(place: Place) -> Option<&'static str> {
    match place {
        Place::File => None,
        Place::Pattern => Some("in the file, with a name of yours in the place of <...>"),
        Place::Suffix => Some("in the file, below a prefix such as metrics.reporter.NAME."),
        Place::Sql => Some("in a SQL statement, not in the file"),
        Place::Internal => Some("nowhere: Flink writes it for itself"),
    }
}

fn unit_text(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::None => None,
        Unit::Milliseconds => Some("milliseconds"),
        Unit::Suffix => Some("a suffix B, KB, MB or GB, required from VVR 4.0.0 on"),
        Unit::Mebibytes => Some("MiB"),
        Unit::Unknown => Some("no source says"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{gemini_option, option};

    const STYLE: Style = Style { color: false, unicode: true, links: false, width: 80 };

    fn shown(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_option_with_a_changed_default() {
        let option = option("taskmanager.memory.network.max").unwrap();
        insta::assert_snapshot!(shown(|out| write_option(out, option, None, STYLE)));
    }

    #[test]
    fn an_option_of_gemini() {
        let option = gemini_option("state.backend.gemini.offheap.size").unwrap();
        let target = "emr-3.28.2".parse().unwrap();
        insta::assert_snapshot!(shown(|out| {
            write_gemini_option(out, option, Some(&target), STYLE)
        }));
    }

    #[test]
    fn old_durations_read_as_new_ones() {
        let heartbeat = option("heartbeat.timeout").unwrap();
        let text = shown(|out| write_option(out, heartbeat, None, STYLE));
        assert!(!text.contains(" ns"), "{text}");
        for (nanos, text) in
            [(0, "0 ms"), (1_500_000_000, "1500 ms"), (7, "7 ns"), (86_400_000_000_000, "1 d")]
        {
            assert_eq!(shown_nanos(nanos), text);
        }
    }

    #[test]
    fn lines_stay_within_the_width() {
        let lines: Vec<OptionLine> = crate::catalog::options()
            .iter()
            .filter_map(|option| {
                let entry = option.at(Release::LATEST)?;
                let (value_type, default) = (entry.value_type, entry.default);
                Some(OptionLine { key: option.key, value_type, default })
            })
            .collect();
        let text = shown(|out| write_option_list(out, &lines, STYLE));
        let too_long = text.lines().find(|line| line.chars().count() > 80 && line.contains(' '));
        assert_eq!(too_long, None);
    }
}
