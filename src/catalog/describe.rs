use super::option::Place;
use super::{GEMINI_PREFIX, OptionHistory, Release};

/// `KEY<tab>text` a line, sorted; a key that ends with `*` stands for all that start so.
static DESCRIPTIONS: &str = include_str!("data/descriptions.tsv");

/// What an option does, in our own words; `None` where nobody has written it down yet.
pub fn description(key: &str) -> Option<&'static str> {
    described(key).or_else(|| {
        // From the longest prefix to the shortest.
        key.rmatch_indices('.').find_map(|(dot, _)| described(&format!("{}.*", key.get(..dot)?)))
    })
}

fn described(key: &str) -> Option<&'static str> {
    let finder = memchr::memmem::Finder::new(key.as_bytes());
    finder.find_iter(DESCRIPTIONS.as_bytes()).find_map(|at| {
        let starts_line = DESCRIPTIONS.get(..at)?.chars().next_back().is_none_or(|c| c == '\n');
        let text = DESCRIPTIONS.get(at + key.len()..)?.strip_prefix('\t')?;
        starts_line.then(|| text.lines().next())?
    })
}

/// When a change of an option counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Read when a process starts: a job cannot change it.
    Cluster,
    /// Read when a job is submitted: code, or `-D` of the submission, can still change it.
    Job,
}

/// Prefixes of options of one scope; the longest that fits counts, `None` is "not known".
///
/// Source: which configuration the declaring classes are read with, Flink 1.10 to 2.3.
static SCOPES: &[(&str, Option<Scope>)] = &[
    ("akka.", Some(Scope::Cluster)),
    ("blob.", Some(Scope::Cluster)),
    ("cluster.", Some(Scope::Cluster)),
    ("env.", Some(Scope::Cluster)),
    ("execution.", Some(Scope::Job)),
    ("execution.checkpointing.file-merging.", None),
    ("execution.checkpointing.local-backup.", None),
    ("execution.checkpointing.num-retained", None),
    ("heartbeat.", Some(Scope::Cluster)),
    ("high-availability", Some(Scope::Cluster)),
    ("historyserver.", Some(Scope::Cluster)),
    ("io.tmp.dirs", Some(Scope::Cluster)),
    ("jobmanager.", Some(Scope::Cluster)),
    ("jobstore.", Some(Scope::Cluster)),
    ("kubernetes.", Some(Scope::Cluster)),
    ("mesos.", Some(Scope::Cluster)),
    ("metrics.", Some(Scope::Cluster)),
    ("parallelism.default", Some(Scope::Job)),
    ("pekko.", Some(Scope::Cluster)),
    ("pipeline.", Some(Scope::Job)),
    ("process.", Some(Scope::Cluster)),
    ("queryable-state.", Some(Scope::Cluster)),
    ("resourcemanager.", Some(Scope::Cluster)),
    ("rest.", Some(Scope::Cluster)),
    ("restart-strategy", Some(Scope::Job)),
    ("security.", Some(Scope::Cluster)),
    ("slot.", Some(Scope::Cluster)),
    ("slotmanager.", Some(Scope::Cluster)),
    ("state.backend", Some(Scope::Job)),
    ("state.backend.forst.memory.fixed-per-tm", Some(Scope::Cluster)),
    ("state.backend.local-recovery", None),
    ("state.backend.rocksdb.memory.fixed-per-tm", Some(Scope::Cluster)),
    ("state.checkpoints.dir", Some(Scope::Job)),
    ("state.savepoints.dir", Some(Scope::Job)),
    ("table.", Some(Scope::Job)),
    ("taskmanager.", Some(Scope::Cluster)),
    ("web.", Some(Scope::Cluster)),
    ("yarn.", Some(Scope::Cluster)),
];

/// When a change of the option of this key counts, where that is known.
pub fn scope(key: &str) -> Option<Scope> {
    let fits = SCOPES.iter().filter(|(prefix, _)| key.starts_with(prefix));
    fits.max_by_key(|(prefix, _)| prefix.len())?.1
}

