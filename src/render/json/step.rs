use schemars::JsonSchema;
use serde::Serialize;

use crate::memory::{Capped, Clamp, Formula, Input, MemoryModel, Range, Step};

/// One number of a process and how Flink comes to it, in the order of Flink's derivation.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StepJson {
    /// `task_manager` or `job_manager`.
    process: &'static str,
    /// What the number is, such as `task_heap`.
    pool: &'static str,
    /// In bytes.
    size: u64,
    /// `option`, `fraction`, `inverse-fraction`, `sum`, `rest` or `segments`.
    formula: &'static str,
    /// The end of the range that replaced the value: `min` or `max`.
    clamp: Option<&'static str>,
    /// The other numbers that it was computed from.
    pools: Vec<&'static str>,
    /// The options that it was computed from.
    options: Vec<StepOptionJson>,
    /// The class and method of Flink.
    source: &'static str,
}

/// An option that a number was computed from.
#[derive(Debug, Serialize, JsonSchema)]
struct StepOptionJson {
    /// The key of the option; the setting may stand under another one.
    key: &'static str,
    /// The key it is set under; null for the default.
    set_as: Option<String>,
}

/// Every step of both processes.
pub(super) fn steps(model: &MemoryModel<'_>) -> Vec<StepJson> {
    let task_manager =
        model.task_manager.steps.iter().map(|step| StepJson::new("task_manager", step));
    let job_manager = model.job_manager.steps.iter().map(|step| StepJson::new("job_manager", step));
    task_manager.chain(job_manager).collect()
}

impl StepJson {
    fn new(process: &'static str, step: &Step<'_>) -> Self {
        let (mut options, mut pools, mut clamp) = (Vec::new(), Vec::new(), None);
        let formula = match &step.formula {
            Formula::Option(input) => {
                options.push(StepOptionJson::new(input));
                "option"
            }
            Formula::Fraction(capped) | Formula::InverseFraction(capped) => {
                clamp = capped.clamp.map(clamp_name);
                pools.extend(capped.base.iter().map(|pool| pool.name()));
                options.extend(options_of(capped));
                let is_inverse = matches!(step.formula, Formula::InverseFraction(_));
                if is_inverse { "inverse-fraction" } else { "fraction" }
            }
            Formula::Sum(parts) => {
                pools.extend(parts.iter().map(|pool| pool.name()));
                "sum"
            }
            Formula::Rest { total, parts, range } => {
                pools.extend([total].into_iter().chain(*parts).map(|pool| pool.name()));
                options.extend(range.iter().flat_map(ends));
                "rest"
            }
            Formula::Segments { count, segment_size } => {
                options.push(StepOptionJson::new(count));
                options.push(StepOptionJson::new(segment_size));
                "segments"
            }
        };
        Self {
            process,
            pool: step.pool.name(),
            size: step.value.bytes(),
            formula,
            clamp,
            pools,
            options,
            source: step.source,
        }
    }
}

fn options_of(capped: &Capped<'_>) -> Vec<StepOptionJson> {
    let fraction = StepOptionJson::new(&capped.fraction);
    [fraction].into_iter().chain(capped.range.iter().flat_map(ends)).collect()
}

fn ends(range: &Range<'_>) -> [StepOptionJson; 2] {
    [StepOptionJson::new(&range.min), StepOptionJson::new(&range.max)]
}

fn clamp_name(clamp: Clamp) -> &'static str {
    match clamp {
        Clamp::Min => "min",
        Clamp::Max => "max",
    }
}

impl StepOptionJson {
    fn new<T>(input: &Input<'_, T>) -> Self {
        Self { key: input.key, set_as: input.set_as().map(str::to_owned) }
    }
}
