//! Checks, explains and tunes Apache Flink configuration.
//!
//! Data flows one way, and a room never imports a room to its right:
//!
//! ```text
//! text -> syntax -> config -> memory ---------------------+-> lint -> findings -+
//!                     ^          |                        |                     +-> render, lsp, cli
//!                  catalog       +-> simulator -> capacity -> plan -------------+
//!                  manifest       |
//!                     workload ------^
//! ```
//!
//! `tests/it/tidy.rs` enforces the direction.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::print_stderr,
        reason = "a failing test should panic"
    )
)]

pub mod capacity;
pub mod catalog;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod finding;
pub mod host;
pub mod lint;
pub mod lsp;
pub mod manifest;
pub mod memory;
pub mod migration;
pub mod plan;
pub mod render;
pub mod simulator;
pub mod source;
pub mod syntax;
pub mod units;
pub mod workload;
pub mod workspace;
