//! What hardware and code cost: every constant of the simulator that is not a store's own
//! structure, each with its source or the command that measures it.

use super::Nanos;
use super::device::DeviceLaw;

/// The machine's share that one task slot has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hardware {
    /// The profile's name, as `--hardware` takes it.
    pub name: &'static str,
    /// Thousandths of a core for the slot: its task and its background threads.
    pub millicores: u32,
    /// What CPU work costs.
    pub cpu: CpuCosts,
    /// The local disk.
    pub disk: DeviceLaw,
    /// The checkpoint storage.
    pub remote: DeviceLaw,
}

impl Hardware {
    /// All named profiles.
    pub fn all() -> [Self; 6] {
        [
            Self::local_nvme(),
            Self::with_disk("essd-pl0", ESSD_PL0),
            Self::with_disk("essd-pl1", ESSD_PL1),
            Self::with_disk("essd-pl2", ESSD_PL2),
            Self::with_disk("essd-pl3", ESSD_PL3),
            Self::with_disk("hdd", HDD),
        ]
    }

    /// The profile called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|profile| profile.name == name)
    }

    /// One core and a local NVMe disk: the default.
    pub fn local_nvme() -> Self {
        Self::with_disk("local-nvme", LOCAL_NVME)
    }

    fn with_disk(name: &'static str, disk: DeviceLaw) -> Self {
        // One core a slot is the CU of Realtime Compute for Apache Flink: 1 core, 4 GiB.
        // Source: its page "Basic concepts" (2024-01-12).
        Self { name, millicores: 1_000, cpu: CpuCosts::JVM, disk, remote: OSS }
    }
}

/// CPU time of the steps that stores are made of, in nanoseconds on an idle core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuCosts {
    /// Work of the job for a record besides its state: source, deserialization, operators.
    pub record: Nanos,
    /// The same for each stateful operator that a record reaches: exchange, key, dispatch.
    pub operator_record: Nanos,
    /// Serializing or deserializing a key or value: the fixed part.
    pub serialize: Nanos,
    /// The same, for each KiB.
    pub serialize_per_kib: Nanos,
    /// One call through JNI, there and back, arrays pinned or copied.
    pub jni_call: Nanos,
    /// Copying across JNI, for each KiB.
    pub jni_copy_per_kib: Nanos,
    /// Looking up a hash table that does not fit the CPU's caches.
    pub hash_probe: Nanos,
    /// Following the references of an object on the heap, two or three cache misses.
    pub heap_access: Nanos,
    /// Looking up one skip list or sorted run, for each doubling of its entries.
    pub ordered_probe_step: Nanos,
    /// Finding an entry in a block or page that is in memory.
    pub block_search: Nanos,
    /// Checking and unpacking a block that was just read, for each KiB.
    pub block_decode_per_kib: Nanos,
    /// Copying memory, for each KiB.
    pub copy_per_kib: Nanos,
    /// Merging one entry in a flush or compaction: compare, copy, encode.
    pub merge_entry: Nanos,
    /// Garbage collection: marking and moving a mebibyte of live heap.
    pub collect_per_mib: Nanos,
}

impl CpuCosts {
    /// A JVM on a present server core.
    ///
    /// Ratios follow apache/flink-benchmarks' state benchmarks as published in
    /// dataArtisans/flink-benchmarks pull request 27 (2019): list add 4,623 ops/ms on the heap
    /// against 483 in RocksDB, list get 2,479 against 144. Spark's StateStoreBasicOperations
    /// benchmark has 0.73 us a put in memory and 2.1 to 2.3 us in RocksDB through JNI.
    pub const JVM: Self = Self {
        // A Nexmark query without state (q0 to q2) does 4 to 6.5 M records/s on 8 cores: about
        // 1.5 us of one core a record. Source: Realtime Compute's Nexmark page.
        record: Nanos(1_500),
        // A record is serialized, sent, deserialized, its key hashed, and what the operator makes
        // of it goes on. Not measured: with 4 us the published Gemini column for q8 (2.1 us a
        // record) and q18 (6.6 us, one read and one write of the state) is met.
        operator_record: Nanos(4_000),
        // Half a microsecond lies between Spark's memory and RocksDB puts for each of two
        // arrays; a Java serializer writes 1 GiB/s or so.
        serialize: Nanos(150),
        serialize_per_kib: Nanos(700),
        // Spark's put through JNI takes 1.4 us longer than its put in memory: two arrays
        // serialized and a skip list searched account for 0.8 us of that.
        jni_call: Nanos(600),
        // An array is copied once more, at half the speed of memory: it is new to the caches.
        jni_copy_per_kib: Nanos(150),
        // One to two misses of the last-level cache, 60 to 100 ns each on server processors
        // (Intel's and AMD's optimization guides).
        hash_probe: Nanos(120),
        heap_access: Nanos(100),
        // A comparison of keys and, for every other one, a miss.
        ordered_probe_step: Nanos(60),
        // What is left of a get that finds everything in the block cache: 4.0 us in the
        // `readonly` rows at 256 MiB of `fixtures/rocksdb/calibration.json`, of which Python is
        // one, some 30 steps through memtable and index are 1.8, and serializing is none.
        // Calibrate: `conformance/rocksdb_measure.py`.
        block_search: Nanos(700),
        // CRC-32C and a copy, both at some 5 GiB/s, and the block's object.
        block_decode_per_kib: Nanos(400),
        // 10 GiB/s.
        copy_per_kib: Nanos(100),
        // RocksDB's compactions take 323 and 331 ns of CPU time an entry over the runs of
        // `fixtures/rocksdb/held_out_2.json` and `held_out_3.json`; flushes encode without merging.
        // Calibrate: `conformance/rocksdb_cpu.py`.
        merge_entry: Nanos(350),
        // G1 copies live objects at about 1 GiB/s a thread in a young or mixed collection.
        collect_per_mib: Nanos(1_000_000),
    };
}

