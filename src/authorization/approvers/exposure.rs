//! Who besides root can change what a path leads to: the file, every directory
//! on the way, and every link.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use crate::ui::sanitize;

/// The most links that are followed, as the kernel does.
const MOST_LINKS: usize = 40;

/// What stands at a path, a link not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Its owner.
    pub(super) uid: u32,
    /// Its permissions.
    pub(super) mode: u32,
    /// Which file it is: device and inode.
    pub(super) identity: (u64, u64),
    /// Where it leads, if it is a link.
    pub(super) link: Option<PathBuf>,
}

/// Looks at a path.
///
/// # Errors
/// Where that cannot be done.
pub(super) fn see(path: &Path) -> io::Result<Seen> {
    let metadata = path.symlink_metadata()?;
    let link = if metadata.is_symlink() { Some(path.read_link()?) } else { None };
    Ok(Seen {
        uid: metadata.uid(),
        mode: metadata.permissions().mode(),
        identity: (metadata.dev(), metadata.ino()),
        link,
    })
}

/// Somebody besides root can change what is at `path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The file or directory.
    pub path: PathBuf,
    /// Its owner, where that is not root.
    pub owner: Option<u32>,
    /// Whether its group or everybody can write it.
    pub mode: Option<&'static str>,
    /// Whether it is a link: that has an owner of its own.
    pub link: bool,
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = sanitize::os(self.path.as_os_str());
        let word = sanitize::word(self.path.as_os_str());
        let owner = self.owner.map(|uid| format!("belongs to {}", user_name(uid)));
        let mode = self.mode.map(|who| format!("can be written by {who}"));
        let what: Vec<String> = [owner, mode].into_iter().flatten().collect();
        let chown = if self.link { "chown -h root:root" } else { "chown root:root" };
        let mend: Vec<String> = [self.owner.map(|_| chown), self.mode.map(|_| "chmod go-w")]
            .into_iter()
            .flatten()
            .map(|command| format!("{command} {word}"))
            .collect();
        write!(f, "{shown} {}: {}", what.join(" and "), mend.join(" && "))
    }
}

/// The login name of `uid`, or the number where there is none.
pub(super) fn user_name(uid: u32) -> String {
    let entry = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)).ok().flatten();
    entry.map_or_else(|| uid.to_string(), |user| sanitize::text(&user.name).into_owned())
}

fn exposed(path: &Path, seen: &Seen) -> Option<Exposure> {
    let link = seen.link.is_some();
    let owner = (seen.uid != 0).then_some(seen.uid);
    // A link's permissions mean nothing. An access list shows in the group's.
    let mode = match seen.mode & 0o022 {
        _ if link => None,
        0 => None,
        0o020 => Some("its group"),
        _ => Some("everybody"),
    };
    (owner.is_some() || mode.is_some()).then(|| Exposure { path: path.into(), owner, mode, link })
}

/// Whether root is root on the machine, by what `process` (`/proc/self`) tells.
///
/// # Errors
/// Where nothing tells it. Whoever made a user namespace may hide /proc in it, or parts of it.
pub(super) fn is_root_real(process: &Path) -> io::Result<bool> {
    if !cfg!(target_os = "linux") {
        return Ok(true);
    }
    match std::fs::read_to_string(process.join("uid_map")) {
        Ok(map) => Ok(is_real_root(&map)),
        // A kernel that has no user namespaces.
        Err(error) if error.kind() == io::ErrorKind::NotFound && process.join("status").exists() => Ok(true),
        Err(error) => Err(error),
    }
}

/// Whether root here is root on the machine: within a user namespace whoever made it
/// is root, and owns what they please.
fn is_real_root(map: &str) -> bool {
    map.split_whitespace().collect::<Vec<_>>() == ["0", "0", "4294967295"]
}

