//! Containers: what reaches Flink of their environment, and the memory that they may use.

mod container_limit;
mod properties_joined;
mod properties_stripped;

pub(super) use container_limit::ContainerLimit;
pub(super) use properties_joined::PropertiesJoined;
pub(super) use properties_stripped::PropertiesStripped;
