//! Calls that remove files.

use super::Finding;
use super::api::found;
use super::call::Call;
use super::known::Known;
use crate::shell::inner::Language;
use crate::shell::value::HOLE;

/// What a method of a text does that is a path (`Path("x").unlink()`), or of a list.
pub(super) fn of_text(value: &Known, call: &Call<'_>, language: Language) -> Vec<Finding> {
    let tree = match (call.path, language) {
        ("unlink" | "rmdir", Language::Python) | ("delete" | "unlink" | "rmdir", Language::Ruby) => false,
        ("rmtree", Language::Python | Language::Ruby) => true,
        _ => return Vec::new(),
    };
    // A text of Ruby has a `delete` of its own, with arguments.
    if !matches!(value, Known::Text(_)) || (language == Language::Ruby && !call.arguments.is_empty()) {
        return Vec::new();
    }
    removals(std::slice::from_ref(&value), tree, call.looped)
}

fn removals(values: &[&Known], tree: bool, looped: bool) -> Vec<Finding> {
    let flat = values.iter().flat_map(|value| value.alternatives()).flat_map(|value| match value {
        Known::List(items) => items.clone(),
        other => vec![other.clone()],
    });
    let mut findings = Vec::new();
    for text in flat.flat_map(|value| value.texts()) {
        let several = looped && text.contains(&HOLE);
        let name = if tree {
            "remove-tree"
        } else if several {
            "remove-file-in-loop"
        } else {
            "remove-file"
        };
        findings.push(found(name, text));
    }
    findings
}

pub(super) fn files(call: &Call<'_>, language: Language) -> Option<Vec<Finding>> {
    let arguments = call.arguments;
    let method = language == Language::Python && matches!(call.name(), "unlink" | "rmdir");
    if method && arguments.first().is_none() {
        let several = call.looped || call.path.contains("[]");
        return Some(removals(&[&Known::hole()], false, several));
    }
    let tree = removes(call, language)?;
    if arguments.is_empty() {
        // Perl removes `$_`.
        return (language == Language::Perl).then(|| removals(&[&Known::hole()], tree, call.looped));
    }
    let options = |value: &&Known| !matches!(value, Known::Map(_));
    let mut values: Vec<&Known> = arguments.unnamed().filter(options).collect();
    if matches!(language, Language::Python | Language::JavaScript | Language::Php) {
        values.truncate(1);
    }
    if values.is_empty() {
        values.extend(arguments.named("path"));
    }
    Some(removals(&values, tree, call.looped))
}

fn is_false(value: &Known) -> bool {
    matches!(value, Known::Path(name) if matches!(name.as_str(), "false" | "False" | "undefined"))
}

/// Whether a call removes whole trees; `None` where it removes nothing.
fn removes(call: &Call<'_>, language: Language) -> Option<bool> {
    let (path, name) = (call.path, call.name());
    match language {
        Language::Python => match path {
            "os.remove" | "os.unlink" | "os.rmdir" | "os.removedirs" => Some(false),
            "distutils.dir_util.remove_tree" => Some(true),
            _ => (name == "rmtree").then_some(true),
        },
        Language::JavaScript => script_removes(call),
        Language::Perl => match name {
            "rmtree" | "remove_tree" => Some(true),
            "unlink" | "rmdir" => Some(false),
            _ => None,
        },
        Language::Ruby => match path.strip_prefix("FileUtils.").unwrap_or(path) {
            "rm_rf" | "rm_r" => Some(true),
            "rm" | "rm_f" | "File.delete" | "File.unlink" | "Dir.rmdir" | "Dir.delete" | "Dir.unlink" => {
                Some(false)
            }
            "remove_dir" | "rmtree" | "remove_entry" | "remove_entry_secure" | "remove_dir_secure"
                if path != name =>
            {
                Some(true)
            }
            "remove" | "safe_unlink" | "rmdir" if path != name => Some(false),
            _ => None,
        },
        Language::Php => matches!(path, "unlink" | "rmdir").then_some(false),
        _ => None,
    }
}

/// The same of JavaScript.
fn script_removes(call: &Call<'_>) -> Option<bool> {
    let (path, name) = (call.path, call.name());
    let recursive = || call.arguments.named("recursive").is_some_and(|value| !is_false(value));
    let file_system = ["fs.", "fs-extra.", "Deno."].iter().any(|front| path.starts_with(front));
    match name {
        "rm" | "rmSync" | "rmdir" | "rmdirSync" if file_system || name.ends_with("Sync") => Some(recursive()),
        "unlink" if file_system => Some(false),
        "unlinkSync" => Some(false),
        "remove" | "removeSync" if path.starts_with("Deno.") => Some(recursive()),
        "remove" | "removeSync" | "emptyDir" | "emptyDirSync" if file_system => Some(true),
        _ => matches!(path.split('.').next(), Some("rimraf" | "del")).then_some(true),
    }
}
