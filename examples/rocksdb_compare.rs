//! Replays measured runs of RocksDB in the simulator and prints both side by side.
//!
//! `rocksdb_compare MEASURED.json [SET]` reads what `conformance/rocksdb_measure.py` wrote; with a
//! set it replays the rows of that set alone. `VERBOSE=1` adds all counters.
#![expect(clippy::print_stdout, reason = "a program whose output is its purpose")]

use serde_json::Value;
use slotwise::simulator::rocksdb::{LoadedDatabase, MeasuredRun, ReplayedRun};
use std::error::Error;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: rocksdb_compare MEASURED.json [SET]")?;
    let set = arguments.next();
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let mut errors = Errors::default();
    let mut loaded: Option<(MeasuredRun, LoadedDatabase)> = None;
    println!(
        "{:13} {:>7} {:>5} {:8} {:>4} {:>5} {:>5} {:>5} | {:^13} {:>6} | {:^15} {:>6} | {:^13} {:>6} | {:>6} {:>6} | M op/s",
        "set",
        "keys",
        "value",
        "dist",
        "read",
        "cache",
        "mngd",
        "wb",
        "hit ratio",
        "diff",
        "blocks/read",
        "%",
        "write amp",
        "%",
        "load %",
        "end %"
    );
    for row in document.get("rows").and_then(Value::as_array).into_iter().flatten() {
        let (name, run) = parse(&document, row)?;
        if set.as_ref().is_some_and(|set| *set != name) {
            continue;
        }
        let database = match loaded.take() {
            Some((other, database)) if other.same_database(&run) => database,
            _ => run.load()?,
        };
        let start = Instant::now();
        let replayed = run.replay(&database)?;
        print_row(&name, &run, &replayed, start.elapsed().as_secs_f64(), &mut errors);
        loaded = Some((run, database));
    }
    errors.print();
    Ok(())
}

fn parse(document: &Value, row: &Value) -> Result<(String, MeasuredRun), serde_json::Error> {
    let mut row = row.clone();
    if let Some(fields) = row.as_object_mut() {
        // Where all runs have the same keys and values, the document says so once.
        for shared in ["keys", "value"] {
            if let Some(value) = document.get(shared) {
                fields.entry(shared).or_insert_with(|| value.clone());
            }
        }
    }
    let name = row.get("set").and_then(Value::as_str).unwrap_or("").to_owned();
    Ok((name, serde_json::from_value(row)?))
}

#[derive(Default)]
struct Errors {
    hit_ratio: Vec<f64>,
    blocks: Vec<f64>,
    write_amp: Vec<f64>,
    loaded: Vec<f64>,
}

fn relative(measured: Option<f64>, replayed: Option<f64>) -> Option<f64> {
    let (measured, replayed) = (measured?, replayed?);
    (measured > 0.0).then(|| (replayed - measured) / measured * 100.0)
}

fn print_row(
    name: &str,
    run: &MeasuredRun,
    replayed: &ReplayedRun,
    seconds: f64,
    errors: &mut Errors,
) {
    let hit = (run.read > 0.0).then_some((replayed.data_hit_ratio - run.data_hit_ratio) * 100.0);
    let blocks = relative(run.blocks_per_read.filter(|_| run.read > 0.0), replayed.blocks_per_read);
    let write_amp = relative(run.write_amp, replayed.write_amp);
    let size = relative(Some(run.sst_loaded as f64), Some(replayed.sst_loaded as f64));
    let end = relative(Some(run.sst_bytes as f64), Some(replayed.sst_bytes as f64));
    errors.hit_ratio.extend(hit);
    errors.blocks.extend(blocks);
    errors.write_amp.extend(write_amp);
    errors.loaded.extend(size);
    let text = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
    let pair = |a: Option<f64>, b: Option<f64>| format!("{:>6} {:>6}", text(a), text(b));
    let signed = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:+.2}"));
    println!(
        "{name:13} {:>7} {:>5} {:8} {:>4} {:>5} {:>5} {:>5} | {} {:>6} | {:>15} {:>6} | {} {:>6} | {:>6} {:>6} | {:.2}",
        run.keys,
        run.value,
        run.dist,
        run.read,
        run.cache_mb,
        run.managed_mb,
        run.wb_mb,
        pair(hit.map(|_| run.data_hit_ratio), hit.map(|_| replayed.data_hit_ratio)),
        signed(hit),
        pair(run.blocks_per_read, replayed.blocks_per_read),
        signed(blocks),
        pair(run.write_amp, replayed.write_amp),
        signed(write_amp),
        signed(size),
        signed(end),
        (run.warm + run.ops) as f64 / seconds / 1e6,
    );
    if std::env::var_os("VERBOSE").is_some() {
        println!("    {replayed:?}");
    }
}

impl Errors {
    fn print(&self) {
        let show = |what: &str, unit: &str, values: &[f64]| {
            let count = values.len().max(1) as f64;
            let mean = values.iter().map(|value| value.abs()).sum::<f64>() / count;
            let worst = values.iter().fold(0.0_f64, |worst, value| worst.max(value.abs()));
            println!(
                "{what}: mean absolute error {mean:.2} {unit}, worst {worst:.2}, {} runs",
                values.len()
            );
        };
        show("data-block hit ratio", "points", &self.hit_ratio);
        show("blocks read per get", "%", &self.blocks);
        show("write amplification", "%", &self.write_amp);
        show("bytes of a loaded database", "%", &self.loaded);
    }
}
