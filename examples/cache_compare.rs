//! Runs the cache engines and curves on a trace, for `conformance/libcachesim_compare.py`.
//!
//! `cache_compare hits TRACE POLICY CAPACITY` prints a digit a request: 1 for a hit.
//! `cache_compare speed TRACE CAPACITY..` prints requests a second and hits as JSON.
#![expect(clippy::print_stdout, reason = "a program whose output is its purpose")]

use slotwise::simulator::cache::{CachePolicy, Clock, Fifo, Interner, Lookup, Lru, S3Fifo, Sieve};
use slotwise::simulator::curve::{
    CurveStep, ExactByteCurve, ExactCurve, FixedRateShards, FixedSizeShards, MissRatioCurve,
    SamplingRate,
};
use slotwise::simulator::random::Seed;
use slotwise::simulator::trace::{OracleGeneralTrace, TraceRequest};
use std::error::Error;
use std::io::{BufReader, Write};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["hits", trace, policy, capacity] => hits(trace, policy, capacity.parse()?),
        ["speed", trace, capacities @ ..] => speed(trace, capacities),
        _ => Err("usage: cache_compare hits TRACE POLICY CAPACITY | speed TRACE CAPACITY..".into()),
    }
}

fn policy(name: &str, capacity: u64) -> Result<Box<dyn CachePolicy>, Box<dyn Error>> {
    Ok(match name {
        "lru" => Box::new(Lru::new(capacity)),
        "fifo" => Box::new(Fifo::new(capacity)),
        "clock" => Box::new(Clock::new(capacity)),
        "sieve" => Box::new(Sieve::new(capacity)),
        "s3fifo" => Box::new(S3Fifo::new(capacity)),
        _ => return Err(format!("expected lru, fifo, clock, sieve or s3fifo, found {name}").into()),
    })
}

fn read(path: &str) -> Result<Vec<TraceRequest>, Box<dyn Error>> {
    let file = BufReader::with_capacity(1 << 20, std::fs::File::open(path)?);
    Ok(OracleGeneralTrace::new(file).collect::<Result<_, _>>()?)
}

fn hits(trace: &str, name: &str, capacity: u64) -> Result<(), Box<dyn Error>> {
    let mut policy = policy(name, capacity)?;
    let mut interner = Interner::new(Seed(0));
    let mut digits = Vec::new();
    for request in read(trace)? {
        let lookup = policy.request(interner.intern(request.id)?, request.size);
        digits.push(if lookup == Lookup::Hit { b'1' } else { b'0' });
    }
    std::io::stdout().write_all(&digits)?;
    Ok(())
}

fn speed(path: &str, capacities: &[&str]) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let requests = read(path)?;
    let rate = |start| self::rate(requests.len(), start);
    print_line("read the trace", rate(start), 0, None);
    let ids: Vec<u64> = requests.iter().map(|request| request.id).collect();

    let mut interner = Interner::new(Seed(0));
    let (mut objects, mut numbered) = (Vec::new(), Vec::new());
    let first_capacity = capacities.first().map_or(Ok(0), |capacity| capacity.parse())?;
    let mut lru = Lru::new(first_capacity);
    let mut hits = 0;
    let start = Instant::now();
    for ids in ids.chunks(1024) {
        numbered.clear();
        interner.intern_all(ids, &mut numbered)?;
        hits += lru.request_units(&numbered);
        objects.extend_from_slice(&numbered);
    }
    print_line(&format!("lru {first_capacity}, ids numbered on the way"), rate(start), hits, None);
    let sized: Vec<(u32, u32)> =
        objects.iter().zip(&requests).map(|(&object, request)| (object, request.size)).collect();

    for capacity in capacities {
        let capacity: u64 = capacity.parse()?;
        for name in ["lru", "fifo", "clock", "sieve", "s3fifo"] {
            let mut policy = policy(name, capacity)?;
            let start = Instant::now();
            let hits = policy.request_units(&objects);
            print_line(&format!("{name} {capacity}"), rate(start), hits, None);
        }
    }

    let mut exact = ExactCurve::new(CurveStep::ONE);
    let start = Instant::now();
    exact.record(&objects);
    let exact_rate = rate(start);
    let exact = exact.curve();
    let hits_at = |curve: &MissRatioCurve| {
        capacities.first().map_or(0, |c| curve.hits(c.parse().unwrap_or(0)))
    };
    print_line("exact curve", exact_rate, hits_at(&exact), None);

    let mut coarse = ExactCurve::new(CurveStep::new(256));
    let start = Instant::now();
    coarse.record(&objects);
    print_line("exact curve, step 256", rate(start), hits_at(&coarse.curve()), None);

    let mut bytes = ExactByteCurve::new(CurveStep::new(4096));
    let start = Instant::now();
    bytes.record(&sized);
    print_line("exact byte curve, step 4096", rate(start), bytes.curve().requests(), None);

    for seed in 0..5 {
        let mut shards = FixedRateShards::new(SamplingRate::QUARTER, Seed(seed));
        let start = Instant::now();
        shards.record(&ids)?;
        let rate = self::rate(requests.len(), start);
        let error = mean_absolute_error(&exact, &shards.curve(), interner.len().into());
        print_line(&format!("SHARDS fixed rate 0.25, seed {seed}"), rate, 0, Some(error));
        let mut shards = FixedSizeShards::new(FixedSizeShards::OBJECT_MAX_DEFAULT, Seed(seed));
        let start = Instant::now();
        shards.record(&ids)?;
        let rate = self::rate(requests.len(), start);
        let error = mean_absolute_error(&exact, &shards.curve(), interner.len().into());
        print_line(&format!("SHARDS fixed size, seed {seed}"), rate, 0, Some(error));
    }
    Ok(())
}

fn rate(requests: usize, start: Instant) -> f64 {
    requests as f64 / start.elapsed().as_secs_f64() / 1e6
}

/// Over 100 capacities evenly spaced over the objects, or ten by powers of two, whichever is worse.
fn mean_absolute_error(exact: &MissRatioCurve, other: &MissRatioCurve, objects: u64) -> f64 {
    let mean = |capacities: Vec<u64>| {
        let error =
            |&capacity: &u64| (exact.miss_ratio(capacity) - other.miss_ratio(capacity)).abs();
        capacities.iter().map(error).sum::<f64>() / capacities.len() as f64
    };
    let even = mean((1..=100).map(|i| objects * i / 100).collect());
    even.max(mean((0..10).map(|i| objects >> i).collect()))
}

fn print_line(what: &str, rate: f64, hits: u64, error: Option<f64>) {
    let line = serde_json::json!({"what": what, "m_requests_per_s": rate, "hits": hits, "mean_absolute_error": error});
    println!("{line}");
}
