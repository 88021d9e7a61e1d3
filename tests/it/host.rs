//! Machines recorded below `fixtures/host`: what `Host` makes of them, and what `check --host`
//! says.

use std::path::{Path, PathBuf};
use std::process::Command;

use slotwise::host::{DirectoryState, Host, Machine};

fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/host").join(name)
}

fn read(name: &str) -> Host {
    Host::read(Machine::Recorded(&recording(name)), &[], 1).unwrap()
}

/// Memory in MiB and who sets it, cores and who sets them.
fn limits(host: &Host) -> (u64, String, String, String) {
    let (memory, cores) = (host.memory_bound(), host.core_bound());
    let path = |group: Option<&slotwise::host::ControlGroup>| {
        group.map_or("machine".to_owned(), |group| group.path.clone())
    };
    (memory.value.mebibytes(), path(memory.group), cores.value.to_string(), path(cores.group))
}

fn check(name: &str, memory: u64, of_memory: &str, cores: &str, of_cores: &str) {
    let found = limits(&read(name));
    let expected = (memory, of_memory.to_owned(), cores.to_owned(), of_cores.to_owned());
    assert_eq!(found, expected, "{name}");
}

#[test]
fn the_least_limit_on_the_way_to_the_top_counts() {
    let slice = "/sys/fs/cgroup/system.slice/flink.slice";
    check("v2-nested", 6 << 10, slice, "1.5", slice);
    let memory = "/sys/fs/cgroup/memory/pods/a";
    check("hybrid", 3 << 10, memory, "2", "machine");
    check("v2-container", 2 << 10, "/sys/fs/cgroup", "0.5", "/sys/fs/cgroup");
}

#[test]
fn a_soft_limit_is_known_as_one() {
    let host = read("v2-nested");
    assert_eq!(host.memory_high().map(|bound| bound.value.mebibytes()), Some(5 << 10));
    assert_eq!(read("v2-container").memory_high(), None);
}

#[test]
fn what_lies_outside_of_a_container_is_known_from_its_sum() {
    let (memory, cpu) = ("/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu,cpuacct");
    check("v1-container", 4 << 10, memory, "2.5", cpu);
}

#[test]
fn the_largest_number_and_minus_one_are_no_limits() {
    check("v1-unlimited", 8 << 10, "machine", "4", "machine");
    assert!(read("v1-unlimited").groups.is_empty());
}

#[test]
fn a_recording_that_lacks_memory_or_processors_is_refused() {
    let error = Host::read(Machine::Recorded(Path::new("/nowhere")), &[], 1).unwrap_err();
    let expected =
        "/nowhere/proc/meminfo: expected the file of Linux with MemTotal, found no such file";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn this_machine_has_memory_processors_and_places() {
    let folder = std::env::temp_dir().join(format!("slotwise-host-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("file"), "").unwrap();
    let path = |name: &str| folder.join(name).display().to_string();
    let paths = [path(""), path("file"), path("file/below"), path("new/below")];
    let host = Host::read(Machine::This, &paths, 1).unwrap();
    assert!(host.memory.mebibytes() > 64 && host.processor_count > 0);
    assert!(host.memory_bound().value <= host.memory);
    let states: Vec<_> = host.directories.iter().map(|directory| &directory.state).collect();
    let not_a_directory = DirectoryState::NotADirectory { at: path("file") };
    let parent = folder.display().to_string();
    let missing = DirectoryState::Missing { parent, can_create: true };
    let expected = [&DirectoryState::Writable, &not_a_directory, &not_a_directory, &missing];
    assert_eq!(states, expected);
    assert!(!folder.join("new").exists(), "looking creates nothing");
    for directory in &host.directories {
        assert!(directory.space.is_some_and(|space| space.free <= space.total));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// What `check --host` prints of a recorded machine.
fn check_host(name: &str, config: &str, more: &[&str]) -> String {
    let folder = std::env::temp_dir().join(format!("slotwise-check-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("flink-conf.yaml"), config).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(&folder)
        .args(["check", "flink-conf.yaml", "--select", "FH", "--host", "--host-root"])
        .arg(recording(name))
        .args(more)
        .output()
        .unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const EMR: &str = "\
state.backend.gemini.local.dir: /mnt/disk2/gemini
taskmanager.memory.process.size: 8g
taskmanager.numberOfTaskSlots: 4
io.tmp.dirs: /mnt/disk1/gemini,/var/tmp,/tmp
";

#[test]
fn findings_and_what_was_read() {
    insta::assert_snapshot!(check_host("v2-nested", EMR, &["--target", "emr-3.28.2"]));
}

#[test]
fn the_same_for_machines() {
    let text = check_host("v2-nested", EMR, &["--target", "emr-3.28.2", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json[0]["host"]).unwrap());
}

#[test]
fn a_place_that_is_no_directory_and_one_across_a_network() {
    let config = "state.backend.type: rocksdb\nstate.backend.rocksdb.localdir: /data/state,/data\n";
    let text = check_host("v2-container", config, &["--format", "concise"]);
    insta::assert_snapshot!(text, @r"
    flink-conf.yaml: warning[FH005] /tmp does not exist on this machine
    flink-conf.yaml:2:33: error[FH004] /data/state is not a directory on this machine
    flink-conf.yaml:2:33: warning[FH006] /data/state lies across a network (nfs4) on this machine
    flink-conf.yaml:2:33: warning[FH006] /data lies across a network (nfs4) on this machine
    ");
}
