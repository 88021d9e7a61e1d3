use std::fmt;

use super::gemini::{GEMINI_PREFIX, GeminiSupport, gemini_option, gemini_spelling};
use super::option::{ReleaseSet, releases_that_read};
use super::{Release, Target};

/// Why a target was chosen; `Display` is a sentence without its period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is the newest release that reads a file of this name, which is the one given.
    NewestThatReads(String),
    /// The file's name says nothing, so it is the newest release.
    Newest,
    /// A key of the file is known up to this target only, or from it on.
    KnowsKey(String),
    /// The file configures GeminiStateBackend with this key, or names it as the backend.
    Gemini(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewestThatReads(name) => write!(f, "the newest release that reads {name}"),
            Self::Newest => f.write_str("the newest release"),
            Self::KnowsKey(key) => write!(f, "the newest release that knows {key}"),
            Self::Gemini(key) => {
                write!(f, "the likeliest engine with GeminiStateBackend, which {key} is for")
            }
        }
    }
}

/// Engines with Gemini, the likeliest first where a file fits several alike: files that people
/// keep are EMR's, as the other products are configured in a console.
const GEMINI_TARGETS: [&str; 7] =
    ["emr-3.32.0", "vvr-11.7", "vvr-8.0.11", "vvr-6.0.7", "vvr-4.0.18", "vvr-3.0.2", "emr-3.29.0"];

/// The target that a file is most likely written for: the one that knows most of its keys.
///
/// `settings` are the keys and values of the file. Of targets that know as many, it is the newest
/// that reads a file of that name.
pub fn infer_target<'k>(
    file_name: &str,
    settings: impl Iterator<Item = (&'k str, &'k str)>,
) -> (Target, Why) {
    let (first, last) = match file_name {
        "flink-conf.yaml" => (Release::V1_10, Release::V1_20),
        "config.yaml" => (Release::V1_19, Release::LATEST),
        _ => (Release::V1_10, Release::LATEST),
    };
    let mut known = KnownKeys::default();
    let mut gemini = None;
    let mut gemini_keys: Vec<&'k str> = Vec::new();
    for (key, value) in settings {
        if key.starts_with(GEMINI_PREFIX) {
            gemini_keys.push(key);
            gemini = gemini.or(Some(key));
        } else {
            known.add(key);
            let backend = matches!(key, "state.backend" | "state.backend.type");
            if backend && gemini_spelling(value).is_some() {
                gemini = gemini.or(Some(key));
            }
        }
    }
    if let Some(key) = gemini {
        return (gemini_target(&known, &gemini_keys, first..=last), Why::Gemini(key.to_owned()));
    }

    let candidates = Release::ALL.into_iter().filter(|release| (first..=last).contains(release));
    let best = candidates.max_by_key(|release| (known.count(*release), *release)).unwrap_or(last);
    let why = match known.deciding_key(best, last) {
        Some(key) if best != last => Why::KnowsKey(key.to_owned()),
        _ if matches!(file_name, "flink-conf.yaml" | "config.yaml") => {
            Why::NewestThatReads(file_name.to_owned())
        }
        _ => Why::Newest,
    };
    (Target::flink(best), why)
}

fn gemini_target(
    known: &KnownKeys<'_>,
    gemini_keys: &[&str],
    releases: std::ops::RangeInclusive<Release>,
) -> Target {
    let candidates = GEMINI_TARGETS.iter().rev().filter_map(|name| name.parse::<Target>().ok());
    let supported = |target: &Target| {
        let supports = |key: &&&str| {
            gemini_option(key)
                .is_some_and(|option| option.support(target) == GeminiSupport::Supported)
        };
        gemini_keys.iter().filter(supports).count()
    };
    // Of equals the last one counts, which is the first of the table.
    let best = candidates
        .filter(|target| releases.contains(&target.release()))
        .max_by_key(|target| (supported(target), known.count(target.release())));
    best.unwrap_or_else(|| Target::flink(*releases.end()))
}

/// How many keys of a file each release knows.
#[derive(Debug, Default)]
struct KnownKeys<'k> {
    counts: [u32; Release::ALL.len()],
    /// The keys, with the releases that know them.
    keys: Vec<(&'k str, ReleaseSet)>,
}

impl<'k> KnownKeys<'k> {
    fn add(&mut self, key: &'k str) {
        let releases = releases_that_read(key);
        for (release, count) in Release::ALL.into_iter().zip(&mut self.counts) {
            *count += u32::from(releases.contains(release));
        }
        self.keys.push((key, releases));
    }

    fn count(&self, release: Release) -> u32 {
        self.counts.get(release.index()).copied().unwrap_or(0)
    }

    /// A key that `chosen` knows and `newest` does not.
    fn deciding_key(&self, chosen: Release, newest: Release) -> Option<&'k str> {
        let decides = |(_, releases): &&(&str, ReleaseSet)| {
            releases.contains(chosen) && !releases.contains(newest)
        };
        self.keys.iter().find(decides).map(|(key, _)| *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file_name: &str, text: &str, target: &str, why: &str) {
        let settings = text.lines().filter_map(|line| line.split_once(": "));
        let (inferred, reason) = infer_target(file_name, settings);
        assert_eq!((inferred.name(), reason.to_string().as_str()), (target, why), "{text}");
    }

    #[test]
    fn the_name_alone_leads_to_the_newest_reader() {
        let memory = "taskmanager.memory.process.size: 2g";
        check(
            "flink-conf.yaml",
            memory,
            "flink-1.20",
            "the newest release that reads flink-conf.yaml",
        );
        check("config.yaml", memory, "flink-2.3", "the newest release that reads config.yaml");
        check("prod.yaml", memory, "flink-2.3", "the newest release");
        check("prod.yaml", "", "flink-2.3", "the newest release");
    }

    #[test]
    fn a_key_of_some_releases_only_decides() {
        check(
            "flink-conf.yaml",
            "mesos.master: x\nparallelism.default: 1",
            "flink-1.13",
            "the newest release that knows mesos.master",
        );
        check(
            "prod.yaml",
            "taskmanager.heap.size: 1g",
            "flink-1.20",
            "the newest release that knows taskmanager.heap.size",
        );
        // One left-over key does not outweigh two that are new.
        check(
            "flink-conf.yaml",
            "mesos.master: x\nstate.backend.type: rocksdb\nexecution.checkpointing.incremental: true",
            "flink-1.20",
            "the newest release that reads flink-conf.yaml",
        );
    }

    #[test]
    fn gemini_keys_lead_to_an_engine_that_has_them() {
        let why =
            |key: &str| format!("the likeliest engine with GeminiStateBackend, which {key} is for");
        let gemini = |rest: &str, target| {
            let key = format!("state.backend.gemini.{rest}");
            check("flink-conf.yaml", &format!("{key}: x"), target, &why(&key));
        };
        gemini("offheap.size", "emr-3.32.0");
        gemini("total.writebuffer.size", "vvr-11.7");
        gemini("file.cache.lazy-restore", "vvr-6.0.7");
        gemini("no-such", "emr-3.32.0");
        let factory = "com.alibaba.flink.statebackend.GeminiStateBackendFactory";
        let text = format!("state.backend: {factory}");
        check("flink-conf.yaml", &text, "emr-3.32.0", &why("state.backend"));
        check("config.yaml", &text, "vvr-11.7", &why("state.backend"));
    }
}
