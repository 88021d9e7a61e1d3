use super::owner;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::host::{Bound, Cores, Host};
use crate::lint::rules::memory::{point, slot_count};
use crate::lint::{LintContext, Rule};
use crate::manifest::Role;

pub(in crate::lint::rules) struct SlotsAboveCores;

static META: RuleMeta = RuleMeta {
    code: "FH003",
    name: "slots-above-cores",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/: \
        taskmanager.numberOfTaskSlots is as a rule proportional to the number of processors",
    docs: r"
The TaskManagers of this machine have more than twice as many slots as they have processors, or a
TaskManager is said to have more CPU cores than there are. Slots are the threads that do the work:
far more of them than processors take turns, and each still takes its part of the memory. What
counts is the least of the machine's processors, a control group's set of them and its quota of
processor time. Reported with `check --host` only.
## Bad
# host: memory=64g cores=8
# host-group: /sys/fs/cgroup/flink.slice quota=1500
taskmanager.numberOfTaskSlots: 4
taskmanager.memory.process.size: 8g
jobmanager.memory.process.size: 1600m
## Good
# host: memory=64g cores=8
taskmanager.numberOfTaskSlots: 4
taskmanager.memory.process.size: 8g
jobmanager.memory.process.size: 1600m
",
};

/// Slots wait for records now and then, so some more of them than processors do well.
const SLOTS_PER_CORE: u64 = 2;

const SLOTS: &str = "taskmanager.numberOfTaskSlots";
const CORES: &str = "taskmanager.cpu.cores";

impl Rule for SlotsAboveCores {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(host) = ctx.host() else { return };
        if ctx.own_deployment().is_some_and(|deployment| deployment.role == Role::JobManager) {
            return;
        }
        let bound = host.core_bound();
        let asked = |count: u32| Cores::whole(count).thousandths() * count_of(host);
        if let Some(slots) = slot_count(ctx)
            && asked(slots) > bound.value.thousandths() * SLOTS_PER_CORE
        {
            findings.push(too_many_slots(ctx, host, slots, &bound));
            return;
        }
        // Where it is not set, Flink takes the number of slots.
        let Some(cores) = ctx.explicit::<f64>(CORES) else { return };
        let Some(text) = ctx.lookup(CORES).map(|setting| setting.value.text()) else { return };
        if thousandths(cores.value) * count_of(host) > bound.value.thousandths() {
            findings.push(too_many_cores(ctx, text.trim(), &bound));
        }
    }
}

fn count_of(host: &Host) -> u64 {
    u64::from(host.task_manager_count)
}

/// So many thousandths of a core, rounded down; what is no number of cores is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to what fits"
)]
fn thousandths(cores: f64) -> u64 {
    (cores.clamp(0.0, 1e9) * 1000.0) as u64
}

fn too_many_slots(
    ctx: &LintContext<'_>,
    host: &Host,
    slots: u32,
    bound: &Bound<'_, Cores>,
) -> Finding {
    let who = match host.task_manager_count {
        1 => format!("a TaskManager has {slots} slots"),
        count => format!("{count} TaskManagers have {slots} slots each"),
    };
    let message = format!("{who}, and {} has {}", owner(bound), cores(bound));
    point(Finding::new(&META, message), [(ctx.lookup(SLOTS), "slots take turns".to_owned())])
        .help("use about as many slots as cores; raise the parallelism with more machines")
}

fn too_many_cores(ctx: &LintContext<'_>, asked: &str, bound: &Bound<'_, Cores>) -> Finding {
    let message = format!(
        "TaskManagers count on {asked} cores each, and {} has {}",
        owner(bound),
        cores(bound)
    );
    let place = (ctx.lookup(CORES), "more than there are".to_owned());
    point(Finding::new(&META, message), [place]).help("write as many as there are")
}

fn cores(bound: &Bound<'_, Cores>) -> String {
    match bound.value {
        one if one == Cores::whole(1) => "1 core".to_owned(),
        more => format!("{more} cores"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn twice_as_many_slots_as_cores_are_left_alone() {
        let count = |slots: u32, machine: &str| {
            let text = format!(
                "# host: memory=64g {machine}\ntaskmanager.memory.process.size: 8g\n\
                 taskmanager.numberOfTaskSlots: {slots}\n"
            );
            findings(&SlotsAboveCores, &text).len()
        };
        assert_eq!(count(4, "cores=2"), 0);
        assert_eq!(count(5, "cores=2"), 1);
        assert_eq!(count(4, "cores=2 task-managers=2"), 1);
    }

    #[test]
    fn cores_that_are_not_there() {
        check(
            &SlotsAboveCores,
            r"
# host: memory=64g cores=2
taskmanager.memory.process.size: 8g
taskmanager.cpu.cores: 2.5
#                      ^^^ FH003 more than there are
",
        );
        check(
            &SlotsAboveCores,
            "# host: memory=64g cores=2\ntaskmanager.memory.process.size: 8g\ntaskmanager.cpu.cores: 2.0\n",
        );
    }
}
