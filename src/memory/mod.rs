//! TaskManager and JobManager memory, derived exactly as Flink does.
