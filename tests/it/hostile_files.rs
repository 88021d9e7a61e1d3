//! Files that are none, have no end, or are called what steers a terminal: nothing hangs, memory stays
//! bounded, and nothing of a file's content or name is more than text.

#![cfg(unix)]

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
/// Kibibytes of address space: a file of the largest size that is read, and what is made of it, fit.
const MEMORY: u64 = 2 << 20;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs in `folder` with bounded memory, and fails if it does not end.
fn run(folder: &Path, arguments: &[&std::ffi::OsStr]) -> Output {
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$@\""), "sh"])
        .arg(env!("CARGO_BIN_EXE_slotwise"))
        .args(arguments)
        .current_dir(folder)
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(File::create(folder.join(".stdout")).unwrap())
        .stderr(File::create(folder.join(".stderr")).unwrap())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{arguments:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let output = Output { status, stdout: read(".stdout"), stderr: read(".stderr") };
    assert!(status.code().is_some(), "{arguments:?} is killed: {output:?}");
    assert_ne!(status.code(), Some(101), "{arguments:?} panics: {output:?}");
    output
}

fn words(text: &str) -> Vec<&std::ffi::OsStr> {
    text.split(' ').map(std::ffi::OsStr::new).collect()
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn nothing_waits_for_a_pipe_a_device_or_a_loop() {
    let folder = folder("kinds");
    fifo(&folder.join("fifo"));
    symlink("loop", folder.join("loop")).unwrap();
    symlink("/dev/zero", folder.join("zero.yaml")).unwrap();
    symlink("..", folder.join("up")).unwrap();
    fs::write(folder.join("flink-conf.yaml"), "state.backend: rocksdb\n").unwrap();
    for file in ["fifo", "loop", "zero.yaml", "/dev/zero", "/dev/stdin"] {
        for command in [
            "check FILE",
            "check --overlay FILE flink-conf.yaml",
            "config FILE",
            "memory FILE",
            "migrate FILE --from flink-1.17 --to flink-2.1",
            "diff flink-conf.yaml FILE",
            "simulate --workload FILE",
            "simulate --trace FILE",
            "simulate --replay FILE",
            "assess flink-conf.yaml --workload FILE",
            "report flink-conf.yaml --workload nexmark-q5 --records 2000 --compare FILE",
        ] {
            let output = run(&folder, &words(&command.replace("FILE", file)));
            let error = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{command} of {file}: {error}");
            assert!(error.starts_with("error: "), "{command} of {file}: {error}");
        }
    }
    // A folder is searched around them.
    assert_eq!(run(&folder, &words("check .")).status.code(), Some(1));
    fifo(&folder.join("slotwise.yaml"));
    let output = run(&folder, &words("check flink-conf.yaml"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("slotwise.yaml: expected a regular file"), "{error}");
}

#[test]
fn a_file_without_an_end_is_refused() {
    let folder = folder("large");
    // Takes no room on the disk: a line of zeros.
    for name in ["flink-conf.yaml", "config.yaml", "w.yaml", "trace.csv", "slotwise.yaml"] {
        let mut file = File::create(folder.join(name)).unwrap();
        file.write_all(b"id\n").unwrap();
        file.set_len(1 << 30).unwrap();
    }
    for (command, expected) in [
        ("check --job run", "slotwise.yaml: expected at most 1 MiB"),
        ("simulate --workload w.yaml", "w.yaml: expected at most 1 MiB"),
        ("simulate --trace trace.csv", "line 2: expected at most 1048576 bytes"),
        ("simulate --replay trace.csv", "line 1: expected slotwise recording 1"),
    ] {
        let output = run(&folder, &words(command));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(expected), "{command}: {error}");
    }
    fs::remove_file(folder.join("slotwise.yaml")).unwrap();
    for command in ["check flink-conf.yaml", "check config.yaml", "memory config.yaml"] {
        let output = run(&folder, &words(command));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("expected at most 128 MiB, found more"), "{command}: {error}");
    }
}

