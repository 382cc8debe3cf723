//! The files that a tool's grammar has to know: what changes the meaning of the
//! arguments, and what they name.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use super::Invocation;
use crate::command::{Files, Found, Outside, Wanted, grammar};
use crate::files;
use crate::process::{Process, absolute};

/// The largest file that is read, in bytes. Files of preferences have some dozen
/// lines; a configuration with a thousand profiles, or a batch of changes, is long.
const LIMIT: u64 = 4 << 20;

/// What all files together may hold, in bytes.
const TOTAL: u64 = 16 << 20;

/// How many names of a directory are read.
const NAMES: usize = 4096;

/// How often a grammar is asked again: one file may name another.
const ROUNDS: usize = 4;

/// Reads what the tool's grammar asks for.
pub fn read(process: &dyn Process, invocation: &Invocation, directory: Option<&Path>) -> Files {
    read_of(process, invocation, directory, &|_| true)
}

/// Reads what the arguments themselves name below the directory, and nothing of the
/// user's: for a text that will run elsewhere.
pub fn named(process: &dyn Process, invocation: &Invocation, directory: Option<&Path>) -> Files {
    let arguments = || invocation.arguments.iter().map(|argument| argument.as_encoded_bytes());
    read_of(process, invocation, directory, &|path| {
        let name = path.as_os_str().as_encoded_bytes();
        let spelt = |argument: &[u8]| argument.windows(name.len().max(1)).any(|part| part == name);
        let below = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        below && arguments().any(spelt)
    })
}

fn read_of(
    process: &dyn Process,
    invocation: &Invocation,
    directory: Option<&Path>,
    is_read: &dyn Fn(&Path) -> bool,
) -> Files {
    let environment = process.environment();
    let mut files = Files::new(process.user().home.clone());
    let Some(grammar) = grammar(invocation.tool_name()) else { return files };
    let mut left = TOTAL;
    for _ in 0..ROUNDS {
        let wanted = grammar.reads(&invocation.arguments, &Outside { environment, files: &files });
        let missing: BTreeSet<Wanted> =
            wanted.into_iter().filter(|wanted| files.get(wanted).is_none()).collect();
        if missing.is_empty() {
            break;
        }
        for wanted in missing {
            let (Wanted::File(path) | Wanted::Directory(path)) = &wanted;
            let found =
                if is_read(path) { look(&wanted, directory, left.min(LIMIT)) } else { Found::Nothing };
            if let Found::Text(bytes) = &found {
                left = left.saturating_sub(bytes.len() as u64);
            }
            files.insert(wanted, found);
        }
    }
    files
}

fn look(wanted: &Wanted, directory: Option<&Path>, limit: u64) -> Found {
    let (Wanted::File(path) | Wanted::Directory(path)) = wanted;
    let path = match directory {
        Some(directory) => absolute(directory, path),
        None => path.clone(),
    };
    match wanted {
        Wanted::File(_) => match files::read(&path, limit) {
            Ok(Some(bytes)) => Found::Text(bytes),
            Ok(None) => Found::Nothing,
            Err(reason) => Found::Unreadable(reason),
        },
        Wanted::Directory(_) => match files::names(&path, NAMES) {
            Ok(Some(names)) => Found::Names(names),
            Ok(None) => Found::Nothing,
            Err(reason) => Found::Unreadable(reason),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;

    use nix::sys::stat::Mode;

    use super::*;
    use crate::process::TestProcess;

    /// What was found in the one place that was looked in.
    fn of(tool: &str, words: &[&str], variables: &[(&str, &str)], directory: &Path) -> Option<Found> {
        let mut words: Vec<OsString> = words.iter().map(OsString::from).collect();
        words.insert(0, tool.into());
        let process = TestProcess::new(directory, variables);
        let invocation = Invocation::of_words(&words).unwrap();
        let files = read(&process, &invocation, Some(directory));
        let none = Outside::from(process.environment());
        let wanted = grammar(tool)?.reads(&invocation.arguments, &none);
        files.get(wanted.first()?).cloned()
    }

    #[test]
    fn the_file_is_read_where_kubectl_looks() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home");
        let text = |words: &[&str], variables: &[(&str, &str)]| {
            let home = ("HOME", home.to_str().unwrap());
            of("kubectl", words, &[&[home], variables].concat(), root.path())
        };
        assert_eq!(text(&["get"], &[]), Some(Found::Nothing));
        for (name, content) in [("home/.kube/kuberc", "home"), (".kube/kuberc", "here"), ("other", "other")] {
            fs::create_dir_all(root.path().join(name).parent().unwrap()).unwrap();
            fs::write(root.path().join(name), content).unwrap();
        }
        let holds = |content: &str| Some(Found::Text(content.into()));
        assert_eq!(text(&["get"], &[]), holds("home"));
        assert_eq!(text(&["get"], &[("KUBERC", "other")]), holds("other"));
        assert_eq!(text(&["get", "--kuberc", "other"], &[]), holds("other"));
        assert_eq!(text(&["get"], &[("KUBERC", "off")]), None);
        assert_eq!(text(&["get"], &[("KUBECTL_KUBERC", "false")]), None);
        assert_eq!(of("kubectl", &["get"], &[], root.path()), holds("here"), "without a home");
        assert_eq!(of("helm", &["list"], &[], root.path()), None);
    }

    #[test]
    fn of_a_text_that_runs_elsewhere_only_its_own_files_are_read() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("home/.kube")).unwrap();
        for name in ["home/.kube/kuberc", "own", "../x"].map(|name| root.path().join("home").join(name)) {
            fs::create_dir_all(name.parent().unwrap()).unwrap();
            fs::write(name, "content").unwrap();
        }
        let home = root.path().join("home");
        let process = TestProcess::new(root.path(), &[("HOME", home.to_str().unwrap())]);
        for (words, expected) in [
            (vec!["kubectl", "get"], 0),
            (vec!["kubectl", "get", "--kuberc", "own"], 1),
            (vec!["kubectl", "get", "--kuberc", "../x"], 0),
            (vec!["kubectl", "get", "--kuberc", home.join("own").to_str().unwrap()], 0),
        ] {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            let invocation = Invocation::of_words(&words).unwrap();
            let files = named(&process, &invocation, Some(&home));
            let none = Outside::from(process.environment());
            let wanted = grammar("kubectl").unwrap().reads(&invocation.arguments, &none);
            let read = wanted.iter().filter(|wanted| matches!(files.get(wanted), Some(Found::Text(_))));
            assert_eq!(read.count(), expected, "{words:?}");
        }
    }

    #[test]
    fn what_is_no_small_file_is_not_read() {
        let root = tempfile::tempdir().unwrap();
        nix::unistd::mkfifo(&root.path().join("pipe"), Mode::S_IRWXU).unwrap();
        fs::File::create(root.path().join("huge")).unwrap().set_len(LIMIT + 1).unwrap();
        for name in ["pipe", "huge", ".", "/dev/zero"] {
            let read = of("kubectl", &["get", "--kuberc", name], &[], root.path());
            assert!(matches!(read, Some(Found::Unreadable(_))), "{name}: {read:?}");
        }
    }
}
