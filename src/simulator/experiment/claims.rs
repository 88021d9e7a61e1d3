use super::{Experiment, Setting, Table, cells, gemini, heap, mebibytes, nexmark, ratio, rocksdb};
use crate::simulator::SimulateError;
use crate::simulator::{
    Backend, GeminiOptions, Hardware, KvSeparation, Nanos, Purpose, SimulationReport, TimerService,
    per_million,
};
use crate::workload::{
    Access, Checkpointing, KeyDistribution, Keys, Operator, Share, SizeDistribution, Span,
    Workload, shipped,
};

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "random-reads",
        claim: "fewer random reads and less disk I/O than RocksDB",
        run: random_reads,
    },
    Experiment {
        name: "hot-data",
        claim: "hot data is not written to disk while memory suffices",
        run: hot_data,
    },
    Experiment {
        name: "compaction-cache",
        claim: "the cache stays whole through a compaction, where RocksDB's dips",
        run: compaction_cache,
    },
    Experiment { name: "jni", claim: "no cost of JNI", run: jni },
    Experiment {
        name: "allocator",
        claim: "an off-heap allocator with little overhead and no garbage collection",
        run: allocator,
    },
    Experiment {
        name: "checkpoint",
        claim: "the synchronous part of a checkpoint copies only the index; RocksDB flushes",
        run: checkpoint,
    },
    Experiment {
        name: "recovery",
        claim: "local recovery is quicker than remote recovery",
        run: recovery,
    },
    Experiment { name: "timers", claim: "timers can be kept off the heap", run: timers },
    Experiment {
        name: "kv-separation",
        claim: "separating long values gives joins 50 to 70 % more throughput",
        run: kv_separation,
    },
    Experiment {
        name: "three-to-five",
        claim: "three to five times the throughput of the open-source backend",
        run: three_to_five,
    },
    Experiment {
        name: "nexmark",
        claim: "the published Nexmark ratios of Gemini to RocksDB",
        run: nexmark::table,
    },
];

/// Updates and reads of `keys` keys of 10 + 100 bytes, half and half.
fn key_value(setting: &Setting, keys: u64, distribution: KeyDistribution) -> Workload {
    let count = (keys / setting.scale.max(1)).max(100);
    let records = (1_000_000 / setting.scale.max(1)).max(200);
    Workload {
        name: "key-value".to_owned(),
        description: String::new(),
        parallelism: 1,
        rate: None,
        event_rate: 100_000,
        warm_up_records: records,
        records,
        duration: None,
        checkpoint: None,
        operators: vec![Operator {
            name: "table".to_owned(),
            share: Share::ALL,
            keys: Keys { count, loaded: true, growth: 0.0, distribution },
            key_bytes: 10,
            value_bytes: SizeDistribution::Fixed(100),
            ttl: None,
            timers_per_record: 0,
            access: Access::Mix { reads: share(0.5), deletes: share(0.0) },
        }],
    }
}

/// A share that is written here and not read.
fn share(value: f64) -> Share {
    Share::try_from(value).unwrap_or(Share::ALL)
}

const ZIPF: KeyDistribution = KeyDistribution::Zipf { exponent: 0.99 };

/// Gemini and RocksDB with the same memory, under one workload.
fn both(
    setting: &Setting,
    memory: u64,
    workload: &Workload,
) -> Result<[SimulationReport; 2], SimulateError> {
    Ok([setting.run(gemini(memory), workload)?, setting.run(rocksdb(memory), workload)?])
}

fn reads_per_thousand(report: &SimulationReport) -> u64 {
    per_million(report.io_for(Purpose::Foreground).reads, report.records) / 1_000
}

fn hit_percent(report: &SimulationReport) -> String {
    let hits = report.hits_per_million();
    format!("{}.{:02} %", hits / 10_000, hits / 100 % 100)
}

