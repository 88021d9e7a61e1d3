use std::sync::LazyLock;

use super::gemini::{GEMINI_OPTIONS, GeminiSupport};
use super::option::{Place, option, options, options_with_alternate, shapes};
use super::tables::{ALIAS_SHAPES, ALIASES};
use super::{Release, Target};

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

/// Which letters and digits a key has, and which of them more than once, as bits.
///
/// One edit changes at most two bits, so keys that differ in many are not worth a comparison.
pub(super) fn letters(key: &str) -> u64 {
    key.bytes().fold(0, |bits, byte| {
        let bit = match byte.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => 1 << (letter - b'a'),
            b'0'..=b'9' => 1 << 26,
            _ => return bits,
        };
        if bits & bit == 0 { bits | bit } else { bits | bit << 32 }
    })
}

/// What can be said of a key without reading it again; most keys are unlike by it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// As [`letters`] gives them.
    pub(super) letters: u64,
    /// Hashes of the first and the last segment.
    pub(super) ends: (u16, u16),
    pub(super) segment_count: u16,
}

impl Shape {
    pub(super) fn of(key: &str) -> Self {
        let (first, last) = (key.split('.').next(), key.rsplit('.').next());
        let hash = |segment: Option<&str>| {
            segment.unwrap_or("").bytes().fold(7_u16, |hash, byte| {
                hash.wrapping_mul(31).wrapping_add(u16::from(byte.to_ascii_lowercase()))
            })
        };
        let dots = key.bytes().filter(|byte| *byte == b'.').count();
        Self {
            letters: letters(key),
            ends: (hash(first), hash(last)),
            segment_count: u16::try_from(dots + 1).unwrap_or(u16::MAX),
        }
    }

    /// Whether all but one segment may be equal: then the first one is or the last one is.
    fn may_be_one_segment_apart(self, other: Self) -> bool {
        self.segment_count == other.segment_count
            && (self.ends.0 == other.ends.0
                || self.ends.1 == other.ends.1
                || self.segment_count == 1)
    }
}

/// The options of `target` that an unknown key may mean, the likeliest first.
///
/// Found are: other separators or case, words in another order, a synonym, up to three typing
/// errors, one segment too many or too few, and one segment that only resembles. An option is
/// suggested under its own key, also where the unknown key resembles an alias.
pub(super) fn suggestions(key: &str, target: &Target) -> Vec<&'static str> {
    if key.len() > MAX_KEY_LENGTH {
        return Vec::new();
    }
    let wanted = Wanted::new(key);
    let release = target.release();
    let mut found: Vec<(u32, &'static str)> = Vec::new();

    for variant in synonyms(&wanted.key) {
        if let Some(option) = option(&variant)
            && option.place == Place::File
            && option.at(release).is_some()
        {
            found.push((SYNONYM, option.key));
        }
    }
    for (option, shape) in options().iter().zip(shapes()) {
        if wanted.may_resemble(*shape)
            && option.place == Place::File
            && let Some(score) = wanted.score(option.key, *shape)
            && option.at(release).is_some()
        {
            found.push((score, option.key));
        }
    }
    for ((alias, _), shape) in ALIASES.iter().zip(&ALIAS_SHAPES) {
        if wanted.may_resemble(*shape)
            && let Some(score) = wanted.score(alias, *shape)
            && let Some(option) = option_under(alias, release)
        {
            found.push((score + ALIAS, option));
        }
    }
    static GEMINI_SHAPES: LazyLock<Vec<Shape>> =
        LazyLock::new(|| GEMINI_OPTIONS.iter().map(|option| Shape::of(option.key)).collect());
    for (option, shape) in GEMINI_OPTIONS.iter().zip(&*GEMINI_SHAPES) {
        if wanted.may_resemble(*shape)
            && let Some(score) = wanted.score(option.key, *shape)
            && option.support(target) == GeminiSupport::Supported
        {
            found.push((score, option.key));
        }
    }
    found.sort_unstable();
    best(&found)
}

fn option_under(alias: &str, release: Release) -> Option<&'static str> {
    let (option, _) = options_with_alternate(alias, release).next()?;
    (option.place == Place::File).then_some(option.key)
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
    shape: Shape,
    squashed: String,
    words: Vec<String>,
    /// The most typing errors that still make a likeness.
    limit: usize,
    /// Squashed, each with another segment left out, and its letters.
    without_segment: Vec<(String, u64)>,
}

impl Wanted {
    fn new(key: &str) -> Self {
        let key = key.to_ascii_lowercase();
        let segments: Vec<&str> = key.split('.').collect();
        let without_segment = if segments.len() < 3 {
            Vec::new() // What is left would be too little to recognize.
        } else {
            (0..segments.len())
                .map(|skipped| {
                    let rest = segments.iter().enumerate().filter(|(at, _)| *at != skipped);
                    let rest = squash(&rest.map(|(_, segment)| *segment).collect::<String>());
                    let letters = letters(&rest);
                    (rest, letters)
                })
                .collect()
        };
        Self {
            shape: Shape::of(&key),
            squashed: squash(&key),
            words: words(&key),
            limit: match key.len() {
                0..8 => 1,
                8..20 => 2,
                _ => 3,
            },
            without_segment,
            key,
        }
    }

