use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct ConfigMountedReadOnly;

static META: RuleMeta = RuleMeta {
    code: "FD004",
    name: "config-mounted-read-only",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "docker-entrypoint.sh of the images of Flink 1.10 to 2.2; 2 of 25 public configurations",
    docs: r#"
The start script of Flink's images writes `FLINK_PROPERTIES`, `JOB_MANAGER_RPC_ADDRESS` and
`TASK_MANAGER_NUMBER_OF_TASK_SLOTS` into the configuration file. Where that file or its folder is
mounted read-only, as every ConfigMap is, it cannot, and the variables have no effect.
## Bad
# file: compose.yaml
services:
  taskmanager:
    image: flink:1.20
    command: taskmanager
    volumes:
      - ./flink-conf.yaml:/opt/flink/conf/flink-conf.yaml:ro
    environment:
      JOB_MANAGER_RPC_ADDRESS: jobmanager
## Good
# file: compose.yaml
services:
  taskmanager:
    image: flink:1.20
    command: taskmanager -Djobmanager.rpc.address=jobmanager
    volumes:
      - ./flink-conf.yaml:/opt/flink/conf/flink-conf.yaml:ro
"#,
};

impl Rule for ConfigMountedReadOnly {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(container) = ctx.deployment().and_then(|it| it.container()) else { return };
        let (Some(mount), Some(variable)) = (&container.read_only_config, &container.variable)
        else {
            return;
        };
        let message =
            format!("`{}` cannot be written into a file that is read-only", variable.text);
        findings.push(
            Finding::new(&META, message)
                .primary(mount.span, "read-only")
                .related(variable.span, "has no effect")
                .help("pass options with -D in the command, or mount a copy that can be written"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn mounts_of_compose() {
        let count = |volume: &str| {
            let text = format!(
                "# file: compose.yaml\nservices:\n  tm:\n    image: flink:1.20\n    command: taskmanager\n    volumes:\n      - {volume}\n    environment: [JOB_MANAGER_RPC_ADDRESS=jm]\n"
            );
            findings(&ConfigMountedReadOnly, &text).len()
        };
        assert_eq!(count("./conf:/opt/flink/conf:ro"), 1);
        assert_eq!(count("./conf:/opt/flink/conf/:z,ro"), 1);
        assert_eq!(count("{source: ./c, target: /opt/flink/conf/config.yaml, read_only: true}"), 1);
        assert_eq!(count("./conf:/opt/flink/conf"), 0);
        assert_eq!(count("./log4j.properties:/opt/flink/conf/log4j.properties:ro"), 0);
        assert_eq!(count("./lib:/opt/flink/usrlib:ro"), 0);
    }

    #[test]
    fn config_maps_of_kubernetes() {
        check(
            &ConfigMountedReadOnly,
            r"# file: tm.yaml
kind: Deployment
metadata: {name: tm}
spec:
  template:
    spec:
      volumes:
        - {name: conf, configMap: {name: flink}}
      containers:
        - image: flink:1.20
          args: [taskmanager]
          env:
            - name: TASK_MANAGER_NUMBER_OF_TASK_SLOTS
#                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ has no effect
              value: '2'
          volumeMounts:
            - {name: conf, mountPath: /opt/flink/conf}
#                                     ^^^^^^^^^^^^^^^ FD004 read-only
",
        );
    }
}
