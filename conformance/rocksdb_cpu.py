#!/usr/bin/env python3
"""What merging an entry costs real RocksDB: CPU time of its compactions, from the databases' logs.

    v/bin/python conformance/rocksdb_measure.py --plan fixtures/rocksdb/held_out_plan.json --dir SCRATCH --out measured.json
    python3 conformance/rocksdb_cpu.py SCRATCH

Prints nanoseconds for each entry read, for each database and over all: the simulator's `merge_entry`.
"""
import json
import pathlib
import sys


def main():
    cpu_all = entries_all = 0
    for log in sorted(pathlib.Path(sys.argv[1]).glob("*/LOG*")):
        events = (json.loads(line.split("EVENT_LOG_v1 ")[1]) for line in log.open() if "compaction_finished" in line)
        merged = [(event["compaction_time_cpu_micros"], event["num_input_records"]) for event in events]
        cpu, entries = sum(cpu for cpu, _ in merged), sum(count for _, count in merged)
        if entries:
            print(f"{log.parent.name:40} {entries:>10} entries {1000 * cpu / entries:6.0f} ns")
        cpu_all, entries_all = cpu_all + cpu, entries_all + entries
    print(f"{'all':40} {entries_all:>10} entries {1000 * cpu_all / max(entries_all, 1):6.0f} ns")


if __name__ == "__main__":
    main()
