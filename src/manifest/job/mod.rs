//! The command that starts a job, as EMR's console and a shell take it:
//! `run -m yarn-cluster -yjm 1024 -ytm 2048 ossref://bucket/job.jar --input oss://…`.

mod options;
mod parse;
mod words;

pub use options::{CommandOption, Meaning};
pub use parse::{Cause, JobCommand, JobOption, OptionValue, Unparsed};
pub use words::Word;

use std::borrow::Cow;

use super::{Deployment, Facts, Form, Role, StatedTarget};
use crate::catalog::{Target, keys};
use crate::config::{Layer, RawValue, Setting};
use crate::source::FileId;

/// Reads a command.
pub(super) fn read(file: FileId, text: &str) -> Deployment {
    let mut command = parse::parse(file, text);
    let (read, unread): (Vec<_>, Vec<_>) = command.options.iter().partition(|it| it.is_read);
    let settings = settings(&read);
    command.unread = self::settings(&unread);
    // Were they read, the first option would count.
    command.unread.retain(|setting| {
        setting.layer == Layer::DynamicProperty || settings.iter().all(|it| it.key != setting.key)
    });
    Deployment {
        name: "job command".to_owned(),
        form: Form::Job,
        role: Role::Cluster,
        embedded: None,
        settings,
        target: stated_target(&command),
        fault: None,
        facts: Facts::Job(command),
    }
}

/// What options set.
fn settings(options: &[&JobOption]) -> Vec<Setting<'static>> {
    let mut settings: Vec<Setting<'static>> = Vec::new();
    for option in options {
        let Some(value) = &option.value else { continue };
        match option.known.meaning {
            Meaning::Property => settings.extend(property(option, value)),
            Meaning::Sets(key) => {
                // commons-cli hands out the first value of an option that is there twice.
                if settings.iter().any(|setting| setting.layer == layer(key) && setting.key == key)
                {
                    continue;
                }
                let text =
                    if is_size(key) { with_unit(&value.text) } else { Cow::Borrowed(&*value.text) };
                settings.push(Setting {
                    key: Cow::Borrowed(key),
                    value: RawValue::Text(Cow::Owned(text.into_owned())),
                    key_span: option.span,
                    value_span: value.span,
                    layer: layer(key),
                });
            }
            _ => {}
        }
    }
    settings
}

/// `-p` is laid over everything else by the client, the other options come before `-yD`.
///
/// Source: `CliFrontend.getEffectiveConfiguration` and
/// `FlinkYarnSessionCli.applyCommandLineOptionsToConfiguration`, Flink 1.10.3.
fn layer(key: &str) -> Layer {
    if key == "parallelism.default" { Layer::Derived } else { Layer::CommandOption }
}

fn is_size(key: &str) -> bool {
    key == keys::TASK_MANAGER_PROCESS_SIZE.key() || key == keys::JOB_MANAGER_PROCESS_SIZE.key()
}

/// A bare number of `-yjm` and `-ytm` is in mebibytes.
///
/// Source: `FlinkYarnSessionCli.applyCommandLineOptionsToConfiguration`, Flink 1.10.3.
fn with_unit(value: &str) -> Cow<'_, str> {
    if value.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(format!("{value}m"))
    }
}

/// `-yD key=value`.
fn property(option: &JobOption, value: &OptionValue) -> Option<Setting<'static>> {
    let (key, property) = value.text.split_once('=')?;
    // Quotes around the whole word shift the place of what is inside.
    let plain = value.span.range().len() == value.text.len();
    let (key_span, value_span) = if plain {
        (value.span.slice(0..key.len()), value.span.slice(key.len() + 1..value.text.len()))
    } else {
        let shift = value.span.range().len().saturating_sub(value.text.len()) / 2;
        let from = shift + key.len() + 1;
        (value.span.slice(shift..shift + key.len()), value.span.slice(from..from + property.len()))
    };
    let _ = option;
    Some(Setting {
        key: Cow::Owned(key.to_owned()),
        value: RawValue::Text(Cow::Owned(property.to_owned())),
        key_span,
        value_span,
        layer: Layer::DynamicProperty,
    })
}

/// Only EMR's console knows `ossref://`; only YARN's client of Flink 1.x knows `-m yarn-cluster`.
fn stated_target(command: &JobCommand) -> Option<StatedTarget> {
    let words = command.words.iter().map(|word| &*word.text);
    let (name, reason) = if words.clone().any(|word| word.contains("ossref://")) {
        ("emr-3.32.0", "the newest EMR, whose console ossref:// is for")
    } else if words.clone().any(|word| word == "yarn-cluster") {
        ("flink-1.20", "the newest release with -m yarn-cluster")
    } else {
        return None;
    };
    let target: Target = name.parse().ok()?;
    Some(StatedTarget { target, reason: reason.to_owned() })
}
