//! GeminiStateBackend of Ververica Runtime: its options by engine, and the memory that it gets.

mod gemini_backend_below_floor;
mod gemini_backend_below_recommendation;
mod gemini_heap_memory;
mod gemini_local_directory;
mod gemini_memory_option_inert;
mod gemini_not_available;
mod gemini_off_heap_overruns_process;
mod gemini_off_heap_size_missing;
mod gemini_option_of_another_engine;
mod gemini_option_value;
mod gemini_options_without_gemini;
mod gemini_size_without_unit;
mod gemini_spelling;
mod gemini_task_manager_too_small;
mod gemini_ttl;
mod memory_of_gemini;
mod options;
mod vvr_loses_data;

pub(super) use gemini_backend_below_floor::GeminiBackendBelowFloor;
pub(super) use gemini_backend_below_recommendation::GeminiBackendBelowRecommendation;
pub(super) use gemini_heap_memory::GeminiHeapMemory;
pub(super) use gemini_local_directory::GeminiLocalDirectory;
pub(super) use gemini_memory_option_inert::GeminiMemoryOptionInert;
pub(super) use gemini_not_available::GeminiNotAvailable;
pub(super) use gemini_off_heap_overruns_process::GeminiOffHeapOverrunsProcess;
pub(super) use gemini_off_heap_size_missing::GeminiOffHeapSizeMissing;
pub(super) use gemini_option_of_another_engine::GeminiOptionOfAnotherEngine;
pub(super) use gemini_option_value::GeminiOptionValue;
pub(super) use gemini_options_without_gemini::GeminiOptionsWithoutGemini;
pub(super) use gemini_size_without_unit::GeminiSizeWithoutUnit;
pub(super) use gemini_spelling::{GeminiShortName, UnknownGeminiFactory};
pub(super) use gemini_task_manager_too_small::GeminiTaskManagerTooSmall;
pub(super) use gemini_ttl::{GeminiStateNeverExpires, GeminiTtlSetTwice, TtlDigitMissing};
pub(super) use vvr_loses_data::VvrLosesData;
