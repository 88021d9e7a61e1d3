use super::Target;
use super::option::{Place, option};
use super::resemblance::{Candidate, INDEX, letters};

/// More would not help.
const SUGGESTION_COUNT: usize = 3;

/// Words that people take for each other in keys.
const SYNONYMS: [(&str, &str); 7] = [
    ("address", "host"),
    ("dir", "directory"),
    ("dir", "path"),
    ("enabled", "enable"),
    ("max", "maximum"),
    ("min", "minimum"),
    ("num", "number"),
];

/// The options of `target` that an unknown key may mean, the likeliest first.
///
/// Found are: other separators or case, words in another order, a synonym, up to three typing
/// errors, one segment too many or too few, and one segment that only resembles. An option is
/// suggested under its own key, also where the unknown key resembles an alias.
///
/// What is but a slip (all before the segments) rules out what would be a change of mind.
pub(super) fn suggestions(key: &str, target: &Target) -> Vec<&'static str> {
    if key.len() > MAX_KEY_LENGTH {
        return Vec::new();
    }
    let wanted = Wanted::new(key);
    let near = INDEX.like(&wanted.key);
    let mut found: Vec<(u32, &'static str)> = Vec::new();
    found.extend(wanted.synonyms(target).map(|option| (SYNONYM, option)));
    found.extend(scored(near.clone(), target, |candidate| wanted.slip(candidate)));
    if found.is_empty() {
        // Errors in several segments; those within one were among the near.
        let lengths =
            wanted.key.len().saturating_sub(wanted.limit)..wanted.key.len() + wanted.limit + 1;
        let all = INDEX.of_length(lengths);
        found.extend(scored(all, target, |candidate| wanted.typing_errors(candidate)));
    }
    if found.is_empty() {
        found.extend(scored(near, target, |candidate| wanted.other_segments(candidate)));
    }
    found.sort_unstable();
    best(&found)
}

/// The options of the target that `candidates` name, each with its score.
fn scored<'c>(
    candidates: impl IntoIterator<Item = &'c Candidate>,
    target: &Target,
    score: impl Fn(&Candidate) -> Option<u32>,
) -> impl Iterator<Item = (u32, &'static str)> {
    candidates.into_iter().filter_map(move |candidate| {
        let score = score(candidate)? + if candidate.is_alias() { ALIAS } else { 0 };
        Some((score, candidate.option_of(target)?))
    })
}