    /// Whether [`score`](Self::score) is worth its time; never false for a key that is alike.
    fn may_resemble(&self, candidate: Shape) -> bool {
        let different_letters = (self.shape.letters ^ candidate.letters).count_ones() as usize;
        different_letters <= 2 * self.limit
            || self.shape.letters & !candidate.letters == 0
            || self.without_segment.iter().any(|(_, letters)| *letters == candidate.letters)
            || self.shape.may_be_one_segment_apart(candidate)
    }

    /// How likely `candidate` is meant, lower being likelier; `None` if it is not alike.
    fn score(&self, candidate: &str, shape: Shape) -> Option<u32> {
        let different_letters = (self.shape.letters ^ shape.letters).count_ones() as usize;
        if different_letters == 0 {
            if self.squashed == squash(candidate) {
                return Some(SEPARATORS);
            }
            if self.words == words(&candidate.to_ascii_lowercase()) {
                return Some(WORD_ORDER);
            }
        }
        let (prefix, suffix) = common_ends(&self.key, candidate);
        if different_letters <= 2 * self.limit
            && self.key.len().abs_diff(candidate.len()) <= self.limit
        {
            // What both begin and end with adds nothing to the distance, only to its cost.
            let ours = self.key.get(prefix..self.key.len() - suffix)?;
            let theirs = candidate.get(prefix..candidate.len() - suffix)?;
            let distance = strsim::osa_distance(ours, &theirs.to_ascii_lowercase());
            if distance <= self.limit {
                return Some(TYPING_ERRORS + at_most(distance, 9));
            }
        }
        if self
            .without_segment
            .iter()
            .any(|(rest, letters)| *letters == shape.letters && *rest == squash(candidate))
        {
            return Some(SEGMENT_TOO_MANY);
        }
        if self.shape.letters & !shape.letters == 0 && self.lacks_a_segment_of(candidate) {
            return Some(SEGMENT_MISSING);
        }
        if !self.shape.may_be_one_segment_apart(shape) {
            return None;
        }
        self.one_segment_apart(candidate, prefix, suffix)
            .map(|distance| SEGMENT_RESEMBLES + at_most(distance, 19))
    }

    fn lacks_a_segment_of(&self, candidate: &str) -> bool {
        let Some(extra) = squashed_bytes(candidate).count().checked_sub(self.squashed.len()) else {
            return false;
        };
        // Only a segment of just that length can be the one, so few candidates are taken apart.
        extra > 0
            && candidate.split('.').count() > 2
            && candidate.split('.').enumerate().any(|(skipped, segment)| {
                let others = || candidate.split('.').enumerate().filter(|(at, _)| *at != skipped);
                squashed_bytes(segment).count() == extra
                    && others()
                        .flat_map(|(_, segment)| squashed_bytes(segment))
                        .eq(self.squashed.bytes())
            })
    }

    /// The distance of the only segment that differs, if the two resemble each other.
    fn one_segment_apart(&self, candidate: &str, prefix: usize, suffix: usize) -> Option<usize> {
        let within_a_segment = |key: &str| {
            let middle = key.as_bytes().get(prefix..key.len() - suffix).unwrap_or_default();
            !middle.contains(&b'.')
        };
        if !(within_a_segment(&self.key) && within_a_segment(candidate)) {
            return None;
        }
        let segment = |key| segment_around(key, prefix, suffix);
        let (a, b) = (segment(self.key.as_str())?, segment(candidate)?);
        let distance = strsim::osa_distance(a, &b.to_ascii_lowercase());
        let shares_a_word = a.split(['-', '_']).any(|word| {
            word.len() > 3 && b.split(['-', '_']).any(|other| other.eq_ignore_ascii_case(word))
        });
        (shares_a_word || distance * 3 <= a.len().max(b.len())).then_some(distance)
    }
}

/// How many bytes two keys have in common at the start, and at the end of what is left.
fn common_ends(a: &str, b: &str) -> (usize, usize) {
    let alike = |(a, b): &(&u8, &u8)| a.eq_ignore_ascii_case(b);
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

fn squashed_bytes(key: &str) -> impl Iterator<Item = u8> + '_ {
    key.bytes().filter(|byte| !matches!(byte, b'.' | b'-' | b'_')).map(|b| b.to_ascii_lowercase())
}

/// The key without separators, in lower case.
fn squash(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '.' | '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

/// The words of a key, sorted.
fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = key.split(['.', '-', '_']).map(str::to_owned).collect();
    words.sort_unstable();
    words
}

/// The key with one word replaced by what it is taken for.
fn synonyms(key: &str) -> impl Iterator<Item = String> + '_ {
    let pairs = SYNONYMS.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]);
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
        fn shapes_rule_out_nothing_that_is_alike(
            at in 0..options().len(),
            cut in 0..60_usize,
            inserted in "[a-z.-]{0,4}",
            removed in 0..12_usize,
        ) {
            let key = options()[at].key;
            let cut = cut.min(key.len());
            let rest = key.get(cut + removed..).unwrap_or("");
            let wanted = Wanted::new(&format!("{}{inserted}{rest}", &key[..cut]));
            for option in options() {
                let shape = Shape::of(option.key);
                if !wanted.may_resemble(shape) {
                    proptest::prop_assert_eq!(wanted.score(option.key, shape), None);
                }
            }
        }
    }
}
