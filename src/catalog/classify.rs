use super::namespace::{Namespace, Openness, namespace, pattern_option};
use super::option::{Place, releases_that_read};
use super::recall::suggestions;
use super::{
    Alternate, GeminiOption, OptionEntry, OptionHistory, Release, Target, ValueType, gemini_option,
    option, options_with_alternate,
};

/// What a key of a configuration is to a target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Classification {
    /// An option of the target, under its own key.
    Known {
        /// The option.
        option: &'static OptionHistory,
        /// As the target's release has it.
        entry: &'static OptionEntry,
    },
    /// A deprecated or fallback key of an option of the target.
    Alias {
        /// The option; the first one, where several are read under the key.
        option: &'static OptionHistory,
        /// As the target's release has it.
        entry: &'static OptionEntry,
        /// The key, and whether it is deprecated.
        alternate: Alternate,
    },
    /// An option of GeminiStateBackend; [`GeminiOption::support`] says whether the target has it.
    Gemini(&'static GeminiOption),
    /// An entry of an option that holds a map, such as `kubernetes.jobmanager.labels.team`.
    MapEntry {
        /// The option.
        option: &'static OptionHistory,
        /// As the target's release has it.
        entry: &'static OptionEntry,
    },
    /// A key of the user's own making, read by prefix.
    Pattern {
        /// What reads it.
        namespace: &'static Namespace,
        /// The option that says what values it takes, where there is one.
        option: Option<&'static OptionHistory>,
    },
    /// An option that earlier releases had.
    Removed {
        /// The last release that read the key.
        last: Release,
        /// The option of the target that does the same.
        replacement: Option<&'static str>,
    },
    /// An option that later releases have.
    NotYet {
        /// The first release that reads the key.
        first: Release,
        /// The key under which the target has the option.
        instead: Option<&'static str>,
    },
    /// An option that means nothing in this place of a configuration file.
    Misplaced(&'static OptionHistory),
    /// Nothing that Flink reads.
    Unknown,
}

/// Replacements that no deprecated key tells, from the release notes and the deprecation notes of
/// the options themselves.
static REPLACEMENTS: &[(&str, &str)] = &[
    ("cluster.evenly-spread-out-slots", "taskmanager.load-balance.mode"),
    ("containerized.heap-cutoff-min", "taskmanager.memory.jvm-overhead.min"),
    ("containerized.heap-cutoff-ratio", "taskmanager.memory.jvm-overhead.fraction"),
    ("jobmanager.heap.mb", "jobmanager.memory.heap.size"),
    ("jobmanager.heap.size", "jobmanager.memory.heap.size"),
    ("mesos.resourcemanager.tasks.mem", "taskmanager.memory.process.size"),
    ("pipeline.default-kryo-serializers", "pipeline.serialization-config"),
    ("pipeline.registered-kryo-types", "pipeline.serialization-config"),
    ("pipeline.registered-pojo-types", "pipeline.serialization-config"),
    ("security.ssl.enabled", "security.ssl.internal.enabled"),
    ("slotmanager.request-timeout", "slot.request.timeout"),
    ("sql-client.display.max-column-width", "table.display.max-column-width"),
    (
        "table.exec.deduplicate.mini-batch.compact-changes",
        "table.exec.deduplicate.mini-batch.compact-changes-enabled",
    ),
    (
        "table.exec.insert-and-updateafter-sensitive",
        "table.exec.deduplicate.insert-update-after-sensitive-enabled",
    ),
    ("table.exec.shuffle-mode", "execution.batch-shuffle-mode"),
    ("table.exec.topn.cache-size", "table.exec.rank.topn-cache-size"),
    ("taskmanager.heap.mb", "taskmanager.memory.flink.size"),
    ("taskmanager.heap.size", "taskmanager.memory.flink.size"),
    ("taskmanager.network.numberOfBuffers", "taskmanager.memory.network.fraction"),
    ("web.ssl.enabled", "security.ssl.rest.enabled"),
];

/// What `key` is to `target`.
pub fn classify(key: &str, target: &Target) -> Classification {
    classify_exactly(key, target).unwrap_or_else(|| match namespace(key) {
        Some(namespace) if suggestions(key, target).is_empty() => {
            Classification::Pattern { namespace, option: None }
        }
        _ => Classification::Unknown,
    })
}

/// What `key` is to `target`; `None` if that depends on whether it resembles another one, which
/// takes longer to find out.
pub fn classify_exactly(key: &str, target: &Target) -> Option<Classification> {
    let release = target.release();
    let own = option(key);
    let alias = options_with_alternate(key, release).next();
    // Some old keys stay declared beside the option that took them over; that one reads them.
    let taken_over = alias.is_some_and(|(_, alternate)| alternate.deprecated);
    if let Some(option) = own
        && let Some(entry) = option.at(release)
        && !(entry.deprecated && taken_over)
    {
        return Some(match option.place {
            Place::File | Place::Pattern => Classification::Known { option, entry },
            Place::Suffix | Place::Sql | Place::Internal => Classification::Misplaced(option),
        });
    }
    if let Some((option, alternate)) = alias
        && let Some(entry) = option.at(release)
    {
        return Some(Classification::Alias { option, entry, alternate });
    }
    if let Some(option) = gemini_option(key) {
        return Some(Classification::Gemini(option));
    }
    if let Some((option, entry)) = map_option(key, release) {
        return Some(Classification::MapEntry { option, entry });
    }
    let namespace = namespace(key);
    if let Some(namespace) = namespace.filter(|found| found.openness == Openness::Open) {
        return Some(Classification::Pattern { namespace, option: pattern_option(key) });
    }
    if let Some(last) = releases_that_read(key).last().filter(|last| *last < release) {
        let replacement = replacement(key, release);
        return Some(Classification::Removed { last, replacement });
    }
    if let Some(option) = own.filter(|option| option.first_release() > release) {
        let first = option.first_release();
        return Some(Classification::NotYet { first, instead: earlier_key(option, release) });
    }
    namespace.is_none().then_some(Classification::Unknown)
}

/// The option of a map that `key` is an entry of.
fn map_option(
    key: &str,
    release: Release,
) -> Option<(&'static OptionHistory, &'static OptionEntry)> {
    key.match_indices('.').find_map(|(dot, _)| {
        let option = option(key.get(..dot)?)?;
        let entry = option.at(release)?;
        (entry.value_type == ValueType::Map && option.place == Place::File && dot + 1 < key.len())
            .then_some((option, entry))
    })
}

/// The option of `release` that took over what `key` did.
fn replacement(key: &str, release: Release) -> Option<&'static str> {
    let mut key = key;
    // Renamed more than once at most a few times; the bound only rules out a circle.
    for _ in 0..4 {
        let renamed = Release::ALL.into_iter().rev().find_map(|earlier| {
            options_with_alternate(key, earlier).map(|(option, _)| option).next()
        });
        let written = REPLACEMENTS.iter().find(|(old, _)| *old == key).map(|(_, new)| *new);
        let next = renamed.map(|option| option.key).or(written)?;
        if option(next).is_some_and(|option| option.at(release).is_some()) {
            return Some(next);
        }
        key = next;
    }
    None
}

