//! What becomes of one setting.

use super::{ChangeKind, scalar};
use crate::catalog::{
    Classification, GEMINI_FACTORY, GeminiSupport, Place, Release, Target, ValueType, classify,
    gemini_spelling, option, options_with_alternate,
};
use crate::config::{Dialect, ResolvedConfig, Setting, check_value};
use crate::lint::mask_value;

/// What becomes of one setting, and what is to be said about it.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate {
    /// Its key in the new file; `None` where it becomes a comment.
    pub(super) key: Option<String>,
    /// Another value, as text of a plain string.
    pub(super) value: Option<String>,
    /// The value as YAML, where the text alone would be read as another list or map.
    pub(super) yaml: Option<String>,
    /// Why it became a comment.
    pub(super) dropped: Option<String>,
    /// Changes with their reasons.
    pub(super) notes: Vec<(ChangeKind, String)>,
}

impl Fate {
    fn kept(key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..Self::default() }
    }

    fn renamed(key: &str, reason: String) -> Self {
        let notes = vec![(ChangeKind::Renamed(key.to_owned()), reason)];
        Self { key: Some(key.to_owned()), notes, ..Self::default() }
    }

    fn dropped(reason: String) -> Self {
        let notes = vec![(ChangeKind::Dropped, reason.clone())];
        Self { dropped: Some(reason), notes, ..Self::default() }
    }

    fn flag(mut self, reason: String) -> Self {
        self.notes.push((ChangeKind::Flagged, reason));
        self
    }
}

/// Decides over `setting`, one of `config`.
pub(super) fn fate(
    setting: &Setting<'_>,
    config: &ResolvedConfig<'_>,
    from: &Target,
    to: &Target,
    (dialect, new_dialect): (Dialect, Dialect),
) -> Fate {
    let is_winner =
        config.setting(&setting.key).is_some_and(|winner| winner.key_span == setting.key_span);
    if !is_winner {
        return Fate::dropped("a later line sets the key again".to_owned());
    }
    let mut fate =
        of_engine(setting, config, from, to).unwrap_or_else(|| of_key(setting, config, from, to));
    if let Some(key) = fate.key.clone() {
        of_value(setting, &key, from, to, (dialect, new_dialect), &mut fate);
    }
    fate
}

/// Drops all but one of the settings that would be under the same key: the one that the old release
/// reads, or else the one that the target would.
pub(super) fn settle(
    settings: &[Setting<'_>],
    fates: &mut [Fate],
    config: &ResolvedConfig<'_>,
    to: &Target,
) {
    let as_new = ResolvedConfig::new(to.release(), config.settings().to_vec());
    for place in 0..fates.len() {
        let Some(key) = fates.get(place).and_then(|fate| fate.key.clone()) else { continue };
        let rivals: Vec<usize> = fates
            .iter()
            .enumerate()
            .filter(|(_, fate)| fate.key.as_ref() == Some(&key))
            .map(|(rival, _)| rival)
            .collect();
        if rivals.len() < 2 {
            continue;
        }
        let is = |winner: &Setting<'_>| {
            let at = |rival: &&usize| {
                settings.get(**rival).is_some_and(|rival| rival.key_span == winner.key_span)
            };
            rivals.iter().find(at).copied()
        };
        let read_before = rivals.iter().copied().find(|rival| {
            settings.get(*rival).is_some_and(|setting| {
                let own = option(&setting.key).filter(|option| is_read(option, config.release()));
                own.is_some_and(|option| config.lookup(option.key) == Some(setting))
            })
        });
        let winner = config
            .lookup(&key)
            .and_then(is)
            .or(read_before)
            .or_else(|| as_new.lookup(&key).and_then(is));
        let winner = winner.unwrap_or(place);
        let name = settings.get(winner).map_or("", |setting| &*setting.key).to_owned();
        for rival in rivals.into_iter().filter(|rival| *rival != winner) {
            if let Some(fate) = fates.get_mut(rival) {
                *fate = Fate::dropped(format!("`{name}` is set, and wins"));
            }
        }
    }
}

