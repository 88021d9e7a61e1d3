use super::{FromRaw, Layer, RawValue, Setting, ValueError};
use crate::catalog::{self, OptionKey, Release};
use crate::source::{FileId, Span};

/// The effective configuration: for each key the setting that wins, and the ones that lost.
#[derive(Debug, Clone)]
pub struct ResolvedConfig<'a> {
    release: Release,
    /// Winners, by key.
    effective: Vec<Setting<'a>>,
    /// Losers, by key, in the order in which they were set.
    overridden: Vec<Setting<'a>>,
}

/// Where an option's value comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Origin<'c, 'a> {
    /// The release's default.
    Default,
    /// A setting, under the option's own key or one of its alternates.
    Setting(&'c Setting<'a>),
}

/// A typed value and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolved<'c, 'a, T> {
    /// The value.
    pub value: T,
    /// Its origin.
    pub origin: Origin<'c, 'a>,
}

impl<'a> ResolvedConfig<'a> {
    /// Lays `settings` over each other: a higher layer wins, within a layer the later one.
    pub fn new(release: Release, settings: Vec<Setting<'a>>) -> Self {
        // Settings are large, so their order is found before they are moved.
        let mut order: Vec<(&str, Layer, usize)> = settings
            .iter()
            .enumerate()
            .map(|(index, setting)| (&*setting.key, setting.layer, index))
            .collect();
        order.sort_unstable();
        let order: Vec<usize> = order.into_iter().map(|(_, _, index)| index).collect();
        let mut settings: Vec<Option<Setting<'a>>> = settings.into_iter().map(Some).collect();
        let mut effective: Vec<Setting<'a>> = Vec::with_capacity(settings.len());
        let mut overridden = Vec::new();
        let taken = order.into_iter().filter_map(|index| settings.get_mut(index)?.take());
        for setting in taken {
            match effective.last_mut() {
                Some(last) if last.key == setting.key => {
                    overridden.push(std::mem::replace(last, setting));
                }
                _ => effective.push(setting),
            }
        }
        Self { release, effective, overridden }
    }

    /// The same configuration with other values: what-if, for settings that stand nowhere yet. A key
    /// without a value is taken out.
    #[must_use]
    pub fn proposed(&self, changes: &[(&str, Option<String>)]) -> ResolvedConfig<'a> {
        let is_changed = |setting: &Setting<'_>| changes.iter().any(|(key, _)| *key == setting.key);
        let nowhere = Span::new(FileId::NOWHERE, 0..0);
        let kept = self.effective.iter().filter(|setting| !is_changed(setting)).cloned();
        let new = changes.iter().filter_map(|(key, value)| {
            Some(Setting {
                key: (*key).to_owned().into(),
                value: RawValue::Text(value.clone()?.into()),
                key_span: nowhere,
                value_span: nowhere,
                layer: Layer::DynamicProperty,
            })
        });
        Self::new(self.release, kept.chain(new).collect())
    }

    /// The release whose option definitions apply.
    pub fn release(&self) -> Release {
        self.release
    }

    /// Every effective setting, by key.
    pub fn settings(&self) -> &[Setting<'a>] {
        &self.effective
    }

    /// The settings that lost to a later or higher one with the same key, by key.
    pub fn overridden(&self) -> &[Setting<'a>] {
        &self.overridden
    }

    /// The effective setting of exactly this key.
    pub fn setting(&self, key: &str) -> Option<&Setting<'a>> {
        let index = self.effective.binary_search_by(|setting| (*setting.key).cmp(key)).ok()?;
        self.effective.get(index)
    }

    /// The setting under which Flink finds the option of `key`: its own key first, then its
    /// fallback and deprecated keys in order.
    pub fn lookup(&self, key: &str) -> Option<&Setting<'a>> {
        self.setting(key).or_else(|| {
            let entry = catalog::option(key)?.at(self.release)?;
            entry.alternates.iter().find_map(|alternate| self.setting(alternate.key))
        })
    }

    /// The settings below a key, such as `opt.a` and `opt.b` for `opt`: Flink reads them as the
    /// entries of a map option that is not set under a key of its own.
    pub fn below(&self, key: &str) -> impl Iterator<Item = &Setting<'a>> {
        let prefix = format!("{key}.");
        let first = self.effective.partition_point(|setting| *setting.key < *prefix);
        let rest = self.effective.get(first..).unwrap_or_default().iter();
        rest.take_while(move |setting| setting.key.starts_with(&prefix))
    }

    /// The value that some layer sets for an option, or `None` if only the default applies.
    ///
    /// # Errors
    /// [`ValueError`] where Flink refuses the value.
    pub fn explicit<T: FromRaw>(
        &self,
        key: &OptionKey<T>,
    ) -> Result<Option<Resolved<'_, 'a, T>>, ValueError> {
        let Some(setting) = self.lookup(key.key()) else { return Ok(None) };
        let value = T::from_raw(&setting.value, self.release).map_err(|refusal| {
            ValueError::new(key.key(), &setting.key, &setting.value, refusal, self.release)
        })?;
        Ok(Some(Resolved { value, origin: Origin::Setting(setting) }))
    }

    /// The effective value of an option: set by a layer, else the release's default; `None` if
    /// there is neither, or if the release does not have the option.
    ///
    /// # Errors
    /// [`ValueError`] where Flink refuses the value.
    pub fn option<T: FromRaw>(
        &self,
        key: &OptionKey<T>,
    ) -> Result<Option<Resolved<'_, 'a, T>>, ValueError> {
        if let Some(resolved) = self.explicit(key)? {
            return Ok(Some(resolved));
        }
        let default = catalog::option(key.key())
            .and_then(|option| option.at(self.release))
            .and_then(|entry| entry.default)
            .and_then(|text| T::from_raw(&RawValue::Text(text.into()), self.release).ok());
        Ok(default.map(|value| Resolved { value, origin: Origin::Default }))
    }
}
