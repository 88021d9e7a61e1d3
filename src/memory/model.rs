use super::{
    Deployment, Derivation, JobManagerMemory, MemoryError, TaskManagerMemory, TaskManagerProcess,
    derive_job_manager, derive_task_manager, derive_task_manager_process,
};
use crate::config::ResolvedConfig;

/// Everything that one configuration says about memory.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryModel<'c> {
    /// The TaskManager, as the start scripts compute it.
    pub task_manager: Derivation<'c, TaskManagerMemory>,
    /// What the started TaskManager makes of it; `None` if it is not started.
    pub task_manager_process: Option<Result<TaskManagerProcess<'c>, MemoryError>>,
    /// The JobManager, as the start scripts compute it.
    pub job_manager: Derivation<'c, JobManagerMemory>,
}

impl<'c> MemoryModel<'c> {
    /// Derives all of it.
    pub fn derive(config: &'c ResolvedConfig<'_>, deployment: Deployment) -> Self {
        let task_manager = derive_task_manager(config, deployment);
        let task_manager_process = match &task_manager.result {
            Ok(memory) => Some(derive_task_manager_process(config, deployment, memory)),
            Err(_) => None,
        };
        let job_manager = derive_job_manager(config, deployment);
        Self { task_manager, task_manager_process, job_manager }
    }
}
