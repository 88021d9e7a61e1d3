//! From arguments to texts under check: which files, which target, which dialect.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::discover::{Discovered, discover};
use crate::catalog::{Release, Target};
use crate::config::Dialect;
use crate::manifest::Form;
use crate::render::count_of;
use crate::source::SourceFile;
use crate::workspace::{Choices, SettingsFinder, Surroundings, absolute, read_all};
pub(super) use crate::workspace::{InputError, Subject};

/// The arguments that every command on configuration files shares.
#[derive(Debug, Clone, Args)]
pub(super) struct InputArguments {
    /// Files to read, folders, or `-` for standard input: configuration files, job commands,
    /// manifests, compose files; `check` searches a folder for all of them, other commands read
    /// its `flink-conf.yaml` or `config.yaml`
    /// [default: the current directory]
    #[arg(value_name = "FILE")]
    pub(super) paths: Vec<PathBuf>,

    /// What the configuration is for, such as flink-1.20, vvr-8.0.5 or emr-3.28.2; `slotwise
    /// targets` lists them all [default: inferred from the file]
    #[arg(long, short, value_name = "TARGET")]
    pub(super) target: Option<Target>,

    /// The command that starts the job, such as 'run -m yarn-cluster -yjm 1024 …', laid over the
    /// file, or checked by itself
    #[arg(long, value_name = "COMMAND")]
    pub(super) job: Option<String>,

    /// A file laid over each configuration, such as a manifest or a script; may be repeated
    #[arg(long = "overlay", value_name = "FILE")]
    pub(super) overlays: Vec<PathBuf>,

    /// Set an option over the file, as Flink's own -D does; may be repeated
    #[arg(short = 'D', value_name = "KEY=VALUE")]
    pub(super) dynamic_properties: Vec<String>,

    /// How to read the files [default: by file name and target]
    #[arg(long, value_enum)]
    pub(super) dialect: Option<DialectArgument>,

    /// The name to go by for a file read from standard input
    #[arg(long, value_name = "NAME", default_value = "flink-conf.yaml")]
    pub(super) stdin_filename: String,

    /// Keyed state backends per slot: one for each stateful operator that shares a slot
    /// [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) backends_per_slot: Option<u32>,

    /// Heed no slotwise.yaml
    #[arg(long)]
    pub(super) isolated: bool,

    #[arg(skip)]
    settings: Arc<OnceLock<SettingsFinder>>,
}

/// Flink's two file dialects, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DialectArgument {
    /// Line by line, as flink-conf.yaml is read
    Legacy,
    /// YAML 1.2, as config.yaml is read from Flink 1.19 on
    Yaml,
}

impl From<DialectArgument> for Dialect {
    fn from(argument: DialectArgument) -> Self {
        match argument {
            DialectArgument::Legacy => Self::Legacy,
            DialectArgument::Yaml => Self::Yaml,
        }
    }
}

/// The name by which the argument of `--job` goes.
const JOB_ARGUMENT: &str = "--job";

/// Files above this are no configuration; the limit keeps memory bounded.
const MAX_FILE_BYTES: u64 = 128 << 20;

impl InputArguments {
    /// The arguments that name one configuration file.
    pub(super) fn for_config(path: &Path, target: Option<Target>) -> Self {
        Self {
            paths: vec![path.to_owned()],
            target,
            job: None,
            overlays: Vec::new(),
            dynamic_properties: Vec::new(),
            dialect: None,
            stdin_filename: "flink-conf.yaml".to_owned(),
            backends_per_slot: None,
            isolated: false,
            settings: Arc::default(),
        }
    }

