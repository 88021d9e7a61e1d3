//! The two dialects of Flink's configuration files, as trees of raw scalars with spans.
//!
//! [`legacy`] reads `flink-conf.yaml` line by line, [`yaml`] reads `config.yaml`. Both return the
//! best tree they can and a list of errors. This room imports `source` only: it does not know
//! what Flink does with a key.

pub mod legacy;
pub mod yaml;
