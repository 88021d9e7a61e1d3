//! The operators that hold keyed state, one by one.

use super::EstimateError;
use super::entries::{Spread, counted_state, entry, growth, key_count};
use super::heading::slug;
use super::series::{bytes, whole};
use super::state::{StateSize, state_of};
use crate::cluster::access::{self, Sides};
use crate::cluster::answers::{PlanNode, Vertex};
use crate::cluster::observation::is_rocksdb;
use crate::cluster::{Figure, Noted, Observation, OperatorProfile, Source};
use crate::workload::{KeyDistribution, Keys, Operator, Share, SizeDistribution, Span};

/// An operator with keyed state, and what is needed until the workload is whole.
pub(super) struct Found {
    pub(super) operator: Operator,
    pub(super) notes: OperatorProfile,
    pub(super) parallelism: u32,
    /// Records a second.
    pub(super) rate: f64,
    pub(super) state_size: f64,
    pub(super) position: usize,
}

/// The operators with keyed state in a vertex; none if it has no such state.
pub(super) fn operators_of(
    observation: &Observation,
    vertex: &Vertex,
    node: Option<&PlanNode>,
    source: &Figure<f64>,
) -> Result<Vec<Found>, EstimateError> {
    let counters = observation.names_of(&vertex.id, |name| counted_state(name).is_some());
    let mut names: Vec<String> = Vec::new();
    for operator in counters.iter().filter_map(|name| counted_state(name)) {
        if !names.iter().any(|known| known == operator) {
            names.push(operator.to_owned());
        }
    }
    let inputs = node.map_or(&[][..], |node| &node.inputs);
    let is_keyed = inputs.iter().any(|input| input.ship_strategy.contains("HASH"));
    let state = state_of(observation, &vertex.id);
    if (!is_keyed && names.is_empty()) || state.size < 1.0 {
        return Ok(Vec::new());
    }
    let position =
        observation.job.vertices.iter().position(|it| it.id == vertex.id).unwrap_or_default();
    // Without RocksDB's metrics, the operators of a chain cannot be told apart.
    let operators: Vec<Option<&str>> = match names.as_slice() {
        [] => vec![None],
        names => names.iter().map(|name| Some(name.as_str())).collect(),
    };
    let key_counts: Vec<Option<Spread>> = operators
        .iter()
        .map(|operator| key_count(observation, &vertex.id, (*operator)?, &counters))
        .collect();
    let all_keys: f64 = key_counts.iter().flatten().map(|count| count.all_states).sum();
    let mut found = Vec::new();
    for (operator, keys) in operators.iter().zip(&key_counts) {
        // A state's part is that of its entries.
        let part = match keys {
            Some(keys) if all_keys > 0.0 => keys.all_states / all_keys,
            _ => 1.0 / operators.len().max(1) as f64,
        };
        let operator = Candidate { observation, vertex, node, operator: *operator, source };
        found.push(operator.describe(&state.times(part), keys.as_ref(), position)?);
    }
    Ok(found)
}

struct Candidate<'o> {
    observation: &'o Observation,
    vertex: &'o Vertex,
    node: Option<&'o PlanNode>,
    operator: Option<&'o str>,
    source: &'o Figure<f64>,
}

