use super::{legacy_heap_key, rename, successors};
use crate::catalog::{Classification, OptionHistory};
use crate::config::{Layer, Setting};
use crate::finding::{Applicability, Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct DeprecatedKey;

static META: RuleMeta = RuleMeta {
    code: "FK002",
    name: "deprecated-key",
    severity: Severity::Info,
    fix: FixAvailability::Sometimes,
    source: "The options of the real releases, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/",
    docs: r"
The key works, but Flink has renamed or given up the option. Flink logs a warning for it, and a
later release may ignore it.
## Bad
# target: flink-1.20
state.checkpoints.dir: hdfs://namenode:8020/flink/checkpoints
## Good
# target: flink-1.20
execution.checkpointing.dir: hdfs://namenode:8020/flink/checkpoints
",
};

impl Rule for DeprecatedKey {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let deprecated = ctx
            .classified()
            .filter(|(setting, _)| !legacy_heap_key::KEYS.contains(&&*setting.key))
            .filter_map(|(setting, class)| {
                let successors = successors(ctx, setting, class);
                match successors.as_slice() {
                    [] if is_given_up(class) => Some((setting, successors)),
                    [] => None,
                    // Where a new key is set as well, FK005 says which one counts.
                    all if all.iter().any(|new| ctx.config.setting(new.key).is_some()) => None,
                    _ => Some((setting, successors)),
                }
            });
        report(findings, deprecated, |(setting, successors)| match successors.as_slice() {
            [] => given_up(ctx, setting),
            successors => renamed(ctx, setting, successors),
        });
    }
}

/// Whether the option itself is deprecated.
fn is_given_up(class: Classification) -> bool {
    matches!(class, Classification::Known { entry, .. } if entry.deprecated)
}

fn renamed(
    ctx: &LintContext<'_>,
    setting: &Setting<'_>,
    successors: &[&'static OptionHistory],
) -> Finding {
    let new: Vec<String> = successors.iter().map(|option| format!("`{}`", option.key)).collect();
    let mut finding =
        Finding::new(&META, format!("`{}` is deprecated in Flink {}", setting.key, ctx.release()))
            .primary(setting.key_span, format!("now {}", new.join(" and ")))
            .help(format!("use {}", new.join(" and ")));
    if let [only] = successors
        && matches!(setting.layer, Layer::File | Layer::Environment | Layer::Manifest)
    {
        finding.fix = rename(ctx, setting, only.key, Applicability::Safe);
    }
    finding
}

fn given_up(ctx: &LintContext<'_>, setting: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("`{}` is deprecated in Flink {}", setting.key, ctx.release()))
        .primary(setting.key_span, "a later release may ignore this")
        .help("see the release notes for what takes its place")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_renamed_key() {
        check(
            &DeprecatedKey,
            r"
# target: flink-1.20
state.backend: rocksdb
#^^^^^^^^^^^^ FK002 now `state.backend.type`
execution.checkpointing.unaligned: true
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FK002 now `execution.checkpointing.unaligned.enabled`
queryable-state.enable: true
#^^^^^^^^^^^^^^^^^^^^^ FK002 a later release may ignore this
rest.port: 8081
jobmanager.rpc.address: a
",
        );
    }

    #[test]
    fn before_the_renaming_it_is_the_key() {
        check(
            &DeprecatedKey,
            "# target: flink-1.14\nstate.backend: rocksdb\nhigh-availability: zookeeper\nrestart-strategy: none\n",
        );
    }

    #[test]
    fn the_live_key_that_the_release_notes_of_2_0_list() {
        check(&DeprecatedKey, "# target: flink-2.0\n# file: f\nstate.backend.type: rocksdb\n");
        check(&DeprecatedKey, "# target: flink-1.20\nstate.backend.type: rocksdb\n");
    }

    #[test]
    fn one_old_key_for_several_options() {
        check(
            &DeprecatedKey,
            r"
state.backend.local-recovery: true
#^^^^^^^^^^^^^^^^^^^^^^^^^^^ FK002 now `execution.checkpointing.local-backup.enabled` and `execution.state-recovery.from-local`
",
        );
    }
}