fn random_reads(setting: &Setting) -> Result<Table, SimulateError> {
    let mut rows = Vec::new();
    let (mut reads, mut bytes) = ([0, 0], [0, 0]);
    for (skew, distribution) in [("zipf 0.99", ZIPF), ("uniform", KeyDistribution::Uniform)] {
        for memory in [32, 64, 128] {
            let workload = key_value(setting, 2_000_000, distribution);
            let reports = both(setting, setting.memory(memory), &workload)?;
            for (at, report) in reports.iter().enumerate() {
                if let (Some(reads), Some(bytes)) = (reads.get_mut(at), bytes.get_mut(at)) {
                    *reads += report.io_for(Purpose::Foreground).reads;
                    *bytes += report.disk_read() + report.disk_written();
                }
                rows.push(cells([
                    skew.to_owned(),
                    format!("{memory} MiB"),
                    report.backend.to_owned(),
                    hit_percent(report),
                    reads_per_thousand(report).to_string(),
                    mebibytes(report.disk_read()),
                    mebibytes(report.disk_written()),
                    report.throughput().to_string(),
                ]));
            }
        }
    }
    let [gemini_reads, rocksdb_reads] = reads;
    let [gemini_bytes, rocksdb_bytes] = bytes;
    Ok(Table {
        columns: vec![
            "skew",
            "memory",
            "store",
            "hits",
            "reads/1000",
            "read",
            "written",
            "records/s",
        ],
        rows,
        finding: format!(
            "over all rows RocksDB makes {} times Gemini's random reads and moves {} times its \
             bytes",
            ratio(rocksdb_reads, gemini_reads),
            ratio(rocksdb_bytes, gemini_bytes)
        ),
    })
}

fn hot_data(setting: &Setting) -> Result<Table, SimulateError> {
    let mut workload = key_value(setting, 1_000_000, ZIPF);
    workload.checkpoint =
        Some(Checkpointing { interval: Span { millis: 1_000 }, mode: Default::default() });
    let memory = setting.memory(512);
    let mut rows = Vec::new();
    let mut outside = Vec::new();
    for report in both(setting, memory, &workload)? {
        let written = |purpose| report.io_for(purpose).written;
        outside.push(written(Purpose::Flush));
        rows.push(cells([
            report.backend.to_owned(),
            mebibytes(report.statistics.user_bytes_written),
            mebibytes(written(Purpose::Flush)),
            mebibytes(written(Purpose::Compaction)),
            mebibytes(written(Purpose::Checkpoint)),
            report.checkpoints.len().to_string(),
        ]));
    }
    let text = outside.iter().map(|bytes| mebibytes(*bytes)).collect::<Vec<_>>().join(" and ");
    Ok(Table {
        columns: vec![
            "store",
            "written by the job",
            "flush",
            "compaction",
            "checkpoint",
            "checkpoints",
        ],
        rows,
        finding: format!(
            "state of 110 MB in 512 MiB: outside of checkpoints and their compaction, Gemini and \
             RocksDB write {text}"
        ),
    })
}

fn compaction_cache(setting: &Setting) -> Result<Table, SimulateError> {
    let workload = key_value(setting, 2_000_000, ZIPF);
    let mut rows = Vec::new();
    let mut dips = Vec::new();
    let mebibytes = 64;
    for report in both(setting, setting.memory(mebibytes), &workload)? {
        let dip = dip(&report);
        dips.push(match dip.points() {
            Some(points) => format!("{} {points:.2} points at {mebibytes} MiB", report.backend),
            None => format!("{} never at {mebibytes} MiB", report.backend),
        });
        let worst = report.timeline.iter().map(|slice| slice.p99).max().unwrap_or_default();
        rows.push(cells([
            format!("{mebibytes} MiB"),
            report.backend.to_owned(),
            percent(dip.quiet),
            percent(dip.compacting),
            percent(dip.lowest),
            worst.to_string(),
        ]));
    }
    Ok(Table {
        columns: vec![
            "memory",
            "store",
            "hits, no compaction",
            "hits, compacting",
            "lowest slice",
            "worst p99",
        ],
        rows,
        finding: format!("while compacting the hit ratio is lower by: {}", dips.join(", ")),
    })
}

