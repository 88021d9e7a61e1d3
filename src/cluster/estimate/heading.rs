//! What stands above a profile, and the names in it.

use std::collections::BTreeSet;

use super::operators::Found;
use super::series::bytes;
use super::state::state_of;
use crate::cluster::Observation;

pub(super) fn heading(observation: &Observation, sample_count: usize) -> Vec<String> {
    let job = &observation.job;
    let mut lines = vec![
        format!(
            "Profile of the job {:?} ({}) on Flink {}.",
            job.name, job.jid, observation.flink_version
        ),
        format!(
            "Watched for {} by {sample_count} samples, {} checkpoints completed. It knows nothing \
             of peaks outside of that time: profile the busiest hour, or a day.",
            observation.shown_window(),
            observation.checkpoints_in_window()
        ),
        "measured: counted by Flink; configured: set; derived: worked out from others; assumed: \
         not told by Flink at all, change it if you know better."
            .to_owned(),
    ];
    let node = |id: &str| job.plan.nodes.iter().find(|node| node.id == id);
    let stateless = job.vertices.iter().filter_map(|vertex| {
        let inputs = node(&vertex.id).map_or(&[][..], |node| &node.inputs);
        let is_keyed = inputs.iter().any(|input| input.ship_strategy.contains("HASH"));
        let size = state_of(observation, &vertex.id).size;
        (!is_keyed && size >= 1.0).then(|| format!("{} ({})", vertex.name, bytes(size)))
    });
    let stateless: Vec<String> = stateless.collect();
    if !stateless.is_empty() {
        lines.push(format!(
            "State without keys, which no state backend holds, is left out: {}.",
            stateless.join(", ")
        ));
    }
    lines
}

/// Operators of one name get numbers.
pub(super) fn unique_names(operators: &mut [Found]) {
    let mut known = BTreeSet::new();
    for found in operators {
        let base = found.operator.name.clone();
        let mut number = 2_u32;
        while !known.insert(found.operator.name.clone()) {
            found.operator.name = format!("{base}-{number}");
            number += 1;
        }
    }
}

/// A name for reports: words in small letters, joined by `-`.
pub(super) fn slug(name: &str) -> String {
    const LENGTH: usize = 40;
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_alphanumeric() {
            // `GroupAggregate` is two words.
            if c.is_uppercase() && before.is_lowercase() {
                out.push('-');
            }
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        before = c;
        if out.len() >= LENGTH {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "job".to_owned() } else { out.to_owned() }
}
