//! The user's files that change what a tool's arguments mean.

use std::path::Path;

use super::Invocation;
use crate::command::Preferences;
use crate::command::kubectl::kuberc;
use crate::files;
use crate::process::{Environment, absolute};

/// The largest file that is read, in bytes; real ones have some dozen lines.
const LIMIT: u64 = 256 << 10;

/// Reads the file that the tool would read before its arguments: kubectl's
/// `~/.kube/kuberc`.
pub fn read(invocation: &Invocation, environment: &Environment, directory: Option<&Path>) -> Preferences {
    if invocation.tool_name() != "kubectl" {
        return Preferences::None;
    }
    let Some(named) = kuberc::location(&invocation.arguments, environment) else {
        return Preferences::None;
    };
    let path = match directory {
        Some(directory) => absolute(directory, &named),
        None => named,
    };
    match files::read(&path, LIMIT) {
        Ok(Some(bytes)) => Preferences::Text(bytes),
        Ok(None) => Preferences::None,
        Err(reason) => Preferences::Unreadable(reason),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;

    use nix::sys::stat::Mode;

    use super::*;

    fn of(tool: &str, words: &[&str], variables: &[(&str, &str)], directory: &Path) -> Preferences {
        let mut words: Vec<OsString> = words.iter().map(OsString::from).collect();
        words.insert(0, tool.into());
        let environment = variables.iter().copied().collect();
        read(&Invocation::of_words(&words).unwrap(), &environment, Some(directory))
    }

    #[test]
    fn the_file_is_read_where_kubectl_looks() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home");
        let text = |words: &[&str], variables: &[(&str, &str)]| {
            let home = ("HOME", home.to_str().unwrap());
            of("kubectl", words, &[&[home], variables].concat(), root.path())
        };
        assert_eq!(text(&["get"], &[]), Preferences::None);
        for (name, content) in [("home/.kube/kuberc", "home"), (".kube/kuberc", "here"), ("other", "other")] {
            fs::create_dir_all(root.path().join(name).parent().unwrap()).unwrap();
            fs::write(root.path().join(name), content).unwrap();
        }
        let holds = |content: &str| Preferences::Text(content.into());
        assert_eq!(text(&["get"], &[]), holds("home"));
        assert_eq!(text(&["get"], &[("KUBERC", "other")]), holds("other"));
        assert_eq!(text(&["get", "--kuberc", "other"], &[]), holds("other"));
        assert_eq!(text(&["get"], &[("KUBERC", "off")]), Preferences::None);
        assert_eq!(text(&["get"], &[("KUBECTL_KUBERC", "false")]), Preferences::None);
        assert_eq!(of("kubectl", &["get"], &[], root.path()), holds("here"), "without a home");
        assert_eq!(of("helm", &["list"], &[], root.path()), Preferences::None);
    }

    #[test]
    fn what_is_no_small_file_is_not_read() {
        let root = tempfile::tempdir().unwrap();
        nix::unistd::mkfifo(&root.path().join("pipe"), Mode::S_IRWXU).unwrap();
        fs::File::create(root.path().join("huge")).unwrap().set_len(LIMIT + 1).unwrap();
        for name in ["pipe", "huge", ".", "/dev/zero"] {
            let read = of("kubectl", &["get", "--kuberc", name], &[], root.path());
            assert!(matches!(read, Preferences::Unreadable(_)), "{name}: {read:?}");
        }
    }
}
