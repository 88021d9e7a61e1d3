use std::borrow::Cow;

use super::Concern;
use crate::catalog::{Release, keys, option};
use crate::config::{Origin, ResolvedConfig, Setting};
use crate::memory::options::Options;
use crate::units::MemorySize;

/// What the state backends of one slot get of its managed memory.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagedShare<'c> {
    /// The slot's managed memory.
    pub slot: MemorySize,
    /// What the backends share if no other kind of consumer runs in the slot.
    pub alone: MemorySize,
    /// What they share beside a Python process; `None` before Flink 1.12, which has no weights.
    pub beside_python: Option<MemorySize>,
    /// The weights; `None` before Flink 1.12, or if they cannot be read.
    pub weights: Option<ConsumerWeights<'c>>,
}

/// How kinds of consumers divide a slot's managed memory, where a slot has more than one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsumerWeights<'c> {
    /// Weight of state backends.
    pub state_backend: u32,
    /// Weight of Python processes.
    pub python: u32,
    /// A setting, or the release's default.
    pub origin: Origin<'c, 'c>,
}

/// The share of a slot's state backends.
///
/// Source: `ManagedMemoryUtils.convertToFractionOfSlot`, Flink 1.12 to 2.3; before that,
/// `MemoryManager.getSharedMemoryResourceForManagedMemory` gives them all of it.
pub(super) fn share<'c>(
    options: &Options<'c>,
    slot: MemorySize,
    concerns: &mut Vec<Concern>,
) -> ManagedShare<'c> {
    let release = options.release();
    if release < Release::V1_12 {
        return ManagedShare { slot, alone: slot, beside_python: None, weights: None };
    }
    match ConsumerWeights::read(options.config(), release) {
        Ok(weights) if weights.state_backend == 0 => {
            concerns.push(Concern::NoWeight);
            let none = MemorySize::ZERO;
            ManagedShare { slot, alone: none, beside_python: Some(none), weights: Some(weights) }
        }
        Ok(weights) => {
            let total = u64::from(weights.state_backend) + u64::from(weights.python);
            let beside_python = part(slot, u64::from(weights.state_backend), total);
            ManagedShare {
                slot,
                alone: slot,
                beside_python: Some(beside_python),
                weights: Some(weights),
            }
        }
        Err(concern) => {
            concerns.push(concern);
            ManagedShare { slot, alone: slot, beside_python: None, weights: None }
        }
    }
}

/// Flink rounds the ratio down to 16 decimals, then multiplies doubles and takes the floor.
///
/// Source: `ManagedMemoryUtils.getFractionRoundedDown`, `MemoryManager.computeMemorySize`.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "Flink computes this in doubles"
)]
fn part(slot: MemorySize, weight: u64, total: u64) -> MemorySize {
    const SCALE: u128 = 10_u128.pow(16);
    let ratio = (u128::from(weight) * SCALE).checked_div(u128::from(total)).unwrap_or(0);
    let ratio = format!("{}.{:016}", ratio / SCALE, ratio % SCALE).parse::<f64>().unwrap_or(0.0);
    let bytes = (slot.bytes() as f64 * ratio).floor() as u64;
    MemorySize::from_bytes(bytes).unwrap_or(slot)
}

impl<'c> ConsumerWeights<'c> {
    /// The setting that holds them, the first if several do; `None` for the default.
    pub fn setting(&self) -> Option<&'c Setting<'c>> {
        match self.origin {
            Origin::Setting(setting) => Some(setting),
            Origin::Default => None,
        }
    }

    fn read(config: &'c ResolvedConfig<'c>, release: Release) -> Result<Self, Concern> {
        let key = keys::CONSUMER_WEIGHTS.key();
        if let Some(setting) = config.lookup(key) {
            let text = setting.value.text();
            return Self::of(pairs(&text)?, release, Origin::Setting(setting));
        }
        // In YAML the map may be written as keys below the option.
        let prefix = format!("{key}.");
        let below: Vec<_> =
            config.settings().iter().filter(|setting| setting.key.starts_with(&prefix)).collect();
        if let Some(first) = below.first() {
            let pairs = below
                .iter()
                .map(|it| (it.key.get(prefix.len()..).unwrap_or("").into(), it.value.text()))
                .collect();
            return Self::of(pairs, release, Origin::Setting(first));
        }
        let default = option(key).and_then(|it| it.at(release)).and_then(|it| it.default);
        Self::of(pairs(default.unwrap_or(""))?, release, Origin::Default)
    }

    /// The names changed in Flink 1.13, where `DATAPROC` split in two; it still counts for both.
    fn of(pairs: Vec<Pair<'_>>, release: Release, origin: Origin<'c, 'c>) -> Result<Self, Concern> {
        let weight = |names: &[&str]| {
            let found = names.iter().find_map(|name| pairs.iter().find(|(key, _)| key == name));
            let Some((_, value)) = found else { return Ok(0) };
            value.parse::<u32>().map_err(|_| Concern::BadValue {
                key: keys::CONSUMER_WEIGHTS.key(),
                value: value.clone().into_owned(),
                reason: "a weight is a whole number, not below 0".to_owned(),
            })
        };
        // 1.13 renamed the consumer, 2.0 forgot its old name.
        let state_backend: &[_] = match release {
            _ if release < Release::V1_13 => &["DATAPROC"],
            _ if release < Release::V2_0 => &["STATE_BACKEND", "DATAPROC"],
            _ => &["STATE_BACKEND"],
        };
        Ok(Self { state_backend: weight(state_backend)?, python: weight(&["PYTHON"])?, origin })
    }
}

/// A consumer's name and its weight, not yet read.
type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// `A:70,B:30` or YAML's `{A: '70', B: 30}`.
fn pairs(text: &str) -> Result<Vec<Pair<'_>>, Concern> {
    let clean = |part: &str| {
        let part = part.trim();
        let quoted = ['\'', '"']
            .iter()
            .find_map(|quote| part.strip_prefix(*quote).and_then(|part| part.strip_suffix(*quote)));
        Cow::Owned(quoted.unwrap_or(part).to_owned())
    };
    let inner = text.trim();
    let inner = inner.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(inner);
    let entries = inner.split(',').filter(|entry| !entry.trim().is_empty());
    entries
        .map(|entry| match entry.split_once(':') {
            Some((name, weight)) => Ok((clean(name), clean(weight))),
            None => Err(Concern::BadValue {
                key: keys::CONSUMER_WEIGHTS.key(),
                value: text.to_owned(),
                reason: "expected NAME:WEIGHT pairs with commas between them".to_owned(),
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_rounded_as_flink_rounds_it() {
        let slot = MemorySize::from_bytes(332_859_969).unwrap();
        assert_eq!(part(slot, 70, 100).bytes(), 233_001_978);
        assert_eq!(part(slot, 1, 1), slot);
        assert_eq!(part(slot, 1, 3).bytes(), 110_953_323);
    }

    #[test]
    fn both_spellings_of_the_map_are_read() {
        for text in ["A:70,B:30", "{A: '70', B: 30}", " A : 70 , B:\"30\","] {
            assert_eq!(pairs(text), Ok(vec![("A".into(), "70".into()), ("B".into(), "30".into())]));
        }
        assert!(pairs("A").is_err());
        assert_eq!(pairs(""), Ok(vec![]));
    }
}
