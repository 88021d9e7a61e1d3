//! Assessments and plans for people.

mod assessment;
mod plan;

use std::collections::BTreeMap;

pub use assessment::assessment_text;
pub use plan::{plan_text, reasons_text};

use super::terminal::Style;
use crate::capacity::Provenance;

/// Where the figures of a page come from, and how the screen wants it.
#[derive(Debug, Clone)]
pub struct Page {
    /// The configuration's path as the user wrote it.
    pub path: String,
    /// Why this target.
    pub target_reason: String,
    /// Where each key stands, as `flink-conf.yaml:3`.
    pub lines: BTreeMap<String, String>,
    /// What the screen can show.
    pub style: Style,
}

impl Page {
    /// A page that points nowhere.
    fn bare(style: Style) -> Self {
        Self { path: String::new(), target_reason: String::new(), lines: BTreeMap::new(), style }
    }

    /// Where an input comes from, in words.
    pub fn provenance(&self, provenance: &Provenance) -> String {
        match provenance {
            Provenance::Configuration(key) => match self.lines.get(*key) {
                Some(line) => line.clone(),
                None => format!("set: {key}"),
            },
            Provenance::Default(_) => "default".to_owned(),
            Provenance::Workload => "workload".to_owned(),
            Provenance::Given => "given".to_owned(),
            Provenance::Simulated => "simulated".to_owned(),
            Provenance::Assumed(why) => format!("assumed: {why}"),
            Provenance::Unknown => "unknown".to_owned(),
        }
    }
}