/// Moves between RocksDB and Gemini, and between Gemini's generations.
fn of_engine(
    setting: &Setting<'_>,
    config: &ResolvedConfig<'_>,
    from: &Target,
    to: &Target,
) -> Option<Fate> {
    const ROCKSDB: &str = "state.backend.rocksdb.";
    const LAZY_RESTORE: &str = "state.backend.gemini.file.cache.lazy-restore";
    const DOWNLOAD_TYPE: &str = "state.backend.gemini.file.cache.download.type";
    let key = &*setting.key;
    let text = setting.value.text();
    let gains = from.gemini().is_none() && to.gemini().is_some();
    let loses = from.gemini().is_some() && to.gemini().is_none();
    if matches!(key, "state.backend" | "state.backend.type") {
        let rewritten = |value: &str, reason: String| {
            let (from, to) = (text.clone().into_owned(), value.to_owned());
            let mut fate = Fate::kept(key);
            fate.value = Some(to.clone());
            fate.notes.push((ChangeKind::Rewritten { from, to }, reason));
            fate
        };
        if gains && text.eq_ignore_ascii_case("rocksdb") {
            return Some(rewritten(
                GEMINI_FACTORY,
                format!("{} runs GeminiStateBackend in the place of RocksDB", to.name()),
            ));
        }
        if to.gemini().is_none() && gemini_spelling(&text).is_some() {
            let lacks = format!("{} has no GeminiStateBackend", to.name());
            if loses {
                return Some(rewritten("rocksdb", lacks));
            }
            // What a release that has no Gemini either made of it is not known, so it stays.
            return Some(of_key(setting, config, from, to).flag(format!(
                "{lacks}, and the job fails when it loads the class: write `rocksdb`, or migrate to \
                 an EMR or VVR target"
            )));
        }
        return None;
    }
    let uses_rocksdb = config
        .lookup("state.backend.type")
        .or_else(|| config.lookup("state.backend"))
        .is_some_and(|backend| backend.value.text().eq_ignore_ascii_case("rocksdb"));
    if gains
        && uses_rocksdb
        && let Some(name) = key.strip_prefix(ROCKSDB)
    {
        let new = match name {
            "localdir" => "state.backend.gemini.local.dir",
            "memory.managed" => "state.backend.gemini.memory.managed",
            _ => return Some(Fate::dropped("GeminiStateBackend reads no RocksDB option".into())),
        };
        return Some(Fate::renamed(new, "the option of GeminiStateBackend for it".into()));
    }
    let Classification::Gemini(option) = classify(key, to) else { return None };
    let name = to.name();
    match option.support(to) {
        GeminiSupport::Supported => {
            let known = from.gemini().is_some() && from.vvr().is_some();
            let (old, new) = (option.default_of(from), option.default_of(to));
            let fate = Fate::kept(key);
            Some(if known && old != new {
                let shown = |value: Option<&str>| value.unwrap_or("none").to_owned();
                fate.flag(format!("its default was {} and is {}", shown(old), shown(new)))
            } else {
                fate
            })
        }
        GeminiSupport::Replaced(since) if key == LAZY_RESTORE => {
            let reason = format!("engines from VVR {since} on have this option instead");
            if !text.eq_ignore_ascii_case("on") {
                return Some(Fate::dropped(format!("{reason}: {DOWNLOAD_TYPE}")));
            }
            let mut fate = Fate::renamed(DOWNLOAD_TYPE, reason.clone());
            let value = "LazyDownloadOnRestore".to_owned();
            fate.value = Some(value.clone());
            let rewritten = ChangeKind::Rewritten { from: text.into_owned(), to: value };
            fate.notes.push((rewritten, reason));
            Some(fate)
        }
        GeminiSupport::Replaced(since) => {
            Some(Fate::dropped(format!("engines from VVR {since} on have another option")))
        }
        GeminiSupport::NotYet(first) => {
            Some(Fate::dropped(format!("only engines from VVR {first} on have it")))
        }
        GeminiSupport::NoGemini => Some(Fate::dropped(format!("{name} has no GeminiStateBackend"))),
        GeminiSupport::BlinkOnly => Some(Fate::dropped("only Blink had it".to_owned())),
    }
}

fn of_key(setting: &Setting<'_>, config: &ResolvedConfig<'_>, from: &Target, to: &Target) -> Fate {
    let key = &*setting.key;
    let (old, new) = (from.release(), to.release());
    let read = |release: Release| -> Vec<&'static str> {
        let own = option(key).filter(|option| is_read(option, release));
        let others = options_with_alternate(key, release).map(|(option, _)| option);
        own.into_iter().chain(others).map(|option| option.key).collect()
    };
    let (before, after) = (read(old), read(new));
    let set = |other: &str| other != key && config.setting(other).is_some();
    match classify(key, to) {
        Classification::Alias { option: target, alternate, .. } if alternate.deprecated => {
            if after.len() != 1 {
                return Fate::kept(key).flag("deprecated; several options read it".to_owned());
            }
            let as_new;
            let effective = if before.contains(&target.key) {
                config
            } else {
                as_new = ResolvedConfig::new(new, config.settings().to_vec());
                &as_new
            };
            // Under the option's own key a value would outrank what outranks it now.
            let winner = effective.lookup(target.key).filter(|winner| *winner != setting);
            if let Some(winner) = winner.filter(|winner| winner.key != target.key) {
                let rival =
                    options_with_alternate(&winner.key, new).any(|(_, other)| other.deprecated);
                if !rival || before.contains(&target.key) {
                    return Fate::dropped(format!("`{}` is set, and wins", winner.key));
                }
            }
            if !set(target.key) {
                return Fate::renamed(target.key, format!("deprecated in Flink {new}"));
            }
            let winner = target.key;
            if before.contains(&winner) {
                Fate::dropped(format!("`{winner}` is set, and wins"))
            } else {
                Fate::dropped(format!(
                    "`{winner}` is set, which Flink {old} ignored and Flink {new} prefers"
                ))
            }
        }
        Classification::Removed { last, replacement } if !before.is_empty() => {
            let gone = format!("Flink {last} was the last release to read it");
            let Some(new_key) = replacement else { return Fate::dropped(gone) };
            if set(new_key) {
                return Fate::dropped(format!("{gone}; `{new_key}` is set"));
            }
            // A key that some release read for the new option's holds the same values.
            let same = Release::ALL.into_iter().any(|release| {
                options_with_alternate(key, release).any(|(option, _)| option.key == new_key)
            });
            if same {
                Fate::renamed(new_key, gone)
            } else {
                legacy_heap(key, config, from)
                    .unwrap_or_else(|| Fate::dropped(format!("{gone}; see `{new_key}`")))
            }
        }
        Classification::NotYet { first, instead } if !before.is_empty() => {
            let reason = format!("Flink {first} is the first release to read it");
            match instead.filter(|instead| !set(instead)) {
                Some(instead) => Fate::renamed(instead, reason),
                None => Fate::dropped(reason),
            }
        }
        Classification::Misplaced(_) if !before.is_empty() => {
            Fate::dropped(format!("Flink {new} does not read it from a file"))
        }
        _ if before.is_empty() && !after.is_empty() => {
            Fate::kept(key).flag(format!("Flink {old} ignored it, and Flink {new} reads it"))
        }
        _ => Fate::kept(key),
    }
}