/// Everything on the way to `path` that others than root can change, and what
/// stands at its end.
///
/// # Errors
/// Where the way cannot be gone.
pub(super) fn on_the_way(
    path: &Path,
    see: &dyn Fn(&Path) -> io::Result<Seen>,
) -> io::Result<(Vec<Exposure>, Seen)> {
    let mut at = PathBuf::from("/");
    let mut last = see(&at)?;
    let mut exposures: Vec<Exposure> = exposed(&at, &last).into_iter().collect();
    let mut ahead: VecDeque<OsString> = path.components().map(|part| part.as_os_str().into()).collect();
    let mut links = 0;
    while let Some(part) = ahead.pop_front() {
        match Path::new(&part).components().next() {
            Some(Component::RootDir) => at = PathBuf::from("/"),
            Some(Component::ParentDir) => {
                at.pop();
            }
            Some(Component::Normal(name)) => {
                let next = at.join(name);
                last = see(&next)?;
                exposures.extend(exposed(&next, &last));
                if let Some(target) = &last.link {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(io::Error::other("too many links"));
                    }
                    for part in target.components().rev() {
                        ahead.push_front(OsStr::to_owned(part.as_os_str()));
                    }
                } else {
                    at = next;
                }
            }
            _ => {}
        }
    }
    exposures.dedup();
    Ok((exposures, last))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn root_of_a_user_namespace_is_not_root() {
        assert!(is_real_root("         0          0 4294967295\n"));
        for map in ["0 1000 1\n", "0 100000 65536\n", "", "0 0 1\n", "0 0 4294967295\n1 2 3\n"] {
            assert!(!is_real_root(map), "{map}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn who_hides_proc_proves_no_root() {
        let process = tempfile::tempdir().unwrap();
        let is_real = || is_root_real(process.path()).ok();
        assert_eq!(is_real(), None, "nothing is there");
        std::fs::write(process.path().join("status"), "Name: x\n").unwrap();
        assert_eq!(is_real(), Some(true), "a kernel without user namespaces");
        for (map, real) in [("0 0 4294967295\n", Some(true)), ("0 1000 1\n", Some(false))] {
            std::fs::write(process.path().join("uid_map"), map).unwrap();
            assert_eq!(is_real(), real, "{map}");
        }
        std::fs::remove_file(process.path().join("uid_map")).unwrap();
        std::fs::create_dir(process.path().join("uid_map")).unwrap();
        assert_eq!(is_real(), None, "it cannot be read");
    }

    /// A path, its owner and permissions, and where it leads.
    type Entry<'a> = (&'a str, u32, u32, Option<&'a str>);

    /// A tree of them.
    fn tree(entries: &[Entry<'_>]) -> BTreeMap<PathBuf, Seen> {
        let seen = |(at, (path, uid, mode, link)): (usize, &Entry<'_>)| {
            let seen =
                Seen { uid: *uid, mode: *mode, identity: (1, at as u64), link: link.map(PathBuf::from) };
            (PathBuf::from(path), seen)
        };
        entries.iter().enumerate().map(seen).collect()
    }

    fn walk(tree: &BTreeMap<PathBuf, Seen>, path: &str) -> Vec<String> {
        let see =
            |path: &Path| tree.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
        let (exposures, last) = on_the_way(Path::new(path), &see).unwrap();
        assert!(last.link.is_none());
        exposures.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn whoever_can_change_a_part_of_the_way_is_told() {
        let sound = [("/", 0, 0o755, None), ("/etc", 0, 0o755, None), ("/etc/t", 0, 0o755, None)];
        let file = ("/etc/t/a", 0, 0o644, None);
        let user = 4_000_000_001;
        let table: [(Entry<'_>, &str); 6] = [
            (("/etc/t/a", 0, 0o600, None), ""),
            (("/", 0, 0o777, None), "/ can be written by everybody: chmod go-w /"),
            (("/etc", user, 0o755, None), "/etc belongs to 4000000001: chown root:root /etc"),
            (("/etc/t", 0, 0o775, None), "/etc/t can be written by its group: chmod go-w /etc/t"),
            (("/etc/t", 0, 0o1777, None), "/etc/t can be written by everybody: chmod go-w /etc/t"),
            (
                ("/etc/t/a", user, 0o666, None),
                "/etc/t/a belongs to 4000000001 and can be written by everybody: chown root:root /etc/t/a && chmod go-w /etc/t/a",
            ),
        ];
        for (change, expected) in table {
            let mut entries = sound.to_vec();
            entries.push(file);
            entries.push(change);
            assert_eq!(walk(&tree(&entries), "/etc/t/a").join("; "), expected, "{change:?}");
        }
    }

    #[test]
    fn links_are_followed_and_what_they_lead_through_counts() {
        let entries = [
            ("/", 0, 0o755, None),
            ("/etc", 0, 0o755, None),
            ("/etc/t", 0, 0o777, Some("../srv/x/./t")),
            ("/srv", 0, 0o755, None),
            ("/srv/x", 7, 0o755, None),
            ("/srv/x/t", 0, 0o755, None),
            ("/srv/x/t/a", 0, 0o777, Some("/etc/real")),
            ("/etc/real", 0, 0o664, None),
        ];
        let mut tree = tree(&entries);
        let found = walk(&tree, "/etc/t/a");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("/srv/x belongs to "), "{found:?}");
        assert_eq!(found[1], "/etc/real can be written by its group: chmod go-w /etc/real");

        tree.get_mut(Path::new("/etc/t")).unwrap().uid = 4_000_000_001;
        let link = "/etc/t belongs to 4000000001: chown -h root:root /etc/t";
        assert_eq!(walk(&tree, "/etc/t/a")[0], link);

        tree.get_mut(Path::new("/etc/t")).unwrap().link = Some("/etc/t".into());
        let see = |path: &Path| Ok(tree[path].clone());
        assert!(on_the_way(Path::new("/etc/t/a"), &see).is_err(), "a circle ends");
    }
}
