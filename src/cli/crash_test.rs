use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use rayon::prelude::*;

use crate::simulator::{CrashSummary, CrashedStore, Difference, FaultInjection, Seed, crash_test};

/// Crash the simulated stores at random instants, and compare them with a model
#[derive(Debug, Args)]
pub(super) struct CrashTestArguments {
    /// Crash points for all stores together
    #[arg(long, default_value_t = 100_000)]
    points: u64,

    /// The stores
    #[arg(long, value_enum, value_delimiter = ',', default_value = "gemini,rocksdb,heap")]
    store: Vec<StoreArgument>,

    /// Inject full disks, failed uploads, slow devices and torn writes as well
    #[arg(long)]
    faults: bool,

    /// The first seed; every ten crash points take the next one
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StoreArgument {
    Gemini,
    Rocksdb,
    Heap,
}

/// Crashes in a row of one store, so that later ones hit a store with a past.
const POINTS_PER_SEED: u64 = 10;

/// Runs, and prints what was counted and what differed.
pub(super) fn run(arguments: &CrashTestArguments) -> io::Result<ExitCode> {
    let faults = if arguments.faults { FaultInjection::On } else { FaultInjection::Off };
    let store_count = arguments.store.len() as u64;
    let points = arguments.points.div_ceil(store_count.max(1));
    let mut out = super::output::stdout();
    writeln!(
        out,
        "{:8} {:>12} {:>12} {:>12} {:>12} {:>14} {:>13} {:>11}",
        "store",
        "crash points",
        "operations",
        "checkpoints",
        "ckpt failed",
        "local restores",
        "job failures",
        "differences"
    )?;
    let mut total = 0;
    let mut all_differences = 0;
    for store in &arguments.store {
        let store = match store {
            StoreArgument::Gemini => CrashedStore::Gemini,
            StoreArgument::Rocksdb => CrashedStore::RocksDb,
            StoreArgument::Heap => CrashedStore::Heap,
        };
        let (summary, differences) = crash(store, faults, arguments.seed, points);
        total += summary.crash_points;
        all_differences += differences.len();
        writeln!(
            out,
            "{:8} {:>12} {:>12} {:>12} {:>12} {:>14} {:>13} {:>11}",
            store.name(),
            summary.crash_points,
            summary.operations,
            summary.checkpoints,
            summary.checkpoints_failed,
            summary.local_restores,
            summary.job_failures,
            differences.len()
        )?;
        let flag = if arguments.faults { " --faults" } else { "" };
        for (seed, difference) in differences.iter().take(10) {
            writeln!(out, "  seed {seed}: {difference}")?;
            writeln!(
                out,
                "    replay: slotwise crash-test --store {} --seed {seed} --points \
                 {POINTS_PER_SEED}{flag}",
                store.name()
            )?;
        }
    }
    writeln!(out, "{total} crash points, {all_differences} differences from the model")?;
    Ok(ExitCode::from(u8::from(all_differences > 0)))
}

fn crash(
    store: CrashedStore,
    faults: FaultInjection,
    first_seed: u64,
    points: u64,
) -> (CrashSummary, Vec<(u64, Difference)>) {
    let seeds = first_seed..first_seed.saturating_add(points.div_ceil(POINTS_PER_SEED));
    let results: Vec<_> = seeds
        .into_par_iter()
        .map(|seed| (seed, crash_test(store, faults, POINTS_PER_SEED, Seed(seed))))
        .collect();
    let mut summary = CrashSummary::default();
    let mut differences = Vec::new();
    for (seed, result) in results {
        match result {
            Ok(run) => summary.add(run),
            Err(difference) => differences.push((seed, difference)),
        }
    }
    (summary, differences)
}