impl Candidate<'_> {
    fn describe(
        &self,
        state: &StateSize,
        keys: Option<&Spread>,
        position: usize,
    ) -> Result<Found, EstimateError> {
        let rate = self.records_in()?;
        let record = self.record_bytes();
        let description = self.node.map_or("", |node| node.description.as_str());
        let part = access::part_of(description, self.operator);
        let window = access::window(part);
        let state = &window.as_ref().map_or(*state, |_| state.at_most());
        let (count, key_bytes, value_bytes) = entry(state, keys, record);
        let sides = Sides {
            left_share: self.left_share(),
            value_bytes: SizeDistribution::Fixed(value_bytes.value),
        };
        let access = access::infer(part, &sides);
        let growth = growth(state, key_bytes.value + value_bytes.value, rate.value);
        let name = self
            .operator
            .unwrap_or_else(|| self.vertex.name.split(" -> ").next().unwrap_or(&self.vertex.name));
        let ttl = self.ttl();
        let operator = Operator {
            name: slug(name.split('[').next().unwrap_or(name)),
            share: Share::ALL,
            keys: Keys {
                count: count.value,
                loaded: true,
                growth: growth.value,
                distribution: KeyDistribution::Uniform,
            },
            key_bytes: key_bytes.value,
            value_bytes: SizeDistribution::Fixed(value_bytes.value),
            ttl: ttl.value,
            timers_per_record: 0,
            access: access.value,
        };
        let notes = OperatorProfile {
            state: self.state_note(state),
            share: rate.noted,
            key_count: count.noted,
            growth: growth.noted,
            distribution: self.distribution_note(),
            key_bytes: key_bytes.noted,
            value_bytes: value_bytes.noted,
            ttl: ttl.noted,
            access: access.noted,
        };
        Ok(Found {
            operator,
            notes,
            parallelism: self.vertex.parallelism,
            rate: rate.value,
            state_size: state.size,
            position,
        })
    }

    /// Records a second that reach the operator.
    fn records_in(&self) -> Result<Figure<f64>, EstimateError> {
        let own = self.operator.map(|operator| format!("{operator}.numRecordsIn"));
        let names = own.into_iter().chain(["numRecordsIn".to_owned()]);
        for name in names {
            let series = self.observation.series(&self.vertex.id, std::slice::from_ref(&name));
            if series.is_decreasing_anywhere() {
                return Err(EstimateError::Restarted);
            }
            if let Some(rate) = series.rate() {
                let note = format!(
                    "{name} rose by {} a second, the sources' records by {}",
                    whole(rate.mean),
                    whole(self.source.value)
                );
                return Ok(Figure::new(Source::Measured, rate.mean, note));
            }
        }
        Ok(Figure::new(
            Source::Assumed,
            self.source.value,
            "every record, as the operator's own were not counted",
        ))
    }

    /// Bytes of a record on its way in, serialized.
    fn record_bytes(&self) -> Option<f64> {
        let last = |name| {
            let samples = self.observation.samples.iter().rev();
            samples.filter_map(|sample| sample.metric(&self.vertex.id, name)).next()
        };
        let (bytes, records) = (last("numBytesIn")?.sum, last("numRecordsIn")?.sum);
        (bytes >= 1.0 && records >= 1.0).then_some(bytes / records)
    }

    /// The first input's part of the records.
    fn left_share(&self) -> Option<f64> {
        let inputs = &self.node?.inputs;
        let names = ["numRecordsOut".to_owned()];
        let mut rates = inputs
            .iter()
            .map(|input| self.observation.series(&input.id, &names).rate().map(|rate| rate.mean));
        let (left, right) = (rates.next()??, rates.next()??);
        let share = left / (left + right);
        share.is_finite().then(|| (share * 1e4).round() / 1e4)
    }

    fn state_note(&self, state: &StateSize) -> Noted {
        let mut note = format!(
            "{} of state, {} of {} checkpoints ({} to {} in the window)",
            bytes(state.size),
            state.choice,
            state.count,
            bytes(state.low),
            bytes(state.high)
        );
        if let Some(live) = self.rocksdb_sum("estimate-live-data-size") {
            note.push_str(&format!(", of which RocksDB holds {} live", bytes(live)));
        }
        let is_on_heap = self.observation.checkpointing.state_backend.contains("HashMap");
        if state.choice == "the largest" {
            note.push_str(
                ". Windows empty it when they end; a longer one may still have been filling",
            );
        } else if state.swings() && !is_on_heap {
            note.push_str(
                ". The sizes swing, as RocksDB keeps old versions until it compacts: no more than \
                 the smallest is alive",
            );
        }
        if !is_on_heap {
            note.push_str(". What is on disk may be compressed");
        }
        Noted { source: Source::Measured, note }
    }

    fn rocksdb_sum(&self, property: &str) -> Option<f64> {
        let prefix = self.operator?;
        let sample = self.observation.samples.last()?;
        let metrics = sample.vertices.get(&self.vertex.id)?.iter();
        let own = metrics.filter(|(name, _)| {
            let last = name.rsplit_once('.').map_or("", |(_, last)| last);
            name.starts_with(prefix) && is_rocksdb(last, property)
        });
        let sum: f64 = own.map(|(_, value)| value.sum).sum();
        (sum > 0.0).then_some(sum)
    }

    fn distribution_note(&self) -> Noted {
        let mut note = "Flink does not tell how popular keys are; alike is the least favorable to \
                        a cache"
            .to_owned();
        let ticker = |property| {
            let prefix = self.operator?;
            let is_own = |name: &str| {
                let last = name.rsplit_once('.').map_or("", |(_, last)| last);
                name.starts_with(prefix) && is_rocksdb(last, property)
            };
            let names = self.observation.names_of(&self.vertex.id, is_own);
            self.observation.series(&self.vertex.id, &names).rate()
        };
        if let (Some(hits), Some(misses)) = (ticker("block-cache-hit"), ticker("block-cache-miss"))
        {
            let all = hits.count + misses.count;
            note.push_str(&format!(
                ". To compare with: {:.1} % of {} block reads hit RocksDB's cache",
                hits.count / all.max(1.0) * 100.0,
                whole(all)
            ));
        }
        Noted { source: Source::Assumed, note }
    }

    fn ttl(&self) -> Figure<Option<Span>> {
        let set = self.observation.setting("table.exec.state.ttl");
        let span = set.and_then(|text| text.parse::<Span>().ok()).filter(|span| span.millis > 0);
        match span {
            Some(span) => {
                Figure::new(Source::Configured, Some(span), "`table.exec.state.ttl` of the cluster")
            }
            None => Figure::new(
                Source::Assumed,
                None,
                "no ttl; Flink's REST API does not tell the one that a job sets",
            ),
        }
    }
}
