//! Patterns in names of files, which kubectl expands where no file has that name.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::NAMES;
use crate::files;

/// What `path` stands for as a pattern; nothing where it is none.
///
/// # Errors
/// Why that cannot be told.
pub(super) fn expanded(path: &Path) -> Result<Vec<PathBuf>, String> {
    let bytes = path.as_os_str().as_bytes();
    if !bytes.iter().any(|byte| b"*?[".contains(byte)) {
        return Ok(Vec::new());
    }
    // Classes, and what is escaped, are hardly ever written.
    if bytes.iter().any(|byte| b"[\\".contains(byte)) {
        return Err("such a pattern is not followed: name the files".to_owned());
    }
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        let name = part.as_os_str().to_string_lossy();
        if !name.contains(['*', '?']) {
            for path in &mut found {
                path.push(part);
            }
            continue;
        }
        let expression = expression(&name)?;
        let mut next = Vec::new();
        for directory in found {
            let names = files::names(&directory, NAMES)?.unwrap_or_default();
            let fits = names.iter().filter(|name| expression.is_match(&name.to_string_lossy()));
            next.extend(fits.map(|name| directory.join(name)));
        }
        if next.len() > NAMES {
            return Err("it stands for too many files".to_owned());
        }
        found = next;
    }
    Ok(found)
}

/// The names that `pattern` stands for, as an expression.
fn expression(pattern: &str) -> Result<Regex, String> {
    let escaped = regex::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("(?s)^{escaped}$")).map_err(|_| "the pattern is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_what_is_there() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a/x.yaml", "a/y.yml", "b/x.yaml", "b/.z.yaml", "c"] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        for (pattern, expected) in [
            ("*/*.yaml", vec!["a/x.yaml", "b/.z.yaml", "b/x.yaml"]),
            ("?/x.y*ml", vec!["a/x.yaml", "b/x.yaml"]),
            ("a/*", vec!["a/x.yaml", "a/y.yml"]),
            ("a/x+.yaml", vec![]),
            ("*.yaml", vec![]),
            ("none/*", vec![]),
        ] {
            let mut found = expanded(&root.path().join(pattern)).unwrap();
            found.sort_unstable();
            let expected: Vec<_> = expected.into_iter().map(|name| root.path().join(name)).collect();
            assert_eq!(found, expected, "{pattern}");
        }
        assert!(expanded(&root.path().join("[ab]/x.yaml")).is_err());
    }
}
