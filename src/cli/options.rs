use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::terminal::{self, Color};
use crate::catalog::{
    self, GEMINI_OPTIONS, GeminiSupport, OptionHistory, Place, Release, Target, vvr_default,
};
use crate::render::json::{
    OptionJson, gemini_option_json, option_json, secondary_option_json, write_pretty,
};
use crate::render::options::{OptionLine, write_gemini_option, write_option, write_option_list};

/// List the options of a target, or show one
#[derive(Debug, Args)]
pub(super) struct OptionsArguments {
    /// A key to show, or words that keys or descriptions contain
    #[arg(value_name = "KEY|WORD")]
    search: Vec<String>,

    /// Whose options, such as flink-1.20, vvr-8.0.5 or emr-3.28.2 [default: the newest Flink]
    #[arg(long, short, value_name = "TARGET")]
    target: Option<Target>,

    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    format: ListFormat,

    /// When to color
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// How lists are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// For people
    #[default]
    Human,
    /// One JSON array
    Json,
}

/// Prints options.
pub(super) fn run(arguments: &OptionsArguments) -> io::Result<ExitCode> {
    let target = arguments.target.clone().unwrap_or_else(|| Target::flink(Release::LATEST));
    let mut out = io::BufWriter::new(super::output::stdout());
    let code = match arguments.format {
        ListFormat::Json => print_json(&mut out, arguments, &target)?,
        ListFormat::Human => print_human(&mut out, arguments, &target)?,
    };
    out.flush()?;
    Ok(code)
}

