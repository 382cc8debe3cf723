//! Small files that say what a command means and where it acts. They are
//! anybody's, so nothing in their place may block or be without end.

use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

/// `path` as Go's `filepath.Clean` has it: `..` takes away the name before it,
/// whatever that name links to.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            // There is nothing above the root.
            Component::ParentDir if clean.has_root() => {}
            part => clean.push(part),
        }
    }
    clean
}

/// How many links one path may lead through, as Linux has it.
const LINKS: usize = 40;

/// Whether `path`, or a link on its way, leads below `/proc` or to a process's own open
/// files. Another process finds other things there, and so does the same one later. The
/// way is gone by hand, since where this process is led says nothing about another.
pub(crate) fn is_of_process(path: &Path) -> bool {
    let mut here = PathBuf::from("/");
    let mut rest: Vec<OsString> = parts(path);
    let mut links = 0;
    while let Some(part) = rest.pop() {
        if part == ".." {
            here.pop();
            continue;
        }
        let next = here.join(&part);
        if ["/proc", "/dev/fd"].iter().any(|place| next.starts_with(place)) || is_made_up(&next) {
            return true;
        }
        match next.read_link() {
            Ok(to) => {
                links += 1;
                if links > LINKS {
                    return false;
                }
                if to.has_root() {
                    here = PathBuf::from("/");
                }
                rest.extend(parts(&to));
            }
            Err(_) => here = next,
        }
    }
    false
}

/// The names in a path, the last first.
fn parts(path: &Path) -> Vec<OsString> {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    });
    parts.rev().collect()
}

/// Whether `path` is in a file system of processes, wherever that is mounted.
#[cfg(target_os = "linux")]
fn is_made_up(path: &Path) -> bool {
    use nix::sys::statfs::{PROC_SUPER_MAGIC, statfs};
    // What a link leads to is looked at by itself.
    !path.is_symlink() && statfs(path).is_ok_and(|system| system.filesystem_type() == PROC_SUPER_MAGIC)
}

#[cfg(not(target_os = "linux"))]
fn is_made_up(_: &Path) -> bool {
    false
}

/// The content of a regular file of at most `limit` bytes; `None` where there
/// is none.
///
/// # Errors
/// Why it cannot be read, with its path.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, String> {
    let error = |cause: &dyn std::fmt::Display| Err(format!("{}: {cause}", path.display()));
    let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY;
    let file = match std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(cause) if matches!(cause.raw_os_error(), Some(nix::libc::ENOENT | nix::libc::ENOTDIR)) => {
            return Ok(None);
        }
        Err(cause) => return error(&cause),
    };
    let size = match file.metadata() {
        Ok(metadata) if !metadata.is_file() => return error(&"not a regular file"),
        Ok(metadata) if metadata.len() > limit => return error(&"too large to be read"),
        Ok(metadata) => metadata.len(),
        Err(cause) => return error(&cause),
    };
    let mut bytes = Vec::new();
    match file.take(limit + 1).read_to_end(&mut bytes) {
        // What the kernel makes up while it is read, as below /proc, another
        // process may read otherwise.
        Ok(_) if bytes.len() as u64 != size => error(&"not as long as it says"),
        Ok(_) => Ok(Some(bytes)),
        Err(cause) => error(&cause),
    }
}

/// The names in a directory, sorted; `None` where there is nothing.
///
/// # Errors
/// Why they cannot be read, with the path; more than `limit` names among it.
pub(crate) fn names(path: &Path, limit: usize) -> Result<Option<Vec<OsString>>, String> {
    let error = |cause: &dyn std::fmt::Display| format!("{}: {cause}", path.display());
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(cause) if matches!(cause.raw_os_error(), Some(nix::libc::ENOENT | nix::libc::ENOTDIR)) => {
            return Ok(None);
        }
        Err(cause) => return Err(error(&cause)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(|cause| error(&cause))?.file_name());
        if names.len() > limit {
            return Err(error(&"too many names to be read"));
        }
    }
    names.sort_unstable();
    Ok(Some(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_small_regular_file_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("five"), "12345").unwrap();
        assert_eq!(read(&path("five"), 5).unwrap().unwrap(), b"12345");
        assert_eq!(read(&path("none"), 5), Ok(None));
        assert_eq!(read(&path("five/none"), 5), Ok(None));
        nix::unistd::mkfifo(&path("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        std::os::unix::fs::symlink("loop", path("loop")).unwrap();
        for refused in [path("fifo"), path("loop"), path("."), "/dev/zero".into(), "/dev/null".into()] {
            assert!(read(&refused, 5).is_err(), "{}", refused.display());
        }
        assert!(read(&path("five"), 4).unwrap_err().ends_with("five: too large to be read"));
    }

    #[test]
    fn names_are_read_up_to_a_limit() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["b", "a"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        assert_eq!(names(directory.path(), 2).unwrap().unwrap(), ["a", "b"]);
        assert!(names(directory.path(), 1).unwrap_err().ends_with("too many names to be read"));
        assert_eq!(names(&directory.path().join("none"), 1), Ok(None));
        assert_eq!(names(&directory.path().join("a"), 1), Ok(None), "a file has none");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_each_process_sees_otherwise_is_not_read() {
        assert!(read("/proc/self/environ".as_ref(), 1 << 20).is_err());
        assert!(read("/proc/self/cmdline".as_ref(), 1 << 20).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_leads_through_a_process_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let link = |name: &str, to: &str| std::os::unix::fs::symlink(to, at(name)).unwrap();
        std::fs::create_dir(at("d")).unwrap();
        link("cwd", "/proc/self/cwd");
        link("d/up", "../cwd/x");
        link("d/plain", "../d");
        link("loop", "loop");
        for (path, expected) in [
            ("/proc/self/cwd/x".into(), true),
            ("/proc/1/root/etc".into(), true),
            ("/../proc/thread-self/cwd".into(), true),
            ("/dev/fd/3".into(), true),
            ("/dev/stdin".into(), true),
            (at("cwd"), true),
            (at("cwd/x/y"), true),
            (at("d/up"), true),
            (at("d/plain/../cwd/none"), true),
            (at("d/plain/none"), false),
            (at("loop/x"), false),
            (at("d/../proc"), false),
            ("/".into(), false),
        ] {
            assert_eq!(is_of_process(&path), expected, "{}", path.display());
        }
    }

    #[test]
    fn paths_are_cleaned_as_go_does() {
        for (path, cleaned) in [
            ("/a/link/../.kube/config", "/a/.kube/config"),
            ("/../x", "/x"),
            ("../x/./y", "../x/y"),
            ("a/../../b", "../b"),
            (".kube/config", ".kube/config"),
        ] {
            assert_eq!(clean(Path::new(path)), Path::new(cleaned), "{path}");
        }
    }
}
