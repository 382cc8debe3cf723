//! Lists of directories, such as PATH, as they are searched.
//!
//! Compared is what somebody besides the administrator could put something into: how a
//! directory is spelled, and what only root could have filled, changes from one terminal
//! to the next and lets nobody start anything else. The place in the list counts: a
//! directory of the user's behind `/usr/bin` hides nothing that is there, and in front of
//! it hides all of it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::shown;
use crate::authorization::approvers;
use crate::process::absolute;

/// Where programs usually are. To root, who could have filled any directory, only these
/// are the administrator's.
const USUAL: [&str; 9] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/snap/bin",
    "/opt/homebrew/bin",
    "/opt/homebrew/sbin",
];

/// What stands between a link and where it leads.
pub(super) const LEADS: &str = " -> ";

/// Whose a directory is.
enum Whose {
    /// Nobody but root can change what is found there.
    Administrators(PathBuf),
    /// Somebody else can; in the one way in which it is written.
    Anybodys(String),
}

/// The directories of `list` that are there, each once, without `own`; those of the
/// administrator's only as far as they are searched before another one.
pub(super) fn directories(list: &OsStr, directory: &Path, own: Option<&Path>, uid: u32) -> String {
    let own = own.and_then(|own| own.canonicalize().ok()).map(|own| shown(&own));
    let mut seen = BTreeSet::new();
    let mut before = BTreeSet::new();
    let mut found = Vec::new();
    for entry in std::env::split_paths(list) {
        match whose(&absolute(directory, &entry), uid) {
            Some(Whose::Administrators(real)) => {
                let real = shown(&real);
                if Some(&real) != own.as_ref() && seen.insert(real.clone()) {
                    before.insert(real);
                }
            }
            Some(Whose::Anybodys(entry)) if Some(&entry) != own.as_ref() && seen.insert(entry.clone()) => {
                // Among them the order changes nothing that anybody else could use.
                found.extend(std::mem::take(&mut before));
                found.push(entry);
            }
            _ => {}
        }
    }
    found.join(":")
}

/// Whose the directory at `entry` is; `None` where there is none.
fn whose(entry: &Path, uid: u32) -> Option<Whose> {
    let real = entry.canonicalize().ok().filter(|real| real.is_dir())?;
    let exposures = approvers::exposures(entry).ok();
    let usual = uid != 0 || USUAL.iter().any(|usual| entry == Path::new(usual) || real == Path::new(usual));
    if usual && exposures.as_ref().is_some_and(Vec::is_empty) {
        return Some(Whose::Administrators(real));
    }
    // Whoever can change where a link leads may do so later: it is none of what it leads to.
    let straight = exposures
        .is_some_and(|found| found.iter().all(|exposure| !exposure.link && real.starts_with(&exposure.path)));
    let text = if straight {
        shown(&real)
    } else {
        let entry: PathBuf = entry.components().collect();
        if entry == real { shown(&real) } else { format!("{}{LEADS}{}", shown(&entry), shown(&real)) }
    };
    Some(Whose::Anybodys(text))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A directory in which anybody may put programs, with `a`, `b` and `shims`, a link to
    /// `/usr/bin` and one to `a`.
    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in ["a", "b", "shims"] {
            std::fs::create_dir(root.path().join(name)).unwrap();
        }
        std::fs::write(root.path().join("file"), "").unwrap();
        symlink("/usr/bin", root.path().join("usr")).unwrap();
        symlink("a", root.path().join("to-a")).unwrap();
        root
    }

    #[test]
    fn a_path_is_what_others_could_have_filled() {
        let root = root();
        let real = root.path().canonicalize().unwrap().display().to_string();
        let usr = Path::new("/usr/bin").canonicalize().unwrap().display().to_string();
        for (written, expected) in [
            // The working directory.
            ("", "R"),
            ("/usr/bin:/usr/sbin", ""),
            ("/usr/sbin//:/usr/./bin/", ""),
            ("/usr/bin:/opt:/usr/lib", ""),
            ("R/a", "R/a"),
            ("R/a/", "R/a"),
            ("R/./a:R//a:a", "R/a"),
            ("R/a:/usr/bin:/bin", "R/a"),
            ("R/a:R/b", "R/a:R/b"),
            ("R/b:R/a", "R/b:R/a"),
            // What hides the programs of the system is another PATH.
            ("/usr/bin:R/a", "U:R/a"),
            ("/usr/bin/:R/a:/usr/bin", "U:R/a"),
            ("R/shims:R/a:R/none:b:R/a:R/file", "R/a:R/b"),
            // A link of the user's leads elsewhere tomorrow.
            ("R/usr:R/a", "R/usr -> U:R/a"),
            ("R/b/../b", "R/b"),
        ] {
            // The directory's own name may have a U in it.
            let put = |text: &str| text.replace('U', &usr).replace('R', &real);
            let own = root.path().join("shims");
            let found = directories(OsStr::new(&put(written)), Path::new(&real), Some(&own), 1000);
            assert_eq!(found, put(expected), "{written}");
        }
        let linked = directories(OsStr::new(&format!("{real}/to-a")), root.path(), None, 1000);
        assert!(linked == format!("{real}/a") || linked == format!("{real}/to-a -> {real}/a"), "{linked}");
    }

    #[test]
    fn to_root_only_the_usual_directories_are_the_administrators() {
        for (written, uid, expected) in [
            ("/usr/bin:/usr/sbin", 0, ""),
            ("/usr/bin:/usr/lib", 0, "U:/usr/lib"),
            ("/usr/bin:/usr/lib", 1000, ""),
        ] {
            let usr = Path::new("/usr/bin").canonicalize().unwrap().display().to_string();
            let found = directories(OsStr::new(written), Path::new("/"), None, uid);
            assert_eq!(found, expected.replace('U', &usr), "{written} {uid}");
        }
    }
}
