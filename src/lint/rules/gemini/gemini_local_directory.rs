use super::options::{LOCAL_DIRECTORY, is_in_effect, sign_of_gemini};
use crate::catalog::GeminiGeneration;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::rules::checkpoint::LocalPlace;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct GeminiLocalDirectory;

static META: RuleMeta = RuleMeta {
    code: "FG007",
    name: "gemini-local-directory",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "Configure a VVR-based Flink job, EMR (2020-12): the directory of local data files; no \
        page gives its default",
    docs: r"
Gemini keeps data files in a local directory. It should be an absolute path on a disk of its own,
large enough for the state: `/tmp` is often small and cleared, and files below `/dev/shm` or `/run`
are memory of the container. Where a file for EMR sets up Gemini but no directory it is an info,
since no page says where the files are then.
## Bad
# target: emr-3.28.2
state.backend.gemini.local.dir: /tmp/gemini
## Good
# target: emr-3.28.2
state.backend.gemini.local.dir: /mnt/disk1/gemini
",
};

impl Rule for GeminiLocalDirectory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if !is_in_effect(ctx) {
            return;
        }
        let Some(setting) = ctx.lookup(LOCAL_DIRECTORY) else {
            // The consoles of later engines look after disks themselves.
            if ctx.target.gemini() == Some(GeminiGeneration::V1) {
                findings.extend(sign_of_gemini(ctx).map(missing));
            }
            return;
        };
        let text = setting.value.text();
        let path = text.trim().strip_prefix("file://").unwrap_or(text.trim());
        findings.extend(match LocalPlace::of(path) {
            _ if !path.starts_with('/') => Some(relative(setting)),
            LocalPlace::Memory => Some(in_memory(setting)),
            LocalPlace::Tmp => Some(in_tmp(setting)),
            LocalPlace::Elsewhere => None,
        });
    }
}

fn relative(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, "Gemini's local directory is a relative path")
        .primary(setting.value_span, "relative to wherever the process starts")
        .help("write an absolute path on a disk of its own")
}

fn in_tmp(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, "Gemini keeps its data files under /tmp")
        .primary(setting.value_span, "often small, and cleared")
        .help("use a disk of its own that is large enough for the state")
}

fn in_memory(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, "Gemini keeps its data files in memory")
        .primary(setting.value_span, "files here count against the container's memory limit")
        .help("use a disk that is large enough for the state")
}

fn missing(sign: &Setting<'_>) -> Finding {
    Finding::new(&META, "no local directory is set for Gemini's data files")
        .severity(Severity::Info)
        .primary(sign.key_span, "its files go to a place that no page documents")
        .help(format!("set `{LOCAL_DIRECTORY}` to a disk that is large enough for the state"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn places() {
        let place = |path: &str, text: &str| {
            let carets = "^".repeat(path.len());
            check(
                &GeminiLocalDirectory,
                &format!(
                    "# target: vvr-8.0.5\nstate.backend.gemini.local.dir: {path}\n#                               {carets} FG007 {text}\n"
                ),
            );
        };
        place("data/gemini", "relative to wherever the process starts");
        place("/tmp", "often small, and cleared");
        place("file:///tmp/x", "often small, and cleared");
        place("/dev/shm/gemini", "files here count against the container's memory limit");
        place("/run/gemini", "files here count against the container's memory limit");
        check(
            &GeminiLocalDirectory,
            "# target: vvr-8.0.5\nstate.backend.gemini.local.dir: /mnt/disk1\n",
        );
    }

    #[test]
    fn missing_where_a_file_for_emr_sets_up_gemini() {
        check(
            &GeminiLocalDirectory,
            r"
# target: emr-3.28.2
state.backend.gemini.memory.managed: true
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG007 its files go to a place that no page documents
",
        );
        check(&GeminiLocalDirectory, "# target: emr-3.28.2\ntaskmanager.numberOfTaskSlots: 1\n");
        check(
            &GeminiLocalDirectory,
            "# target: vvr-8.0.5\nstate.backend.gemini.memory.managed: true\n",
        );
    }
}
