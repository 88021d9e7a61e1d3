use super::{
    Backend, Deployment, Derivation, JobManagerMemory, MemoryError, TaskManagerMemory,
    TaskManagerProcess, derive_backend, derive_job_manager, derive_task_manager,
    derive_task_manager_process,
};
use crate::catalog::Target;
use crate::config::ResolvedConfig;

/// What the configuration does not say.
#[derive(Debug, Clone, Copy)]
pub struct Assumptions<'t> {
    /// What the configuration is for.
    pub target: &'t Target,
    /// How the processes are started.
    pub deployment: Deployment,
    /// Keyed state backends per slot: one for each stateful operator of a slot sharing group.
    pub backends_per_slot: u32,
}

/// Everything that one configuration says about memory.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryModel<'c> {
    /// The TaskManager, as the start scripts compute it.
    pub task_manager: Derivation<'c, TaskManagerMemory>,
    /// What the started TaskManager makes of it; `None` if it is not started.
    pub task_manager_process: Option<Result<TaskManagerProcess<'c>, MemoryError>>,
    /// What its state backend gets; `None` if it does not start.
    pub backend: Option<Backend<'c>>,
    /// The JobManager, as the start scripts compute it.
    pub job_manager: Derivation<'c, JobManagerMemory>,
}

impl<'c> MemoryModel<'c> {
    /// Derives all of it.
    pub fn derive(config: &'c ResolvedConfig<'_>, assumptions: Assumptions<'_>) -> Self {
        let Assumptions { target, deployment, backends_per_slot } = assumptions;
        let task_manager = derive_task_manager(config, deployment);
        let task_manager_process = match &task_manager.result {
            Ok(memory) => Some(derive_task_manager_process(config, deployment, memory)),
            Err(_) => None,
        };
        let backend = match (&task_manager.result, &task_manager_process) {
            (Ok(memory), Some(Ok(process))) => {
                Some(derive_backend(config, target, memory, process, backends_per_slot))
            }
            _ => None,
        };
        let job_manager = derive_job_manager(config, deployment);
        Self { task_manager, task_manager_process, backend, job_manager }
    }
}

impl Deployment {
    /// How a target's processes are started as a rule: EMR runs Flink on YARN and Realtime Compute
    /// on Kubernetes, so everything with VVR in it is active.
    pub fn of(target: &Target) -> Self {
        let is_emr = target.name().starts_with("emr-");
        if is_emr || target.vvr().is_some() { Self::Active } else { Self::Standalone }
    }
}
