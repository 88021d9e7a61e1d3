//! What a shape takes of a platform, in the platform's own units, and what that costs.

use super::Shape;
use crate::units::MemorySize;

/// Where TaskManagers run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Containers whose memory is rounded up.
    Yarn {
        /// `yarn.scheduler.minimum-allocation-mb`.
        step: MemorySize,
    },
    /// Pods that request what the process has.
    Kubernetes,
    /// Compute units of Realtime Compute for Apache Flink.
    AlibabaCu,
    /// Processing units of Managed Service for Apache Flink.
    AwsKpu,
}

/// What an hour of something costs. Built in is what a vendor's page said on a day; all else is the
/// user's.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// When they were looked up.
    pub date: String,
    /// Such as USD.
    pub currency: String,
    /// A KPU.
    pub kpu_hour: Option<f64>,
    /// A CU.
    pub cu_hour: Option<f64>,
    /// A core of YARN or Kubernetes.
    pub core_hour: Option<f64>,
    /// A GiB of memory of YARN or Kubernetes.
    pub gib_hour: Option<f64>,
}

impl Default for Prices {
    /// Source: the pricing page of Amazon Managed Service for Apache Flink, examples for US East
    /// (N. Virginia), as of 2026-09-20. Alibaba Cloud's prices differ by region and are not built in.
    fn default() -> Self {
        Self {
            date: "2026-09-20".to_owned(),
            currency: "USD".to_owned(),
            kpu_hour: Some(0.11),
            cu_hour: None,
            core_hour: None,
            gib_hour: None,
        }
    }
}

/// What a shape takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Footprint {
    /// In the platform's words.
    pub text: String,
    /// Bytes of memory in all.
    pub memory: u64,
    /// Price of a month of 730 hours, if the prices say.
    pub month: Option<f64>,
}

const GIB: f64 = 1_073_741_824.0;
const HOURS_OF_A_MONTH: f64 = 730.0;
/// Source: "Billable items" of Realtime Compute for Apache Flink, 2024-12-26: 1 core and 4 GiB.
const CU_BYTES: f64 = 4.0 * GIB;
/// Source: "Review application resources" of Managed Service for Apache Flink: 1 GB of a KPU's 4 is
/// native memory, and 8 slots are the most.
const KPU_NATIVE: u64 = 1 << 30;
const KPU_BYTES: u64 = 4 << 30;
const KPU_SLOTS_MOST: u64 = 8;

impl Platform {
    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yarn { .. } => "yarn",
            Self::Kubernetes => "kubernetes",
            Self::AlibabaCu => "alibaba-cu",
            Self::AwsKpu => "aws-kpu",
        }
    }

    /// What the shape takes of it, with slots of one core each, as Flink asks for by default.
    pub fn footprint(self, shape: &Shape, parallelism: u32, prices: &Prices) -> Footprint {
        let count = u64::from(shape.task_managers);
        let cores = count * u64::from(shape.slots);
        let by_parts = |memory: u64| {
            let hour = prices
                .core_hour
                .zip(prices.gib_hour)
                .map(|(core, gib)| core * cores as f64 + gib * memory as f64 / GIB);
            hour.map(|hour| hour * HOURS_OF_A_MONTH)
        };
        match self {
            Self::Yarn { step } => {
                let process = shape.process.bytes();
                let step = step.bytes().max(1);
                let container = process.div_ceil(step).saturating_mul(step);
                let memory = container.saturating_mul(count);
                let text = format!(
                    "{count} x {} container, {} vcore{}{}",
                    short(container),
                    shape.slots,
                    if shape.slots == 1 { "" } else { "s" },
                    if container > process {
                        format!(", {} of it idle", short(container - process))
                    } else {
                        String::new()
                    }
                );
                Footprint { text, memory, month: by_parts(memory) }
            }
            Self::Kubernetes => {
                let memory = shape.process.bytes().saturating_mul(count);
                let text = format!(
                    "{count} x requests memory {}Mi, cpu {}",
                    shape.process.mebibytes(),
                    shape.slots
                );
                Footprint { text, memory, month: by_parts(memory) }
            }
            Self::AlibabaCu => {
                let by_memory = shape.process.bytes() as f64 / CU_BYTES;
                let each = by_memory.max(f64::from(shape.slots));
                let units = each * f64::from(shape.task_managers);
                let bound = if by_memory > f64::from(shape.slots) { "memory" } else { "cores" };
                let text = format!("{units:.2} CU, by {bound}");
                let month = prices.cu_hour.map(|hour| hour * units * HOURS_OF_A_MONTH);
                Footprint { text, memory: whole(units * CU_BYTES), month }
            }
            Self::AwsKpu => {
                let fit = KPU_NATIVE.checked_div(shape.store_memory).unwrap_or(KPU_SLOTS_MOST);
                let slots = fit.clamp(1, KPU_SLOTS_MOST);
                let units = u64::from(parallelism).div_ceil(slots);
                let text = format!(
                    "{units} + 1 KPU, ParallelismPerKPU {slots}{}",
                    if fit == 0 { ": its 1 GiB of native memory is too little" } else { "" }
                );
                // One more orchestrates.
                let hours = (units + 1) as f64 * HOURS_OF_A_MONTH;
                let month = prices.kpu_hour.map(|hour| hour * hours);
                Footprint { text, memory: units.saturating_mul(KPU_BYTES), month }
            }
        }
    }
}

fn short(bytes: u64) -> String {
    MemorySize::from_bytes(bytes).unwrap_or(MemorySize::MAX).short()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "memory is far below the largest integer, and not negative"
)]
fn whole(bytes: f64) -> u64 {
    bytes.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::StateMemory;

    fn check(platform: Platform, prices: &Prices) -> String {
        let shape = Shape {
            slots: 4,
            task_managers: 2,
            process: MemorySize::from_mebibytes(4_608),
            state_memory: StateMemory::DefaultFraction,
            network_mebibytes: None,
            store_memory: 300 << 20,
            task_heap: MemorySize::ZERO,
            total: 9_216 << 20,
        };
        let Footprint { text, memory, month } = platform.footprint(&shape, 8, prices);
        format!("{text}; {} MiB; {month:.2?}", memory >> 20)
    }

    #[test]
    fn every_platform_counts_in_its_own_units() {
        let prices = Prices::default();
        let yarn = Platform::Yarn { step: MemorySize::from_mebibytes(1_024) };
        insta::assert_snapshot!(check(yarn, &prices), @"2 x 5 GiB container, 4 vcores, 512 MiB of it idle; 10240 MiB; None");
        insta::assert_snapshot!(check(Platform::Kubernetes, &prices), @"2 x requests memory 4608Mi, cpu 4; 9216 MiB; None");
        insta::assert_snapshot!(check(Platform::AlibabaCu, &prices), @"8.00 CU, by cores; 32768 MiB; None");
        // Three slots of 300 MiB fit a KPU's native memory: three KPUs and one more, at 0.11 an hour.
        insta::assert_snapshot!(check(Platform::AwsKpu, &prices), @"3 + 1 KPU, ParallelismPerKPU 3; 12288 MiB; Some(321.20)");
        let own = Prices { core_hour: Some(0.04), gib_hour: Some(0.005), ..prices };
        insta::assert_snapshot!(check(Platform::Kubernetes, &own), @"2 x requests memory 4608Mi, cpu 4; 9216 MiB; Some(266.45)");
    }
}
