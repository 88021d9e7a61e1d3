use super::error::ValueCheck;
use super::{Input, MemoryError};
use crate::catalog::{self, OptionKey, Release};
use crate::config::{FromRaw, Origin, Resolved, ResolvedConfig, Setting};
use crate::units::MemorySize;

/// How the processes are started, which decides what legacy heap keys mean (Flink 1.10 to 1.20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deployment {
    /// Start scripts: the TaskManager's legacy heap is Total Flink Memory, the JobManager's is
    /// its JVM heap.
    Standalone,
    /// YARN or Kubernetes: both are Total Process Memory.
    Active,
}

/// Reads the configuration as the memory utilities do: lazily, so that a value nobody needs is
/// never parsed.
#[derive(Debug, Clone)]
pub(super) struct Options<'c> {
    config: &'c ResolvedConfig<'c>,
    /// A legacy heap size that stands in for an option which is not set itself.
    substitute: Option<Input<'c, MemorySize>>,
}

impl<'c> Options<'c> {
    pub(super) fn new(config: &'c ResolvedConfig<'c>) -> Self {
        Self { config, substitute: None }
    }

    pub(super) fn release(&self) -> Release {
        self.config.release()
    }

    /// Makes `key` read as `value`, which a legacy option set.
    pub(super) fn substitute(
        &mut self,
        key: &'static OptionKey<MemorySize>,
        legacy: Input<'c, MemorySize>,
    ) {
        self.substitute = Some(Input { key: key.key(), ..legacy });
    }

    /// `Configuration.contains`: set under its own key or one of its alternates.
    pub(super) fn is_set<T>(&self, key: &'static OptionKey<T>) -> bool {
        self.substituted(key.key()).is_some() || self.config.lookup(key.key()).is_some()
    }

    /// The configuration itself, for what is not a typed option.
    pub(super) fn config(&self) -> &'c ResolvedConfig<'c> {
        self.config
    }

    /// Whether the release has the option.
    pub(super) fn has<T>(&self, key: &'static OptionKey<T>) -> bool {
        catalog::option(key.key()).is_some_and(|option| option.at(self.release()).is_some())
    }

    /// The setting of exactly this key, alternates left out.
    pub(super) fn own_setting<T>(&self, key: &'static OptionKey<T>) -> Option<&'c Setting<'c>> {
        self.config.setting(key.key())
    }

    /// A size; Flink wraps what goes wrong here.
    pub(super) fn size(
        &self,
        key: &'static OptionKey<MemorySize>,
    ) -> Result<Input<'c, MemorySize>, MemoryError> {
        match self.substituted(key.key()) {
            Some(input) => Ok(input),
            None => self.read(key).map_err(|error| error.at(ValueCheck::MemorySize)),
        }
    }

    /// Any other option.
    pub(super) fn value<T: FromRaw>(
        &self,
        key: &'static OptionKey<T>,
    ) -> Result<Input<'c, T>, MemoryError> {
        self.read(key)
    }

    fn read<T: FromRaw>(&self, key: &'static OptionKey<T>) -> Result<Input<'c, T>, MemoryError> {
        match self.config.option(key) {
            Ok(Some(Resolved { value, origin })) => Ok(Input { key: key.key(), value, origin }),
            Ok(None) => Err(MemoryError::NoValue { key: key.key() }),
            Err(error) => Err(MemoryError::Value { error, check: ValueCheck::Plain }),
        }
    }

    fn substituted(&self, key: &str) -> Option<Input<'c, MemorySize>> {
        self.substitute.filter(|input| input.key == key)
    }
}

impl<'c, T> Input<'c, T> {
    /// The setting that holds the value; `None` for a default.
    pub fn setting(&self) -> Option<&'c Setting<'c>> {
        match self.origin {
            Origin::Setting(setting) => Some(setting),
            Origin::Default => None,
        }
    }

    /// Whether some layer set the value.
    pub fn is_set(&self) -> bool {
        self.setting().is_some()
    }
}