/// The key under which an older release has the option.
fn earlier_key(later: &'static OptionHistory, release: Release) -> Option<&'static str> {
    let mut alternates = later.entries.iter().flat_map(|entry| entry.alternates);
    alternates
        .find(|alternate| option(alternate.key).is_some_and(|option| option.at(release).is_some()))
        .map(|alternate| alternate.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(key: &str, target: &str) -> Classification {
        classify(key, &target.parse().unwrap())
    }

    #[test]
    fn options_and_aliases() {
        assert!(matches!(
            class("taskmanager.memory.process.size", "flink-1.10"),
            Classification::Known { .. }
        ));
        for target in ["flink-1.20", "flink-2.3"] {
            let Classification::Alias { option, alternate, .. } = class("state.backend", target)
            else {
                panic!("no alias");
            };
            assert_eq!((option.key, alternate.deprecated), ("state.backend.type", true));
        }
    }

    #[test]
    fn a_deprecated_option_that_another_took_over_is_an_alias() {
        let key = "taskmanager.network.memory.fraction";
        let Classification::Alias { option, .. } = class(key, "flink-1.20") else {
            panic!("no alias");
        };
        assert_eq!(option.key, "taskmanager.memory.network.fraction");
    }

    #[test]
    fn removed_options_name_their_last_release_and_replacement() {
        let check = |key: &str, target: &str, release: Release, new: Option<&'static str>| {
            let expected = Classification::Removed { last: release, replacement: new };
            assert_eq!(class(key, target), expected, "{key}");
        };
        let last = Release::V1_20;
        check("taskmanager.heap.size", "flink-2.0", last, Some("taskmanager.memory.flink.size"));
        check("jobmanager.web.ssl.enabled", "flink-2.3", last, Some("security.ssl.rest.enabled"));
        check("state.backend.async", "flink-2.0", last, None);
        check("mesos.master", "flink-1.14", Release::V1_13, None);
        check(
            "yarn.heap-cutoff-ratio",
            "flink-1.11",
            Release::V1_10,
            Some("taskmanager.memory.jvm-overhead.fraction"),
        );
    }

    #[test]
    fn the_state_backends_type_is_not_removed_in_2_0() {
        // The release notes list a removed field with the same key; the option stays.
        assert!(matches!(class("state.backend.type", "flink-2.0"), Classification::Known { .. }));
    }

    #[test]
    fn options_of_later_releases() {
        assert_eq!(
            class("state.backend.type", "flink-1.14"),
            Classification::NotYet { first: Release::V1_17, instead: Some("state.backend") }
        );
        assert_eq!(
            class("job-result-store.storage-path", "flink-1.14"),
            Classification::NotYet { first: Release::V1_15, instead: None }
        );
    }

    #[test]
    fn maps_patterns_and_misplaced_keys() {
        assert!(matches!(
            class("kubernetes.jobmanager.labels.team", "flink-1.20"),
            Classification::MapEntry { .. }
        ));
        assert!(matches!(
            class("kubernetes.jobmanager.labels.team", "flink-1.10"),
            Classification::Unknown
        ));
        assert!(matches!(
            class("metrics.reporter.prom.port", "flink-1.20"),
            Classification::Pattern { option: Some(_), .. }
        ));
        assert!(matches!(class("s3.entropy.key", "flink-1.20"), Classification::Pattern { .. }));
        assert!(matches!(class("port", "flink-1.20"), Classification::Misplaced(_)));
        assert!(matches!(class("connector", "flink-1.20"), Classification::Misplaced(_)));
    }

    #[test]
    fn a_mixed_namespace_takes_what_resembles_nothing() {
        assert!(matches!(class("env.java.optz", "flink-1.20"), Classification::Unknown));
        assert!(matches!(class("env.special", "flink-1.20"), Classification::Pattern { .. }));
        assert_eq!(
            class("kafka.producer.transaction-timeout", "flink-1.20"),
            Classification::Unknown
        );
        assert_eq!(class("python.environment", "flink-1.20"), Classification::Unknown);
    }

    #[test]
    fn gemini_keys_are_known_whatever_the_target() {
        for target in ["flink-1.20", "emr-3.28.2", "vvr-8.0.5"] {
            let key = "state.backend.gemini.offheap.size";
            assert!(matches!(class(key, target), Classification::Gemini(_)));
        }
        let unheard = "state.backend.gemini.page.compression";
        assert!(matches!(class(unheard, "vvr-8.0.5"), Classification::Pattern { .. }));
        let typo = "state.backend.gemini.memory.manged";
        assert_eq!(class(typo, "vvr-8.0.5"), Classification::Unknown);
    }

    #[test]
    fn replacements_are_options_and_replace_none() {
        assert!(REPLACEMENTS.is_sorted());
        for (old, new) in REPLACEMENTS {
            assert!(option(old).is_some() && option(new).is_some(), "{old}, {new}");
        }
    }
}
