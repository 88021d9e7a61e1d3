//! The one integration test binary; every further one would link the library again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a failing test should panic"
)]

mod baseline;
mod capacity;
mod examples;
mod faults;
mod fix;
mod formats;
mod fuzzed;
mod generated;
mod golden;
mod host;
mod hostile;
mod hostile_files;
mod lsp;
mod manifests;
mod memory;
mod memory_model;
mod migrate;
mod options;
mod packaging;
mod readme;
mod replay;
mod secrets;
mod settings;
mod tidy;
mod valid;
#[cfg(unix)]
mod watch;
