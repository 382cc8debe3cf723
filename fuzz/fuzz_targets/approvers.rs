//! Reads any text as a list of approvers, and adds a person to what is one:
//! `cargo +nightly fuzz run approvers`.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use tollgate::authorization::approvers::{Added, Addition, Approvers};

fuzz_target!(|text: &str| {
    let Ok(list) = Approvers::read(Path::new("approvers.yaml"), text) else { return };
    let _ = list.allowed_signers();
    let names = ["x".to_owned()];
    let addition =
        Addition { id: "x".to_owned(), groups: names.to_vec(), os_users: names.to_vec(), key: None };
    if let Added::Text(new) = addition.to(&list, text) {
        let new = Approvers::read(Path::new("approvers.yaml"), &new).unwrap();
        assert!(matches!(new.persons_of(&["x"]).as_slice(), [.., last] if !last.os_users.is_empty()));
    }
});
