//! What one configuration says about memory: figures, concerns, and what always holds.

use proptest::prelude::*;

use slotwise::catalog::Release;
use slotwise::catalog::Target;
use slotwise::config::{Dialect, ResolvedConfig, load};
use slotwise::memory::{
    Assumptions, Backend, BackendMemory, Deployment, Derivation, Formula, GeminiMemory,
    MemoryError, MemoryModel, Pool, Process,
};
use slotwise::source::{SourceFile, Sources};
use slotwise::units::MemorySize;

/// Derives `text` and hands the model to `check`.
fn with_model<R>(text: &str, target: &str, check: impl FnOnce(&MemoryModel<'_>) -> R) -> R {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::decode("flink-conf.yaml", text.into()));
    let target: Target = target.parse().unwrap();
    let loaded = load(file, text, Dialect::Legacy);
    let config = ResolvedConfig::new(target.release(), loaded.settings);
    let deployment = Deployment::of(&target);
    check(&MemoryModel::derive(
        &config,
        Assumptions { target: &target, deployment, backends_per_slot: 1 },
    ))
}

fn check(text: &str, target: &str, expected: &[(Pool, u64)]) {
    with_model(text, target, |model| {
        for (pool, bytes) in expected {
            let step = model.task_manager.step(*pool).unwrap();
            assert_eq!(step.value.bytes(), *bytes, "{pool} of {text:?}");
        }
    });
}

#[test]
fn a_process_is_divided_as_flink_logs_it() {
    check(
        "taskmanager.memory.process.size: 1728m",
        "flink-1.20",
        &[
            (Pool::JvmOverhead, 201_326_592),
            (Pool::TotalFlinkMemory, 1_342_177_280),
            (Pool::Managed, 536_870_920),
            (Pool::Network, 134_217_730),
            (Pool::TaskHeap, 402_653_174),
        ],
    );
}

#[test]
fn the_default_network_maximum_fell_in_1_17() {
    let text = "taskmanager.memory.flink.size: 60g";
    check(text, "flink-1.16", &[(Pool::Network, 1 << 30)]);
    check(text, "flink-1.17", &[(Pool::Network, 6_442_451_040)]);
}

#[test]
fn legacy_heap_means_the_process_where_yarn_starts_it() {
    let text = "taskmanager.heap.size: 1g";
    check(text, "flink-1.10", &[(Pool::TotalFlinkMemory, 1 << 30)]);
    check(text, "emr-3.28.2", &[(Pool::TotalProcessMemory, 1 << 30)]);
    with_model(text, "flink-1.20", |model| {
        let Derivation { steps, .. } = &model.task_manager;
        let total = steps.iter().find(|step| step.pool == Pool::TotalFlinkMemory).unwrap();
        let Formula::Option(input) = &total.formula else { panic!() };
        assert_eq!(input.key, "taskmanager.memory.flink.size");
        assert_eq!(input.setting().unwrap().key, "taskmanager.heap.size");
    });
}

#[test]
fn a_value_that_nobody_needs_is_not_read() {
    let text = "taskmanager.memory.flink.size: 1g\ntaskmanager.memory.managed.size: 1m\n\
        taskmanager.memory.managed.fraction: zz";
    check(text, "flink-1.20", &[(Pool::Managed, 1 << 20)]);
}

#[test]
fn nothing_to_start_from_is_an_error_of_both_processes() {
    with_model("parallelism.default: 1", "flink-1.20", |model| {
        let task_manager = model.task_manager.result.as_ref();
        assert!(matches!(task_manager, Err(MemoryError::NotConfigured { .. })));
        let job_manager = model.job_manager.result.as_ref();
        assert!(matches!(job_manager, Err(MemoryError::NotConfigured { .. })));
    });
}

/// The concerns about the backend of `text`, by kind.
fn concerns(text: &str, target: &str) -> Vec<&'static str> {
    let of = |backend: &Backend<'_>| backend.concerns.iter().map(|it| it.kind()).collect();
    with_model(text, target, |model| model.backend.as_ref().map(of).unwrap_or_default())
}

