//! `slotwise check --watch`: the check again whenever something it reads has changed.
//!
//! Editors write a file by renaming another one over it, so that folders are watched, never files;
//! and since reading, reports and half-written files make events too, only a changed content
//! counts.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs};

use crossbeam_channel::{Receiver, unbounded};
use ignore::WalkBuilder;
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecursiveMode, Watcher};

use super::discover::discover;
use super::inputs::{InputArguments, read_file};
use super::output;
use crate::render::count_of;
use crate::workspace::SETTINGS_FILE_NAME;

/// A save is a few events within a millisecond or two; people notice ten times this.
const QUIET: Duration = Duration::from_millis(50);
/// Where events never cease, such as beside a log, this is how long they are waited for.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

enum Signal {
    Changed,
    Stop,
}

/// Runs `round` at once and after each change of what `input` and `others` name, until Ctrl-C.
pub(super) fn run(
    input: &InputArguments,
    others: &[PathBuf],
    mut round: impl FnMut() -> io::Result<ExitCode>,
) -> io::Result<ExitCode> {
    if input.paths.iter().any(|path| path == Path::new("-")) {
        super::complain("--watch: expected files or folders, found standard input");
        return Ok(ExitCode::from(2));
    }
    let watched = Watched { input, others };
    let (sender, signals) = unbounded();
    let changed = sender.clone();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.map_or(true, |event| is_change(&event.kind)) {
            // Nobody listens any more once the watch is over.
            let _ = changed.send(Signal::Changed);
        }
    });
    let mut watcher = watcher.map_err(in_words)?;
    ctrlc::set_handler(move || drop(sender.send(Signal::Stop))).map_err(io::Error::other)?;
    let mut folders = BTreeSet::new();
    loop {
        watch_more(&mut watcher, &mut folders, &watched.folders()).map_err(in_words)?;
        input.finder().forget();
        let seen = watched.contents();
        clear()?;
        round()?;
        output::flush()?;
        if output::reader_left() {
            return Ok(ExitCode::SUCCESS);
        }
        super::note(&format!("watching {}; Ctrl-C ends it", count_of(folders.len(), "folder")));
        loop {
            if let Signal::Stop = settled(&signals) {
                return Ok(ExitCode::SUCCESS);
            }
            watch_more(&mut watcher, &mut folders, &watched.folders()).map_err(in_words)?;
            input.finder().forget();
            if watched.contents() != seen {
                break;
            }
        }
    }
}

/// Whether an event may mean another content; reading a file makes events as well.
fn is_change(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

/// Waits for a change and for silence after it.
fn settled(signals: &Receiver<Signal>) -> Signal {
    let Ok(Signal::Changed) = signals.recv() else { return Signal::Stop };
    let start = Instant::now();
    while start.elapsed() < LONGEST_WAIT {
        match signals.recv_timeout(QUIET) {
            Ok(Signal::Changed) => {}
            Ok(Signal::Stop) => return Signal::Stop,
            Err(_) => break,
        }
    }
    Signal::Changed
}

/// Watches the folders that are not watched yet; one that is gone is watched again if it returns.
fn watch_more(
    watcher: &mut impl Watcher,
    watched: &mut BTreeSet<PathBuf>,
    wanted: &BTreeSet<PathBuf>,
) -> notify::Result<()> {
    watched.retain(|folder| folder.is_dir());
    for folder in wanted {
        if watched.contains(folder) {
            continue;
        }
        match watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => drop(watched.insert(folder.clone())),
            // It was there a moment ago.
            Err(_) if !folder.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn in_words(error: notify::Error) -> io::Error {
    io::Error::other(format!("--watch: {error}"))
}

/// An empty screen, where there is one.
fn clear() -> io::Result<()> {
    let mut out = output::stdout();
    if io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb") {
        // Erase the screen and what was scrolled off it, then go to its start (ECMA-48, xterm).
        write!(out, "\x1b[2J\x1b[3J\x1b[H")?;
    }
    out.flush()
}

/// What a check reads.
struct Watched<'a> {
    input: &'a InputArguments,
    others: &'a [PathBuf],
}

impl Watched<'_> {
    /// Every folder in which a change may matter.
    fn folders(&self) -> BTreeSet<PathBuf> {
        let mut folders = BTreeSet::new();
        let searched = self.input.folders();
        for folder in &searched {
            let walk = WalkBuilder::new(folder).require_git(false).build().flatten();
            let all = walk.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_dir()));
            folders.extend(all.map(ignore::DirEntry::into_path));
        }
        for file in self.files_named() {
            folders.insert(folder_of(&file));
            // Behind a symbolic link it is another folder that changes.
            if let Ok(real) = fs::canonicalize(&file) {
                folders.insert(folder_of(&real));
            }
        }
        let settings = self.settings_files();
        folders.extend(settings.iter().map(|path| folder_of(path)));
        folders
    }

    /// What the files that are read hold now; none for one that is not there.
    fn contents(&self) -> BTreeMap<PathBuf, Option<u64>> {
        let searched = self.input.folders();
        let found = searched
            .iter()
            .flat_map(|folder| discover(folder, &|file| self.input.is_excluded(file)).files);
        let files = found.chain(self.files_named()).chain(self.settings_files());
        let content = |path: &Path| {
            let mut hasher = DefaultHasher::new();
            read_file(path).ok()?.hash(&mut hasher);
            Some(hasher.finish())
        };
        files.map(|path| (path.clone(), content(&path))).collect()
    }

    fn files_named(&self) -> Vec<PathBuf> {
        let files = self.input.paths.iter().filter(|path| !path.is_dir());
        files.chain(&self.input.overlays).chain(self.others).cloned().collect()
    }

    /// Where a `slotwise.yaml` is or could be, beside what is named or above it.
    fn settings_files(&self) -> BTreeSet<PathBuf> {
        let folders = self.input.folders();
        let folders =
            folders.into_iter().chain(self.files_named().into_iter().map(|it| folder_of(&it)));
        let all = folders.flat_map(|folder| {
            let folder = crate::workspace::absolute(&folder);
            folder.ancestors().map(|it| it.join(SETTINGS_FILE_NAME)).collect::<Vec<_>>()
        });
        all.filter(|path| path.is_file()).collect()
    }
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