fn print_human(
    out: &mut impl Write,
    arguments: &OptionsArguments,
    target: &Target,
) -> io::Result<ExitCode> {
    let style = terminal::style(arguments.color);
    if let [key] = arguments.search.as_slice() {
        let wanted = arguments.target.as_ref();
        if let Some(option) = catalog::gemini_option(key) {
            write_gemini_option(out, option, wanted, style)?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(option) = option_or_alias(key, target) {
            if option.key != key {
                writeln!(out, "{key} is another key of:")?;
            }
            write_option(out, option, wanted, style)?;
            return Ok(ExitCode::SUCCESS);
        }
    }

    let search = Search::new(&arguments.search);
    let mut lines: Vec<OptionLine> = flink_options(target, &search)
        .filter_map(|option| {
            let entry = option.at(target.release())?;
            let default = vvr_default(option.key, target).or(entry.default);
            Some(OptionLine { key: option.key, value_type: entry.value_type, default })
        })
        .chain(gemini_options(target, &search).map(|option| OptionLine {
            key: option.key,
            value_type: option.value_type,
            default: option.default_of(target),
        }))
        .collect();
    lines.sort_by_key(|line| line.key);
    if lines.is_empty() {
        return Ok(nothing_found(arguments, target));
    }
    write_option_list(out, &lines, style)?;
    let noun = if lines.len() == 1 { "option" } else { "options" };
    writeln!(out, "\n{} {noun} of {target}; `slotwise options KEY` shows one", lines.len())?;
    Ok(ExitCode::SUCCESS)
}

fn print_json(
    out: &mut impl Write,
    arguments: &OptionsArguments,
    target: &Target,
) -> io::Result<ExitCode> {
    let release = target.release();
    let exact = match arguments.search.as_slice() {
        [key] => option_or_alias(key, target)
            .map(|option| option.key)
            .or_else(|| catalog::gemini_option(key).map(|option| option.key)),
        _ => None,
    };
    let search = match exact {
        Some(key) => Search::Key(key),
        None => Search::new(&arguments.search),
    };
    // Sorted by key, then class and type, as a release's own catalog lists declarations.
    let mut rows: Vec<(&str, &str, String, OptionJson)> = Vec::new();
    for option in catalog::options().iter().filter(|option| search.finds(option)) {
        if let Some(entry) = option.at(release) {
            let (class, name) = (entry.declared_in, entry.value_type.to_string());
            rows.push((option.key, class, name, option_json(option, entry, target)));
        }
    }
    for option in catalog::secondary_declarations().iter().filter(|option| search.finds(option)) {
        let held = option.entries.iter().filter(|e| e.first <= release && release <= e.last);
        for entry in held {
            let (class, name) = (entry.declared_in, entry.value_type.to_string());
            rows.push((option.key, class, name, secondary_option_json(option, entry, target)));
        }
    }
    for option in gemini_options(target, &search) {
        rows.push((option.key, "", String::new(), gemini_option_json(option, target)));
    }
    rows.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
    let rows: Vec<OptionJson> = rows.into_iter().map(|row| row.3).collect();
    write_json(out, &rows)?;
    if rows.is_empty() && !arguments.search.is_empty() {
        return Ok(nothing_found(arguments, target));
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a JSON array over several lines.
pub(super) fn write_json(out: &mut impl Write, rows: &[impl Serialize]) -> io::Result<()> {
    write_pretty(out, &rows)
}

/// The option that the target reads under this key, as its own or as an alias; else the one that
/// some other release does.
fn option_or_alias(key: &str, target: &Target) -> Option<&'static OptionHistory> {
    let release = target.release();
    let alias =
        |release| catalog::options_with_alternate(key, release).map(|(option, _)| option).next();
    let own = catalog::option(key);
    own.filter(|option| option.at(release).is_some())
        .or_else(|| alias(release))
        .or(own)
        .or_else(|| Release::ALL.into_iter().rev().find_map(alias))
}

fn flink_options<'s>(
    target: &Target,
    search: &'s Search,
) -> impl Iterator<Item = &'static OptionHistory> + 's {
    let release = target.release();
    // Without a search, what cannot stand in a file would only be noise.
    let in_file = |option: &&OptionHistory| matches!(option.place, Place::File | Place::Pattern);
    let all = catalog::options().iter().filter(in_file);
    all.filter(move |option| option.at(release).is_some() && search.finds(option))
}

fn gemini_options<'s>(
    target: &'s Target,
    search: &'s Search,
) -> impl Iterator<Item = &'static catalog::GeminiOption> + 's {
    GEMINI_OPTIONS.iter().filter(move |option| {
        option.support(target) == GeminiSupport::Supported
            && search.matches(option.key, || std::iter::once(option.description))
    })
}

/// What a list is narrowed to.
enum Search {
    /// Exactly this key.
    Key(&'static str),
    /// Keys, aliases or descriptions that contain each of these, in lower case.
    Words(Vec<String>),
}

impl Search {
    fn new(words: &[String]) -> Self {
        Self::Words(words.iter().map(|word| word.to_lowercase()).collect())
    }

    fn finds(&self, option: &OptionHistory) -> bool {
        self.matches(option.key, || {
            let alternates = option.entries.iter().flat_map(|entry| entry.alternates);
            alternates.map(|alternate| alternate.key).chain(catalog::description(option.key))
        })
    }

    fn matches<'t, T: Iterator<Item = &'t str>>(&self, key: &str, texts: impl Fn() -> T) -> bool {
        match self {
            Self::Key(wanted) => *wanted == key,
            Self::Words(words) => words.iter().all(|word| {
                let contains = |text: &str| text.to_lowercase().contains(word.as_str());
                contains(key) || texts().any(contains)
            }),
        }
    }
}

fn nothing_found(arguments: &OptionsArguments, target: &Target) -> ExitCode {
    let words = arguments.search.join(" ");
    let similar = catalog::suggestions(&words, target);
    let hint = match similar.first() {
        Some(_) => format!("did you mean {}?", similar.join(" or ")),
        None => "`slotwise options` lists them all".to_owned(),
    };
    super::complain(&format!("no option of {target} matches {words:?}; {hint}"));
    ExitCode::from(2)
}
