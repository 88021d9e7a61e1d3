use super::memory_of_gemini::gemini_memory;
use super::options::{MEMORY_MANAGED, OFF_HEAP_SIZE, WRITE_BUFFER_SIZE};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::rules::memory::{point, several_slots, total};
use crate::lint::{LintContext, Rule};
use crate::memory::{Concern, GeminiMemory, GeminiOwnSize};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct GeminiOffHeapOverrunsProcess;

static META: RuleMeta = RuleMeta {
    code: "FG015",
    name: "gemini-off-heap-overruns-process",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "Configure a VVR-based Flink job, EMR (2020-12); Configurations of GeminiStateBackend, \
        Realtime Compute (2026-03); Set up TaskManager memory, Flink 1.10",
    docs: r"
With `memory.managed: false` each backend of each slot takes its own size, 2 GiB by default on EMR
(and the write buffer from VVR 4.0 on), on top of all of Flink's pools. Together they need more than
the process has outside its heap and network buffers, even if managed memory stays unused: YARN and
Kubernetes kill the container (exit code 137, OOMKilled) as the state grows.
## Bad
# target: emr-3.28.2
taskmanager.memory.process.size: 4096m
taskmanager.numberOfTaskSlots: 2
state.backend.gemini.memory.managed: false
## Good
# target: emr-3.28.2
taskmanager.memory.process.size: 4096m
taskmanager.numberOfTaskSlots: 2
state.backend.gemini.memory.managed: true
state.backend.gemini.local.dir: /mnt/disk1/gemini
state.backend.gemini.ttl.ms: 129600000
",
};

impl Rule for GeminiOffHeapOverrunsProcess {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some((backend, GeminiMemory::OwnSize(own))) = gemini_memory(ctx) else { return };
        for concern in &backend.concerns {
            // What fits beside idle managed memory is how this setting is meant to be used.
            if let &Concern::OverrunsContainer { needed, room } = concern {
                findings.push(overruns(needed, room, own, ctx));
            }
        }
    }
}

fn overruns(
    needed: MemorySize,
    room: MemorySize,
    own: &GeminiOwnSize<'_>,
    ctx: &LintContext<'_>,
) -> Finding {
    let message = format!(
        "Gemini takes {}, but the process has {} for it: killed with exit code 137",
        needed.short(),
        room.short()
    );
    places(Finding::new(&META, message), own, ctx)
        .help("set `memory.managed: true`, or lower `offheap.size`, or use fewer slots, or enlarge the process")
}

/// Points at the sizes, at the slots and at the process.
fn places(finding: Finding, own: &GeminiOwnSize<'_>, ctx: &LintContext<'_>) -> Finding {
    let each = own.per_backend.unwrap_or_default().short();
    let off_heap = ctx.lookup(OFF_HEAP_SIZE);
    let buffer = own.write_buffer.is_some().then(|| ctx.lookup(WRITE_BUFFER_SIZE)).flatten();
    let slots = several_slots(ctx);
    let switch = match off_heap {
        Some(_) => "each backend takes its own size".to_owned(),
        None => format!("each backend takes {each} (default)"),
    };
    point(
        finding,
        [
            (off_heap, format!("{each} each")),
            (ctx.lookup(MEMORY_MANAGED), switch),
            (buffer, "on top for each".to_owned()),
            (
                slots.map(|(setting, _)| setting),
                slots.map_or_else(String::new, |(_, count)| format!("{count} times")),
            ),
            (total(ctx), "the whole process".to_owned()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_default_size_times_slots() {
        check(
            &GeminiOffHeapOverrunsProcess,
            r"
# target: emr-3.28.2
taskmanager.memory.process.size: 4096m
#                                ^^^^^ the whole process
taskmanager.numberOfTaskSlots: 2
#                              ^ 2 times
state.backend.gemini.memory.managed: false
#                                    ^^^^^ FG015 each backend takes 2 GiB (default)
",
        );
    }

    #[test]
    fn the_boundary_is_what_is_left_with_managed_memory() {
        // 4 GiB: 409.6 MiB of overhead, 128 of Framework Off-Heap, 1372.16 managed make 1909.76.
        let text = |size: &str| {
            format!(
                "# target: emr-3.28.2\ntaskmanager.memory.process.size: 4096m\nstate.backend.gemini.memory.managed: false\nstate.backend.gemini.offheap.size: {size}\n"
            )
        };
        let severity = |size: &str| {
            let text = text(size);
            let findings = crate::lint::testing::Scene::new(&text).run(crate::lint::check);
            findings.iter().find(|it| it.rule == &META).map(|it| it.severity)
        };
        assert_eq!(severity("1910MB"), Some(Severity::Error));
        assert_eq!(severity("1909MB"), None);
    }

    #[test]
    fn managed_memory_and_other_backends() {
        check(
            &GeminiOffHeapOverrunsProcess,
            "# target: emr-3.28.2\ntaskmanager.memory.process.size: 2g\nstate.backend.gemini.offheap.size: 64GB\n",
        );
        check(
            &GeminiOffHeapOverrunsProcess,
            "# target: emr-3.28.2\ntaskmanager.memory.process.size: 2g\nstate.backend: rocksdb\nstate.backend.gemini.memory.managed: false\n",
        );
    }
}
