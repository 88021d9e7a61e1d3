use super::random::{Generator, HotSet, KeyChooser, Probability, Seed, ZipfError};
use crate::workload::{KeyDistribution, Keys};

/// Draws an operator's keys, of which the simulated subtask has its part.
#[derive(Debug, Clone)]
pub(super) struct KeySource {
    choice: Choice,
    /// Keys so far; the newest is the last of them.
    count: u64,
    /// New keys a record, and what has accrued of the next, in units of 2^-32.
    growth: u64,
    accrued: u64,
    draws: u64,
    generator: Generator,
}

#[derive(Debug, Clone)]
enum Choice {
    /// By a chooser over the keys at the start; if keys are added, counted back from the newest.
    Chooser(KeyChooser),
    Recent {
        active: u64,
        hot_share: Probability,
        hot_span: u64,
    },
    Fresh,
}

impl KeySource {
    /// The source of one of `parallelism` subtasks.
    ///
    /// # Errors
    /// [`ZipfError`] for an exponent out of range.
    pub(super) fn new(keys: &Keys, parallelism: u32, seed: Seed) -> Result<Self, ZipfError> {
        let part = |count: u64| (count / u64::from(parallelism.max(1))).max(1);
        let count = part(keys.count);
        let choice = match keys.distribution {
            KeyDistribution::Uniform => Choice::Chooser(KeyChooser::uniform(count)),
            KeyDistribution::Zipf { exponent } => {
                Choice::Chooser(KeyChooser::zipf(count, exponent, seed.split(1))?)
            }
            KeyDistribution::HotSet { keys, share, drift_interval, drift_step } => {
                let hot_set = HotSet {
                    key_count: part(keys),
                    share: Probability::from_f64(share.get()),
                    drift_interval,
                    drift_step,
                };
                Choice::Chooser(KeyChooser::hot_set(count, hot_set, seed.split(1)))
            }
            KeyDistribution::Recent { active, hot_share, hot_span } => Choice::Recent {
                active: part(active),
                hot_share: Probability::from_f64(hot_share.get()),
                hot_span: part(hot_span),
            },
            KeyDistribution::Fresh => Choice::Fresh,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a growth is checked to be from 0 to 1000 when it is read"
        )]
        let growth = (keys.growth * 4_294_967_296.0) as u64;
        let generator = Generator::new(seed.split(2));
        Ok(Self { choice, count, growth, accrued: 0, draws: 0, generator })
    }

    /// A new key.
    pub(super) fn create(&mut self) -> u64 {
        self.count += 1;
        self.count - 1
    }

    /// The key of a record; every so many records the key space grows by one.
    pub(super) fn next(&mut self) -> u64 {
        self.accrued += self.growth;
        self.count += self.accrued >> 32;
        self.accrued &= 0xffff_ffff;
        self.draw()
    }

    /// One of the present keys.
    pub(super) fn draw(&mut self) -> u64 {
        match &mut self.choice {
            Choice::Chooser(chooser) => {
                let drawn = chooser.draw(&mut self.generator, self.draws);
                self.draws += 1;
                if self.growth == 0 { drawn } else { self.count - 1 - drawn % self.count }
            }
            Choice::Recent { active, hot_share, hot_span } => {
                if self.generator.chance(*hot_share) {
                    (self.count - 1) / *hot_span * *hot_span
                } else {
                    (self.count - 1).saturating_sub(self.generator.below(*active))
                }
            }
            Choice::Fresh => self.create(),
        }
    }

    /// Whether something that a `share` of the keys has is so for this key; always the same.
    pub(super) fn is_among(key: u64, share: f64) -> bool {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share is from 0 to 1"
        )]
        let limit = (share * 4_294_967_296.0) as u64;
        super::random::mix(key ^ 0x6d61_7463) >> 32 < limit
    }
}
