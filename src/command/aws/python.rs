//! Paths as Python's `os.path` expands them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use crate::command::Outside;

/// The home directory: HOME where it is set, else what the password database
/// has. Without either nothing below it can be named.
pub(super) fn home(outside: &Outside<'_>) -> Option<PathBuf> {
    match outside.environment.get("HOME") {
        // Python appends to it, so that nothing is the root.
        Some(home) if home.is_empty() => Some(PathBuf::from("/")),
        Some(home) => Some(PathBuf::from(home)),
        None => outside.files.home().map(PathBuf::from),
    }
}

/// `expandvars(expanduser(path))`. `None` for another user's home.
pub(super) fn path(path: &OsStr, outside: &Outside<'_>) -> Option<PathBuf> {
    let bytes = path.as_bytes();
    let path = match bytes.strip_prefix(b"~") {
        None => path.to_owned(),
        Some(rest) if rest.is_empty() || rest.starts_with(b"/") => {
            let mut home = home(outside)?.into_os_string();
            home.push(OsStr::from_bytes(rest));
            home
        }
        Some(_) => return None,
    };
    Some(PathBuf::from(expand(&path, outside)))
}

/// Replaces `$NAME` and `${NAME}`; a variable that is not set stays as it is.
fn expand(text: &OsStr, outside: &Outside<'_>) -> OsString {
    let mut expanded = Vec::new();
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        let (before, from) = rest.split_at(at);
        expanded.extend_from_slice(before);
        let behind = from.get(1..).unwrap_or_default();
        let braced = behind.strip_prefix(b"{").and_then(|inner| {
            let end = inner.iter().position(|byte| *byte == b'}')?;
            Some((inner.get(..end)?, end + 3))
        });
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = behind.iter().take_while(|byte| word(byte)).count();
        let bare = behind.get(..length).filter(|name| !name.is_empty()).map(|name| (name, length + 1));
        let named = braced.or(bare).and_then(|(name, length)| {
            Some((outside.environment.get(OsStr::from_bytes(name).to_str()?)?, length))
        });
        let taken = if let Some((value, length)) = named {
            expanded.extend_from_slice(value.as_bytes());
            length
        } else {
            expanded.push(b'$');
            1
        };
        rest = from.get(taken..).unwrap_or_default();
    }
    expanded.extend_from_slice(rest);
    OsString::from_vec(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Files;
    use crate::process::Environment;

    #[test]
    fn paths_are_expanded_as_python_does() {
        let environment: Environment = [("HOME", "/h"), ("A", "x")].into_iter().collect();
        let files = Files::new(Some("/pw".into()));
        let outside = Outside { environment: &environment, files: &files };
        for (given, expected) in [
            ("~", Some("/h")),
            ("~/x", Some("/h/x")),
            ("~other/x", None),
            ("a/~", Some("a/~")),
            ("$A/${A}b/$B/${B}/$", Some("x/xb/$B/${B}/$")),
            ("$AB/${A", Some("$AB/${A")),
        ] {
            assert_eq!(path(given.as_ref(), &outside), expected.map(PathBuf::from), "{given}");
        }
        let bare = Environment::default();
        assert_eq!(home(&Outside { environment: &bare, files: &files }), Some("/pw".into()));
        let empty: Environment = [("HOME", "")].into_iter().collect();
        assert_eq!(home(&Outside { environment: &empty, files: &files }), Some("/".into()));
    }
}
