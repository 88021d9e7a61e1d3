//! What TaskManager and JobManager derive alike: which option to start from, JVM Metaspace and JVM
//! Overhead, capped fractions.

use super::options::Options;
use super::{
    Capped, Clamp, Formula, Input, MemoryError, Pool, Process, Range, RangeProblem, Step,
    job_manager, task_manager,
};
use crate::catalog::{OptionKey, keys};
use crate::units::{Fraction, MemorySize};

/// The options that both processes have, each under its own key.
pub(super) struct ProcessOptions {
    process: Process,
    process_size: &'static OptionKey<MemorySize>,
    flink_size: &'static OptionKey<MemorySize>,
    jvm_metaspace_size: &'static OptionKey<MemorySize>,
    jvm_overhead: FractionOptions,
}

/// The options of a capped fraction.
pub(super) struct FractionOptions {
    pub(super) fraction: &'static OptionKey<Fraction>,
    /// Minimum and maximum; `None` if every product is allowed.
    pub(super) range: Option<(&'static OptionKey<MemorySize>, &'static OptionKey<MemorySize>)>,
}

pub(super) static TASK_MANAGER: ProcessOptions = ProcessOptions {
    process: Process::TaskManager,
    process_size: &keys::TASK_MANAGER_PROCESS_SIZE,
    flink_size: &keys::TASK_MANAGER_FLINK_SIZE,
    jvm_metaspace_size: &keys::TASK_MANAGER_JVM_METASPACE_SIZE,
    jvm_overhead: FractionOptions {
        fraction: &keys::TASK_MANAGER_JVM_OVERHEAD_FRACTION,
        range: Some((&keys::TASK_MANAGER_JVM_OVERHEAD_MIN, &keys::TASK_MANAGER_JVM_OVERHEAD_MAX)),
    },
};

pub(super) static JOB_MANAGER: ProcessOptions = ProcessOptions {
    process: Process::JobManager,
    process_size: &keys::JOB_MANAGER_PROCESS_SIZE,
    flink_size: &keys::JOB_MANAGER_FLINK_SIZE,
    jvm_metaspace_size: &keys::JOB_MANAGER_JVM_METASPACE_SIZE,
    jvm_overhead: FractionOptions {
        fraction: &keys::JOB_MANAGER_JVM_OVERHEAD_FRACTION,
        range: Some((&keys::JOB_MANAGER_JVM_OVERHEAD_MIN, &keys::JOB_MANAGER_JVM_OVERHEAD_MAX)),
    },
};

/// A derivation under way: what can be read, and what is known so far.
pub(super) struct Deriver<'c> {
    pub(super) options: Options<'c>,
    pub(super) steps: Vec<Step<'c>>,
}

/// Derives every pool of a process, from whichever options it starts.
///
/// Source: `ProcessMemoryUtils.memoryProcessSpecFromConfig` (1.11 to 2.3),
/// `TaskExecutorProcessUtils.processSpecFromConfig` (1.10).
pub(super) fn derive(d: &mut Deriver<'_>, process: &ProcessOptions) -> Result<(), MemoryError> {
    let is_fine_grained = match process.process {
        Process::TaskManager => task_manager::is_fine_grained(&d.options),
        Process::JobManager => job_manager::is_fine_grained(&d.options),
    };
    if is_fine_grained {
        match process.process {
            Process::TaskManager => task_manager::from_fine_grained(d)?,
            Process::JobManager => job_manager::from_fine_grained(d)?,
        }
        jvm_from_total_flink(d, process)
    } else if d.options.is_set(process.flink_size) {
        d.option(
            Pool::TotalFlinkMemory,
            process.flink_size,
            "ProcessMemoryUtils.deriveProcessSpecWithTotalFlinkMemory",
        )?;
        from_total_flink(d, process)?;
        jvm_from_total_flink(d, process)
    } else if d.options.is_set(process.process_size) {
        let source = "ProcessMemoryUtils.deriveProcessSpecWithTotalProcessMemory";
        let total = d.option(Pool::TotalProcessMemory, process.process_size, source)?;
        jvm_from_total_process(d, process, total)?;
        const PARTS: &[Pool] = &[Pool::JvmMetaspace, Pool::JvmOverhead];
        d.rest(Pool::TotalFlinkMemory, Pool::TotalProcessMemory, PARTS, None, source)?;
        from_total_flink(d, process)
    } else {
        Err(MemoryError::NotConfigured { process: process.process })
    }
}

