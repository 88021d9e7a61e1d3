use crate::catalog::Release;

/// An option of `flink run`.
#[derive(Debug, PartialEq, Eq)]
pub struct CommandOption {
    /// The short name, such as `yjm`.
    pub short: &'static str,
    /// The long name, such as `yarnjobManagerMemory`; empty for none.
    pub long: &'static str,
    /// What it does.
    pub meaning: Meaning,
    /// The first and the last release that knows it.
    pub releases: (Release, Release),
}

/// What an option does, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It takes no value.
    Switch,
    /// It takes a value that sets this key.
    Sets(&'static str),
    /// It takes `key=value`.
    Property,
    /// It names the program, or files that go with it.
    Program,
    /// It takes a value of no interest here.
    Value,
    /// Releases before 1.10 knew it; it took a value.
    RemovedValue,
    /// Releases before 1.10 knew it; it took none.
    RemovedSwitch,
}

impl Meaning {
    /// Whether a value follows.
    pub fn takes_value(self) -> bool {
        !matches!(self, Self::Switch | Self::RemovedSwitch)
    }

    /// Whether no release in the catalog knows the option.
    pub fn is_removed(self) -> bool {
        matches!(self, Self::RemovedValue | Self::RemovedSwitch)
    }
}

const ALL: (Release, Release) = (Release::V1_10, Release::LATEST);

const fn option(short: &'static str, long: &'static str, meaning: Meaning) -> CommandOption {
    CommandOption { short, long, meaning, releases: ALL }
}

const fn from(first: Release, option: CommandOption) -> CommandOption {
    CommandOption { releases: (first, option.releases.1), ..option }
}

const fn until(last: Release, option: CommandOption) -> CommandOption {
    CommandOption { releases: (option.releases.0, last), ..option }
}

use Meaning::{Program, Property, RemovedSwitch, RemovedValue, Sets, Switch, Value};

/// Every option, those of YARN's client included.
///
/// Source: `CliFrontendParser.getRunCommandOptions`, printed by Flink 1.10.3 to 2.3.0;
/// `FlinkYarnSessionCli`, `GenericCLI` and `DefaultCLI`, Flink 1.10.3 to 2.3.0. The removed ones:
/// FLINK-12362 and the documentation of Flink 1.9.
pub(super) static OPTIONS: &[CommandOption] = &[
    option("h", "help", Switch),
    option("v", "verbose", Switch),
    option("j", "jarfile", Program),
    option("c", "class", Value),
    option("C", "classpath", Program),
    option("p", "parallelism", Sets("parallelism.default")),
    option("a", "arguments", Value),
    until(Release::V1_11, option("q", "sysoutLogging", Switch)),
    option("d", "detached", Switch),
    option("sae", "shutdownOnAttachedExit", Switch),
    until(Release::V1_20, option("yd", "yarndetached", Switch)),
    option("py", "python", Program),
    option("pyfs", "pyFiles", Program),
    option("pym", "pyModule", Value),
    option("pyreq", "pyRequirements", Program),
    option("pyarch", "pyArchives", Program),
    option("pyexec", "pyExecutable", Value),
    from(Release::V1_14, option("pyclientexec", "pyClientExecutable", Value)),
    from(Release::V1_18, option("pypath", "pyPythonPath", Value)),
    option("s", "fromSavepoint", Sets("execution.savepoint.path")),
    option("n", "allowNonRestoredState", Switch),
    from(Release::V1_15, option("rm", "restoreMode", Value)),
    from(Release::V1_20, option("cm", "claimMode", Value)),
    option("e", "executor", Value),
    from(Release::V1_11, option("t", "target", Value)),
    option("D", "", Property),
    option("m", "jobmanager", Value),
    option("z", "zookeeperNamespace", Value),
    option("yq", "yarnquery", Switch),
    option("yid", "yarnapplicationId", Value),
    option("yqu", "yarnqueue", Sets("yarn.application.queue")),
    option("yt", "yarnship", Value),
    option("yj", "yarnjar", Value),
    option("yjm", "yarnjobManagerMemory", Sets("jobmanager.memory.process.size")),
    option("ytm", "yarntaskManagerMemory", Sets("taskmanager.memory.process.size")),
    option("ys", "yarnslots", Sets("taskmanager.numberOfTaskSlots")),
    option("yD", "", Property),
    option("ynm", "yarnname", Sets("yarn.application.name")),
    option("yat", "yarnapplicationType", Sets("yarn.application.type")),
    option("yz", "yarnzookeeperNamespace", Value),
    option("ynl", "yarnnodeLabel", Sets("yarn.application.node-label")),
    option("yh", "yarnhelp", Switch),
    option("yn", "yarncontainer", RemovedValue),
    option("yst", "yarnstreaming", RemovedSwitch),
];
