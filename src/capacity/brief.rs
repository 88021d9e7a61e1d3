use super::{Assessment, Question, Setup, assess, observe};
use crate::catalog::Target;
use crate::config::ResolvedConfig;
use crate::simulator::{Hardware, Seed};
use crate::units::MemorySize;
use crate::workload::Workload;

/// What a check asks besides the workload; all else is as assumed where nobody says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Source records a second to keep up with.
    pub rate: Option<u64>,
    /// Local disk of a TaskManager.
    pub disk: Option<MemorySize>,
}

/// The assessment of a configuration on the default hardware; nothing for one that does not start
/// or has a backend that cannot be run. `progress` is told how many records of all are through.
pub fn assess_briefly(
    config: &ResolvedConfig<'_>,
    target: &Target,
    backends_per_slot: u32,
    workload: &Workload,
    asked: Asked,
    progress: &mut dyn FnMut(u64, u64),
) -> Option<Assessment> {
    let setup = Setup::of(config, target, backends_per_slot, None).ok()?;
    let hardware = Hardware::local_nvme();
    let seen = observe(&setup.store, &hardware, workload, Seed(1), progress).ok()?;
    let question = Question {
        setup: &setup,
        workload,
        hardware: &hardware,
        observation: &seen,
        rate: asked.rate,
        horizon_seconds: None,
        task_managers: None,
        disk: asked.disk,
        recovery_seconds: None,
    };
    let mut assessment = assess(&question);
    assessment.find_changes(&question, config, target);
    Some(assessment)
}