fn from_total_flink(d: &mut Deriver<'_>, process: &ProcessOptions) -> Result<(), MemoryError> {
    match process.process {
        Process::TaskManager => task_manager::from_total_flink(d),
        Process::JobManager => job_manager::from_total_flink(d),
    }
}

/// JVM Metaspace and JVM Overhead out of a known Total Process Memory.
fn jvm_from_total_process(
    d: &mut Deriver<'_>,
    process: &ProcessOptions,
    total: MemorySize,
) -> Result<(), MemoryError> {
    let source = "ProcessMemoryUtils.deriveJvmMetaspaceAndOverheadWithTotalProcessMemory";
    let jvm_metaspace = d.option(Pool::JvmMetaspace, process.jvm_metaspace_size, source)?;
    // JVM Overhead is a fraction of Total *Process* Memory, so it goes before the split.
    let capped = d.capped(&process.jvm_overhead, &[Pool::TotalProcessMemory], Fraction::of)?;
    let jvm_overhead = d.push(
        Pool::JvmOverhead,
        capped.value(),
        Formula::Fraction(capped),
        "ProcessMemoryUtils.deriveWithFraction",
    );
    if jvm_metaspace.checked_add(jvm_overhead)? > total {
        return Err(MemoryError::JvmExceedsTotalProcessMemory {
            jvm_metaspace,
            jvm_overhead,
            total,
        });
    }
    Ok(())
}

/// JVM Metaspace and JVM Overhead on top of a known Total Flink Memory.
fn jvm_from_total_flink(d: &mut Deriver<'_>, process: &ProcessOptions) -> Result<(), MemoryError> {
    let source = "ProcessMemoryUtils.deriveJvmMetaspaceAndOverheadFromTotalFlinkMemory";
    const FLINK_AND_METASPACE: &[Pool] = &[Pool::TotalFlinkMemory, Pool::JvmMetaspace];
    let total_flink = d.size(Pool::TotalFlinkMemory);
    let jvm_metaspace = d.option(Pool::JvmMetaspace, process.jvm_metaspace_size, source)?;
    let needed = total_flink.checked_add(jvm_metaspace)?;
    if d.options.is_set(process.process_size) {
        let total_process = d.option(Pool::TotalProcessMemory, process.process_size, source)?;
        let Some(derived) = total_process.checked_sub(needed) else {
            return Err(MemoryError::ProcessBelowFlinkAndMetaspace {
                total_process,
                total_flink,
                jvm_metaspace,
            });
        };
        let (range, _) = d.range(&process.jvm_overhead)?;
        check_rest(Pool::JvmOverhead, derived, range.as_ref())?;
        d.rest(
            Pool::JvmOverhead,
            Pool::TotalProcessMemory,
            FLINK_AND_METASPACE,
            range,
            "ProcessMemoryUtils.sanityCheckJvmOverhead",
        )?;
    } else {
        let capped = d.capped(&process.jvm_overhead, FLINK_AND_METASPACE, Fraction::inverse_of)?;
        d.push(
            Pool::JvmOverhead,
            capped.value(),
            Formula::InverseFraction(capped),
            "ProcessMemoryUtils.deriveWithInverseFraction",
        );
        const ALL: &[Pool] = &[Pool::TotalFlinkMemory, Pool::JvmMetaspace, Pool::JvmOverhead];
        d.sum(Pool::TotalProcessMemory, ALL, "CommonProcessMemorySpec.getTotalProcessMemorySize")?;
    }
    Ok(())
}

/// The rest must lie within its range, both ends allowed.
pub(super) fn check_rest(
    pool: Pool,
    derived: MemorySize,
    range: Option<&Range<'_>>,
) -> Result<(), MemoryError> {
    match range.map(|range| (range.min.value, range.max.value)) {
        Some((min, max)) if !(min..=max).contains(&derived) => {
            Err(MemoryError::RestOutOfRange { pool, derived, min, max })
        }
        _ => Ok(()),
    }
}

impl Capped<'_> {
    /// The product, kept within the range.
    pub fn value(&self) -> MemorySize {
        match (&self.range, self.clamp) {
            (Some(range), Some(Clamp::Min)) => range.min.value,
            (Some(range), Some(Clamp::Max)) => range.max.value,
            _ => self.product,
        }
    }
}

