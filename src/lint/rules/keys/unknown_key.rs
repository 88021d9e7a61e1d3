use super::rename;
use crate::catalog::{Classification, OptionHistory, Place, options, suggestions};
use crate::config::{Layer, Setting};
use crate::finding::{Applicability, Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnknownKey;

static META: RuleMeta = RuleMeta {
    code: "FK001",
    name: "unknown-key",
    severity: Severity::Warning,
    fix: FixAvailability::Sometimes,
    source: "The options of the real releases, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/",
    docs: r"
Flink ignores a key that it does not know, without a word, and the option that was meant keeps its
default. Keys that plugins, file systems and reporters read by prefix are left alone; a key that
resembles no option and shares no first word with one may be a job's own, and is only mentioned.
## Bad
jobmanager.rpc.ardress: flink-jobmanager
## Good
jobmanager.rpc.address: flink-jobmanager
",
};

impl Rule for UnknownKey {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let settings = ctx.classified().filter(|(_, class)| {
            matches!(class, Classification::Unknown | Classification::Misplaced(_))
        });
        report(findings, settings, |(setting, class)| match class {
            Classification::Misplaced(option) => misplaced(setting, option),
            _ => match suggestions(&setting.key, ctx.target).as_slice() {
                [] => unknown(ctx, setting),
                [best, ..] => did_you_mean(ctx, setting, best),
            },
        });
    }
}

fn did_you_mean(ctx: &LintContext<'_>, setting: &Setting<'_>, best: &'static str) -> Finding {
    let key = &setting.key;
    let label = if key.eq_ignore_ascii_case(best) {
        "keys are case-sensitive"
    } else {
        "Flink ignores this"
    };
    let mut finding =
        Finding::new(&META, format!("Flink {} knows no option `{key}`", ctx.release()))
            .primary(setting.key_span, label)
            .help(format!("did you mean `{best}`?"));
    // What comes with an image is there to be overridden.
    match ctx.config.setting(best).filter(|set| set.layer > Layer::Shipped) {
        Some(set) => finding = finding.related(set.key_span, "is set here"),
        None => finding.fix = rename(ctx, setting, best, Applicability::Unsafe),
    }
    finding
}

fn unknown(ctx: &LintContext<'_>, setting: &Setting<'_>) -> Finding {
    let key = &setting.key;
    let severity = if shares_first_word(key) { Severity::Warning } else { Severity::Info };
    Finding::new(&META, format!("Flink {} knows no option `{key}`", ctx.release()))
        .severity(severity)
        .primary(setting.key_span, "Flink ignores this")
        .help("remove it, unless the job or a plugin reads it")
}

fn misplaced(setting: &Setting<'_>, option: &OptionHistory) -> Finding {
    let key = &setting.key;
    let finding = Finding::new(&META, format!("`{key}` does nothing in a configuration file"))
        .primary(setting.key_span, "Flink ignores this here");
    match option.place {
        Place::Suffix => finding.help(format!(
            "write it below what it is about, such as `metrics.reporter.NAME.{key}`"
        )),
        Place::Sql => finding.help("set it in the SQL statement that it is about"),
        Place::File | Place::Pattern | Place::Internal => finding
            .severity(Severity::Info)
            .primary(setting.key_span, "Flink sets this for itself")
            .help("remove it"),
    }
}

/// Whether some option of a file starts with the same word.
fn shares_first_word(key: &str) -> bool {
    let Some((first, _)) = key.split_once('.') else { return false };
    let first = format!("{first}.");
    let at = options().partition_point(|option| option.key < first.as_str());
    let mut sharing = options().iter().skip(at).take_while(|option| option.key.starts_with(&first));
    sharing.any(|option| option.place == Place::File)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    fn help(text: &str) -> Vec<(Severity, String)> {
        let findings = findings(&UnknownKey, text);
        findings.into_iter().map(|found| (found.severity, found.help.unwrap())).collect()
    }

    #[test]
    fn typing_errors_and_their_like() {
        check(
            &UnknownKey,
            r"
jobmanager.rpc.ardress: a
#^^^^^^^^^^^^^^^^^^^^^ FK001 Flink ignores this
taskmanager.numberofTaskslots: 2
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FK001 keys are case-sensitive
rest.port: 8081
",
        );
        for (key, meant) in [
            ("jobmanager.rpc.ardress", "jobmanager.rpc.address"),
            ("taskmanager.memory.process_size", "taskmanager.memory.process.size"),
            ("taskmanager.memory.size.process", "taskmanager.memory.process.size"),
            ("state.checkpoint.dir", "execution.checkpointing.dir"),
            ("execution.checkpoint.interval", "execution.checkpointing.interval"),
            ("parallelism.defualt", "parallelism.default"),
            ("rest.bind-host", "rest.bind-address"),
        ] {
            let expected = (Severity::Warning, format!("did you mean `{meant}`?"));
            assert_eq!(help(&format!("{key}: 1\n")), [expected], "{key}");
        }
    }

    #[test]
    fn loud_for_flinks_words_and_quiet_for_others() {
        let severity = |key: &str| help(&format!("{key}: x\n")).first().map(|found| found.0);
        assert_eq!(severity("taskmanager.logging.level"), Some(Severity::Warning));
        assert_eq!(severity("my-company.cluster.owner"), Some(Severity::Info));
        assert_eq!(severity("kafka.producer.transaction-timeout"), Some(Severity::Info));
        assert_eq!(severity("port"), Some(Severity::Warning));
    }

    #[test]
    fn plugins_read_what_no_catalog_lists() {
        check(
            &UnknownKey,
            r"
s3.endpoint: http://minio:9000
fs.oss.endpoint: oss-cn-hangzhou.aliyuncs.com
metrics.reporter.prom.factory.class: x
metrics.reporter.my.reporter.option: x
containerized.master.env.TZ: UTC
kubernetes.jobmanager.labels: a:b
flink.hadoop.dfs.replication: 2
external-resource.gpu.amount: 1
security.kerberos.login.keytab: /x
env.java.opts.taskmanager: -Xss1m
job.autoscaler.enabled: true
kubernetes.operator.job.restart.failed: true
state.backend.type: rocksdb
table.exec.hive.fallback-mapred-reader: true
",
        );
    }

    #[test]
    fn the_other_key_may_be_set_already() {
        check(
            &UnknownKey,
            r"
rest.prot: 1
#^^^^^^^^ FK001 Flink ignores this
rest.port: 2
#^^^^^^^^ is set here
",
        );
    }
}
