#!/usr/bin/env python3
"""Measures real RocksDB, so that the simulator's RocksDB store can be held against it.

    python3 -m venv v && v/bin/pip install rocksdict==0.3.29 numpy
    v/bin/python conformance/rocksdb_measure.py --plan fixtures/rocksdb/held_out_plan.json --dir SCRATCH --out measured.json
    cargo run --release --example rocksdb_compare -- measured.json

A plan is a JSON list of runs; a run names only what differs from DEFAULTS below. Each run loads a
database in a seeded random order and compacts it fully (once per table shape, then copied), makes
`warm` operations, and counts what the next `ops` operations do. The counters are RocksDB's tickers.

A key is 2 bytes of key group (CRC-32 of the id, modulo 128) and the id in 8 bytes, big endian: the
shape of Flink's composite key without a namespace. Values do not compress, and compression, WAL and
the page cache (direct I/O) are off. `managed_mb` splits a budget as Flink does, otherwise
`cache_mb` is the block cache and memtables are not charged to it.
"""
import argparse
import json
import os
import re
import shutil
import time
import zlib

import numpy as np
from rocksdict import (BlockBasedOptions, Cache, DBCompressionType, Options, Rdict, WriteBufferManager,
                       WriteOptions)

MEBI = 1 << 20
DEFAULTS = dict(set="held-out", keys=1_000_000, value=100, dist="zipf0.99", read=0.5, absent=0.0, cache_mb=64,
                managed_mb=0, wb_mb=64, file_mb=64, base_mb=256, bloom=0, seed=101, warm=800_000, ops=800_000)
TICKER = re.compile(r"^rocksdb\.(\S+) COUNT : (\d+)$", re.M)
BATCH = 250_000


def encode(key_id):
    suffix = key_id.to_bytes(8, "big")
    return (zlib.crc32(suffix) % 128).to_bytes(2, "big") + suffix


def absent_of(key):
    """A key of the same group, and beyond every stored one in it."""
    return key[:2] + (int.from_bytes(key[2:], "big") + (1 << 40)).to_bytes(8, "big")


def requests(run):
    """Batches of (ids, operations); operation 0 updates, 1 reads, 2 reads an absent key."""
    rng = np.random.Generator(np.random.PCG64(run["seed"]))
    n = run["keys"]
    if run["dist"].startswith("zipf"):
        weight = np.arange(1, n + 1, dtype=np.float64) ** -float(run["dist"][4:])
        table = np.cumsum(weight) / weight.sum()
        place = np.random.Generator(np.random.PCG64(7)).permutation(n)

    def batches(total):
        while total > 0:
            m = min(total, BATCH)
            total -= m
            if run["dist"] == "uniform":
                ids = rng.integers(0, n, m)
            else:
                ids = place[np.minimum(np.searchsorted(table, rng.random(m), side="right"), n - 1)]
            kind = (rng.random(m) < run["read"]).astype(np.int8)
            if run["absent"]:
                kind[(kind == 1) & (rng.random(m) < run["absent"])] = 2
            yield ids.tolist(), kind.tolist()

    return batches


def open_database(path, run):
    manager = None
    if run["managed_mb"]:
        budget = run["managed_mb"] * MEBI  # Flink's formulas at a write-buffer ratio of one half
        capacity = int(2.5 * budget / 3)
        cache = Cache(capacity)
        manager = WriteBufferManager.new_write_buffer_manager_with_cache(int(budget / 3), False, cache)
    else:
        capacity = int(run["cache_mb"] * MEBI)
        cache = Cache(capacity)
    o = Options(raw_mode=True)
    o.create_if_missing(True)
    o.enable_statistics()
    o.set_compression_type(DBCompressionType.none())
    o.set_use_direct_reads(True)
    o.set_use_direct_io_for_flush_and_compaction(True)
    o.set_use_fsync(False)
    o.set_max_background_jobs(2)
    o.set_max_open_files(-1)
    o.set_stats_dump_period_sec(0)
    o.set_level_compaction_dynamic_level_bytes(False)
    o.set_level_zero_file_num_compaction_trigger(4)
    o.set_write_buffer_size(int(run["wb_mb"] * MEBI))
    o.set_max_write_buffer_number(2)
    o.set_min_write_buffer_number_to_merge(1)
    o.set_target_file_size_base(int(run["file_mb"] * MEBI))
    o.set_max_bytes_for_level_base(int(run["base_mb"] * MEBI))
    o.set_max_bytes_for_level_multiplier(10)
    if manager is not None:
        o.set_write_buffer_manager(manager)
    table = BlockBasedOptions()
    table.set_block_size(4096)
    table.set_block_cache(cache)
    table.set_cache_index_and_filter_blocks(True)
    table.set_pin_l0_filter_and_index_blocks_in_cache(True)
    if run["bloom"]:
        table.set_bloom_filter(float(run["bloom"]), False)
    o.set_block_based_table_factory(table)
    # An existing database takes the binding's table options only when they are named for its column family.
    db = Rdict(path, o, column_families={"default": o})
    with open(os.path.join(path, "LOG"), errors="replace") as log:
        logged = int(re.search(r"^ +capacity : (\d+)$", log.read(), re.M).group(1))
    if logged != capacity:
        raise SystemExit(f"{path}: the log says a block cache of {logged} bytes, {capacity} were asked for")
    w = WriteOptions()
    w.disable_wal = True
    db.set_write_options(w)
    return db, o, cache


