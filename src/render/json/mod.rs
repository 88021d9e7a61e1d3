//! Machine formats. The shapes are contracts: fields are added, never renamed or dropped.
//!
//! They are types of their own, converted by hand, so that the domain can change without them.

mod assessment;
mod baseline;
mod check;
mod config;
mod host;
mod layers;
mod line;
mod load;
mod memory;
mod migration;
mod options;
mod place;
mod plan;
mod report;
mod shown_settings;
mod simulation;
mod step;

pub use assessment::{AssessmentJson, RangeJson};
pub use baseline::{BASELINE_VERSION, BaselineJson, KnownFindingJson, write_baseline};
pub use check::{CheckedFileJson, checked_file};
pub use config::{ConfigJson, Origins, effective_file};
pub use layers::{LayeredFileJson, layered_file};
pub use line::{write_line, write_pretty};
pub use load::LoadJson;
pub use memory::{MemoryJson, TaskManagerJson};
pub use migration::{DifferenceJson, MigrationJson};
pub use options::{
    OptionJson, TargetJson, gemini_option_json, option_json, secondary_option_json, target_json,
};
pub use plan::PlanJson;
pub use report::ReportJson;
pub use shown_settings::{ShownSettingJson, ShownSettingsJson};
pub use simulation::SimulationJson;
