use super::command;
use crate::catalog::{Release, keys};
use crate::config::Layer;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::yarn_job_manager_heap;
use crate::source::Span;
use crate::units::MemorySize;

pub(in crate::lint::rules) struct JobManagerHeapSmall;

static META: RuleMeta = RuleMeta {
    code: "FJ008",
    name: "job-manager-heap-small",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: "BootstrapTools.calculateHeapSize, Flink 1.10.3; JobManagerProcessUtils, Flink 1.11 to 1.20",
    docs: r"
`-yjm` is the size of the JobManager's container. On Flink 1.10 a quarter of it, and at least
600 MiB, is kept from the JVM heap: 1024 leaves 424 MiB. From 1.11 on metaspace, overhead and
off-heap memory come out of it. A heap below 512 MiB is enough for small jobs only.
## Bad
# target: emr-3.28.2
run -m yarn-cluster -yjm 1024 -ytm 2048 -ys 1 ossref://bucket/job.jar
## Good
# target: emr-3.28.2
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 ossref://bucket/job.jar
",
};

/// Below this a JobManager of many tasks or checkpoints runs out of heap. Ours: half of the 1 GiB
/// that `-yjm` is usually given.
const SMALL: MemorySize = MemorySize::from_mebibytes(512);

impl Rule for JobManagerHeapSmall {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if command(ctx).is_none() {
            return;
        }
        let Some(setting) = ctx
            .lookup(keys::JOB_MANAGER_PROCESS_SIZE.key())
            .or_else(|| ctx.lookup(keys::JOB_MANAGER_HEAP_SIZE.key()))
            .filter(|setting| setting.layer == Layer::CommandOption)
        else {
            return;
        };
        let Ok(container) = setting.value.text().parse::<MemorySize>() else { return };
        let heap = if ctx.release() < Release::V1_11 {
            yarn_job_manager_heap(ctx.config, container)
        } else {
            // What does not start at all has a finding of its own.
            let Ok(memory) = &ctx.memory().job_manager.result else { return };
            Some(memory.jvm_heap)
        };
        match heap {
            None => findings.push(refused(setting.value_span, container)),
            Some(heap) if heap < SMALL => findings.push(small(setting.value_span, container, heap)),
            Some(_) => {}
        }
    }
}

fn small(span: Span, container: MemorySize, heap: MemorySize) -> Finding {
    Finding::new(
        &META,
        format!("of {} the JobManager's heap gets {}", container.short(), heap.short()),
    )
    .primary(span, format!("{} of heap", heap.short()))
    .help("give jobs of many tasks or large checkpoints more with -yjm, such as 2048")
}

fn refused(span: Span, container: MemorySize) -> Finding {
    Finding::new(&META, format!("{} leaves the JobManager no heap", container.short()))
        .severity(Severity::Error)
        .primary(span, "Flink 1.10 keeps 600 MiB of it from the heap")
        .help("give it at least 1024")
        .flink_message(format!(
            "The configuration value 'containerized.heap-cutoff-min' is higher (600) than the \
             requested amount of memory {}",
            container.mebibytes()
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn what_is_left_of_a_container() {
        let rows = [
            ("emr-3.28.2", "1024", "of 1 GiB the JobManager's heap gets 424 MiB"),
            ("emr-3.28.2", "500", "500 MiB leaves the JobManager no heap"),
            ("emr-3.28.2", "600", "of 600 MiB the JobManager's heap gets 0 B"),
            ("emr-3.28.2", "1112", ""),
            ("emr-3.28.2", "4g", ""),
            ("flink-1.11", "1024", "of 1 GiB the JobManager's heap gets 448 MiB"),
            ("flink-1.11", "1600", ""),
        ];
        for (target, size, expected) in rows {
            let text = format!("# target: {target}\nrun -yjm {size} -ytm 2g /a.jar\n");
            let found = findings(&JobManagerHeapSmall, &text);
            let messages: Vec<_> = found.iter().map(|finding| &*finding.message).collect();
            assert_eq!(messages.join(""), expected, "{target} {size}");
        }
    }

    #[test]
    fn the_value_is_pointed_at() {
        check(
            &JobManagerHeapSmall,
            "# target: emr-3.28.2\nrun -yjm 1024 /a.jar\n#        ^^^^ FJ008 424 MiB of heap\n",
        );
    }
}