fn is_read(option: &crate::catalog::OptionHistory, release: Release) -> bool {
    option.at(release).is_some() && matches!(option.place, Place::File | Place::Pattern)
}

/// The sizes of a heap that were totals, by how the processes are started.
fn legacy_heap(key: &str, config: &ResolvedConfig<'_>, from: &Target) -> Option<Fate> {
    let (own, other) = match key {
        "taskmanager.heap.size" | "taskmanager.heap.mb" => {
            ("taskmanager.memory.flink.size", "taskmanager.memory.process.size")
        }
        "jobmanager.heap.size" | "jobmanager.heap.mb" => {
            ("jobmanager.memory.heap.size", "jobmanager.memory.process.size")
        }
        _ => return None,
    };
    let standalone = crate::memory::Deployment::of(from) == crate::memory::Deployment::Standalone;
    let new = if standalone { own } else { other };
    let later = "was the size of a heap before Flink 1.10";
    if config.setting(new).is_some() {
        return Some(Fate::dropped(format!("it {later}; `{new}` is set")));
    }
    // Both spellings set: `.size` counts.
    if key.ends_with(".mb") && config.setting(&key.replace(".mb", ".size")).is_some() {
        return Some(Fate::dropped("the key that ends in `.size` counts".to_owned()));
    }
    let mut fate =
        Fate::renamed(new, format!("it {later}; Flink {} took it for this", from.release()));
    if key.ends_with(".mb")
        && let Some(setting) = config.setting(key)
    {
        let text = setting.value.text();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let value = format!("{text}m");
            fate.notes.push((
                ChangeKind::Rewritten { from: text.into_owned(), to: value.clone() },
                "the old key counts mebibytes".to_owned(),
            ));
            fate.value = Some(value);
        }
    }
    Some(fate)
}

/// What the target makes of the value.
fn of_value(
    setting: &Setting<'_>,
    key: &str,
    from: &Target,
    to: &Target,
    (dialect, new_dialect): (Dialect, Dialect),
    fate: &mut Fate,
) {
    let Some(history) = option(key).filter(|option| option.place == Place::File) else { return };
    let (old, new) = (from.release(), to.release());
    let Some(entry) = history.at(new) else { return };
    let old_entry = option(&setting.key).and_then(|option| option.at(old)).or_else(|| {
        options_with_alternate(&setting.key, old).find_map(|(option, _)| option.at(old))
    });
    if new_dialect != dialect && fate.value.is_none() {
        fate.yaml = scalar::collection(&setting.value, entry.value_type, old);
    }
    if fate.value.is_some() || fate.yaml.is_some() {
        return;
    }
    let shown = mask_value(&setting.key, &setting.value.text());
    let refusal = check_value(&setting.value, entry.value_type, new, new_dialect).err();
    let was_refused = old_entry
        .is_some_and(|entry| check_value(&setting.value, entry.value_type, old, dialect).is_err());
    if let Some(refusal) = refusal.filter(|_| !was_refused) {
        let reason = format!("Flink {new} refuses `{shown}`: {}", refusal.reason);
        fate.notes.push((ChangeKind::Flagged, reason));
    } else if let Some(old_entry) =
        old_entry.filter(|old| is_other(old.value_type, entry.value_type))
    {
        let reason = format!(
            "`{shown}` was a value of type {}, and is one of type {}",
            old_entry.value_type, entry.value_type
        );
        fate.notes.push((ChangeKind::Flagged, reason));
    }
}

/// Whether a type is another one; constants come and go within one.
fn is_other(old: ValueType, new: ValueType) -> bool {
    old.to_string() != new.to_string()
}
