//! Paths as Python's `os.path` expands them, for aws.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use crate::process::Environment;

/// Python's `expandvars`: `$NAME` and `${NAME}`; one that is not set stays.
pub(crate) fn with_variables(written: &OsStr, environment: &Environment) -> OsString {
    let mut out = Vec::new();
    let mut rest = written.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        let (name, length) = variable(from.get(1..).unwrap_or_default());
        let value =
            std::str::from_utf8(name).ok().filter(|_| length > 0).and_then(|name| environment.get(name));
        let (whole, after) = from.split_at(1 + length);
        out.extend_from_slice(value.map_or(whole, |value| value.as_bytes()));
        rest = after;
    }
    out.extend_from_slice(rest);
    OsString::from_vec(out)
}

/// The name that begins `bytes`, and how many bytes it takes; none is 0.
fn variable(bytes: &[u8]) -> (&[u8], usize) {
    if let Some(braced) = bytes.strip_prefix(b"{") {
        let end = braced.iter().position(|byte| *byte == b'}');
        return end.and_then(|end| Some((braced.get(..end)?, end + 2))).unwrap_or_default();
    }
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let end = bytes.iter().position(|byte| !is_word(byte)).unwrap_or(bytes.len());
    (bytes.get(..end).unwrap_or_default(), end)
}

/// Python's `expanduser`. `home_of` tells the home of a user by name, or of this
/// one for an empty name, which is asked where HOME is not set; a path whose user
/// it does not know stays.
pub(crate) fn with_home(
    path: OsString,
    environment: &Environment,
    home_of: impl FnOnce(&str) -> Option<OsString>,
) -> OsString {
    let bytes = path.as_bytes();
    let Some(rest) = bytes.strip_prefix(b"~") else { return path };
    let end = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let own = environment.get("HOME").filter(|_| name.is_empty()).map(OsStr::to_owned);
    let known = || home_of(std::str::from_utf8(name).ok()?);
    let Some(home) = own.or_else(known) else { return path };
    let home = home.as_bytes();
    let kept = home.len() - home.iter().rev().take_while(|byte| **byte == b'/').count();
    let joined = [home.get(..kept).unwrap_or_default(), rest].concat();
    OsString::from_vec(if joined.is_empty() { b"/".to_vec() } else { joined })
}
