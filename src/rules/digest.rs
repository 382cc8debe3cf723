//! What a rulebook is known by: a digest over every layer that counts.
//!
//! Not for the fast path: what is built in has a megabyte.

use std::os::unix::ffi::OsStrExt as _;

use sha2::{Digest as _, Sha256};

use super::book::{Layer, Power, Rulebook};
use super::builtin;
use crate::digest::hex;

/// The SHA-256, as `sha256:…`, over each layer of `book`: where it comes from,
/// what it may do, and what its files hold.
pub fn of(book: &Rulebook) -> String {
    let mut digest = Sha256::new();
    let mut part = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    part(b"tollgate-policy-v1");
    part(builtin::digest().as_bytes());
    for layer in &book.layers {
        part(layer.origin.name().as_bytes());
        part(&powers(layer));
        // The built-in layer has no texts; how much of it was read depends on the command.
        for ((path, _), text) in layer.files().iter().zip(layer.texts()) {
            part(path.as_os_str().as_bytes());
            part(text.as_bytes());
        }
    }
    format!("sha256:{}", hex(&digest.finalize()))
}

fn powers(layer: &Layer) -> [u8; 2] {
    [layer.for_human, layer.for_agent].map(|power| match power {
        Power::Absent => 0,
        Power::Tightens => 1,
        Power::Loosens => 2,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::rules::book::Origin;
    use crate::rules::load;

    fn book(layers: &[(Origin, &str, &str, Power)]) -> Rulebook {
        let mut book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
        for (origin, path, text, power) in layers {
            let file = load::parse(path.as_ref(), text).unwrap();
            let mut layer = Layer::new(*origin, vec![(path.into(), file)], *power, Power::Tightens);
            layer.keep_texts(vec![(*text).to_owned()]);
            book.layers.push(layer);
        }
        book
    }

    #[test]
    fn whatever_may_change_a_verdict_changes_the_digest() {
        const PLAIN: &str = "version: 1\npolicy: { read: { human: { ordinary: confirm } } }\n";
        let other = PLAIN.replace("confirm", "peer");
        let commented = format!("# \n{PLAIN}");
        let books = [
            book(&[]),
            book(&[(Origin::User, "/a", PLAIN, Power::Loosens)]),
            book(&[(Origin::User, "/a", PLAIN, Power::Tightens)]),
            book(&[(Origin::User, "/b", PLAIN, Power::Loosens)]),
            book(&[(Origin::Project, "/a", PLAIN, Power::Loosens)]),
            book(&[(Origin::User, "/a", &other, Power::Loosens)]),
            book(&[(Origin::User, "/a", &commented, Power::Loosens)]),
            book(&[
                (Origin::User, "/a", PLAIN, Power::Loosens),
                (Origin::Project, "/b", PLAIN, Power::Loosens),
            ]),
        ];
        let digests: HashSet<String> = books.iter().map(of).collect();
        assert_eq!(digests.len(), books.len());
    }

    #[test]
    fn how_much_was_read_of_what_is_built_in_does_not_matter() {
        let some = builtin::layer(&[builtin::Wanted { tool: "kubectl", command: Some("drain") }]).unwrap();
        assert_eq!(of(&Rulebook { layers: vec![some] }), of(&book(&[])));
    }
}
