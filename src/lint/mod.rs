//! The rules, their registry and the runner.