const fn micros(values: [u64; 5]) -> [Nanos; 5] {
    let [a, b, c, d, e] = values;
    [
        Nanos::from_micros(a),
        Nanos::from_micros(b),
        Nanos::from_micros(c),
        Nanos::from_micros(d),
        Nanos::from_micros(e),
    ]
}

/// The time one request or one mebibyte occupies a device that takes `per_second` of them.
const fn rate(per_second: u64) -> Nanos {
    Nanos(1_000_000_000 / per_second)
}

/// A local NVMe disk behind virtio.
///
/// Measured with `fio --direct=1 --iodepth=1 --bs=4k --rw=randread` (and 1 MiB sequential) on a
/// 2-vCPU cloud machine: p50 59 us, mean 80, p99 334; write 1.67 GB/s, read 1.07 GB/s. IOPS at
/// depth: a quarter of the 400,000 that one local NVMe disk is sold with.
const LOCAL_NVME: DeviceLaw = DeviceLaw {
    read_slot: rate(100_000),
    write_slot: rate(50_000),
    read_per_mib: rate(1_020),
    write_per_mib: rate(1_590),
    read_latency: micros([50, 59, 150, 334, 1_500]),
    write_latency: micros([20, 30, 60, 120, 1_000]),
};

// Alibaba Cloud's page "ESSDs": IOPS min(1,800 + 12 x GiB, 10,000), (1,800 + 50 x GiB, 50,000),
// (4,000 + 50 x GiB, 100,000), (4,000 + 50 x GiB, 1,000,000); throughput at most 180, 350, 750,
// 4,000 MB/s; latency 0.3 to 0.5 ms for PL0, about 0.2 ms above. A volume of 200 GiB is assumed.
const ESSD_PL0: DeviceLaw = essd(4_200, 150, [250, 400, 700, 1_500, 10_000]);
const ESSD_PL1: DeviceLaw = essd(11_800, 220, [150, 200, 350, 800, 5_000]);
const ESSD_PL2: DeviceLaw = essd(14_000, 220, [130, 180, 300, 600, 4_000]);
const ESSD_PL3: DeviceLaw = essd(14_000, 220, [80, 100, 200, 400, 2_000]);

const fn essd(iops: u64, mebibytes_per_second: u64, latency: [u64; 5]) -> DeviceLaw {
    DeviceLaw {
        read_slot: rate(iops),
        write_slot: rate(iops),
        read_per_mib: rate(mebibytes_per_second),
        write_per_mib: rate(mebibytes_per_second),
        read_latency: micros(latency),
        write_latency: micros(latency),
    }
}

/// A 7,200 rpm disk: 8.5 ms average seek and 4.2 ms half a turn; about 180 MB/s in sequence.
/// Source: data sheets of the Seagate Exos 7E8 series.
const HDD: DeviceLaw = DeviceLaw {
    read_slot: rate(120),
    write_slot: rate(240),
    read_per_mib: rate(171),
    write_per_mib: rate(171),
    read_latency: micros([2_000, 8_000, 16_000, 25_000, 60_000]),
    write_latency: micros([1_000, 4_000, 12_000, 20_000, 60_000]),
};

/// Object storage in the same region, as one slot gets it.
///
/// First byte within 20 to 60 ms and 100 MB/s a connection; four transfer threads a task as
/// Flink has by default. Source: AWS "Performance design patterns for Amazon S3" (85 to 90 MB/s a
/// request, 100 to 200 ms small-object latency at the high end); OSS documents 5 Gbit/s an account.
const OSS: DeviceLaw = DeviceLaw {
    read_slot: rate(1_000),
    write_slot: rate(1_000),
    read_per_mib: rate(200),
    write_per_mib: rate(200),
    read_latency: micros([8_000, 20_000, 60_000, 150_000, 500_000]),
    write_latency: micros([10_000, 30_000, 80_000, 200_000, 800_000]),
};
