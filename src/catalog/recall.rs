//! Suggestions are remembered: an editor asks for the same keys on every keystroke.

use std::cell::RefCell;
use std::collections::HashMap;

use super::Target;
use super::suggest;

/// Keys that are remembered for each target; at some hundred bytes each.
const MAX_KEYS: usize = 1 << 13;
/// Targets whose keys are remembered: those of the files that are open side by side.
const MAX_TARGETS: usize = 4;

type Suggestions = HashMap<String, Vec<&'static str>>;

thread_local! {
    /// The last one used comes last. Each thread has its own, so none waits for another.
    static RECALLED: RefCell<Vec<(Target, Suggestions)>> = const { RefCell::new(Vec::new()) };
}

/// The options of `target` that an unknown key may mean, the likeliest first; see
/// [`suggest::suggestions`].
pub fn suggestions(key: &str, target: &Target) -> Vec<&'static str> {
    RECALLED.with_borrow_mut(|recalled| {
        if let Some((last, known)) = recalled.last()
            && last == target
            && let Some(found) = known.get(key)
        {
            return found.clone();
        }
        let mut known = take_out(recalled, target);
        let found = known.get(key).cloned().unwrap_or_else(|| suggest::suggestions(key, target));
        if known.len() == MAX_KEYS {
            known.clear();
        }
        known.insert(key.to_owned(), found.clone());
        recalled.push((target.clone(), known));
        found
    })
}

/// What is remembered for a target, taken out, with room left for one to be put back.
fn take_out(recalled: &mut Vec<(Target, Suggestions)>, target: &Target) -> Suggestions {
    if let Some(at) = recalled.iter().position(|(other, _)| other == target) {
        return recalled.remove(at).1;
    }
    if recalled.len() == MAX_TARGETS {
        recalled.remove(0);
    }
    Suggestions::new()
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
                for key in ["state.backnd", "jobmanager.rpc.ardress", "", "nothing.like.it"] {
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
        for number in 0..MAX_KEYS + 10 {
            suggestions(&format!("{number}"), &target);
        }
        RECALLED.with_borrow(|recalled| assert!(recalled[0].1.len() < 20));
    }
}
