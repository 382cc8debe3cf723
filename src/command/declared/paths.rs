//! Paths as rules see them.
//!
//! A path has one name, however it is written. Of several the gravest is taken:
//! `/`, then `~`, then `.`. Directories of the system keep their absolute
//! names, and so does what lies in them: nobody hides `/etc/passwd` by going to
//! `/etc` first.

use std::path::Path;

use super::text;

/// Directories below the home directory that hold keys: what lies in them is
/// named from there, also where one of them is the working directory.
const KEYS: [&str; 8] =
    [".aws", ".azure", ".config", ".docker", ".gnupg", ".kube", ".password-store", ".ssh"];

/// Directories whose own name says what the files in them are, wherever they stand: a
/// file that is written there is not named from there. What a program does to the
/// directory itself, or to all that is in it, is.
const TELLING: [&str; 21] = [
    ".agents",
    ".amazonq",
    ".amp",
    ".claude",
    ".cline",
    ".clinerules",
    ".codeium",
    ".codex",
    ".copilot",
    ".cursor",
    ".devin",
    ".gemini",
    ".github",
    ".kiro",
    ".opencode",
    ".windsurf",
    "devin",
    "goose",
    "opencode",
    "shims",
    "tollgate",
];

/// Directories of the system, with all that is below.
const SYSTEM: [&str; 15] = [
    "Applications",
    "Library",
    "System",
    "bin",
    "boot",
    "dev",
    "etc",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "proc",
    "run",
    "sbin",
    "sys",
];

/// Directories of the system below which people work.
const WORKPLACES: [&str; 12] =
    ["Users", "Volumes", "home", "media", "mnt", "nix", "opt", "private", "root", "srv", "usr", "var"];

/// What a system has below `/usr` and `/usr/local`.
const PROGRAMS: [&str; 9] = ["bin", "etc", "include", "lib", "lib32", "lib64", "libexec", "sbin", "share"];

/// Services whose data is below `/var/lib`.
const SERVICES: [&str; 7] = ["containerd", "docker", "dpkg", "etcd", "kubelet", "mysql", "postgresql"];

/// `word`, in `directory`, in its normal form as seen from `base`. What it holds of
/// `$` is not known.
pub(super) fn normal(
    word: &str,
    directory: Option<&Path>,
    base: Option<&Path>,
    home: Option<&Path>,
) -> String {
    // Nothing, an unknown beginning, or somebody's home, which only the shell knows.
    if word.is_empty() || word.starts_with('$') || (word.starts_with('~') && !is_own(word)) {
        return cleaned(word);
    }
    let name = |path: &Path| text(path.as_os_str());
    let (directory, base) = (directory.map(name), base.or(directory).map(name));
    if word.starts_with('/') {
        let mut parts = Vec::new();
        push(&mut parts, word, true);
        return Places::of(base.as_deref(), home).name(&parts);
    }
    let Some(directory) = directory else { return relative(word) };
    let mut parts = Vec::new();
    push(&mut parts, &directory, true);
    push(&mut parts, word, true);
    if directory.starts_with('/') {
        return Places::of(base.as_deref(), home).name(&parts);
    }
    relative(word)
}

/// Whether files are named by more than what a directory is below.
pub(super) fn tells(base: &Path) -> bool {
    let mut names = base.components().map(std::path::Component::as_os_str);
    names.any(|name| TELLING.iter().any(|telling| name == *telling))
}

/// Whether a tilde stands for itself: the shell has replaced one that does not.
fn is_own(word: &str) -> bool {
    word == "~" || word.starts_with("~/")
}

/// The parts of `word` behind those there are. An unknown part may be several.
fn push<'a>(parts: &mut Vec<&'a str>, word: &'a str, absolute: bool) {
    for part in word.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." && !last.contains('$') => {
                    parts.pop();
                }
                None if absolute => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
}

fn cleaned(word: &str) -> String {
    let mut parts = Vec::new();
    push(&mut parts, word, false);
    parts.join("/")
}

/// A relative path, in a directory that is not known.
fn relative(word: &str) -> String {
    match cleaned(word) {
        here if here.is_empty() => ".".to_owned(),
        above if above == ".." || above.starts_with("../") => above,
        below => format!("./{below}"),
    }
}

/// What paths are named from.
struct Places {
    directory: Vec<String>,
    home: Vec<String>,
    /// Whether `.` is a name at all.
    here: bool,
}

impl Places {
    fn of(directory: Option<&str>, home: Option<&Path>) -> Self {
        let split = |path: &str| {
            let mut parts = Vec::new();
            push(&mut parts, path, true);
            real(&parts).iter().map(|part| (*part).to_owned()).collect::<Vec<_>>()
        };
        let directory = directory.map(split).unwrap_or_default();
        let home = home.map(|home| split(&text(home.as_os_str()))).unwrap_or_default();
        let keys = directory.get(home.len()).is_some_and(|first| KEYS.contains(&first.as_str()));
        let holds_home = !home.is_empty() && home.starts_with(&directory);
        let among_keys = keys && directory.starts_with(&home);
        let here = !(is_system(&directory) || holds_home || among_keys);
        Self { directory, home, here }
    }

