//! Reads any bytes as shell text: `cargo +nightly fuzz run shell`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let _ = tollgate::shell::parse::parse(text);
});
