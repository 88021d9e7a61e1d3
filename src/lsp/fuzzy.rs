//! How well what is typed fits a key.

/// A score, the higher the better; `None` if a typed character is missing.
///
/// The characters must occur in order, in any case. Best is a beginning, then a beginning of a
/// part, then characters in a row; `tmmps` finds `taskmanager.memory.process.size`.
pub(super) fn score(typed: &str, key: &str) -> Option<i32> {
    if typed.is_empty() {
        return Some(0);
    }
    let (typed, key) = (typed.as_bytes(), key.as_bytes());
    if starts_with(key, typed) {
        return Some(10_000);
    }
    if let Some(at) =
        (1..key.len()).find(|at| starts_with(key.get(*at..).unwrap_or_default(), typed))
    {
        let whole_part = starts_part(key, at);
        return Some(if whole_part { 6_000 } else { 3_000 });
    }
    subsequence(typed, key)
}

fn starts_with(key: &[u8], typed: &[u8]) -> bool {
    key.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
}

fn starts_part(key: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| key.get(before));
    let (here, before) = (key.get(at), before);
    match (before, here) {
        (None, _) | (Some(b'.' | b'-' | b'_'), _) => true,
        (Some(before), Some(here)) => before.is_ascii_lowercase() && here.is_ascii_uppercase(),
        _ => false,
    }
}

/// Characters in order; starts of parts are tried first.
fn subsequence(typed: &[u8], key: &[u8]) -> Option<i32> {
    let mut score = 0;
    let mut from = 0;
    let mut last = None;
    for wanted in typed {
        let fits = |at: &usize| key.get(*at).is_some_and(|c| c.eq_ignore_ascii_case(wanted));
        let next = last.map(|last: usize| last + 1).filter(fits);
        let part = (from..key.len()).filter(|at| starts_part(key, *at)).find(fits);
        let any = (from..key.len()).find(fits);
        let at = match (next, part, any) {
            (Some(next), ..) => {
                score += 20;
                next
            }
            (None, Some(part), Some(any)) if part == any || rest_fits(typed, key, part) => {
                score += 30;
                part
            }
            (None, _, Some(any)) => {
                score -= 5;
                any
            }
            _ => return None,
        };
        last = Some(at);
        from = at + 1;
    }
    Some(score)
}

/// Whether enough characters are left; a rough bound, so that a jump ahead rarely loses a match.
fn rest_fits(typed: &[u8], key: &[u8], at: usize) -> bool {
    key.len().saturating_sub(at) >= typed.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(typed: &str, keys: &[&'a str]) -> &'a str {
        let scored = keys.iter().filter_map(|key| Some((score(typed, key)?, *key)));
        scored.max_by_key(|(score, _)| *score).unwrap().1
    }

    #[test]
    fn beginnings_then_parts_then_letters() {
        let keys = [
            "taskmanager.memory.process.size",
            "jobmanager.memory.process.size",
            "taskmanager.memory.managed.size",
            "taskmanager.numberOfTaskSlots",
        ];
        assert_eq!(best("job", &keys), keys[1]);
        assert_eq!(best("tmmps", &keys), keys[0]);
        assert_eq!(best("managed", &keys), keys[2]);
        assert_eq!(best("SLOTS", &keys), keys[3]);
        assert_eq!(score("xyz", keys[0]), None);
        assert_eq!(score("", keys[0]), Some(0));
    }
}
