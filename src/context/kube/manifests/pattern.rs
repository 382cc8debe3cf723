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
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        let name = part.as_os_str().to_string_lossy();
        if !name.contains(['*', '?', '[', '\\']) {
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
    let odd = || "such a pattern is not followed: name the files".to_owned();
    let mut written = String::from("(?s)^");
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        match letter {
            '*' => written.push_str(".*"),
            '?' => written.push('.'),
            '[' => {
                let (class, behind) = rest.split_once(']').ok_or_else(odd)?;
                let plain = class.strip_prefix('^').unwrap_or(class);
                // Of other letters, who reads it may think otherwise.
                let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
                if plain.is_empty()
                    || plain.starts_with('-')
                    || plain.ends_with('-')
                    || !plain.chars().all(is_plain)
                {
                    return Err(odd());
                }
                written.extend(["[", class, "]"]);
                rest = behind;
            }
            '\\' => return Err(odd()),
            letter => written.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4]))),
        }
    }
    written.push('$');
    Regex::new(&written).map_err(|_| odd())
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
            ("[a-b]/[^y].yaml", vec!["a/x.yaml", "b/x.yaml"]),
            ("a/[xy].y*", vec!["a/x.yaml", "a/y.yml"]),
            ("*.yaml", vec![]),
            ("none/*", vec![]),
        ] {
            let mut found = expanded(&root.path().join(pattern)).unwrap();
            found.sort_unstable();
            let expected: Vec<_> = expected.into_iter().map(|name| root.path().join(name)).collect();
            assert_eq!(found, expected, "{pattern}");
        }
        for odd in ["[!a]/x.yaml", "[]a]/x.yaml", "[a", "a\\*", "[a-]/x.yaml"] {
            assert!(expanded(&root.path().join(odd)).is_err(), "{odd}");
        }
    }
}