    /// The files to read, in the order given; a directory stands for the file that Flink reads
    /// there.
    ///
    /// # Errors
    /// A directory without a Flink configuration, and a `-D` without `=`.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, InputError> {
        self.check_properties()?;
        if self.paths.is_empty() {
            return match &self.job {
                Some(_) => Ok(vec![PathBuf::from(JOB_ARGUMENT)]),
                None => Ok(vec![self.file_of(Path::new("."))?]),
            };
        }
        self.paths.iter().map(|path| self.file_of(path)).collect()
    }

    fn check_properties(&self) -> Result<(), InputError> {
        match self.dynamic_properties.iter().find(|text| !text.contains('=')) {
            Some(property) => {
                Err(InputError::new(format!("-D {property}"), "expected KEY=VALUE, found no ="))
            }
            None => Ok(()),
        }
    }

    /// What looks for settings, once.
    pub(super) fn finder(&self) -> &SettingsFinder {
        self.settings.get_or_init(|| {
            if self.isolated { SettingsFinder::isolated() } else { SettingsFinder::default() }
        })
    }

    /// Whether the settings leave a file out of a search.
    pub(super) fn is_excluded(&self, path: &Path) -> bool {
        // What is wrong with the settings is said when the file is read.
        let settings = self.finder().find(path).ok().flatten();
        settings.is_some_and(|file| file.paths.excludes(&absolute(path)))
    }

    /// The files to read, in the order given; a folder stands for every file in it that configures
    /// Flink and is not excluded.
    ///
    /// # Errors
    /// A `-D` without `=`.
    pub(super) fn discovered_files(&self) -> Result<Vec<PathBuf>, InputError> {
        self.check_properties()?;
        let is_job_alone = self.paths.is_empty() && self.job.is_some();
        let folders = self.paths.iter().any(|path| path.is_dir()) || self.paths.is_empty();
        if is_job_alone || !folders {
            return self.files();
        }
        let here = [PathBuf::from(".")];
        let paths = if self.paths.is_empty() { &here[..] } else { &self.paths };
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                let Discovered { files: found, file_count } =
                    discover(path, &|file| self.is_excluded(file));
                if found.is_empty() {
                    super::note(&format!(
                        "nothing in {} configures Flink; {} looked at",
                        path.display(),
                        count_of(file_count, "file")
                    ));
                }
                files.extend(found);
            } else {
                files.push(path.clone());
            }
        }
        Ok(files)
    }

    /// The folders that [`discovered_files`](Self::discovered_files) searches.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        match (self.paths.as_slice(), &self.job) {
            ([], Some(_)) => Vec::new(),
            ([], None) => vec![PathBuf::from(".")],
            (paths, _) => paths.iter().filter(|path| path.is_dir()).cloned().collect(),
        }
    }

    fn file_of(&self, path: &Path) -> Result<PathBuf, InputError> {
        if !path.is_dir() {
            return Ok(path.to_owned());
        }
        let (legacy, standard) = (path.join("flink-conf.yaml"), path.join("config.yaml"));
        let settings = self.finder().find(&legacy)?;
        let target = self
            .target
            .as_ref()
            .or(settings.as_ref().and_then(|file| file.settings.target.as_ref()));
        let release = target.map(Target::release);
        let (legacy_read, standard_read) = match release {
            Some(release) => (release < Release::V2_0, release >= Release::V1_19),
            None => (true, true),
        };
        if legacy_read && legacy.is_file() {
            Ok(legacy)
        } else if standard_read && standard.is_file() {
            Ok(standard)
        } else {
            Err(InputError::new(
                path.display().to_string(),
                "expected a flink-conf.yaml or config.yaml that the target reads, found none",
            ))
        }
    }

    /// Reads one file and decides the targets and dialects of what it configures.
    ///
    /// # Errors
    /// A file that cannot be read, or that is no regular file, or too large.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<Subject>, InputError> {
        if let Some(job) = self.job.as_ref().filter(|_| self.paths.is_empty()) {
            let surroundings = Surroundings::of_unsaved(self.finder(), Path::new("job"))?;
            let source = SourceFile::argument(JOB_ARGUMENT, job);
            let choices = Choices { form: Some(Form::Job), ..self.choices() };
            return self.with_overlays(Subject::all(source, &choices, &surroundings));
        }
        let from_stdin = path == Path::new("-");
        let name = self.name_of(path);
        let bytes = if from_stdin { read_stdin() } else { read_file(path) }
            .map_err(|message| InputError::new(name.clone(), message))?;
        self.read_text(path, bytes)
    }

    /// [`read`](Self::read) of a text that would be that of the file.
    ///
    /// # Errors
    /// A `slotwise.yaml` beside the file that says what it must not.
    pub(super) fn read_text(
        &self,
        path: &Path,
        bytes: Vec<u8>,
    ) -> Result<Vec<Subject>, InputError> {
        let from_stdin = path == Path::new("-");
        let name = self.name_of(path);
        let surroundings = if from_stdin {
            Surroundings::of_unsaved(self.finder(), Path::new(&name))?
        } else {
            Surroundings::of(self.finder(), path)?
        };
        let source = SourceFile::decode(name, bytes);
        self.with_overlays(Subject::all(source, &self.choices(), &surroundings))
    }

    /// Lays `--job` and `--overlay` over each configuration, in this order.
    fn with_overlays(&self, mut subjects: Vec<Subject>) -> Result<Vec<Subject>, InputError> {
        let choices = self.choices();
        let job = self.job.as_ref().filter(|_| !self.paths.is_empty());
        for subject in &mut subjects {
            if let Some(job) = job {
                let source = SourceFile::argument(JOB_ARGUMENT, job);
                subject.overlay(source, Some(Form::Job), &choices)?;
            }
            for path in &self.overlays {
                let name = self.name_of(path);
                let bytes =
                    read_file(path).map_err(|message| InputError::new(name.clone(), message))?;
                subject.overlay(SourceFile::decode(name, bytes), None, &choices)?;
            }
        }
        Ok(subjects)
    }

    /// The subject of a configuration file's text that is in no file yet.
    pub(super) fn subject_of(&self, source: SourceFile, surroundings: Surroundings) -> Subject {
        Subject::new(source, &self.choices(), surroundings)
    }

    /// What people see as the file's name.
    fn name_of(&self, path: &Path) -> String {
        if path == Path::new("-") {
            return self.stdin_filename.clone();
        }
        let name = path.display().to_string();
        name.strip_prefix("./").map(str::to_owned).unwrap_or(name)
    }

    /// What the arguments decide; it outranks `slotwise.yaml`.
    pub(super) fn choices(&self) -> Choices {
        Choices {
            target: self.target.clone().map(|target| (target, "given with --target")),
            dialect: self.dialect.map(Dialect::from),
            form: None,
            dynamic_properties: self.dynamic_properties.clone(),
            backends_per_slot: self.backends_per_slot,
        }
    }

    /// Reads every file on all cores and hands each result to `emit` in the order given.
    ///
    /// Only a batch of files is in memory at a time.
    ///
    /// # Errors
    /// Whatever `emit` returns; the rest is then left out.
    pub(super) fn for_each<T: Send, E>(
        &self,
        files: &[PathBuf],
        work: impl Fn(Result<Subject, InputError>) -> T + Sync,
        mut emit: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let each = |_: &Path, subjects: Result<Vec<Subject>, InputError>| match subjects {
            Ok(subjects) => subjects.into_iter().map(|subject| work(Ok(subject))).collect(),
            Err(error) => vec![work(Err(error))],
        };
        self.for_each_file(files, each, |results: Vec<T>| {
            results.into_iter().try_for_each(&mut emit)
        })
    }

    /// [`for_each`](Self::for_each) with all that a file describes at once.
    ///
    /// # Errors
    /// Whatever `emit` returns; the rest is then left out.
    pub(super) fn for_each_file<T: Send, E>(
        &self,
        files: &[PathBuf],
        work: impl Fn(&Path, Result<Vec<Subject>, InputError>) -> T + Sync,
        mut emit: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        const BATCH: usize = 512;
        if let [file] = files {
            return emit(work(file, self.read(file))); // One file needs no thread pool.
        }
        for batch in files.chunks(BATCH) {
            let results: Vec<T> =
                batch.par_iter().map(|file| work(file, self.read(file))).collect();
            results.into_iter().try_for_each(&mut emit)?;
        }
        Ok(())
    }
}

fn read_stdin() -> Result<Vec<u8>, String> {
    read_all(io::stdin().lock(), MAX_FILE_BYTES).map_err(|error| error.to_string())
}

/// The bytes of a file, unless it is something else, or too large to be a configuration.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    crate::workspace::read_file(path, MAX_FILE_BYTES).map_err(describe)
}

/// The text of a file that people write, or of a report.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    const MAX_BYTES: u64 = 16 << 20;
    crate::workspace::read_text(path, MAX_BYTES).map_err(describe)
}

fn describe(error: io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}