/// The official page that documents an option of `release`, at the option.
pub fn documentation_url(option: &OptionHistory, release: Release) -> Option<String> {
    if !matches!(option.place, Place::File | Place::Pattern) {
        return None;
    }
    let page = if option.key.starts_with("table.") || option.key.starts_with("sql-client.") {
        "dev/table/config"
    } else if option.key.starts_with("python.") {
        "dev/python/python_config"
    } else if release <= Release::V1_11 {
        "ops/config"
    } else {
        "deployment/config"
    };
    // The pages' generator lower-cases a key and writes each run of other characters as a hyphen.
    let words = option.key.split(|c: char| !c.is_ascii_alphanumeric());
    let anchor = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    let anchor = anchor.to_ascii_lowercase();
    let base = "https://nightlies.apache.org/flink/flink-docs-release-";
    // From 1.13 on the documentation is built by another generator, with other paths.
    Some(if release <= Release::V1_12 {
        format!("{base}{release}/{page}.html#{anchor}")
    } else {
        format!("{base}{release}/docs/{page}/#{anchor}")
    })
}

/// The page that documents GeminiStateBackend's options.
pub fn gemini_documentation_url(key: &str) -> Option<&'static str> {
    key.starts_with(GEMINI_PREFIX).then_some(
        "https://www.alibabacloud.com/help/en/flink/configurations-of-geministatebackend",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{option, options};

    #[test]
    fn descriptions_are_sorted_short_sentences_on_options_that_exist() {
        let lines: Vec<(&str, &str)> =
            DESCRIPTIONS.lines().map(|line| line.split_once('\t').unwrap()).collect();
        assert!(lines.is_sorted_by(|a, b| a.0 < b.0));
        for (key, text) in lines {
            let known = match key.strip_suffix('*') {
                Some(prefix) => options().iter().any(|option| option.key.starts_with(prefix)),
                None => option(key).is_some(),
            };
            assert!(known, "{key} is no option");
            assert!(text.ends_with('.') && text.len() < 250, "{key}: {text}");
        }
    }

    #[test]
    fn a_prefix_describes_what_has_no_text_of_its_own() {
        assert!(description("taskmanager.memory.process.size").unwrap().contains("process"));
        let metric = description("state.backend.rocksdb.metrics.block-cache-usage").unwrap();
        assert!(metric.contains("metric"));
        assert_eq!(description("no.such.key"), None);
        assert_eq!(description("memory.process.size"), None);
    }

    #[test]
    fn links_follow_the_documentation_s_layout() {
        let url = |key, release| documentation_url(option(key).unwrap(), release).unwrap();
        let base = "https://nightlies.apache.org/flink/flink-docs-release-";
        assert_eq!(
            url("taskmanager.numberOfTaskSlots", Release::V1_20),
            format!("{base}1.20/docs/deployment/config/#taskmanager-numberoftaskslots")
        );
        assert_eq!(
            url("taskmanager.memory.process.size", Release::V1_10),
            format!("{base}1.10/ops/config.html#taskmanager-memory-process-size")
        );
        assert_eq!(
            url("table.exec.state.ttl", Release::V1_17),
            format!("{base}1.17/docs/dev/table/config/#table-exec-state-ttl")
        );
    }

    #[test]
    fn the_longest_prefix_decides_the_scope() {
        assert_eq!(scope("taskmanager.memory.process.size"), Some(Scope::Cluster));
        assert_eq!(scope("state.backend.rocksdb.memory.managed"), Some(Scope::Job));
        assert_eq!(scope("state.backend.rocksdb.memory.fixed-per-tm"), Some(Scope::Cluster));
        assert_eq!(scope("execution.checkpointing.num-retained"), None);
        assert_eq!(scope("unheard.of"), None);
    }
}
