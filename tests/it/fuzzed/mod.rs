//! What is fuzzed: one function for each place where bytes from outside come in.
//!
//! `fuzz/run` searches for inputs that make one panic, hang or take too much memory; the plain test
//! (`replay.rs`) runs all that lie in `fixtures/fuzz`, by target, and those that once did.

mod cluster;
mod draw;
mod editor;
mod runs;
mod texts;
mod values;

/// A function that takes any bytes, and returns.
pub(super) type Target = fn(&[u8]);

/// Every target by its name, which is that of its folder in `fixtures/fuzz` and of its program in
/// `fuzz/fuzz_targets`.
pub(super) const TARGETS: &[(&str, Target)] = &[
    ("legacy", texts::legacy),
    ("yaml", texts::yaml),
    ("check", texts::check),
    ("fix", texts::fix_all),
    ("migrate", texts::migrated),
    ("job", texts::job),
    ("manifest", texts::manifest),
    ("dockerfile", texts::dockerfile),
    ("script", texts::script),
    ("quantities", values::quantities),
    ("options", values::options),
    ("settings", values::settings),
    ("workload", values::workload),
    ("rest", cluster::rest),
    ("lsp_frames", editor::frames),
    ("lsp_session", editor::session),
    ("trace_csv", runs::trace_csv),
    ("trace_oracle_general", runs::trace_oracle_general),
    ("recording", runs::recording),
    ("simulator", runs::simulator),
];