def wait_until_idle(db):
    names = ("num-running-compactions", "compaction-pending", "num-running-flushes", "mem-table-flush-pending")
    while any(db.property_int_value("rocksdb." + name) for name in names):
        time.sleep(0.05)


def levels_of(db):
    rows = [line.split() for line in db.property_value("rocksdb.levelstats").splitlines()[2:] if line.strip()]
    return [[int(r[0]), int(r[1]), float(r[2])] for r in rows if r[1] != "0"]


def load(directory, run, keys, blob):
    path = os.path.join(directory, "base-{keys}-{value}-{wb_mb}-{file_mb}-{base_mb}-{bloom}".format(**run))
    if not os.path.exists(path + ".ok"):
        shutil.rmtree(path, ignore_errors=True)
        db, _, _ = open_database(path, dict(run, managed_mb=0, cache_mb=64))
        for j, i in enumerate(np.random.Generator(np.random.PCG64(1)).permutation(run["keys"]).tolist()):
            start = j * 7919 % (len(blob) - run["value"])
            db.put(keys[i], blob[start:start + run["value"]])
        db.flush()
        wait_until_idle(db)
        db.compact_range(None, None)
        wait_until_idle(db)
        loaded = dict(sst_loaded=db.property_int_value("rocksdb.total-sst-files-size"), levels_loaded=levels_of(db))
        db.close()
        with open(path + ".ok", "w") as done:
            json.dump(loaded, done)
    with open(path + ".ok") as done:
        return path, json.load(done)


def counters(options):
    return {name: int(count) for name, count in TICKER.findall(options.get_statistics())}


def measure(directory, run, keys, blob):
    base, loaded = load(directory, run, keys, blob)
    path = os.path.join(directory, "run")
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(base, path)
    db, options, cache = open_database(path, run)
    batches = requests(run)
    size, span, step = run["value"], len(blob) - run["value"], 0

    def drive(total):
        nonlocal step
        get, put = db.get, db.put
        for ids, kinds in batches(total):
            for i, kind in zip(ids, kinds):
                if kind == 0:
                    start = step * 7919 % span
                    put(keys[i], blob[start:start + size])
                elif (get(keys[i] if kind == 1 else absent_of(keys[i])) is None) != (kind == 2):
                    raise SystemExit(f"wrong answer for key {i}")
                step += 1

    drive(run["warm"])
    before, began = counters(options), time.time()
    drive(run["ops"])
    wall, after = time.time() - began, counters(options)
    delta = {name: after[name] - before.get(name, 0) for name in after}

    def ratio(a, b):
        return round(a / b, 6) if b else None

    hit, miss = delta["block.cache.data.hit"], delta["block.cache.data.miss"]
    written = delta["number.keys.written"] * (10 + size)
    out = dict(
        run, data_hit=hit, data_miss=miss, data_hit_ratio=ratio(hit, hit + miss),
        index_hit=delta["block.cache.index.hit"], index_miss=delta["block.cache.index.miss"],
        filter_hit=delta["block.cache.filter.hit"], filter_miss=delta["block.cache.filter.miss"],
        memtable_hit=delta["memtable.hit"], l0_hit=delta["l0.hit"], l1_hit=delta["l1.hit"],
        l2up_hit=delta["l2andup.hit"], keys_read=delta["number.keys.read"], keys_written=delta["number.keys.written"],
        flush_bytes=delta["flush.write.bytes"], compact_read=delta["compact.read.bytes"],
        compact_write=delta["compact.write.bytes"], user_bytes=written,
        write_amp=ratio(delta["flush.write.bytes"] + delta["compact.write.bytes"], written),
        blocks_per_read=ratio(miss, delta["number.keys.read"]), stall_us=delta["stall.micros"],
        sst_bytes=db.property_int_value("rocksdb.total-sst-files-size"),
        space_amp=ratio(db.property_int_value("rocksdb.total-sst-files-size"), run["keys"] * (10 + size)),
        levels=levels_of(db), cache_usage_mb=round(cache.get_usage() / MEBI, 2),
        ops_per_s=round(run["ops"] / wall), **loaded)
    db.close()
    shutil.rmtree(path, ignore_errors=True)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--plan", required=True)
    p.add_argument("--dir", required=True, help="scratch directory on a device that takes direct I/O")
    p.add_argument("--out", required=True)
    a = p.parse_args()
    os.makedirs(a.dir, exist_ok=True)
    with open(a.plan) as f:
        plan = [dict(DEFAULTS, **run) for run in json.load(f)]
    blob = np.random.Generator(np.random.PCG64(3)).bytes(4 * MEBI)
    keys, rows = [], []
    for run in plan:
        keys.extend(encode(i) for i in range(len(keys), run["keys"]))
        rows.append(measure(a.dir, run, keys, blob))
        print(json.dumps({k: rows[-1][k] for k in ("keys", "value", "dist", "cache_mb", "managed_mb", "data_hit_ratio",
                                                   "blocks_per_read", "write_amp", "ops_per_s")}), flush=True)
        with open(a.out, "w") as f:
            f.write('{"rocksdict": "0.3.29", "rocksdb": "9.8.4", "rows": [\n')
            f.write(",\n".join(json.dumps(row) for row in rows))
            f.write("\n]}\n")


if __name__ == "__main__":
    main()