impl<'c> Deriver<'c> {
    pub(super) fn new(options: Options<'c>) -> Self {
        // A TaskManager has ten pools and totals.
        Self { options, steps: Vec::with_capacity(10) }
    }

    /// What was derived for `pool`; zero for a pool that the process does not have.
    pub(super) fn size(&self, pool: Pool) -> MemorySize {
        let step = self.steps.iter().find(|step| step.pool == pool);
        step.map_or(MemorySize::ZERO, |step| step.value)
    }

    pub(super) fn total(&self, pools: &[Pool]) -> Result<MemorySize, MemoryError> {
        let mut total = MemorySize::ZERO;
        for pool in pools {
            total = total.checked_add(self.size(*pool))?;
        }
        Ok(total)
    }

    pub(super) fn push(
        &mut self,
        pool: Pool,
        value: MemorySize,
        formula: Formula<'c>,
        source: &'static str,
    ) -> MemorySize {
        self.steps.push(Step { pool, value, formula, source });
        value
    }

    /// A pool that is what an option says.
    pub(super) fn option(
        &mut self,
        pool: Pool,
        key: &'static OptionKey<MemorySize>,
        source: &'static str,
    ) -> Result<MemorySize, MemoryError> {
        let input = self.options.size(key)?;
        Ok(self.push(pool, input.value, Formula::Option(input), source))
    }

    /// A pool that is all of `parts`.
    pub(super) fn sum(
        &mut self,
        pool: Pool,
        parts: &'static [Pool],
        source: &'static str,
    ) -> Result<MemorySize, MemoryError> {
        let value = self.total(parts)?;
        Ok(self.push(pool, value, Formula::Sum(parts), source))
    }

    /// A pool that is what `parts` leave of `total`; the caller has checked that they fit.
    pub(super) fn rest(
        &mut self,
        pool: Pool,
        total: Pool,
        parts: &'static [Pool],
        range: Option<Range<'c>>,
        source: &'static str,
    ) -> Result<MemorySize, MemoryError> {
        let value = self.size(total).saturating_sub(self.total(parts)?);
        Ok(self.push(pool, value, Formula::Rest { total, parts, range }, source))
    }

    /// The range and the fraction of a capped component, checked against each other.
    ///
    /// Source: `ProcessMemoryUtils.getRangeFraction`, `RangeFraction`, Flink 1.10 to 2.3.
    pub(super) fn range(
        &self,
        options: &FractionOptions,
    ) -> Result<(Option<Range<'c>>, Input<'c, Fraction>), MemoryError> {
        let range = match options.range {
            Some((min, max)) => {
                Some(Range { min: self.options.size(min)?, max: self.options.size(max)? })
            }
            None => None,
        };
        let fraction = self.options.value(options.fraction)?;
        let (min, max) = match &range {
            Some(range) => (range.min.value, range.max.value),
            None => (MemorySize::ZERO, MemorySize::MAX),
        };
        let problem = if min > max {
            Some(RangeProblem::MinAboveMax)
        } else if !fraction.value.is_proper() {
            Some(RangeProblem::FractionOutOfRange)
        } else {
            None
        };
        match problem {
            Some(problem) => Err(MemoryError::InconsistentRange {
                key: fraction.key,
                fraction: fraction.value,
                min,
                max,
                problem,
            }),
            None => Ok((range, fraction)),
        }
    }

    /// A fraction of `base` kept within its range; `multiply` is [`Fraction::of`] or
    /// [`Fraction::inverse_of`].
    pub(super) fn capped(
        &self,
        options: &FractionOptions,
        base: &'static [Pool],
        multiply: fn(Fraction, MemorySize) -> Result<MemorySize, crate::units::Overflow>,
    ) -> Result<Capped<'c>, MemoryError> {
        let (range, fraction) = self.range(options)?;
        let base_size = self.total(base)?;
        let product = multiply(fraction.value, base_size)?;
        let clamp = match &range {
            Some(range) if product < range.min.value => Some(Clamp::Min),
            Some(range) if product > range.max.value => Some(Clamp::Max),
            _ => None,
        };
        Ok(Capped { fraction, base, base_size, product, range, clamp })
    }
}
