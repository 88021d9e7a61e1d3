//! From a Flink configuration to a store's options.

use clap::ValueEnum;

use crate::config::ResolvedConfig;
use crate::memory::{
    Assumptions, BackendMemory, Deployment, GeminiMemory, MemoryModel, TaskManagerMemory,
};
use crate::simulator::{
    Backend, CheckpointMode, GeminiOptions, HeapOptions, HeapSize, KvSeparation, LocalRecovery,
    Placement, RestoreMode, TimerService,
};
use crate::units::MemorySize;
use crate::workspace::Subject;

/// A state backend by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BackendArgument {
    /// GeminiStateBackend
    Gemini,
    /// State on the Java heap (hashmap)
    Heap,
}

impl BackendArgument {
    /// The backend with documented defaults and this much memory.
    pub(in crate::cli) fn with_memory(self, memory: MemorySize) -> Backend {
        match self {
            Self::Gemini => Backend::Gemini(GeminiOptions::with_memory(memory.bytes())),
            Self::Heap => Backend::Heap(HeapOptions {
                heap: HeapSize(memory.bytes()),
                local_recovery: LocalRecovery::Off,
            }),
        }
    }
}

/// The backends that a configuration describes: its own, or those asked for with what its memory
/// model gives them.
pub(super) fn from_config(
    subject: &Subject,
    chosen: Vec<BackendArgument>,
) -> Result<Vec<Backend>, String> {
    let (loaded, config) = subject.load();
    if let Some(error) = &loaded.error {
        return Err(format!("{}: {}", subject.path, error.message));
    }
    let assumptions = Assumptions {
        target: &subject.target,
        deployment: Deployment::of(&subject.target),
        backends_per_slot: 1,
    };
    let model = MemoryModel::derive(&config, assumptions);
    let refused = |error: &dyn std::fmt::Display| {
        format!("{}: the TaskManager would not start: {error}", subject.path)
    };
    let memory = model.task_manager.result.as_ref().map_err(|error| refused(error))?;
    let process = match &model.task_manager_process {
        Some(Ok(process)) => process,
        Some(Err(error)) => return Err(refused(error)),
        None => return Err(refused(&"its memory cannot be derived")),
    };
    let heap = HeapSize(process.slot.task_heap.bytes());
    let backend = model.backend.as_ref();
    let gemini = || {
        let memory = match backend.map(|backend| &backend.memory) {
            Some(BackendMemory::Gemini(memory)) => gemini_memory(memory),
            _ => Some((process.slot.managed, None)),
        };
        let Some((size, write_buffer)) = memory else {
            let key = "state.backend.gemini.offheap.size";
            return Err(format!("{}: {key} is needed to know the memory", subject.path));
        };
        let mut options = GeminiOptions::with_memory(size.bytes());
        if let Some(write_buffer) = write_buffer {
            options.write_buffer = write_buffer.bytes().min(size.bytes());
        }
        options.heap = heap;
        apply_options(&mut options, &config);
        Ok(Backend::Gemini(options))
    };
    let local_recovery = local_recovery(&config);
    let on_heap = || Ok(Backend::Heap(HeapOptions { heap, local_recovery }));
    let _: &TaskManagerMemory = memory;
    if chosen.is_empty() {
        return match backend.map(|backend| &backend.memory) {
            Some(BackendMemory::Gemini(_)) => Ok(vec![gemini()?]),
            Some(BackendMemory::Heap { .. }) => Ok(vec![on_heap()?]),
            _ => Err(format!(
                "{}: its state backend is not simulated; name one with --backend or --compare",
                subject.path
            )),
        };
    }
    let chosen = chosen.into_iter().map(|backend| match backend {
        BackendArgument::Gemini => gemini(),
        BackendArgument::Heap => on_heap(),
    });
    chosen.collect()
}

/// All that a backend gets, and the part of it that is its write buffer where that is set.
fn gemini_memory(memory: &GeminiMemory<'_>) -> Option<(MemorySize, Option<MemorySize>)> {
    match memory {
        GeminiMemory::Managed(managed) => Some((managed.per_backend, None)),
        GeminiMemory::OwnSize(own) => {
            Some((own.per_backend?, own.write_buffer.as_ref().map(|size| size.value)))
        }
    }
}

fn is(config: &ResolvedConfig<'_>, key: &str, expected: &str) -> bool {
    text(config, key).is_some_and(|text| text.eq_ignore_ascii_case(expected))
}

fn text(config: &ResolvedConfig<'_>, key: &str) -> Option<String> {
    config.setting(key).map(|setting| setting.value.text().trim().to_owned())
}

fn local_recovery(config: &ResolvedConfig<'_>) -> LocalRecovery {
    let keys = ["state.backend.local-recovery", "execution.state-recovery.from-local"];
    if keys.iter().any(|key| is(config, key, "true")) {
        LocalRecovery::On
    } else {
        LocalRecovery::Off
    }
}

/// What the other options say.
fn apply_options(options: &mut GeminiOptions, config: &ResolvedConfig<'_>) {
    const GEMINI: &str = "state.backend.gemini.";
    let gemini = |key: &str, value: &str| is(config, &format!("{GEMINI}{key}"), value);
    if gemini("timer-service.factory", "GEMINI") {
        options.timer_service = TimerService::Gemini;
    }
    if gemini("use.offheap", "false") {
        options.placement = Placement::OnHeap;
    }
    if gemini("file.cache.download.type", "LazyDownloadOnRestore")
        || gemini("file.cache.lazy-restore", "ON")
    {
        options.restore = RestoreMode::Lazy;
    }
    let threshold = text(config, &format!("{GEMINI}kv.separate.value.size.threshold"))
        .and_then(|text| text.trim_matches(['\'', '"']).parse().ok());
    if gemini("kv.separate.mode", "GLOBAL_ENABLE") {
        // The one value ever seen in public is 500; its unit is taken to be bytes.
        options.kv_separation = KvSeparation::Above(threshold.unwrap_or(500));
    }
    options.local_recovery = local_recovery(config);
    let incremental = ["state.backend.incremental", "execution.checkpointing.incremental"];
    if incremental.iter().any(|key| is(config, key, "false")) {
        options.checkpoints = CheckpointMode::Full;
    }
}