/// Hits of a million, in the parts of a run that wrote compactions and in the others.
struct Dip {
    quiet: Option<u64>,
    compacting: Option<u64>,
    lowest: Option<u64>,
}

impl Dip {
    fn points(&self) -> Option<f64> {
        let signed = |part: Option<u64>| i64::try_from(part?).ok();
        Some((signed(self.quiet)? - signed(self.compacting)?) as f64 / 10_000.0)
    }
}

fn dip(report: &SimulationReport) -> Dip {
    let hits = |is_compacting: bool| {
        let slices = report.timeline.iter();
        let chosen = slices.filter(|slice| (slice.compaction_written > 0) == is_compacting);
        let (hits, lookups) =
            chosen.fold((0, 0), |(hits, lookups), s| (hits + s.hits, lookups + s.lookups));
        (lookups > 0).then(|| per_million(hits, lookups))
    };
    let lowest = report.timeline.iter().map(|s| per_million(s.hits, s.lookups)).min();
    Dip { quiet: hits(false), compacting: hits(true), lowest }
}

fn percent(per_million: Option<u64>) -> String {
    per_million
        .map_or("-".to_owned(), |share| format!("{}.{:02} %", share / 10_000, share / 100 % 100))
}

fn jni(setting: &Setting) -> Result<Table, SimulateError> {
    let workload = key_value(setting, 500_000, ZIPF);
    let memory = setting.memory(512);
    let mut free = Hardware::local_nvme();
    free.cpu.jni_call = Nanos::ZERO;
    free.cpu.jni_copy_per_kib = Nanos::ZERO;
    let with = setting.run(rocksdb(memory), &workload)?;
    let without = setting.run_on(free, rocksdb(memory), &workload)?;
    let own = setting.run(gemini(memory), &workload)?;
    let row = |name: &str, report: &SimulationReport| {
        let each = report.elapsed.0 / report.records.max(1);
        cells([name.to_owned(), report.throughput().to_string(), format!("{each} ns")])
    };
    let cost = per_million(with.elapsed.since(without.elapsed).0, with.elapsed.0) / 10_000;
    Ok(Table {
        columns: vec!["store", "records/s", "a record"],
        rows: vec![
            row("rocksdb", &with),
            row("rocksdb, JNI for nothing", &without),
            row("gemini", &own),
        ],
        finding: format!(
            "with all state in memory, JNI takes {cost} % of a record's time; without it RocksDB \
             would have {} of Gemini's throughput",
            ratio(without.throughput(), own.throughput())
        ),
    })
}

fn allocator(setting: &Setting) -> Result<Table, SimulateError> {
    let mut workload = key_value(setting, 1_000_000, ZIPF);
    for operator in &mut workload.operators {
        operator.value_bytes = SizeDistribution::Uniform { min: 20, max: 400 };
    }
    let memory = setting.memory(512);
    let own = setting.run(gemini(memory), &workload)?;
    let objects = setting.run(heap(memory * 2), &workload)?;
    let rows = [&own, &objects].map(|report| {
        let used = report.memory.used.max(1);
        let overhead = report.memory.fragmentation + report.memory.index;
        cells([
            report.backend.to_owned(),
            mebibytes(used),
            format!("{} %", per_million(overhead, used) / 10_000),
            report.statistics.pauses.to_string(),
            report.statistics.pause_time.to_string(),
            report.latency.max.to_string(),
            report.throughput().to_string(),
        ])
    });
    Ok(Table {
        columns: vec![
            "store",
            "memory",
            "overhead",
            "collections",
            "in all",
            "longest record",
            "records/s",
        ],
        rows: rows.into(),
        finding: format!(
            "the same state takes {} times the memory as objects on the heap, whose collections \
             stop the task for {} in {}",
            ratio(objects.memory.used, own.memory.used),
            objects.statistics.pause_time,
            objects.elapsed
        ),
    })
}

