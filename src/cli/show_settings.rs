//! `slotwise check --show-settings`: every setting, its value, and where that comes from.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::inputs::{InputArguments, InputError, Subject};
use super::report::Format;
use crate::config::Dialect;
use crate::lint;
use crate::render::json::{ShownSettingJson, ShownSettingsJson, write_line, write_pretty};
use crate::render::printable_line;
use crate::workspace::SettingsFile;

/// What `check` was asked for, beside its inputs.
pub(super) struct Asked<'a> {
    pub(super) workload: Option<&'a str>,
    pub(super) select: &'a [String],
    pub(super) ignore: &'a [String],
    pub(super) baseline: Option<String>,
    pub(super) fail_on: &'a str,
}

/// Prints the settings of every file instead of checking it; files with the same ones together.
pub(super) fn run(
    input: &InputArguments,
    files: &[PathBuf],
    asked: &Asked<'_>,
    format: Format,
) -> io::Result<ExitCode> {
    let mut all: Vec<ShownSettingsJson> = Vec::new();
    let mut failed = false;
    let work = |subjects: Result<Vec<Subject>, InputError>| {
        let show = |subject: &Subject| shown(input, subject, asked);
        subjects.map(|subjects| subjects.iter().map(show).collect::<Vec<_>>())
    };
    input.for_each_file(
        files,
        |_, subjects| work(subjects),
        |shown| {
            match shown {
                Ok(shown) => all.extend(shown),
                Err(error) => {
                    failed = true;
                    super::complain(&error.to_string());
                }
            }
            io::Result::Ok(())
        },
    )?;
    let mut out = io::BufWriter::new(super::output::stdout());
    match format {
        Format::Json => {
            write_pretty(&mut out, &all)?;
        }
        Format::Jsonl => {
            for shown in &all {
                write_line(&mut out, shown)?;
                writeln!(out)?;
            }
        }
        _ => write_tables(&mut out, all)?,
    }
    out.flush()?;
    Ok(ExitCode::from(if failed { 2 } else { 0 }))
}

