#!/usr/bin/env python3
"""Holds the cache engines against libCacheSim on the same traces: equal hit for hit, and how fast.

    python3 -m venv v && v/bin/pip install libcachesim==0.3.5 numpy
    cargo build --release --example cache_compare
    v/bin/python conformance/libcachesim_compare.py --scratch SCRATCH

Equality is asked of every policy request by request, with sizes of 1 and with mixed sizes. Speed is
one run after the other, on one core each, of the same 10 M requests by Zipf 0.99 over 1 M objects:
libCacheSim's LRU in C, with its default hash table and with the best of several sizes, and ours.
Exits with 1 if a single request differs or LRU is less than three times as fast as the default.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import libcachesim
import numpy as np

RECORD = np.dtype([("time", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")])
POLICIES = dict(lru="LRU", fifo="FIFO", clock="Clock", sieve="Sieve", s3fifo="S3FIFO")
PROGRAM = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "examples", "cache_compare")


def write_trace(path, objects, requests, exponent, sizes):
    """A seeded Zipf trace, popular objects scattered; a size is a function of the object."""
    weight = np.arange(1, objects + 1, dtype=np.float64) ** -exponent
    table = np.cumsum(weight) / weight.sum()
    rank = np.searchsorted(table, np.random.Generator(np.random.PCG64(42)).random(requests), side="right")
    ids = np.random.Generator(np.random.PCG64(7)).permutation(objects)[np.minimum(rank, objects - 1)]
    trace = np.zeros(requests, RECORD)
    trace["time"], trace["id"], trace["next"] = np.arange(requests) // 1000, ids + 1, -1
    trace["size"] = 1 if sizes == "unit" else 1 + ids * 2654435761 % 997
    trace.tofile(path)
    return path


def reader(path):
    # Sizes are kept, and repeated reading starts at the first record.
    return libcachesim.TraceReader(trace=path, trace_type=libcachesim.TraceType.ORACLE_GENERAL_TRACE)


def their_hits(policy, path, capacity):
    cache = getattr(libcachesim, POLICIES[policy])(cache_size=capacity, hashpower=18)
    request, hits = libcachesim.Request(), []
    for record in np.fromfile(path, RECORD).tolist():
        request.clock_time, request.obj_id, request.obj_size = record[0], record[1], record[2]
        hits.append(cache.get(request))
    return np.array(hits)


def our_hits(policy, path, capacity):
    run = subprocess.run([PROGRAM, "hits", path, policy, str(capacity)], check=True, capture_output=True)
    return np.frombuffer(run.stdout, np.uint8) == ord("1")


def compare_hits(scratch, requests):
    equal = True
    for exponent, sizes, capacities in ((0.99, "unit", (50, 1000, 20_000)), (0.7, "unit", (3000,)),
                                        (0.99, "mixed", (50_000, 4_000_000)), (1.2, "mixed", (300_000,))):
        path = write_trace(os.path.join(scratch, "equal.bin"), 100_000, requests, exponent, sizes)
        for capacity in capacities:
            for policy in POLICIES:
                theirs, ours = their_hits(policy, path, capacity), our_hits(policy, path, capacity)
                differing = int((theirs != ours).sum())
                equal = equal and differing == 0 and len(theirs) == len(ours)
                print(f"{policy:7} zipf {exponent} {sizes:5} capacity {capacity:>8}: {ours.sum():>8} hits of "
                      f"{len(ours)}, {differing} requests differ", flush=True)
    return equal


def their_speed(path, capacity, requests, **options):
    cache, source = libcachesim.LRU(cache_size=capacity, **options), reader(path)
    start = time.perf_counter()
    miss_ratio, _ = cache.process_trace(source)
    return requests / (time.perf_counter() - start) / 1e6, round(requests * (1 - miss_ratio))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--scratch", required=True)
    p.add_argument("--equal-requests", type=int, default=300_000)
    p.add_argument("--requests", type=int, default=10_000_000)
    p.add_argument("--rounds", type=int, default=3)
    a = p.parse_args()
    os.makedirs(a.scratch, exist_ok=True)
    equal = compare_hits(a.scratch, a.equal_requests)

    path = write_trace(os.path.join(a.scratch, "speed.bin"), 1_000_000, a.requests, 0.99, "unit")
    ratios = []
    for capacity in (10_000, 100_000):
        for _ in range(a.rounds):
            default, hits = their_speed(path, capacity, a.requests)
            tuned = max(their_speed(path, capacity, a.requests, hashpower=power)[0] for power in (16, 18, 20))
            run = subprocess.run([PROGRAM, "speed", path, str(capacity)], check=True, capture_output=True, text=True)
            lines = {line["what"]: line for line in map(json.loads, run.stdout.splitlines())}
            ours = lines[f"lru {capacity}"]
            equal = equal and ours["hits"] == hits == lines["exact curve"]["hits"]
            ratios.append(ours["m_requests_per_s"] / default)
            print(f"LRU {capacity}: libCacheSim {default:.1f} M/s (tuned {tuned:.1f}), ours {ours['m_requests_per_s']:.1f} M/s: "
                  f"{ratios[-1]:.1f} times ({ours['m_requests_per_s'] / tuned:.1f} times the tuned); "
                  f"{ours['hits']} and {hits} hits", flush=True)
    for what, line in lines.items():
        error = line["mean_absolute_error"]
        print(f"{what}: {line['m_requests_per_s']:.1f} M/s" + (f", mean absolute error {error:.5f}" if error else ""))
    print("equal" if equal else "DIFFERENT", f"least ratio {min(ratios):.1f}")
    return 0 if equal and min(ratios) >= 3 else 1


if __name__ == "__main__":
    sys.exit(main())
