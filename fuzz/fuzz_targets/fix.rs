#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| slotwise_fuzz::run("fix", bytes));
