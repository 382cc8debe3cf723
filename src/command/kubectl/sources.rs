//! What `-f` names: files, standard input, what is behind a URL.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

/// The flag that names what is read.
pub const FILENAME: &str = "--filename";

/// The flag that names a kustomization.
pub const KUSTOMIZE: &str = "--kustomize";

/// One thing that a value of [`FILENAME`] names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Input,
    /// What a server sends.
    Url(OsString),
    /// A file, a directory or a pattern.
    Path(PathBuf),
}

/// What a value of [`FILENAME`] names: it is a line of comma-separated values.
pub fn sources(value: &OsStr) -> Vec<Source> {
    let (mut names, mut name, mut quoted) = (Vec::new(), Vec::new(), false);
    for byte in value.as_bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => names.push(std::mem::take(&mut name)),
            byte => name.push(*byte),
        }
    }
    names.push(name);
    let whole = names.into_iter().filter(|one| !one.is_empty());
    whole.map(|name| Source::of(OsString::from_vec(name))).collect()
}

impl Source {
    fn of(name: OsString) -> Self {
        let is_url = |name: &[u8]| name.starts_with(b"http://") || name.starts_with(b"https://");
        match name.as_bytes() {
            b"-" => Self::Input,
            url if is_url(url) => Self::Url(name),
            _ => Self::Path(name.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_names_one_or_several() {
        let path = |name: &str| Source::Path(name.into());
        for (value, expected) in [
            ("a.yaml", vec![path("a.yaml")]),
            ("a,b", vec![path("a"), path("b")]),
            ("\"a,b\"", vec![path("a,b")]),
            ("-", vec![Source::Input]),
            ("\"-\"", vec![Source::Input]),
            ("a,-", vec![path("a"), Source::Input]),
            ("https://h/x", vec![Source::Url("https://h/x".into())]),
            ("httpd.yaml", vec![path("httpd.yaml")]),
            ("/dev/stdin", vec![path("/dev/stdin")]),
            ("", vec![]),
        ] {
            assert_eq!(sources(OsStr::new(value)), expected, "{value}");
        }
    }
}