fn checkpoint(setting: &Setting) -> Result<Table, SimulateError> {
    let mut rows = Vec::new();
    let mut syncs = Vec::new();
    for memory in [64, 256] {
        let mut workload = key_value(setting, 1_000_000, ZIPF);
        workload.checkpoint =
            Some(Checkpointing { interval: Span { millis: 1_000 }, mode: Default::default() });
        let stores = [
            gemini(setting.memory(memory)),
            rocksdb(setting.memory(memory)),
            heap(setting.memory(1_024)),
        ];
        for backend in stores {
            let report = setting.run(backend, &workload)?;
            let sync = report.checkpoints.iter().map(|row| row.report.sync).max();
            let sync = sync.unwrap_or_default();
            let p99 = |with: bool| {
                let slices = report.timeline.iter().filter(|s| (s.checkpoints > 0) == with);
                slices.map(|slice| slice.p99).max().unwrap_or_default()
            };
            syncs.push(format!("{} {sync}", report.backend));
            let uploaded = report.checkpoints.last().map_or(0, |row| row.report.uploaded);
            rows.push(cells([
                format!("{memory} MiB"),
                report.backend.to_owned(),
                report.checkpoints.len().to_string(),
                sync.to_string(),
                mebibytes(uploaded),
                p99(false).to_string(),
                p99(true).to_string(),
                report.latency.max.to_string(),
            ]));
        }
    }
    Ok(Table {
        columns: vec![
            "memory",
            "store",
            "checkpoints",
            "longest sync",
            "last upload",
            "p99 between",
            "p99 around",
            "longest record",
        ],
        rows,
        finding: format!("longest synchronous parts: {}", syncs.join(", ")),
    })
}

fn recovery(setting: &Setting) -> Result<Table, SimulateError> {
    let workload = key_value(setting, 2_000_000, ZIPF);
    let mut rows = Vec::new();
    let mut findings = Vec::new();
    for backend in
        [gemini(setting.memory(128)), rocksdb(setting.memory(128)), heap(setting.memory(2_048))]
    {
        let report = setting.run(backend, &workload)?;
        let Some(recovery) = report.recovery else { continue };
        let local = recovery.local.unwrap_or_default();
        findings.push(format!("{} {}", report.backend, ratio(recovery.remote.0, local.0)));
        rows.push(cells([
            report.backend.to_owned(),
            mebibytes(recovery.bytes),
            local.to_string(),
            recovery.remote.to_string(),
        ]));
    }
    Ok(Table {
        columns: vec!["store", "checkpoint", "local", "remote"],
        rows,
        finding: format!("remote recovery takes so many times as long: {}", findings.join(", ")),
    })
}

fn timers(setting: &Setting) -> Result<Table, SimulateError> {
    let Some(mut workload) =
        shipped("nexmark-q11").and_then(|shipped| Workload::parse(shipped.name, shipped.text).ok())
    else {
        return Ok(Table { columns: Vec::new(), rows: Vec::new(), finding: String::new() });
    };
    workload.records = 500_000 / setting.scale.max(1);
    workload.warm_up_records = workload.records;
    for operator in &mut workload.operators {
        operator.timers_per_record = 1;
        operator.keys.distribution = KeyDistribution::Fresh;
    }
    // Event time passes slowly enough for timers to gather.
    workload.event_rate = 100_000 / setting.scale.max(1);
    workload.checkpoint =
        Some(Checkpointing { interval: Span { millis: 1_000 }, mode: Default::default() });
    let run = |timer_service| {
        let options =
            GeminiOptions { timer_service, ..GeminiOptions::with_memory(setting.memory(512)) };
        setting.run(Backend::Gemini(options), &workload)
    };
    let (on_heap, in_store) = (run(TimerService::Heap)?, run(TimerService::Gemini)?);
    let row = |name: &str, report: &SimulationReport| {
        let sync = report.checkpoints.iter().map(|row| row.report.sync).max();
        cells([
            name.to_owned(),
            report.throughput().to_string(),
            report.statistics.pauses.to_string(),
            report.statistics.pause_time.to_string(),
            sync.unwrap_or_default().to_string(),
        ])
    };
    Ok(Table {
        columns: vec!["timers", "records/s", "collections", "in all", "longest sync"],
        rows: vec![row("HEAP", &on_heap), row("GEMINI", &in_store)],
        finding: format!(
            "timers in the store have {} of the throughput of timers on the heap, and {} \
             collections instead of {}",
            ratio(in_store.throughput(), on_heap.throughput()),
            in_store.statistics.pauses,
            on_heap.statistics.pauses
        ),
    })
}

