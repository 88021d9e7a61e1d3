use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::atomic;
use super::rest::{Client, ConnectArguments, RestError, percent_encode};
use crate::catalog::Release;
use crate::cluster::answers::{
    CheckpointConfig, CheckpointDetails, Checkpoints, ClusterConfig, ConfigEntry, Job, JobSummary,
    JobsOverview, MetricAggregate, MetricName, TaskManagers,
};
use crate::cluster::{
    CheckpointSample, Deployed, EstimateError, Observation, Profile, Sample, estimate, preflight,
};
use crate::config::Dialect;
use crate::lint::mask_value;
use crate::render::printable;
use crate::workload::Span;

/// Watch a job of a running cluster and describe its workload
///
/// Asks the JobManager's REST API, read-only, and writes a workload whose every figure says
/// where it comes from and how far off it may be. What Flink does not tell is marked as
/// assumed. A window that is too short to extrapolate from is refused.
#[derive(Debug, Args)]
pub(super) struct ProfileArguments {
    /// The JobManager's address, such as http://jobmanager:8081
    #[arg(value_name = "URL")]
    url: String,

    /// The job, by its id or name [default: the only one that runs]
    #[arg(long, value_name = "ID")]
    job: Option<String>,

    /// How long to watch; the hour or day that matters says more than a minute
    #[arg(long = "for", value_name = "SPAN", default_value = "10m", value_parser = span)]
    window: Span,

    /// The file to write, all at once and at the end [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write the cluster's effective configuration to a file as well, secrets masked
    #[arg(long, value_name = "FILE")]
    save_config: Option<PathBuf>,

    /// Say nothing beside errors
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    connect: ConnectArguments,
}

/// As workloads have it, and `10m` as well.
fn span(text: &str) -> Result<Span, String> {
    let minutes = text.strip_suffix('m').filter(|number| !number.is_empty());
    let text = minutes.map_or(text.to_owned(), |number| format!("{number}min"));
    let span: Span =
        text.parse().map_err(|_| "expected a number with s, m, h or d, such as 10m".to_owned())?;
    // A week of samples still fits into memory.
    if span.millis > 7 * 86_400_000 {
        return Err("expected at most 7d".to_owned());
    }
    Ok(span)
}

