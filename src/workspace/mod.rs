//! What the command line and the language server share: the `slotwise.yaml` that applies, and a
//! text with everything decided that it takes to check it, so that an editor and CI never
//! disagree.
//!
//! [`Subject::new`] decides target and dialect; [`Subject::check`] runs the rules. This room may
//! import every room up to `lint`, never `lsp` or `cli`. Beside those two it is the only one that
//! looks at files: it reads `slotwise.yaml` and the workload named there, and how files are read
//! at all is settled here.

mod capacity;
mod fix;
mod ignores;
mod paths;
mod place;
mod read;
mod selection;
mod settings;
mod settings_text;
mod subject;

pub use capacity::{ASSESSED_RECORDS, AssessmentQuestion, WorkloadFinder, read_workload};
pub use fix::{FixedText, fix};
pub use ignores::{IgnoredText, REASON_PLACEHOLDER, add_ignores};
pub use paths::PathRules;
pub use place::{absolute, seen_from};
pub use read::{read_all, read_file, read_text};
pub use selection::{RuleSelection, selects};
pub use settings::{SETTINGS_FILE_NAME, Settings, SettingsFile, SettingsFinder};
pub use subject::{Choices, InputError, Overlay, Subject, Surroundings};