/// Every setting of one configuration.
fn shown(input: &InputArguments, subject: &Subject, asked: &Asked<'_>) -> ShownSettingsJson {
    let file = subject.surroundings.settings.as_deref();
    let settings = file.map(|file| &file.settings);
    let place = |name: &str| file.and_then(|file| place_of(file, name));
    let one = |name: &str, value: String, from: String| ShownSettingJson {
        name: name.to_owned(),
        values: vec![value],
        from,
    };
    let first_of = |name: &str, argument: bool, flag: &str| match (argument, place(name)) {
        (true, _) => flag.to_owned(),
        (false, Some(place)) => place,
        (false, None) => DEFAULT.to_owned(),
    };
    // What the command line adds to the file's list.
    let both = |name: &str, values: Vec<String>, given: &[String]| {
        let flag = (!given.is_empty()).then(|| format!("--{name}"));
        let from: Vec<String> = place(name).into_iter().chain(flag).collect();
        let from = if from.is_empty() { DEFAULT.to_owned() } else { from.join(" and ") };
        ShownSettingJson { name: name.to_owned(), values, from }
    };
    let target_from = match (&input.target, place("target")) {
        (Some(_), _) => "--target".to_owned(),
        (None, Some(place)) => place,
        (None, None) => subject.target_reason.clone(),
    };
    let dialect = match subject.dialect {
        Dialect::Legacy => "legacy",
        Dialect::Yaml => "yaml",
    };
    let dialect_from =
        if input.dialect.is_some() { "--dialect" } else { "by the file's name and target" };
    let workload = asked.workload.or_else(|| settings?.workload.as_deref());
    let select = match settings {
        Some(settings) if asked.select.is_empty() => settings.select.clone(),
        _ => asked.select.to_vec(),
    };
    let select_from = first_of("select", !asked.select.is_empty(), "--select");
    let ignored = settings.iter().flat_map(|settings| &settings.ignore).chain(asked.ignore);
    let severity = settings.iter().flat_map(|settings| &settings.severity);
    let severity = severity.map(|(rule, severity)| format!("{rule}={}", severity.name()));
    let properties = input.dynamic_properties.iter().map(|it| lint::mask_property(it));
    let fail_on_from = if asked.fail_on == "error" { DEFAULT } else { "--fail-on" };
    let list = |name: &str, values: Vec<String>, from: String| ShownSettingJson {
        name: name.to_owned(),
        values,
        from,
    };
    let of_file = |name: &str, values: Vec<String>| {
        list(name, values, place(name).unwrap_or_else(|| DEFAULT.to_owned()))
    };
    let exclude = settings.map(|settings| settings.exclude.clone()).unwrap_or_default();
    let is_set = |flag: &str, set: bool| if set { flag } else { DEFAULT }.to_owned();
    let settings = vec![
        one("target", subject.target.name().to_owned(), target_from),
        one("dialect", dialect.to_owned(), dialect_from.to_owned()),
        one(
            "backends-per-slot",
            subject.backends_per_slot.to_string(),
            first_of("backends-per-slot", input.backends_per_slot.is_some(), "--backends-per-slot"),
        ),
        list(
            "workload",
            workload.map(str::to_owned).into_iter().collect(),
            first_of("workload", asked.workload.is_some(), "--workload"),
        ),
        list("select", select, select_from),
        both("ignore", ignored.cloned().collect(), asked.ignore),
        of_file("per-file-ignores", subject.surroundings.ignored.clone()),
        of_file("severity", severity.collect()),
        of_file("exclude", exclude),
        list(
            "baseline",
            asked.baseline.iter().cloned().collect(),
            is_set("--baseline", asked.baseline.is_some()),
        ),
        one("fail-on", asked.fail_on.to_owned(), fail_on_from.to_owned()),
        list(
            "properties",
            properties.collect(),
            is_set("-D", !input.dynamic_properties.is_empty()),
        ),
    ];
    ShownSettingsJson {
        path: subject.path.clone(),
        deployment: subject.deployment.as_ref().map(|deployment| deployment.name.clone()),
        settings_file: file.map(|file| file.path.display().to_string()),
        settings,
    }
}

const DEFAULT: &str = "default";

/// Such as `conf/slotwise.yaml:2`.
fn place_of(file: &SettingsFile, name: &str) -> Option<String> {
    let line = file.lines.get(name)?;
    Some(format!("{}:{line}", file.path.display()))
}

/// One table for all files with the same settings, in the order of their first ones.
fn write_tables(out: &mut impl Write, all: Vec<ShownSettingsJson>) -> io::Result<()> {
    let mut groups: Vec<(Vec<String>, ShownSettingsJson)> = Vec::new();
    for shown in all {
        let name = match &shown.deployment {
            Some(deployment) if !deployment.is_empty() => {
                format!("{} ({deployment})", shown.path)
            }
            _ => shown.path.clone(),
        };
        let same = groups.iter_mut().find(|(_, other)| {
            other.settings == shown.settings && other.settings_file == shown.settings_file
        });
        match same {
            Some((names, _)) => names.push(name),
            None => groups.push((vec![name], shown)),
        }
    }
    for (index, (names, shown)) in groups.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        for name in names {
            writeln!(out, "{}", printable_line(name))?;
        }
        let file = shown.settings_file.as_deref().unwrap_or("no slotwise.yaml");
        writeln!(out, "  settings: {}", printable_line(file))?;
        for setting in &shown.settings {
            let values = match setting.values.as_slice() {
                [] if setting.name == "select" => "all".to_owned(),
                [] => "none".to_owned(),
                values => values.join(", "),
            };
            let value = printable_line(&values);
            writeln!(out, "  {:18} {value:24} {}", setting.name, printable_line(&setting.from))?;
        }
    }
    Ok(())
}