#[test]
fn gemini_is_judged_by_floor_observation_and_recommendation() {
    let process = |mebibytes: u32, slots: u32| {
        format!(
            "taskmanager.memory.process.size: {mebibytes}m\n\
             taskmanager.numberOfTaskSlots: {slots}\n"
        )
    };
    let rows = [
        (process(2048, 1), "below-recommendation"),
        (process(2048, 2), "below-floor-as-observed"),
        (process(2048, 4), "below-floor"),
        // The one published failure.
        (process(1024, 1), "below-floor"),
        (process(2063, 2), "below-recommendation"),
    ];
    for (text, expected) in rows {
        assert_eq!(concerns(&text, "emr-3.28.2"), [expected], "{text}");
    }
    assert!(concerns(&process(9000, 1), "emr-3.28.2").is_empty());
    let gemini = format!("{}state.backend: gemini", process(9000, 1));
    assert_eq!(concerns(&gemini, "flink-1.10"), ["gemini-not-available"]);
}

#[test]
fn own_sizes_are_read_by_engine() {
    let text = |size: &str| {
        format!(
            "taskmanager.memory.process.size: 8g\n\
             state.backend.gemini.memory.managed: false\n\
             state.backend.gemini.offheap.size: {size}\n"
        )
    };
    let per_backend = |text: &str, target| {
        with_model(text, target, |model| match &model.backend.as_ref().unwrap().memory {
            BackendMemory::Gemini(GeminiMemory::OwnSize(it)) => {
                it.per_backend.map(MemorySize::mebibytes)
            }
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(per_backend(&text("3"), "emr-3.28.2"), Some(3072));
    assert_eq!(per_backend(&text("300m"), "emr-3.28.2"), Some(300));
    assert_eq!(per_backend(&text("300m"), "vvr-8.0.5"), Some(428));
    assert_eq!(per_backend(&text("3"), "vvr-8.0.5"), None);
    assert!(concerns(&text("3"), "emr-3.28.2").contains(&"bare-number"));
    assert!(concerns(&text("3"), "vvr-8.0.5").contains(&"bad-value"));
    assert!(concerns(&text("9g"), "vvr-8.0.5").contains(&"overruns-container"));
    let unset = text("1g").replace("offheap", "elsewhere");
    assert!(concerns(&unset, "vvr-8.0.5").contains(&"no-own-size"));
    assert_eq!(per_backend(&unset, "emr-3.28.2"), Some(2048));
}

#[test]
fn rocksdb_is_judged_by_its_smallest_share() {
    let text = |rest: &str| {
        format!(
            "taskmanager.memory.process.size: 2g\nstate.backend: rocksdb\n\
             state.backend.rocksdb.writebuffer.size: 64m\n{rest}"
        )
    };
    assert!(concerns(&text(""), "flink-1.17").is_empty());
    let many = text("taskmanager.numberOfTaskSlots: 24");
    assert_eq!(concerns(&many, "flink-1.17"), ["arena-block-above-mutable-limit"]);
    let fixed = text("state.backend.rocksdb.memory.fixed-per-slot: 300m");
    assert_eq!(concerns(&fixed, "flink-1.17"), ["managed-idle"]);
    let unbounded = text("state.backend.rocksdb.memory.managed: false");
    assert_eq!(concerns(&unbounded, "flink-1.17"), ["unbounded", "managed-idle"]);
    let inert = text("state.backend.rocksdb.memory.fixed-per-tm: 1g");
    assert_eq!(concerns(&inert, "flink-1.17"), ["fixed-per-tm-inert"]);
    assert!(concerns(&inert, "flink-1.16").is_empty());
    let weightless = text("taskmanager.memory.managed.consumer-weights: OPERATOR:70");
    assert_eq!(concerns(&weightless, "flink-1.17"), ["no-weight"]);
}

/// Options that decide something here, with values that may be anything.
fn any_configuration() -> impl Strategy<Value = String> {
    let keys = [
        "taskmanager.memory.process.size",
        "taskmanager.memory.flink.size",
        "taskmanager.memory.task.heap.size",
        "taskmanager.memory.managed.size",
        "taskmanager.memory.managed.fraction",
        "taskmanager.memory.network.min",
        "taskmanager.memory.network.max",
        "taskmanager.memory.network.fraction",
        "taskmanager.memory.jvm-overhead.max",
        "taskmanager.memory.jvm-overhead.fraction",
        "taskmanager.memory.segment-size",
        "taskmanager.network.numberOfBuffers",
        "taskmanager.heap.mb",
        "taskmanager.cpu.cores",
        "taskmanager.numberOfTaskSlots",
        "taskmanager.memory.managed.consumer-weights",
        "jobmanager.memory.process.size",
        "jobmanager.memory.heap.size",
        "jobmanager.heap.mb",
        "state.backend",
        "state.backend.rocksdb.memory.fixed-per-slot",
        "state.backend.rocksdb.memory.write-buffer-ratio",
        "state.backend.rocksdb.writebuffer.size",
        "state.backend.gemini.memory.managed",
        "state.backend.gemini.offheap.size",
    ];
    let value = prop_oneof![
        (0..=i64::MAX as u64).prop_map(|bytes| bytes.to_string()),
        (0..8192_u32).prop_map(|mebibytes| format!("{mebibytes}m")),
        (0.0..1.0_f64).prop_map(|fraction| fraction.to_string()),
        (-2..40_i32).prop_map(|count| count.to_string()),
        prop::sample::select(vec!["NaN", "-0.0", "rocksdb", "gemini", "false", "A:1,B", "1e40"])
            .prop_map(str::to_owned),
        "[ -~]{0,12}",
    ];
    let pair = (prop::sample::select(keys.to_vec()), value);
    prop::collection::vec(pair, 0..10).prop_map(|pairs| {
        pairs.into_iter().map(|(key, value)| format!("{key}: {value}\n")).collect()
    })
}

proptest! {
    #[test]
    fn pools_sum_to_the_totals(text in any_configuration(), index in 0..15_usize) {
        let target = format!("flink-{}", Release::ALL[index]);
        with_model(&text, &target, |model| {
            if let Ok(memory) = &model.task_manager.result {
                let sum = |pools: &[Pool]| -> u64 {
                    pools.iter().map(|pool| memory.size(*pool).bytes()).sum()
                };
                prop_assert_eq!(memory.total_flink_memory.bytes(), sum(&[
                    Pool::FrameworkHeap, Pool::TaskHeap, Pool::FrameworkOffHeap,
                    Pool::TaskOffHeap, Pool::Network, Pool::Managed,
                ]));
                prop_assert_eq!(memory.total_process_memory.bytes(), sum(&[
                    Pool::TotalFlinkMemory, Pool::JvmMetaspace, Pool::JvmOverhead,
                ]));
                for pool in [Pool::TaskHeap, Pool::Managed, Pool::Network, Pool::JvmOverhead] {
                    let step = model.task_manager.step(pool).unwrap();
                    prop_assert_eq!(step.value, memory.size(pool));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn every_configuration_has_a_model(
        text in any_configuration(),
        target in prop::sample::select(vec!["emr-3.28.2", "vvr-4.0.8", "vvr-8.0.5", "flink-2.3"]),
    ) {
        with_model(&text, target, |model| {
            let release = target.parse::<Target>().unwrap().release();
            if let Err(error) = &model.task_manager.result {
                let process = Process::TaskManager;
                let messages = error.flink_messages(process, release);
                prop_assert!(!messages.is_empty());
                prop_assert!(!error.to_string().is_empty());
            }
            Ok(())
        })?;
    }
}
