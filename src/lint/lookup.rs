//! How rules look for options whose names or existence depend on the release.

use super::LintContext;
use crate::catalog::{OptionKey, option};
use crate::config::{FromRaw, Resolved, Setting};

impl<'a> LintContext<'a> {
    /// The key under which the release has an option that was renamed; `keys` go from the newest
    /// name to the oldest. `None` if the release does not have the option.
    pub fn key_of(&self, keys: &[&'static str]) -> Option<&'static str> {
        let has = |key: &&str| option(key).is_some_and(|it| it.at(self.release()).is_some());
        keys.iter().copied().find(has)
    }

    /// The effective setting of an option that the release has; `None` also where it lacks it.
    pub fn setting_of(&self, key: &'static str) -> Option<&Setting<'a>> {
        self.lookup_renamed(&[key])
    }

    /// The effective setting of an option that was renamed, newest name first.
    pub fn lookup_renamed(&self, keys: &[&'static str]) -> Option<&Setting<'a>> {
        self.lookup(self.key_of(keys)?)
    }

    /// The value that a layer sets; `None` if none does, and also if Flink cannot read the value,
    /// which the value rules report.
    pub fn explicit<T: FromRaw>(&self, key: &'static str) -> Option<Resolved<'_, 'a, T>> {
        self.config.explicit(&OptionKey::<T>::new(key)).ok().flatten()
    }

    /// [`explicit`](Self::explicit) for an option that was renamed, newest name first.
    pub fn explicit_renamed<T: FromRaw>(
        &self,
        keys: &[&'static str],
    ) -> Option<Resolved<'_, 'a, T>> {
        self.explicit(self.key_of(keys)?)
    }
}
