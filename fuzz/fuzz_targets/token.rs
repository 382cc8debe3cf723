//! Reads any bytes as tokens, and as a bare signature: `cargo +nightly fuzz run token`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate::authorization::signature::Signature;
use tollgate::authorization::token::Token;

fn check(signature: &Signature) {
    // Nothing that is made up is a signature of this.
    assert!(signature.verify(b"a text that nobody signs").is_err());
    let line = Token::one_line("7KQ2-M4TD-91XH", signature);
    for text in [line, signature.armored()] {
        let read = Token::parse(text.as_bytes()).unwrap_or_default();
        assert_eq!(read.len(), 1);
        assert!(read.iter().all(|token| token.signature.bytes() == signature.bytes()));
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(signature) = Signature::read(bytes) {
        assert_eq!(signature.bytes(), bytes);
        check(&signature);
    }
    for token in Token::parse(bytes).unwrap_or_default() {
        check(&token.signature);
    }
});
