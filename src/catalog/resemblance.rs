//! Which keys are worth a comparison with an unknown one, found without looking at the others.

use std::borrow::Cow;
use std::ops::{Add, Range};
use std::sync::LazyLock;

use super::gemini::{GEMINI_OPTIONS, GeminiSupport};
use super::option::{Place, options, options_with_alternate};
use super::tables::ALIASES;
use super::{GeminiOption, OptionHistory, Target};

/// A key that an unknown one may resemble.
#[derive(Debug)]
pub(super) struct Candidate {
    /// In lower case.
    pub(super) key: Cow<'static, str>,
    /// As [`letters`] gives them.
    pub(super) letters: u64,
    names: Named,
}

/// What a key names.
#[derive(Debug, Clone, Copy)]
enum Named {
    Option(&'static OptionHistory),
    Alias(&'static str),
    Gemini(&'static GeminiOption),
}

impl Candidate {
    fn new(key: &'static str, names: Named) -> Self {
        let is_lower = !key.bytes().any(|byte| byte.is_ascii_uppercase());
        let key = if is_lower { Cow::Borrowed(key) } else { Cow::Owned(key.to_ascii_lowercase()) };
        Self { letters: letters(&key), key, names }
    }

    /// The key of the option that is meant by it, if `target` has one that stands in files.
    pub(super) fn option_of(&self, target: &Target) -> Option<&'static str> {
        let release = target.release();
        match self.names {
            Named::Option(option) => option.at(release).map(|_| option.key),
            Named::Alias(alias) => {
                let (option, _) = options_with_alternate(alias, release).next()?;
                (option.place == Place::File).then_some(option.key)
            }
            Named::Gemini(option) => {
                (option.support(target) == GeminiSupport::Supported).then_some(option.key)
            }
        }
    }

    pub(super) fn is_alias(&self) -> bool {
        matches!(self.names, Named::Alias(_))
    }
}

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

/// A hash of letters that is put together from those of its parts.
#[derive(Debug, Clone, Copy)]
struct Hash {
    value: u64,
    /// The base to the power of the letters' count.
    power: u64,
}

impl Hash {
    /// Any large odd number does.
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    const EMPTY: Self = Self { value: 0, power: 1 };

    fn of(letters: &str) -> Self {
        letters.bytes().fold(Self::EMPTY, |hash, byte| {
            let byte = u64::from(byte.to_ascii_lowercase()) + 1;
            hash + Self { value: byte, power: Self::BASE }
        })
    }
}

/// That of the two texts one after the other.
impl Add for Hash {
    type Output = Self;

    fn add(self, next: Self) -> Self {
        Self {
            value: self.value.wrapping_mul(next.power).wrapping_add(next.value),
            power: self.power.wrapping_mul(next.power),
        }
    }
}

/// The hashes of a key's letters as a whole, with each segment left out, and of its words in any
/// order: keys that differ in separators, in the order of words, in one segment, or by one, have
/// one of them in common.
fn fingerprints(key: &str) -> impl Iterator<Item = u32> {
    let mut words = 0_u64;
    let segments: Vec<Hash> = key
        .split('.')
        .map(|segment| {
            segment.split(['-', '_']).fold(Hash::EMPTY, |hash, word| {
                let word = Hash::of(word);
                words = words.wrapping_add(word.value ^ (word.value >> 29));
                hash + word
            })
        })
        .collect();
    let joined = |segments: &[Hash]| segments.iter().fold(Hash::EMPTY, |a, b| a + *b);
    let without = |at: usize| {
        let (before, rest) = segments.split_at_checked(at).unwrap_or_default();
        joined(before) + joined(rest.get(1..).unwrap_or_default())
    };
    let mut found = vec![joined(&segments).value, words ^ Hash::BASE];
    found.extend((0..segments.len()).map(|at| without(at).value));
    // The upper half depends on all letters.
    found.into_iter().map(|hash| u32::try_from(hash >> 32).unwrap_or(0))
}

/// Every key that may be meant.
pub(super) struct Index {
    /// From the shortest to the longest.
    candidates: Vec<Candidate>,
    /// Fingerprints with the places of their keys, in order.
    fingerprints: Vec<(u32, u16)>,
}

/// Made for the first unknown key, which takes less than a millisecond.
pub(super) static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let in_files = options().iter().filter(|option| option.place == Place::File);
    let mut candidates: Vec<Candidate> = in_files
        .map(|option| Candidate::new(option.key, Named::Option(option)))
        .chain(ALIASES.iter().map(|(alias, _)| Candidate::new(alias, Named::Alias(alias))))
        .chain(GEMINI_OPTIONS.iter().map(|it| Candidate::new(it.key, Named::Gemini(it))))
        .collect();
    candidates.sort_by_key(|candidate| candidate.key.len());
    let mut all: Vec<(u32, u16)> = (0..)
        .zip(&candidates)
        .flat_map(|(at, candidate)| fingerprints(&candidate.key).map(move |print| (print, at)))
        .collect();
    all.sort_unstable();
    Index { candidates, fingerprints: all }
});

impl Index {
    /// The keys that have a fingerprint in common with `key`.
    pub(super) fn like(&self, key: &str) -> impl Iterator<Item = &Candidate> + Clone {
        let mut places: Vec<u16> = Vec::new();
        for print in fingerprints(key) {
            let first = self.fingerprints.partition_point(|(other, _)| *other < print);
            let rest = self.fingerprints.get(first..).unwrap_or_default().iter();
            places.extend(rest.take_while(|(other, _)| *other == print).map(|(_, at)| at));
        }
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|at| self.candidates.get(usize::from(at)))
    }

    /// The keys of these lengths.
    pub(super) fn of_length(&self, lengths: Range<usize>) -> &[Candidate] {
        let below = |length| self.candidates.partition_point(|it| it.key.len() < length);
        self.candidates.get(below(lengths.start)..below(lengths.end)).unwrap_or_default()
    }
}
