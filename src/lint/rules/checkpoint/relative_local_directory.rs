use super::options::{FORST_LOCAL_DIRECTORIES, ROCKSDB_LOCAL_DIRECTORIES};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct RelativeLocalDirectory;

static META: RuleMeta = RuleMeta {
    code: "FC018",
    name: "relative-local-directory",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "EmbeddedRocksDBStateBackend, Flink 1.10.3 to 2.3.0",
    docs: r"
RocksDB takes only absolute paths for its local directories, several separated by commas or colons.
A URI is cut at its colon, and what is before it is a relative path.
## Bad
state.backend.type: rocksdb
state.backend.rocksdb.localdir: file:///data/rocksdb
## Good
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/rocksdb
",
};

impl Rule for RelativeLocalDirectory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let (keys, name) = match ctx.state_backend().backend {
            StateBackend::RocksDb => (&ROCKSDB_LOCAL_DIRECTORIES, "RocksDB"),
            StateBackend::ForSt => (&FORST_LOCAL_DIRECTORIES, "ForSt"),
            _ => return,
        };
        let Some(setting) = ctx.lookup_renamed(keys) else { return };
        let text = setting.value.text();
        let mut paths = text.split([',', ':']);
        // A drive letter says that the file is for Windows, where the separators differ.
        let windows = text.as_bytes().get(1) == Some(&b':');
        if let Some(path) = paths.find(|path| !path.starts_with('/')).filter(|_| !windows) {
            findings.push(relative(setting, path, name));
        }
    }
}

fn relative(setting: &Setting<'_>, path: &str, name: &str) -> Finding {
    Finding::new(&META, format!("{name} refuses the relative path {path:?}"))
        .primary(setting.value_span, "paths must start with `/`, without a scheme")
        .help("write absolute paths, separated by commas")
        .flink_message(format!(
            "Invalid configuration for {name} state backend's local storage directories: Relative \
             paths are not supported"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn relative_paths_and_schemes() {
        check(
            &RelativeLocalDirectory,
            r"
state.backend: rocksdb
state.backend.rocksdb.localdir: /a,b/c
#                               ^^^^^^ FC018 paths must start with `/`, without a scheme
",
        );
        check(
            &RelativeLocalDirectory,
            "state.backend: rocksdb\nstate.backend.rocksdb.localdir: /a:/b,/c\n",
        );
        check(&RelativeLocalDirectory, "state.backend.rocksdb.localdir: a\n");
        check(
            &RelativeLocalDirectory,
            "state.backend: rocksdb\nstate.backend.rocksdb.localdir: C:\\rocks\n",
        );
    }
}
