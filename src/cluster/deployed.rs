use super::answers::TaskManager;

/// What a cluster runs with, to compare a file with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deployed {
    /// The cluster's address, without a password.
    pub address: String,
    /// Key and value of the effective configuration.
    pub settings: Vec<(String, String)>,
    /// The TaskManagers that are registered.
    pub task_managers: Vec<TaskManager>,
}
