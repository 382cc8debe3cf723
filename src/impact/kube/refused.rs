//! Lines that kubectl refuses by itself, in its own words: manifests and kustomizations that it
//! cannot read, and URLs where there are none. It is asked without a cluster, and nothing runs
//! whatever is under the name in the meantime.

use super::looks::Looks;
use super::words::Words;
use crate::command::kubectl::sources::KUSTOMIZE;
use crate::context::kube::manifests;
use crate::impact::Ended;

/// How kubectl says that it could read nothing: of one file, of several, and of a URL.
const UNREADABLE: &[&str] = &[
    "error: error parsing ",
    "error parsing ",
    "error: unable to read URL ",
    "The connection to the server ",
    "Unable to connect to the server: ",
];

/// How kubectl ends; `None` where it may find objects. Of what it is fed, `named` has the path
/// by which it is asked here, and the name by which kubectl speaks of it.
pub(super) fn refused(
    words: Words<'_>,
    looks: &Looks<'_>,
    named: Option<&(String, String)>,
) -> Option<Ended> {
    // Of the line it would complain first.
    if !words.are_whole() || (manifests::sends(words.command()) && !words.command().operands.is_empty()) {
        return None;
    }
    // As a change that is not sent: this reads any object, of any kind.
    let flags = ["--local", "--type=merge", "--patch={}", "--output=json"];
    let question = words.question(&["patch"], &["filename", "kustomize", "recursive"], &flags, &[]);
    let answer = looks.ask(question).ok()?;
    let code = u8::try_from(answer.code?).ok().filter(|code| *code != 0)?;
    let mut lines = answer.said.lines();
    let is_unreadable = |line: &str| UNREADABLE.iter().any(|start| line.starts_with(start));
    let is_refused = answer.printed.is_empty() && (words.has(KUSTOMIZE) || lines.all(is_unreadable));
    let said = match named {
        Some((path, name)) => answer.said.replace(path, name),
        None => answer.said,
    };
    is_refused.then(|| Ended { code, printed: Vec::new(), said: said.into_bytes() })
}
