//! `--watch` sees a file that an editor renames into place, and ends when it is told to.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than any machine needs; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(120);

const GOOD: &str = "taskmanager.memory.process.size: 4g\njobmanager.memory.process.size: 2g\n";

/// A watching process and the lines that it prints.
struct Watch {
    process: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .current_dir(folder)
            .env_clear()
            .args(["check", "--watch", "--target", "flink-1.20"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { process, lines }
    }

    /// Waits for a summary and gives it.
    fn summary(&self) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("a report");
            if line.contains(" in ") && line.contains(" file") {
                return line;
            }
        }
    }

    /// Ends it as Ctrl-C does, and gives the exit code.
    fn interrupt(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.process.wait().unwrap().code()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}

/// Saves as editors do: another file is written and renamed over the old one.
fn save(path: &Path, text: &str) {
    let other = path.with_extension("yaml~");
    fs::write(&other, text).unwrap();
    fs::rename(other, path).unwrap();
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("watch").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("conf")).unwrap();
    folder
}

#[test]
fn a_file_that_is_renamed_into_place_is_checked_again_and_again() {
    let folder = folder("file");
    let path = folder.join("conf/flink-conf.yaml");
    fs::write(&path, GOOD).unwrap();
    let watch = Watch::start(&folder, &["conf/flink-conf.yaml"]);
    assert_eq!(watch.summary(), "no problems in 1 file");
    for _ in 0..3 {
        save(&path, &format!("{GOOD}a:1\n"));
        assert_eq!(watch.summary(), "1 error in 1 file");
        save(&path, GOOD);
        assert_eq!(watch.summary(), "no problems in 1 file");
    }
    // Written in place as well.
    fs::write(&path, format!("{GOOD}a:1\n")).unwrap();
    assert_eq!(watch.summary(), "1 error in 1 file");
    assert_eq!(watch.interrupt(), Some(0));
}

#[test]
fn new_folders_and_settings_count_and_reports_do_not() {
    let folder = folder("folder");
    fs::write(folder.join("conf/flink-conf.yaml"), GOOD).unwrap();
    let watch = Watch::start(&folder, &[".", "--output", "sarif=out.sarif"]);
    assert_eq!(watch.summary(), "no problems in 1 file");
    fs::create_dir_all(folder.join("more/deep")).unwrap();
    save(&folder.join("more/deep/flink-conf.yaml"), &format!("{GOOD}a:1\n"));
    assert_eq!(watch.summary(), "1 error in 2 files");
    save(&folder.join("slotwise.yaml"), "ignore: [FI001]\n");
    assert_eq!(watch.summary(), "no problems in 2 files");
    assert!(
        watch
            .lines
            .recv_timeout(Duration::from_millis(700))
            .map_or(true, |line| { line.starts_with("checked for") })
    );
    assert_eq!(watch.interrupt(), Some(0));
}

#[test]
fn a_watch_that_nobody_reads_ends() {
    let folder = folder("unread");
    fs::write(folder.join("conf/flink-conf.yaml"), GOOD).unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(&folder)
        .args(["check", "--watch", "conf/flink-conf.yaml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > deadline {
            process.kill().unwrap();
            panic!("still watching");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(0));
}

#[test]
fn standard_input_cannot_be_watched() {
    let folder = folder("stdin");
    let mut watch = Watch::start(&folder, &["-"]);
    assert_eq!(watch.process.wait().unwrap().code(), Some(2));
}
