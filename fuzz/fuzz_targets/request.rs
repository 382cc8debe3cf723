//! Reads any bytes as a request: `cargo +nightly fuzz run request`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate::authorization::request::Request;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::read(bytes) {
        // No two texts are the same request.
        assert_eq!(request.bytes().as_deref(), Ok(bytes));
    }
});