/// What a cluster runs with.
///
/// # Errors
/// A cluster that does not answer as Flink does.
pub(super) fn deployed(client: &Client) -> Result<Deployed, RestError> {
    let settings: Vec<ConfigEntry> = client.get("/jobmanager/config")?;
    let task_managers: TaskManagers = client.get("/taskmanagers")?;
    Ok(Deployed {
        address: client.base().to_owned(),
        settings: settings.into_iter().map(|entry| (entry.key, entry.value)).collect(),
        task_managers: task_managers.taskmanagers,
    })
}

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
enum ProfileError {
    #[error("{0}")]
    Rest(#[from] RestError),
    #[error("{0}")]
    Estimate(#[from] EstimateError),
    #[error("{0}")]
    Job(String),
}

/// Watches, and writes the workload.
pub(super) fn run(arguments: &ProfileArguments) -> io::Result<ExitCode> {
    let mut pause = std::thread::sleep;
    let result = Client::new(&arguments.url, &arguments.connect)
        .map_err(ProfileError::from)
        .and_then(|client| watch(&client, arguments, &mut pause))
        .and_then(|observation| Ok((estimate(&observation)?, observation)));
    let (profile, observation) = match result {
        Ok(found) => found,
        Err(error) => {
            super::complain(&error.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    if let Some(path) = &arguments.save_config {
        atomic::write(path, configuration(&observation, path).as_bytes())?;
    }
    match &arguments.output {
        Some(path) => {
            atomic::write(path, profile.to_yaml().as_bytes())?;
            if !arguments.quiet {
                writeln!(super::output::stdout(), "{}", summary(path, &profile))?;
            }
        }
        None => super::output::stdout().write_all(profile.to_yaml().as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The effective configuration as a file of this name is read, secrets masked.
fn configuration(observation: &Observation, path: &Path) -> String {
    let is_2 = observation.flink_version.starts_with("2.");
    let release = if is_2 { Release::V2_0 } else { Release::V1_20 };
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    let dialect = Dialect::of(&name, "", release);
    observation.configuration(|key, value| {
        let value = mask_value(key, value);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
        let is_list = value.starts_with('[') && value.ends_with(']');
        let is_bare = is_list || (!value.is_empty() && value.chars().all(is_plain));
        match dialect {
            // Flink writes lists as YAML does; all else may mean something else in YAML.
            Dialect::Yaml if !is_bare => serde_json::Value::from(value).to_string(),
            Dialect::Yaml | Dialect::Legacy => value,
        }
    })
}

fn summary(path: &Path, profile: &Profile) -> String {
    let workload = &profile.workload;
    let mut lines = vec![format!(
        "{}: {} records a second for {} subtasks",
        path.display(),
        workload.rate.unwrap_or(workload.event_rate),
        workload.parallelism
    )];
    for (operator, notes) in workload.operators.iter().zip(&profile.operators) {
        lines.push(format!(
            "  {}: {} keys of {} bytes; {}",
            operator.name,
            operator.keys.count,
            u64::from(operator.key_bytes) + u64::from(operator.value_bytes.mean()),
            notes.state.note.split(", ").next().unwrap_or("")
        ));
    }
    lines
        .push("Figures marked `assumed` in it are not told by Flink: see whether they hold".into());
    printable_lines(&lines)
}

fn printable_lines(lines: &[String]) -> String {
    lines.iter().map(|line| printable(line).to_string()).collect::<Vec<_>>().join("\n")
}

/// From one sample to the next: Flink renews its metrics every 10 s, and a sample soon after that
/// knows best when.
fn period(window: Span) -> Duration {
    Duration::from_millis((window.millis / 60).clamp(1_000, 5_000))
}

/// Asks for everything, again and again, for as long as the window is.
fn watch(
    client: &Client,
    arguments: &ProfileArguments,
    pause: &mut dyn FnMut(Duration),
) -> Result<Observation, ProfileError> {
    let version: ClusterConfig = client.get("/config")?;
    let id = choose(client, arguments.job.as_deref())?;
    let base = format!("/jobs/{}", percent_encode(&id));
    let job: Job = client.get(&base)?;
    let checkpointing: CheckpointConfig = client.get(&format!("{base}/checkpoints/config"))?;
    preflight(&job, &checkpointing, arguments.window)?;
    let settings: Vec<ConfigEntry> = client.get("/jobmanager/config")?;
    let period = period(arguments.window);
    let step = u64::try_from(period.as_millis()).unwrap_or(u64::MAX).max(1);
    let count = arguments.window.millis / step + 1;
    let progress = progress_bar(arguments, &job, client, count);
    let mut watch = Watch {
        client,
        base,
        wanted: job.vertices.iter().map(|vertex| (vertex.id.clone(), Vec::new())).collect(),
        samples: Vec::new(),
        checkpoints: Vec::new(),
        running_since: job.timestamps.get("RUNNING").copied(),
    };
    let mut failures = 0;
    for index in 0..count {
        let start = Instant::now();
        match watch.sample(index * step) {
            Ok(()) => failures = 0,
            // A JobManager may be away for a moment, and the window is long.
            Err(ProfileError::Rest(_)) if failures < FAILURE_COUNT_MAX && index > 0 => {
                failures += 1
            }
            Err(error) => {
                progress.finish_and_clear();
                return Err(error);
            }
        }
        progress.inc(1);
        if index + 1 < count {
            pause(period.saturating_sub(start.elapsed()));
        }
    }
    progress.finish_and_clear();
    Ok(Observation {
        flink_version: version.flink_version,
        settings: settings.into_iter().map(|entry| (entry.key, entry.value)).collect(),
        job,
        checkpointing,
        samples: watch.samples,
        checkpoints: watch.checkpoints,
    })
}

/// Samples in a row that may fail.
const FAILURE_COUNT_MAX: u32 = 3;
/// For how long names of metrics may still appear: Flink fetches them every 10 s, and only if it
/// was asked.
const NAMES_MILLIS: u64 = 30_000;
/// The addresses of requests are kept below what servers take.
const QUERY_LENGTH_MAX: usize = 3_000;

/// A window in the making.
struct Watch<'c> {
    client: &'c Client,
    /// `/jobs/ID`.
    base: String,
    /// Each vertex and the metrics to ask for.
    wanted: Vec<(String, Vec<String>)>,
    samples: Vec<Sample>,
    checkpoints: Vec<CheckpointSample>,
    running_since: Option<u64>,
}

impl Watch<'_> {
    fn sample(&mut self, elapsed: u64) -> Result<(), ProfileError> {
        let job: Job = self.client.get(&self.base)?;
        if job.state != "RUNNING" || job.timestamps.get("RUNNING").copied() != self.running_since {
            return Err(EstimateError::Restarted.into());
        }
        let mut sample = Sample { at: job.now, ..Sample::default() };
        for (vertex, wanted) in &mut self.wanted {
            let path =
                format!("{}/vertices/{}/subtasks/metrics", self.base, percent_encode(vertex));
            if elapsed < NAMES_MILLIS || wanted.is_empty() {
                let names: Vec<MetricName> = self.client.get(&path)?;
                let names: Vec<String> = names.into_iter().map(|name| name.id).collect();
                *wanted = Observation::wanted_metrics(&names);
                wanted.sort();
            }
            for query in queries(wanted) {
                let answer: Vec<MetricAggregate> =
                    self.client.get(&format!("{path}?get={query}&agg=min,max,sum"))?;
                sample.add(vertex, &answer);
            }
        }
        self.samples.push(sample);
        self.newest_checkpoint()
    }

    /// Adds the newest completed checkpoint, unless it is known. Of several between two samples
    /// one is enough.
    fn newest_checkpoint(&mut self) -> Result<(), ProfileError> {
        let all: Checkpoints = self.client.get(&format!("{}/checkpoints", self.base))?;
        let completed = all
            .history
            .iter()
            .filter(|checkpoint| checkpoint.status == "COMPLETED" && !checkpoint.is_savepoint);
        let Some(newest) = completed.max_by_key(|checkpoint| checkpoint.id) else { return Ok(()) };
        if self.checkpoints.iter().any(|known| known.id == newest.id) {
            return Ok(());
        }
        let path = format!("{}/checkpoints/details/{}", self.base, newest.id);
        match self.client.get::<CheckpointDetails>(&path) {
            Ok(details) => self.checkpoints.push(CheckpointSample::from(&details)),
            // Flink forgets old ones.
            Err(error) if error.status == Some(404) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// The names for one request each.
fn queries(names: &[String]) -> Vec<String> {
    let mut queries: Vec<String> = Vec::new();
    for name in names {
        let name = percent_encode(name);
        match queries.last_mut() {
            Some(query) if query.len() + name.len() < QUERY_LENGTH_MAX => {
                query.push(',');
                query.push_str(&name);
            }
            _ => queries.push(name),
        }
    }
    queries
}

/// The id of the job to watch.
fn choose(client: &Client, wanted: Option<&str>) -> Result<String, ProfileError> {
    let overview: JobsOverview = client.get("/jobs/overview")?;
    let matching: Vec<&JobSummary> = overview
        .jobs
        .iter()
        .filter(|job| match wanted {
            Some(wanted) => job.jid == wanted || job.name == wanted,
            None => job.state == "RUNNING",
        })
        .collect();
    // Of several runs of a name, the one that runs.
    let running: Vec<&&JobSummary> = matching.iter().filter(|job| job.state == "RUNNING").collect();
    let chosen = match (matching.as_slice(), running.as_slice()) {
        ([job], _) => Some(*job),
        (_, [job]) => Some(**job),
        _ => None,
    };
    let list = |jobs: &[&JobSummary]| {
        let shown =
            jobs.iter().take(10).map(|job| format!("{} ({}, {})", job.jid, job.name, job.state));
        shown.collect::<Vec<_>>().join("; ")
    };
    chosen.map(|job| job.jid.clone()).ok_or_else(|| {
        let all: Vec<&JobSummary> = overview.jobs.iter().collect();
        ProfileError::Job(match (wanted, matching.len()) {
            (None, 0) if all.is_empty() => {
                format!("{}: found no job, expected a running one", client.base())
            }
            (None, 0) => {
                format!("{}: found no running job; there are {}", client.base(), list(&all))
            }
            (None, count) => format!(
                "{}: found {count} running jobs, expected --job with one of them: {}",
                client.base(),
                list(&matching)
            ),
            (Some(wanted), 0) => format!(
                "{}: found no job {wanted:?}, expected the id or name of one: {}",
                client.base(),
                list(&all)
            ),
            (Some(wanted), count) => format!(
                "{}: found {count} jobs {wanted:?}, expected the id of one: {}",
                client.base(),
                list(&matching)
            ),
        })
    })
}

fn progress_bar(
    arguments: &ProfileArguments,
    job: &Job,
    client: &Client,
    count: u64,
) -> ProgressBar {
    if arguments.quiet {
        return ProgressBar::hidden();
    }
    let mut error = io::stderr();
    let watching = format!("watching {:?} at {} for {}", job.name, client.base(), arguments.window);
    let _ = writeln!(error, "{}", printable(&watching));
    if !error.is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {elapsed} of the window, {eta} left");
    ProgressBar::new(count).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;
    use crate::cli::rest::tests::{Server, client, respond};
    use crate::workload::Workload;

    type Answers = BTreeMap<String, Vec<Value>>;

    /// Of this many answers that were recorded, one was kept.
    const KEPT: usize = 5;

    fn recorded() -> Answers {
        let text = include_str!("../../fixtures/cluster/flink-1.20/answers.json");
        serde_json::from_str(text).unwrap()
    }

    /// Serves what was recorded, as time went on, and refuses all but reading.
    fn serve(answers: Answers) -> Server {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        Server::start(move |head, stream| {
            let path = head.strip_prefix("GET ").unwrap_or_default().split(' ').next().unwrap();
            let path = match path.split_once('?') {
                Some((path, _)) => format!("{path}?"),
                None => path.to_owned(),
            };
            let count = counts.entry(path.clone()).or_default();
            let at = *count / KEPT;
            *count += 1;
            match answers.get(&path).and_then(|all| all.get(at).or(all.last())) {
                Some(answer) => respond(stream, 200, "", answer.to_string().as_bytes()),
                None => respond(stream, 404, "", b"{}"),
            }
        })
    }

    fn arguments(more: &[&str]) -> ProfileArguments {
        #[derive(clap::Parser)]
        struct Parsed {
            #[command(flatten)]
            arguments: ProfileArguments,
        }
        let default: &[&str] = if more.contains(&"--for") { &[] } else { &["--for", "1m"] };
        let all = ["profile", "http://unused", "--quiet"].iter().chain(default).chain(more);
        <Parsed as clap::Parser>::parse_from(all).arguments
    }

    fn profile(answers: Answers, more: &[&str]) -> Result<(Profile, Observation), String> {
        let server = serve(answers);
        let told = |error: ProfileError| error.to_string().replace(&server.url, "URL");
        let observation =
            watch(&client(&server.url), &arguments(more), &mut |_| {}).map_err(told)?;
        let profile = estimate(&observation).map_err(|error| told(error.into()))?;
        Ok((profile, observation))
    }

    fn each(answers: &mut Answers, path_end: &str, change: impl Fn(usize, &mut Value)) {
        let matching = answers.iter_mut().filter(|(path, _)| path.ends_with(path_end));
        for (_, all) in matching {
            all.iter_mut().enumerate().for_each(|(index, answer)| change(index, answer));
        }
    }

    const JOB: &str = "6f6bbf85ed03662b59cc8ec92bb8afcc";

    #[test]
    fn a_recorded_cluster_gives_this_workload() {
        let (profile, observation) = profile(recorded(), &[]).unwrap();
        let yaml = profile.to_yaml();
        insta::assert_snapshot!(yaml);
        assert_eq!(Workload::parse("w.yaml", &yaml), Ok(profile.workload));
        let legacy = configuration(&observation, Path::new("flink-conf.yaml"));
        assert!(legacy.contains("s3.secret-key: ******\n"), "{legacy}");
        let yaml = configuration(&observation, Path::new("config.yaml"));
        assert!(yaml.contains("s3.secret-key: \"******\"\n"), "{yaml}");
        let values: BTreeMap<String, Value> = serde_yaml::from_str(&yaml).unwrap();
        assert_eq!(values.len(), observation.settings.len());
    }

    #[test]
    fn too_little_is_refused() {
        let refusal = |answers, more: &[&str]| profile(answers, more).unwrap_err();
        insta::assert_snapshot!(
            refusal(recorded(), &["--for", "59s"]),
            @"a window of 59s is too short to extrapolate from: expected 1min or more, as Flink renews its metrics every 10 s"
        );
        let mut rare = recorded();
        each(&mut rare, "/checkpoints/config", |_, answer| answer["interval"] = 600_000.into());
        insta::assert_snapshot!(
            refusal(rare, &[]),
            @"a window of 1min is too short to extrapolate from: expected 30min or more, three intervals of the job's checkpoints"
        );
        let mut off = recorded();
        each(&mut off, "/checkpoints/config", |_, answer| answer["interval"] = i64::MAX.into());
        insta::assert_snapshot!(
            refusal(off, &[]),
            @r#"job "count bids" takes no checkpoints, so Flink does not tell how large its state is; set `execution.checkpointing.interval`"#
        );
        let mut failing = recorded();
        each(&mut failing, "/checkpoints", |_, answer| answer["history"] = Value::Array(vec![]));
        insta::assert_snapshot!(
            refusal(failing, &[]),
            @"found 0 completed checkpoints in the window, expected at least 2: watch for longer than two intervals of 2s, or see why checkpoints fail"
        );
        let mut idle = recorded();
        idle.retain(|path, _| !path.ends_with('?'));
        each(&mut idle, "/metrics", |_, answer| *answer = Value::Array(vec![]));
        insta::assert_snapshot!(
            refusal(idle, &[]),
            @"the sources sent 0 records in the window, expected at least 1000 over at least 3 updates of the metrics: too little to tell a rate"
        );
        let mut restarted = recorded();
        each(&mut restarted, JOB, |index, answer| {
            if index > 6 {
                answer["timestamps"]["RUNNING"] = 1.into();
            }
        });
        insta::assert_snapshot!(
            refusal(restarted, &[]),
            @"the job restarted during the window, so its counters do not add up; start again once it is stable"
        );
    }

    #[test]
    fn the_job_is_found_or_asked_for() {
        assert!(profile(recorded(), &["--job", JOB]).is_ok());
        assert!(profile(recorded(), &["--job", "count bids"]).is_ok());
        insta::assert_snapshot!(
            profile(recorded(), &["--job", "x"]).unwrap_err(),
            @r#"URL: found no job "x", expected the id or name of one: 6f6bbf85ed03662b59cc8ec92bb8afcc (count bids, RUNNING)"#
        );
        let mut two = recorded();
        each(&mut two, "/jobs/overview", |_, answer| {
            let job = answer["jobs"][0].clone();
            answer["jobs"].as_array_mut().unwrap().push(job);
        });
        insta::assert_snapshot!(
            profile(two, &[]).unwrap_err(),
            @"URL: found 2 running jobs, expected --job with one of them: 6f6bbf85ed03662b59cc8ec92bb8afcc (count bids, RUNNING); 6f6bbf85ed03662b59cc8ec92bb8afcc (count bids, RUNNING)"
        );
    }

    #[test]
    fn without_metrics_of_rocksdb_keys_are_a_guess_by_record_size() {
        let mut plain = recorded();
        each(&mut plain, "/metrics", |_, answer| {
            let names = answer.as_array_mut().unwrap();
            names.retain(|name| !name["id"].as_str().unwrap().contains("rocksdb"));
        });
        each(&mut plain, "?", |_, answer| {
            let metrics = answer.as_array_mut().unwrap();
            metrics.retain(|metric| !metric["id"].as_str().unwrap().contains("rocksdb"));
        });
        let (profile, _) = profile(plain, &[]).unwrap();
        let [operator] = profile.workload.operators.as_slice() else { panic!("one operator") };
        let entry = u64::from(operator.key_bytes) + u64::from(operator.value_bytes.mean());
        let state = operator.keys.count * entry;
        // The median of the checkpoints, as RocksDB's metrics only part it into keys.
        assert!((14_000_000..15_500_000).contains(&state), "{state}");
        assert!(profile.to_yaml().contains("off by 10 times"), "{}", profile.to_yaml());
    }

    #[test]
    fn what_runs_is_read_for_comparison() {
        let server = serve(recorded());
        let deployed = deployed(&client(&server.url)).unwrap();
        let slots = ("taskmanager.numberOfTaskSlots".to_owned(), "2".to_owned());
        assert!(deployed.settings.contains(&slots));
        let pools: Vec<_> = deployed.task_managers.iter().map(|it| it.memory).collect();
        assert_eq!(pools.len(), 1);
        assert_eq!(pools[0].unwrap().managed_memory, Some(536_870_920));
    }
}