    fn name(&self, parts: &[&str]) -> String {
        let parts = real(parts);
        let below = |place: &[String]| {
            let begins = parts.len() >= place.len() && parts.iter().zip(place).all(|(a, b)| a == b);
            begins.then(|| parts.get(place.len()..).unwrap_or_default())
        };
        let home = below(&self.home).filter(|_| !self.home.is_empty());
        if home.is_some_and(<[_]>::is_empty) {
            return "~".to_owned();
        }
        if let Some(rest) = below(&self.directory).filter(|_| self.here) {
            return joined(".", rest);
        }
        let above = self.here && self.directory.iter().zip(parts).all(|(a, b)| a == b);
        if above && parts.len() < self.directory.len() && !is_system(parts) {
            return vec![".."; self.directory.len() - parts.len()].join("/");
        }
        if let Some(rest) = home {
            return joined("~", rest);
        }
        if parts.is_empty() { "/".to_owned() } else { joined("", parts) }
    }
}

fn joined(first: &str, rest: &[&str]) -> String {
    rest.iter().fold(first.to_owned(), |path, part| path + "/" + part)
}

/// The same path without macOS's `/private`, to which `/etc` and others are links.
fn real<'a, 'b>(parts: &'b [&'a str]) -> &'b [&'a str] {
    match parts {
        ["private", rest @ ..] if matches!(rest.first(), Some(&("etc" | "var" | "tmp"))) => rest,
        _ => parts,
    }
}

/// Whether a directory is the system's rather than somebody's to work in.
fn is_system(path: &[impl AsRef<str>]) -> bool {
    let parts: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
    match parts.as_slice() {
        [] | ["usr", "local" | "src"] => true,
        [top] => WORKPLACES.contains(top) || SYSTEM.contains(top),
        ["usr", "local", name, ..] | ["usr", name, ..] => PROGRAMS.contains(name),
        ["var", "lib", service, ..] => SERVICES.contains(service),
        ["var", second] => ["backups", "db", "lib", "log", "mail", "spool"].contains(second),
        [top, ..] => SYSTEM.contains(top),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(word: &str, directory: &str, home: &str) -> String {
        normal(word, Some(Path::new(directory)), None, Some(Path::new(home)))
    }

    #[test]
    fn a_path_has_one_name() {
        for (word, name) in [
            (".", "."),
            ("./", "."),
            ("", ""),
            ("x", "./x"),
            ("./x/", "./x"),
            ("x//y/../z", "./x/z"),
            ("/home/dev/project", "."),
            ("/home/dev/project/x", "./x"),
            ("../project/x", "./x"),
            ("/", "/"),
            ("//", "/"),
            ("/..", "/"),
            ("/./", "/"),
            ("../../..", "/"),
            ("../../../../..", "/"),
            ("../../../etc/passwd", "/etc/passwd"),
            ("/private/etc/passwd", "/etc/passwd"),
            ("..", "~"),
            ("../other", "~/other"),
            ("/home/dev/", "~"),
            ("/home/dev/.ssh", "~/.ssh"),
            ("../..", "/home"),
            ("/home/*", "/home/*"),
            ("/home/dev/*", "~/*"),
            ("*", "./*"),
            (".*", "./.*"),
            ("/*", "/*"),
            ("*/..", "."),
            ("~root", "~root"),
            ("~root/x/..", "~root"),
            ("~", "./~"),
            ("$", "$"),
            ("$/build", "$/build"),
            ("$/..", "$/.."),
            ("$/*", "$/*"),
            ("/tmp/$", "/tmp/$"),
            ("/tmp/$/../..", "/tmp/$/../.."),
            ("a$/x", "./a$/x"),
            ("/dev/sda", "/dev/sda"),
        ] {
            assert_eq!(named(word, "/home/dev/project", "/home/dev"), name, "{word:?}");
        }
    }

    #[test]
    fn the_graver_name_wins() {
        for (word, directory, home, name) in [
            (".", "/home/dev", "/home/dev", "~"),
            ("x", "/home/dev", "/home/dev", "~/x"),
            ("*", "/home/dev", "/home/dev", "~/*"),
            ("dev", "/home", "/home/dev", "~"),
            (".", "/", "/home/dev", "/"),
            ("etc/passwd", "/", "/home/dev", "/etc/passwd"),
            ("passwd", "/etc", "/home/dev", "/etc/passwd"),
            ("../passwd", "/etc/ssl", "/home/dev", "/etc/passwd"),
            ("id_rsa", "/home/dev/.ssh", "/home/dev", "~/.ssh/id_rsa"),
            ("/etc/passwd", "/srv/app", "/", "/etc/passwd"),
            ("/etc/passwd", "/srv/app", "", "/etc/passwd"),
            ("..", "/srv/app/x", "/home/dev", ".."),
            ("../..", "/srv/app/x", "/home/dev", "/srv"),
            ("../../..", "/work/a/b/c", "/home/dev", "../../.."),
            ("../y", "/srv/app/x", "/home/dev", "/srv/app/y"),
            ("/workspaces", "/workspaces/app", "/home/dev", ".."),
            ("x", "/usr/src/app", "/root", "./x"),
            (".", "/root/work", "/root", "."),
        ] {
            assert_eq!(named(word, directory, home), name, "{word:?} in {directory} of {home}");
        }
    }

    #[test]
    fn an_unknown_directory_leaves_a_path_relative() {
        for (word, name) in [("x", "./x"), (".", "."), ("..", ".."), ("../x", "../x"), ("/etc", "/etc")] {
            assert_eq!(normal(word, None, None, None), name, "{word:?}");
        }
    }
}
