//! What unknown keys may mean is remembered: an editor asks for the same ones on every keystroke.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Target, suggest};

/// Keys of a generation, at some hundred bytes each; a file of 3,000 lines fits in.
const MAX_KEYS: usize = 1 << 12;
/// Targets whose keys are remembered: those of the files that are open side by side.
const MAX_TARGETS: usize = 3;

/// The keys of a target and what they may mean, in two generations: when the young one is full it
/// becomes the old one, and what nobody asks for until the next time is forgotten.
#[derive(Debug, Default)]
struct Keys {
    young: HashMap<String, Vec<&'static str>>,
    old: HashMap<String, Vec<&'static str>>,
}

impl Keys {
    /// What a key may mean, young again.
    fn meant(&mut self, key: &str) -> Option<&Vec<&'static str>> {
        if !self.young.contains_key(key) {
            let (key, meant) = self.old.remove_entry(key)?;
            self.remember(key, meant);
        }
        self.young.get(key)
    }

    fn remember(&mut self, key: String, meant: Vec<&'static str>) {
        if self.young.len() == MAX_KEYS {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, meant);
    }
}

thread_local! {
    /// The last one used comes last. Each thread has its own, so none waits for another.
    static RECALLED: RefCell<Vec<(Target, Keys)>> = const { RefCell::new(Vec::new()) };
}

/// The options of `target` that an unknown key may mean, the likeliest first; see
/// [`suggest::suggestions`].
pub fn suggestions(key: &str, target: &Target) -> Vec<&'static str> {
    if let Some(found) = recall(key, target) {
        return found;
    }
    let found = suggest::suggestions(key, target);
    RECALLED.with_borrow_mut(|recalled| {
        let mut keys = take_out(recalled, target);
        keys.remember(key.to_owned(), found.clone());
        recalled.push((target.clone(), keys));
    });
    found
}

fn recall(key: &str, target: &Target) -> Option<Vec<&'static str>> {
    RECALLED.with_borrow_mut(|recalled| {
        let (_, keys) = recalled.iter_mut().rev().find(|(other, _)| other == target)?;
        keys.meant(key).cloned()
    })
}

/// What is remembered for a target, taken out, with room left for it to be put back.
fn take_out(recalled: &mut Vec<(Target, Keys)>, target: &Target) -> Keys {
    if let Some(at) = recalled.iter().position(|(other, _)| other == target) {
        return recalled.remove(at).1;
    }
    if recalled.len() == MAX_TARGETS {
        recalled.remove(0);
    }
    Keys::default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Release;

    #[test]
    fn what_is_recalled_is_what_was_found() {
        let targets: Vec<_> = Release::ALL.into_iter().map(Target::flink).collect();
        for _ in 0..2 {
            for target in targets.iter().chain(&targets) {
                for key in ["state.backnd", "jobmanager.rpc.ardress", "", "rest.port", "s3.x"] {
                    assert_eq!(
                        suggestions(key, target),
                        suggest::suggestions(key, target),
                        "{key}"
                    );
                }
            }
        }
    }

    #[test]
    fn memory_is_bounded() {
        let target = Target::flink(Release::V1_20);
        for number in 0..MAX_KEYS * 3 {
            suggestions(&format!("{number}"), &target);
            suggestions("asked.for.all.the.time", &target);
        }
        RECALLED.with_borrow(|recalled| {
            let [(_, keys)] = recalled.as_slice() else { panic!("one target was asked for") };
            assert!(keys.young.len() <= MAX_KEYS && keys.old.len() <= MAX_KEYS);
            assert!(keys.young.contains_key("asked.for.all.the.time"));
        });
    }
}
