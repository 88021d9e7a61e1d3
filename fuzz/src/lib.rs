//! The targets of `tests/it/fuzzed`, which the plain tests of slotwise replay, for libFuzzer.

#[path = "../../tests/it/fuzzed/mod.rs"]
mod fuzzed;

/// Runs the target of this name.
///
/// # Panics
/// If there is none, or if the target finds a defect.
pub fn run(name: &str, bytes: &[u8]) {
    let target = fuzzed::TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.expect("a known target");
    target(bytes);
}
