//! What was asked: a tool and its arguments.

pub mod files;
pub mod hook;
pub mod line;
pub mod plan;
pub mod replay;
pub mod scan;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// One call of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The tool's name, which rules are looked up by.
    pub tool: OsString,
    /// The file to run, where the caller named one instead of a name on PATH.
    pub program: Option<PathBuf>,
    /// The arguments, without the tool's own name.
    pub arguments: Vec<OsString>,
}

impl Invocation {
    /// The call that a shim stands for: the name it was called by, and every
    /// argument. `None` where it was called by tollgate's own name.
    pub fn of_shim(arguments: &[OsString]) -> Option<Self> {
        let (called, rest) = arguments.split_first()?;
        let tool = Path::new(called).file_name()?;
        let own_name = tool.as_encoded_bytes().starts_with(crate::process::BINARY.as_bytes());
        (!own_name).then(|| Self { tool: tool.to_owned(), program: None, arguments: rest.to_vec() })
    }

    /// The call that words on a command line stand for: `TOOL ARGS…`.
    pub fn of_words(words: &[OsString]) -> Option<Self> {
        let (tool, rest) = words.split_first()?;
        let path = Path::new(tool);
        let named = path.components().count() > 1 || tool.as_encoded_bytes().contains(&b'/');
        Some(Self {
            tool: path.file_name()?.to_owned(),
            program: named.then(|| path.to_path_buf()),
            arguments: rest.to_vec(),
        })
    }

    /// The tool's name for looking up rules; a name that is not UTF-8 has none.
    pub fn tool_name(&self) -> &str {
        self.tool.to_str().unwrap_or_default()
    }

    /// The whole line with other arguments, for display: without secrets, and
    /// not endless.
    pub fn line(&self, arguments: &[OsString]) -> String {
        let words = std::iter::once(self.tool.as_os_str()).chain(arguments.iter().map(OsString::as_os_str));
        crate::audit::redact::shown(&words.collect::<Vec<&OsStr>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn a_shim_is_known_by_its_name() {
        let shim = Invocation::of_shim(&words(&["/x/shims/terraform", "plan"])).unwrap();
        assert_eq!((shim.tool_name(), &shim.arguments), ("terraform", &words(&["plan"])));
        assert_eq!(Invocation::of_shim(&words(&["/usr/bin/tollgate", "check"])), None);
        assert_eq!(Invocation::of_shim(&words(&["tollgate-0.1"])), None);
        assert_eq!(Invocation::of_shim(&[]), None);
    }

    #[test]
    fn a_path_is_run_as_named() {
        let named = Invocation::of_words(&words(&["./terraform", "plan"])).unwrap();
        assert_eq!((named.tool_name(), &named.program), ("terraform", &Some(PathBuf::from("./terraform"))));
        assert_eq!(Invocation::of_words(&words(&["terraform"])).unwrap().program, None);
        assert_eq!(Invocation::of_words(&[]), None);
    }
}