fn kv_separation(setting: &Setting) -> Result<Table, SimulateError> {
    let mut rows = Vec::new();
    let mut best = 0;
    for (name, match_rate) in [("all match", 1.0), ("one in ten matches", 0.1)] {
        let Some(mut workload) = shipped("nexmark-q20")
            .and_then(|shipped| Workload::parse(shipped.name, shipped.text).ok())
        else {
            continue;
        };
        workload.records = 500_000 / setting.scale.max(1);
        workload.warm_up_records = workload.records;
        for operator in &mut workload.operators {
            operator.value_bytes = SizeDistribution::Fixed(1_000);
            // Old keys come back, so that what lies on the disk is read.
            operator.keys.distribution = KeyDistribution::Uniform;
            if let Access::DualStreamJoin { left } = &mut operator.access {
                left.match_rate = share(match_rate);
                left.value_bytes = SizeDistribution::Fixed(1_000);
            }
        }
        let memory = setting.memory(128);
        let run = |kv_separation| {
            let options = GeminiOptions { kv_separation, ..GeminiOptions::with_memory(memory) };
            setting.run(Backend::Gemini(options), &workload)
        };
        let (together, apart) = (run(KvSeparation::Never)?, run(KvSeparation::Above(500))?);
        best = best.max(per_million(apart.throughput(), together.throughput()));
        for (mode, report) in [("together", &together), ("apart", &apart)] {
            rows.push(cells([
                name.to_owned(),
                mode.to_owned(),
                report.throughput().to_string(),
                mebibytes(report.io_for(Purpose::Compaction).written),
                mebibytes(report.disk_read()),
            ]));
        }
    }
    Ok(Table {
        columns: vec!["join", "values", "records/s", "compaction wrote", "read"],
        rows,
        finding: format!("at best {} times the throughput", ratio(best, 1_000_000)),
    })
}

fn three_to_five(setting: &Setting) -> Result<Table, SimulateError> {
    let mut rows = Vec::new();
    let (mut held, mut count) = (0, 0);
    for (skew, distribution) in [("zipf 0.99", ZIPF), ("uniform", KeyDistribution::Uniform)] {
        for reads in [0.1, 0.5, 0.9] {
            for memory in [32, 128, 512] {
                let mut workload = key_value(setting, 2_000_000, distribution);
                workload.records /= 2;
                workload.warm_up_records /= 2;
                for operator in &mut workload.operators {
                    operator.access = Access::Mix { reads: share(reads), deletes: share(0.0) };
                }
                let [own, other] = both(setting, setting.memory(memory), &workload)?;
                let times = per_million(own.throughput(), other.throughput());
                count += 1;
                held += u32::from(times >= 3_000_000);
                rows.push(cells([
                    skew.to_owned(),
                    format!("{reads}"),
                    format!("{memory} MiB"),
                    own.throughput().to_string(),
                    other.throughput().to_string(),
                    ratio(times, 1_000_000),
                ]));
            }
        }
    }
    Ok(Table {
        columns: vec!["skew", "reads", "memory", "Gemini/s", "RocksDB/s", "times"],
        rows,
        finding: format!("three times or more in {held} of {count} workloads on 220 MB of state"),
    })
}
