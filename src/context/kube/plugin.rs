//! The program that kubectl runs for a word that is no command of its own.
//!
//! It looks on PATH for `kubectl-` and the words before the first flag, joined
//! by dashes, with `_` for a dash within a word: first for all of them, then
//! for fewer. Behind `create` it looks for all of them only.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::{AccessFlags, faccessat};

use crate::command::Command;
use crate::context::target::Target;
use crate::process::{Environment, absolute};
use crate::ui::sanitize;

/// What the target calls the program.
const DETAIL: &str = "plugin";

/// The longest name that a file can have, in bytes.
const NAME_LIMIT: usize = 255;

/// Shows in `target` which program `command` would run, where it is a plugin's.
pub(super) fn describe(
    command: &Command,
    environment: &Environment,
    directory: Option<&Path>,
    target: &mut Target,
) {
    let Some(path) = find(command, environment, directory) else { return };
    let shown = sanitize::os(path.as_os_str());
    // Plugin managers keep links to what they installed.
    let detail = match path.canonicalize() {
        Ok(real) if real != path => format!("{shown} -> {}", sanitize::os(real.as_os_str())),
        _ => shown,
    };
    target.detail(DETAIL, detail);
}

/// A note that `command` needs a plugin and none was found for its `target`.
pub fn missing(command: &Command, target: &Target) -> Option<String> {
    // The shortest is what people call it.
    let shortest = names(command).pop().filter(|_| !target.shown().contains_key(DETAIL))?;
    let name = sanitize::word(&shortest);
    Some(format!("no plugin {name} is on PATH, so kubectl will say that it knows no such command"))
}

/// The program of the longest name that is there.
pub(super) fn find(
    command: &Command,
    environment: &Environment,
    directory: Option<&Path>,
) -> Option<PathBuf> {
    names(command).iter().find_map(|name| {
        let here = |path: &Path| match directory {
            Some(directory) => absolute(directory, path),
            None => path.to_path_buf(),
        };
        if name.as_bytes().contains(&b'/') {
            return Some(here(Path::new(name))).filter(|path| is_program(path));
        }
        let mut directories = std::env::split_paths(environment.get("PATH")?);
        directories.find_map(|entry| Some(here(&entry.join(name))).filter(|path| is_program(path)))
    })
}

/// The names to look for, in order; none where `command` is no plugin's.
fn names(command: &Command) -> Vec<OsString> {
    if command.tool != "kubectl" || !command.conventional || command.inert.is_some() {
        return Vec::new();
    }
    let words = command.arguments.iter().map(|word| word.as_bytes());
    let words: Vec<&[u8]> = words.take_while(|word| !word.starts_with(b"-")).collect();
    let shortest = if words.first() == Some(&b"create".as_slice()) { words.len() } else { 1 };
    let mut names = Vec::new();
    let mut name = b"kubectl".to_vec();
    for (at, word) in words.iter().enumerate() {
        name.push(b'-');
        name.extend(word.iter().map(|byte| if *byte == b'-' { b'_' } else { *byte }));
        if name.len() > NAME_LIMIT && !name.contains(&b'/') {
            break;
        }
        if at + 1 >= shortest {
            names.push(OsString::from_vec(name.clone()));
        }
    }
    names.reverse();
    names
}

/// Whether the kernel would let this process execute the file.
pub(super) fn is_program(path: &Path) -> bool {
    path.is_file() && faccessat(AT_FDCWD, path, AccessFlags::X_OK, AtFlags::AT_EACCESS).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn command(line: &str) -> Command {
        let words: Vec<OsString> =
            shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
        crate::command::parse("kubectl", &words, &Environment::default()).unwrap()
    }

    fn looked_for(line: &str) -> Vec<OsString> {
        names(&command(line))
    }

    #[test]
    fn the_longest_name_is_looked_for_first() {
        assert_eq!(
            looked_for("argo get-x web -n prod y"),
            ["kubectl-argo-get_x-web", "kubectl-argo-get_x", "kubectl-argo"]
        );
        assert_eq!(looked_for("create widget x"), ["kubectl-create-widget-x"]);
        assert_eq!(looked_for("ctx - prod"), ["kubectl-ctx"]);
        for line in ["get pods", "-n x argo", "", "help argo", "config frobnicate"] {
            assert!(looked_for(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn people_see_which_program_it_is() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for name in ["a", "b", "store"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        for name in ["store/argo", "b/kubectl-argo-get"] {
            fs::write(root.join(name), "#!/bin/sh\n").unwrap();
            fs::set_permissions(root.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::write(root.join("a/kubectl-argo-get"), "not to be executed").unwrap();
        symlink(root.join("store/argo"), root.join("a/kubectl-argo")).unwrap();
        let environment: Environment = [("PATH", "a:b")].into_iter().collect();
        let shown = |line: &str| {
            let mut target = Target::default();
            describe(&command(line), &environment, Some(&root), &mut target);
            target.shown().remove("plugin")
        };
        let at = |name: &str| root.join(name).display().to_string();
        assert_eq!(shown("argo get x"), Some(at("b/kubectl-argo-get")));
        assert_eq!(shown("argo list"), Some(format!("{} -> {}", at("a/kubectl-argo"), at("store/argo"))));
        assert_eq!(shown("get pods"), None);
        let missing = |line: &str| {
            let mut target = Target::default();
            describe(&command(line), &environment, Some(&root), &mut target);
            missing(&command(line), &target)
        };
        assert_eq!(missing("argo list"), None);
        assert_eq!(missing("get pods"), None);
        assert_eq!(
            missing("frobnicate x").unwrap(),
            "no plugin kubectl-frobnicate is on PATH, so kubectl will say that it knows no such command"
        );
    }
}
