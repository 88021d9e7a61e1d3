use crate::catalog::Release;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct FileNeverRead;

static META: RuleMeta = RuleMeta {
    code: "FI006",
    name: "file-never-read",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "GlobalConfiguration, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-release-2.0/release-notes/flink-2.0/",
    docs: r"
Flink reads one configuration file, and its name decides: `flink-conf.yaml` before 1.19,
`config.yaml` from 2.0 on. Flink 1.19 and 1.20 read both names, but only `flink-conf.yaml` if both
are there, even if it is empty.
## Bad
# target: flink-2.3
# file: flink-conf.yaml
parallelism.default: 4
## Good
# target: flink-2.3
# file: config.yaml
parallelism.default: 4
",
};

impl Rule for FileNeverRead {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let release = ctx.release();
        match ctx.file_name() {
            "config.yaml" if release < Release::V1_19 => {
                findings.push(other_name(release, "config.yaml", "flink-conf.yaml"));
            }
            "flink-conf.yaml" if release >= Release::V2_0 => {
                findings.push(other_name(release, "flink-conf.yaml", "config.yaml"));
            }
            "config.yaml" if ctx.has_sibling && release < Release::V2_0 => {
                findings.push(loses(release));
            }
            "flink-conf.yaml" if ctx.has_sibling && release >= Release::V1_19 => {
                findings.push(wins(release));
            }
            _ => {}
        }
    }
}

fn other_name(release: Release, found: &str, read: &str) -> Finding {
    let format = match read {
        "config.yaml" => "rename it, and check that it is YAML: quote values with `#` or `: `",
        _ => "rename it, and write every key in full on a line of its own",
    };
    Finding::new(&META, format!("Flink {release} never reads {found}, only {read}")).help(format)
}

fn loses(release: Release) -> Finding {
    Finding::new(
        &META,
        format!("Flink {release} never reads this file: a flink-conf.yaml lies beside it and wins"),
    )
    .help("remove flink-conf.yaml, even an empty one, or move the settings there")
}

fn wins(release: Release) -> Finding {
    Finding::new(
        &META,
        format!("Flink {release} reads this file and not the config.yaml beside it"),
    )
    .severity(Severity::Info)
    .help("keep one of the two, so that nobody edits the other in vain")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_release_decides() {
        check(
            &FileNeverRead,
            "# whole file: FI006 Flink 1.18 never reads config.yaml, only flink-conf.yaml\n\
             # target: flink-1.18\n# file: config.yaml\n",
        );
        check(
            &FileNeverRead,
            "# whole file: FI006 Flink 2.0 never reads flink-conf.yaml, only config.yaml\n\
             # target: flink-2.0\n# file: flink-conf.yaml\n",
        );
        for quiet in [
            "# target: flink-1.19\n# file: config.yaml\n",
            "# target: flink-1.20\n# file: flink-conf.yaml\n",
            "# target: flink-1.18\n# file: flink-conf.yaml\n# beside: config.yaml\n",
            "# target: flink-2.0\n# file: config.yaml\n# beside: flink-conf.yaml\n",
            "# target: flink-1.18\n# file: other.yaml\n",
        ] {
            check(&FileNeverRead, quiet);
        }
    }

    #[test]
    fn of_two_files_the_legacy_one_wins() {
        check(
            &FileNeverRead,
            "# whole file: FI006 Flink 1.20 never reads this file: a flink-conf.yaml lies beside it and wins\n\
             # target: flink-1.20\n# file: config.yaml\n# beside: flink-conf.yaml\n",
        );
        check(
            &FileNeverRead,
            "# whole file: FI006 Flink 1.19 reads this file and not the config.yaml beside it\n\
             # target: flink-1.19\n# file: flink-conf.yaml\n# beside: config.yaml\n",
        );
    }
}
