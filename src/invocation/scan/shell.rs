//! Shell scripts: by their extension, by their first line, and the files that shells
//! read at their start.

use std::path::Path;

use super::{Comments, Format, Passage, Piece, Unread};
use crate::shell::inner::Place;
use crate::shell::parse::Dialect;
pub(super) use crate::shell::shebang::interpreter;

/// Shell scripts.
pub(super) struct Shell;

const EXTENSIONS: [&str; 5] = ["bash", "dash", "ksh", "sh", "zsh"];

/// Files that a shell, or direnv, reads as a script.
const NAMES: [&str; 14] = [
    ".bash_aliases",
    ".bash_login",
    ".bash_logout",
    ".bash_profile",
    ".bashrc",
    ".envrc",
    ".kshrc",
    ".profile",
    ".zlogin",
    ".zlogout",
    ".zprofile",
    ".zshenv",
    ".zshrc",
    "PKGBUILD",
];

const INTERPRETERS: [&str; 7] = ["ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"];

impl Format for Shell {
    fn name(&self) -> &'static str {
        "shell script"
    }

    fn is(&self, path: &Path, text: &str) -> bool {
        if is_template(path, text) {
            return false;
        }
        if let Some(program) = interpreter(text) {
            return is_shell(program);
        }
        let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        let part = |part: Option<&std::ffi::OsStr>, of: &[&str]| {
            part.and_then(std::ffi::OsStr::to_str).is_some_and(|part| of.contains(&part))
        };
        part(extension.as_deref(), &EXTENSIONS) || part(path.file_name(), &NAMES) || is_hook(path)
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let mut passage = Passage::at(Place::Here);
        passage.shell = interpreter(text).map_or(Dialect::Any, Dialect::of);
        passage.push(text, 0);
        Ok(vec![Piece::Passage(passage)])
    }

    fn comments(&self) -> Comments {
        Comments::Shell
    }
}

/// Whether another program makes the script of this text first.
fn is_template(path: &Path, text: &str) -> bool {
    let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    matches!(extension, "erb" | "in" | "j2" | "template" | "tpl")
        && ["{{", "{%", "<%"].iter().any(|mark| text.contains(mark))
}

/// Whether husky hands the file to a shell.
fn is_hook(path: &Path) -> bool {
    let name = |path: &Path| path.file_name().and_then(std::ffi::OsStr::to_str).map(str::to_owned);
    path.parent().and_then(name).is_some_and(|parent| parent == ".husky")
        && name(path).is_some_and(|name| !name.contains('.'))
}

/// Whether a program of this name reads shell text.
pub(super) fn is_shell(program: &str) -> bool {
    INTERPRETERS.contains(&program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_known_by_their_first_line_or_their_name() {
        let is = |path: &str, text: &str| Shell.is(Path::new(path), text);
        assert!(is("x", "#!/bin/sh\n") && is("x", "#! /usr/bin/env -S bash -e\n") && is("x", "#!/bin/zsh"));
        assert!(is("a/deploy.sh", "echo") && is(".bashrc", "") && is("x.bash", ""));
        assert!(is("X.SH", "") && is("a/.husky/pre-commit", "") && is("x", "#!/bin/busybox sh\n"));
        assert!(!is(".husky/.gitignore", "") && !is("x.sh.j2", "#!/bin/sh\n{{ x }}\n"));
        assert!(!is("x.sh", "#!/usr/bin/env python3\n") && !is("x.py", "") && !is("README", "sh"));
    }
}