#[test]
fn texts_that_make_parsers_stumble() {
    let folder = folder("texts");
    let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    let bomb: String = std::iter::once("a0: &a0 [x, x]\n".to_owned())
        .chain((1..60).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)))
        .collect();
    let steps: String = (0..1300).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    let texts: Vec<(&str, Vec<u8>)> = vec![
        (
            "brackets",
            "a: "
                .to_owned()
                .into_bytes()
                .into_iter()
                .chain("[".repeat(100_000).into_bytes())
                .collect(),
        ),
        ("braces", "{a: ".repeat(100_000).into_bytes()),
        ("dashes", "- ".repeat(100_000).into_bytes()),
        ("questions", "? ".repeat(100_000).into_bytes()),
        ("steps", steps.into_bytes()),
        ("bomb", bomb.into_bytes()),
        ("zeros", vec![0; 100_000]),
        ("utf-16-le", utf16("\u{feff}a: b\r\nc: 1g\r\n", u16::to_le_bytes)),
        ("utf-16-be", utf16("\u{feff}a: b\r\nc: 1g\r\n", u16::to_be_bytes)),
        ("broken", vec![0xff; 100_000]),
        ("key", format!("{}: 1\n", "k".repeat(1 << 20)).into_bytes()),
        (
            "number",
            format!("taskmanager.memory.process.size: {}g\n", "9".repeat(1 << 20)).into_bytes(),
        ),
        ("exponent", b"taskmanager.memory.managed.fraction: 1e999999999\n".to_vec()),
        ("anchors", "a: &a 1\n".repeat(20_000).into_bytes()),
        ("tags", format!("a: !!{} b\n", "x".repeat(1 << 18)).into_bytes()),
        ("escapes", format!("a: \"{}\"\n", "\\u001b\\x9b\\n".repeat(10_000)).into_bytes()),
        (
            "json",
            format!("{{\"kind\":\"FlinkDeployment\",\"spec\":{}", "[".repeat(100_000)).into_bytes(),
        ),
    ];
    for (name, bytes) in texts {
        for file in ["flink-conf.yaml", "config.yaml", "deployment.yaml", "compose.yaml", "job.sh"]
        {
            let place = folder.join(name);
            fs::create_dir_all(&place).unwrap();
            fs::write(place.join(file), &bytes).unwrap();
        }
        fs::write(folder.join("w.yaml"), &bytes).unwrap();
        for command in [
            "check FILE",
            "check --format json FILE",
            "config --format json FILE",
            "simulate -w w.yaml",
        ] {
            assert_shows_only_text(
                &run(&folder, &words(&command.replace("FILE", &format!("{name}/config.yaml")))),
                name,
            );
        }
        assert_shows_only_text(&run(&folder, &words(&format!("check {name}"))), name);
        assert_shows_only_text(
            &run(&folder, &words(&format!("check {name}/flink-conf.yaml"))),
            name,
        );
        fs::write(folder.join("slotwise.yaml"), &bytes).unwrap();
        assert_shows_only_text(&run(&folder, &words("check -D a=b w.yaml")), name);
        fs::remove_file(folder.join("slotwise.yaml")).unwrap();
    }
}

fn assert_shows_only_text(output: &Output, what: &str) {
    assert_eq!(steering(output), None, "{what}");
}

/// A line that steers the terminal or the build, if there is one.
fn steering(output: &Output) -> Option<String> {
    let steers = |c: char| {
        c.is_control() && !matches!(c, '\t' | '\r')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    [&output.stdout, &output.stderr].into_iter().find_map(|bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let is_command = |line: &&str| line.trim().starts_with("::pwned") || line.contains(steers);
        text.split('\n').find(is_command).map(str::to_owned)
    })
}

