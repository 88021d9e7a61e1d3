//! Containers: what reaches Flink of their environment, and the memory that they may use.

mod config_mounted_read_only;
mod container_limit;
mod properties_joined;
mod properties_stripped;

pub(super) use config_mounted_read_only::ConfigMountedReadOnly;
pub(super) use container_limit::ContainerLimit;
pub(super) use properties_joined::PropertiesJoined;
pub(super) use properties_stripped::PropertiesStripped;
