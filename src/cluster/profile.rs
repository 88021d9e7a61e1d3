use std::fmt::Write as _;

use super::Observation;
use crate::workload::{Access, KeyDistribution, SizeDistribution, Workload};

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Counted by Flink during the window.
    Measured,
    /// Set by the job or the configuration.
    Configured,
    /// Worked out from others.
    Derived,
    /// Not told by Flink at all.
    Assumed,
}

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Configured => "configured",
            Self::Derived => "derived",
            Self::Assumed => "assumed",
        }
    }
}

/// A remark on a figure: where it comes from, and how far off it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Where it comes from.
    pub source: Source,
    /// How, and its uncertainty.
    pub note: String,
}

/// A figure with its remark.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure<T> {
    /// The figure.
    pub value: T,
    /// The remark.
    pub noted: Noted,
}

impl<T> Figure<T> {
    /// A figure.
    pub fn new(source: Source, value: T, note: impl Into<String>) -> Self {
        Self { value, noted: Noted { source, note: note.into() } }
    }
}

/// A workload whose every figure says where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The workload.
    pub workload: Workload,
    /// What was watched, and for how long.
    pub heading: Vec<String>,
    /// How many subtasks.
    pub parallelism: Noted,
    /// Records a second.
    pub rate: Noted,
    /// Records of event time a second.
    pub event_rate: Noted,
    /// How many records are simulated.
    pub records: Noted,
    /// Checkpoints, if there are any.
    pub checkpoint: Noted,
    /// In the order of the workload's operators.
    pub operators: Vec<OperatorProfile>,
}

/// The remarks on an operator's figures.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorProfile {
    /// Its state, all subtasks together.
    pub state: Noted,
    /// Which part of the records reaches it.
    pub share: Noted,
    /// How many keys it has.
    pub key_count: Noted,
    /// How many are new.
    pub growth: Noted,
    /// How popular they are.
    pub distribution: Noted,
    /// Bytes of a key.
    pub key_bytes: Noted,
    /// Bytes of a value.
    pub value_bytes: Noted,
    /// How long values live.
    pub ttl: Noted,
    /// What a record does.
    pub access: Noted,
}

/// Comments are wrapped to this many columns.
const WIDTH: usize = 96;

impl Profile {
    /// The `workload.yaml`: [`Workload::parse`] reads it back.
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        let workload = &self.workload;
        for line in &self.heading {
            comment(&mut out, 0, line);
        }
        field(&mut out, 0, "name", &scalar(&workload.name));
        field(&mut out, 0, "description", &scalar(&workload.description));
        remark(&mut out, 0, &self.parallelism);
        field(&mut out, 0, "parallelism", &workload.parallelism.to_string());
        remark(&mut out, 0, &self.rate);
        if let Some(rate) = workload.rate {
            field(&mut out, 0, "rate", &rate.to_string());
        }
        remark(&mut out, 0, &self.event_rate);
        field(&mut out, 0, "event_rate", &workload.event_rate.to_string());
        remark(&mut out, 0, &self.records);
        field(&mut out, 0, "warm_up_records", &workload.warm_up_records.to_string());
        field(&mut out, 0, "records", &workload.records.to_string());
        remark(&mut out, 0, &self.checkpoint);
        if let Some(checkpoint) = workload.checkpoint {
            let mode = yaml(&checkpoint.mode);
            let value = format!("{{ interval: {}, mode: {mode} }}", checkpoint.interval);
            field(&mut out, 0, "checkpoint", &value);
        }
        out.push_str("operators:\n");
        for (operator, notes) in workload.operators.iter().zip(&self.operators) {
            remark(&mut out, 2, &notes.state);
            let _ = writeln!(out, "  - name: {}", scalar(&operator.name));
            remark(&mut out, 4, &notes.share);
            field(&mut out, 4, "share", &operator.share.get().to_string());
            out.push_str("    keys:\n");
            remark(&mut out, 6, &notes.key_count);
            field(&mut out, 6, "count", &operator.keys.count.to_string());
            field(&mut out, 6, "loaded", &operator.keys.loaded.to_string());
            remark(&mut out, 6, &notes.growth);
            field(&mut out, 6, "growth", &operator.keys.growth.to_string());
            remark(&mut out, 6, &notes.distribution);
            field(&mut out, 6, "distribution", &distribution(&operator.keys.distribution));
            remark(&mut out, 4, &notes.key_bytes);
            field(&mut out, 4, "key_bytes", &operator.key_bytes.to_string());
            remark(&mut out, 4, &notes.value_bytes);
            field(&mut out, 4, "value_bytes", &size(&operator.value_bytes));
            remark(&mut out, 4, &notes.ttl);
            if let Some(ttl) = operator.ttl {
                field(&mut out, 4, "ttl", &ttl.to_string());
            }
            remark(&mut out, 4, &notes.access);
            block(&mut out, 4, "access", &operator.access);
        }
        out
    }
}

impl Observation {
    /// The effective configuration as a `flink-conf.yaml`; `value` says what is written for a
    /// setting, so that secrets can be masked.
    pub fn configuration(&self, value: impl Fn(&str, &str) -> String) -> String {
        let mut settings: Vec<_> = self.settings.iter().collect();
        settings.sort();
        let mut out = String::new();
        for (key, text) in settings {
            let text = value(key, text).replace(['\n', '\r'], " ");
            let _ = writeln!(out, "{}: {text}", key.replace(['\n', '\r'], " "));
        }
        out
    }
}

fn comment(out: &mut String, indent: usize, text: &str) {
    let mut line = String::new();
    // A name out of the cluster must not end the comment.
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && indent + 2 + line.chars().count() + 1 + word.chars().count() > WIDTH
        {
            let _ = writeln!(out, "{:indent$}# {line}", "");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "{:indent$}# {line}", "");
}

fn remark(out: &mut String, indent: usize, noted: &Noted) {
    comment(out, indent, &format!("{}: {}", noted.source.name(), noted.note));
}

fn field(out: &mut String, indent: usize, key: &str, value: &str) {
    let _ = writeln!(out, "{:indent$}{key}: {value}", "");
}

/// A text as YAML; JSON's strings are YAML's, too.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.');
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts
        && !text.ends_with(' ')
        && text.contains(['-', '_', ' '])
        && text.chars().all(is_plain)
    {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

fn yaml(value: &impl serde::Serialize) -> String {
    serde_yaml::to_string(value).unwrap_or_default().trim_end().to_owned()
}

fn distribution(distribution: &KeyDistribution) -> String {
    // JSON on one line is YAML.
    serde_json::to_string(distribution).unwrap_or_default().trim_matches('"').to_owned()
}

fn size(size: &SizeDistribution) -> String {
    match size {
        SizeDistribution::Fixed(bytes) => format!("{{ fixed: {bytes} }}"),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

fn block(out: &mut String, indent: usize, key: &str, access: &Access) {
    let text = serde_json::to_string(access).unwrap_or_default();
    field(out, indent, key, text.trim_matches('"'));
}