/// A name and a content that would color, clear, title and turn the terminal, or annotate a build.
#[test]
fn no_escape_sequence_and_no_command_of_a_build_gets_through() {
    const EVIL: &str = "\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\u{202e}\u{7f}\u{8}";
    let folder = folder("escapes");
    let place = folder.join(std::ffi::OsStr::from_bytes(
        format!("a{EVIL}\n::pwned file=x::y\r\n::pwned::z").as_bytes(),
    ));
    fs::create_dir_all(&place).unwrap();
    let yaml = "\"::pwned::k\\n::pwned::k\\e[31m\\x9b\": \"v\\n::pwned::v\\e]0;t\\a\\u202e\"\n\
                state.backend: \"\\e[31mx\\n::pwned::b\"\n\
                taskmanager.numberOfTaskSlots: \"\\n::pwned::s\"\n\
                \"taskmanager.memory.netwrok.min\\n::pwned::k\": 1g\n\
                taskmanager.memory.process.size: \"1\\n::pwned::u\"\n\
                high-availability.type: \"\\n::pwned::h\"\n";
    let legacy = format!(
        "state.backend: {EVIL}\nstate{EVIL}.backend: rocksdb\n::pwned::line\nno separator{EVIL}\n\
         taskmanager.memory.process.size: 1{EVIL}g\ns3.secret-key: {EVIL}\n\
         taskmanager.numberOfTaskSlots: {EVIL}\n"
    );
    let workload = "name: \"\\e[31m=1+1\\n::pwned::w\"\nparallelism: 1\nevent_rate: 10\nrecords: 20\n\
                    operators:\n- name: \"\\e[31mo\\n::pwned::o\"\n  keys: { count: 9, distribution: uniform }\n  \
                    key_bytes: 8\n  value_bytes: { fixed: 9 }\n  access: read_modify_write\n";
    fs::write(place.join("config.yaml"), yaml).unwrap();
    fs::write(place.join("flink-conf.yaml"), &legacy).unwrap();
    fs::write(
        place.join("good.yaml"),
        "taskmanager.memory.process.size: 4g\nstate.backend: rocksdb\n",
    )
    .unwrap();
    fs::write(place.join("w.yaml"), workload).unwrap();
    fs::write(place.join("broken.yaml"), format!("a: b: {EVIL}\n")).unwrap();
    let commands = [
        "check FILE",
        "check --diff FILE",
        "check --statistics FILE",
        "check --target flink-1.20 FILE",
        "check --dialect yaml FILE",
        "config FILE",
        "config --origins FILE",
        "config --format json FILE",
        "effective FILE",
        "effective --format json FILE",
        "memory FILE",
        "memory --explain FILE",
        "memory --format json FILE",
        "diff good.yaml FILE",
        "diff --format json good.yaml FILE",
        "migrate --from flink-1.17 --to flink-1.20 --output out.yaml FILE",
        "migrate --format json --from flink-1.17 --to flink-2.1 FILE",
        "simulate --workload w.yaml",
        "simulate --workload w.yaml --format json",
        "simulate --workload w.yaml --format csv",
        "assess good.yaml --workload w.yaml",
        "assess good.yaml --workload w.yaml --format json",
        "plan good.yaml --workload w.yaml",
        "report good.yaml --workload w.yaml --format html",
        "report good.yaml --workload w.yaml --format markdown",
        "report good.yaml --workload w.yaml --format csv",
        "report good.yaml --workload w.yaml --format json",
        "simulate --workload missing.yaml",
        "simulate --trace FILE",
        "simulate --replay FILE",
        "check missing.yaml",
    ];
    let formats = [
        "human",
        "concise",
        "json",
        "jsonl",
        "sarif",
        "github",
        "gitlab",
        "junit",
        "rdjson",
        "checkstyle",
        "markdown",
    ];
    let of_formats = formats.iter().map(|format| format!("check --format {format} FILE"));
    let commands = commands.iter().map(|&command| command.to_owned()).chain(of_formats);
    let mut problems = Vec::new();
    for command in commands {
        for file in ["config.yaml", "flink-conf.yaml", "broken.yaml", "missing.yaml"] {
            if file != "config.yaml" && !command.contains("FILE") {
                break;
            }
            let command = command.replace("FILE", file);
            let arguments: Vec<_> = command
                .split(' ')
                .map(|word| match word.ends_with(".yaml") {
                    true => place.join(word).into_os_string(),
                    false => word.into(),
                })
                .collect();
            let arguments: Vec<_> = arguments.iter().map(|word| word.as_os_str()).collect();
            problems
                .extend(steering(&run(&folder, &arguments)).map(|it| format!("{command}: {it}")));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
