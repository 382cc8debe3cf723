//! The files that an agent's tools change: by paths, by URLs, and by patches.

use std::path::PathBuf;

use super::Asked;

/// What stands before a file's name in a patch of the form that agents write, of a
/// unified one, and of git's.
const MARKS: [&str; 10] = [
    "*** Add File: ",
    "*** Delete File: ",
    "*** Move to: ",
    "*** Update File: ",
    "+++ ",
    "--- ",
    "copy to ",
    "diff --git ",
    "rename from ",
    "rename to ",
];

/// The files that a patch changes.
pub(super) fn patched(text: &str) -> Vec<Asked> {
    let mut asked = Vec::new();
    for line in text.lines().map(str::trim_start) {
        let marked = MARKS.iter().find_map(|mark| Some((*mark, line.strip_prefix(mark)?)));
        let Some((mark, names)) = marked else { continue };
        let names = names.split('\t').next().unwrap_or_default().trim();
        let name = match mark {
            // Two names; one that has a blank in it is not quoted for that.
            "diff --git " => names.rsplit_once(" \"").or_else(|| names.split_at_checked(names.len() / 2)),
            _ => Some(("", names)),
        };
        let name = unquoted(name.map_or(names, |(_, name)| name).trim());
        if name.is_empty() || name == "/dev/null" {
            continue;
        }
        // git puts a directory that is none in front: a letter.
        let bare = name.split_once('/').filter(|(first, _)| first.chars().count() == 1);
        asked.extend(bare.map(|(_, bare)| Asked::Edit(bare.into())));
        asked.push(Asked::Edit(name.into()));
    }
    asked.dedup();
    asked
}

/// A name as git writes it: in double quotes, with escapes, where it is not plain.
fn unquoted(name: &str) -> String {
    let inner = name.strip_prefix('"').map(|rest| rest.strip_suffix('"').unwrap_or(rest));
    let Some(inner) = inner else { return name.to_owned() };
    decoded(inner, b'\\', |rest| {
        let octal = rest.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        let one = || Some((*rest.as_bytes().first()?, 1));
        octal.map(|byte| (byte, 3)).or_else(one)
    })
}

/// A file by its path or its URL.
pub(super) fn file(text: &str) -> PathBuf {
    let is_url = text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file://"));
    let Some(path) = text.get(7..).filter(|_| is_url) else { return PathBuf::from(text) };
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let decoded = decoded(path, b'%', |rest| {
        Some((rest.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok())?, 2))
    });
    PathBuf::from(decoded)
}

/// `text` with every escape replaced by the byte that `read` makes of what follows
/// `mark`, and of so many bytes.
fn decoded(text: &str, mark: u8, read: impl Fn(&str) -> Option<(u8, usize)>) -> String {
    let mut bytes = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        at += 1;
        match text.get(at..).filter(|_| byte == mark).and_then(&read) {
            Some((escaped, length)) => {
                bytes.push(escaped);
                at += length;
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(patch: &str) -> Vec<String> {
        let name =
            |asked| if let Asked::Edit(file) = asked { file.display().to_string() } else { unreachable!() };
        patched(patch).into_iter().map(name).collect()
    }

    #[test]
    fn a_patch_names_its_files() {
        for (patch, expected) in [
            ("*** Begin Patch\n*** Add File: a.txt\n+x\n*** End Patch", vec!["a.txt"]),
            ("  *** Update File: /x/y z\r\n*** Move to: /x/b\r\n", vec!["/x/y z", "/x/b"]),
            ("--- a/x\t2026-01-01\n+++ b/x\t2026-01-01\n", vec!["x", "a/x", "x", "b/x"]),
            ("--- x.orig\n+++ src/x\n", vec!["x.orig", "src/x"]),
            ("--- /dev/null\n+++ i/x\n", vec!["x", "i/x"]),
            ("+++ \"b/d\\303\\251j\\303\\240 \\\"x\\\"\"\n", vec!["déjà \"x\"", "b/déjà \"x\""]),
            ("diff --git a/x y b/x y\nold mode 100644\nnew mode 100755\n", vec!["x y", "b/x y"]),
            ("diff --git a/x b/x\nGIT binary patch\nliteral 0\n", vec!["x", "b/x"]),
            ("rename from x\nrename to y/z\n", vec!["x", "z", "y/z"]),
            ("@@ -1 +1 @@\n-*** Add File: x\n+*** Add File: y\n", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(names(patch), expected, "{patch}");
        }
    }

    #[test]
    fn a_file_may_be_named_by_a_url() {
        for (text, expected) in [
            ("/x/y", "/x/y"),
            ("x%20y", "x%20y"),
            ("file:///x/y", "/x/y"),
            ("FILE:///x/y", "/x/y"),
            ("file://localhost/x", "/x"),
            ("file:///x%20y/%2e%2E/z", "/x y/../z"),
            ("file:///100%/%zz%4", "/100%/%zz%4"),
            ("file:///d%C3%A9j%C3%A0", "/déjà"),
            ("https://x/y", "https://x/y"),
            ("", ""),
        ] {
            assert_eq!(file(text), PathBuf::from(expected), "{text}");
        }
    }
}