/// The first few, without repetition; far worse ones than the best are noise.
fn best(found: &[(u32, &'static str)]) -> Vec<&'static str> {
    let mut keys = Vec::new();
    for (score, key) in found {
        let first = found.first().map_or(0, |(score, _)| *score);
        if keys.len() < SUGGESTION_COUNT && !keys.contains(key) && *score < first + TOO_FAR {
            keys.push(*key);
        }
    }
    keys
}

/// No option's key is half as long; a longer text is no key, and comparing it would take time.
const MAX_KEY_LENGTH: usize = 256;

// Scores: the kind of likeness first, then the distance.
const SEPARATORS: u32 = 0;
const SYNONYM: u32 = 10;
const WORD_ORDER: u32 = 20;
const TYPING_ERRORS: u32 = 30;
const SEGMENT_TOO_MANY: u32 = 60;
const SEGMENT_MISSING: u32 = 70;
const SEGMENT_RESEMBLES: u32 = 80;
const ALIAS: u32 = 5;
const TOO_FAR: u32 = 25;

/// An unknown key, prepared for comparison with many.
struct Wanted {
    /// In lower case.
    key: String,
    letters: u64,
    /// The most typing errors that still make a likeness.
    limit: usize,
}

impl Wanted {
    fn new(key: &str) -> Self {
        let limit = match key.len() {
            0..8 => 1,
            8..20 => 2,
            _ => 3,
        };
        Self { key: key.to_ascii_lowercase(), letters: letters(key), limit }
    }

    /// The options whose keys have a word of this one replaced by what it is taken for.
    fn synonyms(&self, target: &Target) -> impl Iterator<Item = &'static str> {
        let release = target.release();
        let options = synonyms(&self.key, self.letters).filter_map(|variant| option(&variant));
        options
            .filter(move |option| option.place == Place::File && option.at(release).is_some())
            .map(|option| option.key)
    }

    /// No fewer than so many typing errors make the letters of the one into those of the other.
    fn least_distance(&self, candidate: &Candidate) -> usize {
        let different_letters = (self.letters ^ candidate.letters).count_ones() as usize;
        different_letters.div_ceil(2).max(self.key.len().abs_diff(candidate.key.len()))
    }

    /// How likely the candidate is meant by mistake, lower being likelier.
    fn slip(&self, candidate: &Candidate) -> Option<u32> {
        if self.letters == candidate.letters {
            if squashed(&self.key).eq(squashed(&candidate.key)) {
                return Some(SEPARATORS);
            }
            if words(&self.key) == words(&candidate.key) {
                return Some(WORD_ORDER);
            }
        }
        self.typing_errors(candidate)
    }

    fn typing_errors(&self, candidate: &Candidate) -> Option<u32> {
        if self.least_distance(candidate) > self.limit {
            return None;
        }
        // What both begin and end with adds nothing to the distance, only to its cost.
        let (prefix, suffix) = common_ends(&self.key, &candidate.key);
        let ours = self.key.get(prefix..self.key.len() - suffix)?;
        let theirs = candidate.key.get(prefix..candidate.key.len() - suffix)?;
        let distance = strsim::osa_distance(ours, theirs);
        (distance <= self.limit).then(|| TYPING_ERRORS + at_most(distance, 9))
    }

    /// How likely the candidate is meant by one with a segment more, less or changed.
    fn other_segments(&self, candidate: &Candidate) -> Option<u32> {
        // What is left of a shorter key would be too little to recognize.
        if is_without_a_segment(&candidate.key, &self.key) {
            return Some(SEGMENT_TOO_MANY);
        }
        if is_without_a_segment(&self.key, &candidate.key) {
            return Some(SEGMENT_MISSING);
        }
        let distance = self.distance_of_one_segment(candidate)?;
        Some(SEGMENT_RESEMBLES + at_most(distance, 19))
    }

    /// The distance of the only segment that differs, if the two resemble each other.
    fn distance_of_one_segment(&self, candidate: &Candidate) -> Option<usize> {
        let (prefix, suffix) = common_ends(&self.key, &candidate.key);
        let within_a_segment = |key: &str| {
            let middle = key.as_bytes().get(prefix..key.len() - suffix).unwrap_or_default();
            !middle.contains(&b'.')
        };
        if !(within_a_segment(&self.key) && within_a_segment(&candidate.key)) {
            return None;
        }
        let segment = |key| segment_around(key, prefix, suffix);
        let (a, b) = (segment(self.key.as_str())?, segment(&candidate.key)?);
        let is_near = |distance: usize| distance * 3 <= a.len().max(b.len());
        let shares_a_word = || {
            a.split(['-', '_'])
                .any(|word| word.len() > 3 && b.split(['-', '_']).any(|other| other == word))
        };
        if !is_near(self.least_distance(candidate)) && !shares_a_word() {
            return None;
        }
        let distance = strsim::osa_distance(a, b);
        (is_near(distance) || shares_a_word()).then_some(distance)
    }
}

/// Whether `shorter` is a key of three segments or more without one of them, separators aside.
fn is_without_a_segment(shorter: &str, key: &str) -> bool {
    // Only a segment of just that length can be the one, so few keys are taken apart.
    let Some(extra) = squashed(key).count().checked_sub(squashed(shorter).count()) else {
        return false;
    };
    let segments = || key.split('.').enumerate();
    extra > 0
        && segments().count() > 2
        && segments().any(|(skipped, segment)| {
            let others = segments().filter(|(at, _)| *at != skipped);
            squashed(segment).count() == extra
                && others.flat_map(|(_, segment)| squashed(segment)).eq(squashed(shorter))
        })
}

/// How many bytes two keys have in common at the start, and at the end of what is left.
fn common_ends(a: &str, b: &str) -> (usize, usize) {
    let alike = |(a, b): &(&u8, &u8)| a == b;
    let prefix = a.as_bytes().iter().zip(b.as_bytes()).take_while(alike).count();
    let left = a.len().min(b.len()) - prefix;
    let ends = a.as_bytes().iter().rev().zip(b.as_bytes().iter().rev());
    (prefix, ends.take(left).take_while(alike).count())
}

/// The segment of `key` that holds everything but so many bytes at the start and at the end.
fn segment_around(key: &str, prefix: usize, suffix: usize) -> Option<&str> {
    let start = key.get(..prefix)?.rfind('.').map_or(0, |dot| dot + 1);
    let rest = key.len().checked_sub(suffix)?;
    let end = key.get(rest..)?.find('.').map_or(key.len(), |dot| rest + dot);
    key.get(start..end)
}

fn at_most(distance: usize, limit: u32) -> u32 {
    u32::try_from(distance).map_or(limit, |distance| distance.min(limit))
}

/// The key without separators.
fn squashed(key: &str) -> impl Iterator<Item = u8> + '_ {
    key.bytes().filter(|byte| !matches!(byte, b'.' | b'-' | b'_'))
}

/// The words of a key, sorted.
fn words(key: &str) -> Vec<&str> {
    let mut words: Vec<&str> = key.split(['.', '-', '_']).collect();
    words.sort_unstable();
    words
}

/// The key with one word replaced by what it is taken for.
fn synonyms(key: &str, key_letters: u64) -> impl Iterator<Item = String> + '_ {
    let pairs = SYNONYMS.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]);
    let pairs = pairs.filter(move |(from, _)| letters(from) & !key_letters == 0);
    pairs.flat_map(move |(from, to)| {
        key.match_indices(from).filter_map(move |(at, _)| {
            let (before, rest) = (key.get(..at)?, key.get(at + from.len()..)?);
            let ends = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
            (ends(before.chars().next_back()) && ends(rest.chars().next()))
                .then(|| format!("{before}{to}{rest}"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Release, options};

    #[test]
    fn mistakes_from_real_files() {
        let check = |key: &str, target: &str, expected: &str| {
            let found = suggestions(key, &target.parse().unwrap());
            assert_eq!(found.first().copied().unwrap_or(""), expected, "{key}: {found:?}");
        };
        check("jobmanager.rpc.ardress", "flink-1.20", "jobmanager.rpc.address");
        check("rest.bind-host", "flink-1.20", "rest.bind-address");
        check(
            "state.backend.rocksdb.options.write_buffer_size",
            "flink-1.20",
            "state.backend.rocksdb.writebuffer.size",
        );
        check(
            "historyserver.archive.fs.fs.refresh-interval",
            "flink-1.20",
            "historyserver.archive.fs.refresh-interval",
        );
        check("taskmanager.numberoftaskslots", "flink-1.10", "taskmanager.numberOfTaskSlots");
        check("taskmanager.memory.proces.size", "flink-1.10", "taskmanager.memory.process.size");
        check("taskmanager.memory.size.process", "flink-1.10", "taskmanager.memory.process.size");
        check("taskmanager.process.memory.size", "flink-1.10", "taskmanager.memory.process.size");
        check("taskmanager.process.size", "flink-1.10", "taskmanager.memory.process.size");
        check("state.backnd", "flink-1.20", "state.backend.type");
        check("state.backnd", "flink-1.10", "state.backend");
        check("kafka.producer.transaction-timeout", "flink-1.20", "");
        check("taskmanager.logging.level", "flink-1.20", "");
        check(
            "state.backend.gemini.off-heap.size",
            "emr-3.28.2",
            "state.backend.gemini.offheap.size",
        );
        check(
            "state.backend.gemini.offheap.sise",
            "emr-3.28.2",
            "state.backend.gemini.offheap.size",
        );
        check("x", "flink-1.20", "");
        check("", "flink-1.20", "");
    }

    #[test]
    fn the_old_word_order_of_the_network_memory_is_seen() {
        // A real alias up to today; without it, the word order leads there.
        let target = Target::flink(Release::V1_20);
        let found = suggestions("taskmanager.fraction.network.memory", &target);
        assert_eq!(found.first(), Some(&"taskmanager.memory.network.fraction"));
    }

    #[test]
    fn only_options_of_the_target_are_suggested() {
        let found = suggestions("state.backend.typ", &Target::flink(Release::V1_10));
        assert!(!found.contains(&"state.backend.type"), "{found:?}");
        let found =
            suggestions("state.backend.gemini.offheap.sise", &Target::flink(Release::V1_20));
        assert_eq!(found, [""; 0]);
    }

    proptest::proptest! {
        #[test]
        fn the_index_leads_to_whatever_is_alike(
            at in 0..options().len(),
            cut in 0..60_usize,
            inserted in "[a-z.-]{0,4}",
            removed in 0..12_usize,
        ) {
            let key = options()[at].key;
            let cut = cut.min(key.len());
            let rest = key.get(cut + removed..).unwrap_or("");
            let wanted = Wanted::new(&format!("{}{inserted}{rest}", &key[..cut]));
            let near: Vec<_> = INDEX.like(&wanted.key).collect();
            for candidate in INDEX.of_length(0..usize::MAX) {
                let is_near = near.iter().any(|other| other.key == candidate.key);
                let is_of_one_length = wanted.typing_errors(candidate).is_some();
                let is_alike = wanted.slip(candidate).is_some() && !is_of_one_length
                    || wanted.other_segments(candidate).is_some();
                proptest::prop_assert!(is_near || !is_alike, "{}", candidate.key);
            }
        }
    }
}
