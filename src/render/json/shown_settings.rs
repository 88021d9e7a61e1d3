//! Which settings apply to a configuration, and who says so.

use schemars::JsonSchema;
use serde::Serialize;

/// One object of the array that `slotwise check --show-settings --format json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ShownSettingsJson {
    /// The file, as the user wrote it.
    pub path: String,
    /// Which of the file's deployments, where it describes some.
    pub deployment: Option<String>,
    /// The `slotwise.yaml` that applies.
    pub settings_file: Option<String>,
    /// Every setting.
    pub settings: Vec<ShownSettingJson>,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ShownSettingJson {
    /// Its name, as `slotwise.yaml` or the command line has it.
    pub name: String,
    /// What it is set to; several for a list, none for nothing.
    pub values: Vec<String>,
    /// Where that comes from: `default`, `--target`, `slotwise.yaml:2`, or a reason.
    pub from: String,
}
