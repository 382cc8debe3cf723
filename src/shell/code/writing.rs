//! Calls that write files: what a redirection or `tee`, `cp`, `mv` of a shell would do.

use super::Finding;
use super::api::found;
use super::arguments::Arguments;
use super::call::Call;
use super::known::Known;
use super::reader::Reader;
use crate::shell::inner::Language;
use crate::shell::value::{HOLE, HOLES};

/// What a call does to files, by the positions of its arguments.
enum Deed {
    /// Writes the file at a position.
    Writes(usize),
    /// Adds to the file at the first.
    Appends,
    /// Writes it where the mode behind it says so.
    Opens,
    /// Writes the second, or something below it.
    Copies,
    /// The same, and the first is gone.
    Moves,
}

/// What a call writes.
pub(super) fn files(call: &Call<'_>, reader: &Reader<'_>) -> Option<Vec<Finding>> {
    let deed = match reader.language {
        Language::Python => python(call),
        Language::JavaScript => script(call),
        Language::Perl => perl(call, reader),
        Language::Ruby => ruby(call),
        Language::Php => php(call),
        _ => None,
    }?;
    let arguments = call.arguments;
    let path = || arguments.first().or_else(|| PATHS.iter().find_map(|name| arguments.named(name)));
    Some(match deed {
        Deed::Appends => touched("append-file", path(), reader.language),
        Deed::Writes(0) => touched(name_of(call), path(), reader.language),
        Deed::Writes(index) => written(arguments.at(index), reader.language),
        Deed::Opens if reader.language == Language::Perl => perl_open(arguments),
        Deed::Opens if opens(arguments, 1) => touched(opened(arguments, 1), path(), reader.language),
        Deed::Opens => Vec::new(),
        Deed::Copies => copied(arguments.get(0, "src"), arguments.get(1, "dst"), reader.language),
        Deed::Moves => moved(arguments.get(0, "src"), arguments.get(1, "dst"), reader.language),
    })
}

/// What libraries call the path of a file where it is named.
const PATHS: &[&str] = &["file", "path", "filename", "name"];

/// What a method of a text writes that is a path (`Path("x").write_text(…)`).
pub(super) fn of_text(value: &Known, call: &Call<'_>, language: Language) -> Vec<Finding> {
    let arguments = call.arguments;
    match (call.path, language) {
        ("write_text" | "write_bytes" | "touch" | "symlink_to" | "hardlink_to", Language::Python)
        | ("write" | "binwrite" | "truncate" | "make_symlink", Language::Ruby) => {
            written(Some(value), language)
        }
        ("open", Language::Python | Language::Ruby) if opens(arguments, 0) => {
            touched(opened(arguments, 0), Some(value), language)
        }
        ("rename", Language::Python | Language::Ruby) => moved(Some(value), arguments.first(), language),
        // A text has a `replace` of its own, with two arguments.
        ("replace", Language::Python) if arguments.unnamed().count() == 1 => {
            moved(Some(value), arguments.first(), language)
        }
        ("spew" | "spew_utf8" | "spew_raw", Language::Perl) => written(Some(value), language),
        ("append" | "append_utf8" | "append_raw", Language::Perl) => {
            touched("append-file", Some(value), language)
        }
        _ => Vec::new(),
    }
}

/// Whether the mode at a position writes. One that is not known may.
fn opens(arguments: &Arguments, index: usize) -> bool {
    let Some(mode) = arguments.named("mode").or_else(|| arguments.at(index)) else { return false };
    mode.alternatives().iter().any(|mode| match (mode, mode.literal()) {
        // `r:utf-8` of Ruby, `w:gz` of Python's archives.
        (_, Some(text)) => {
            text.split(':').next().unwrap_or_default().contains(['w', 'a', 'x', 'c', '+'])
                && !text.starts_with(|sign: char| sign.is_ascii_digit())
        }
        (Known::Path(name), _) => !name.ends_with("O_RDONLY") && !name.ends_with("RDONLY"),
        (Known::Map(_), _) => false,
        _ => true,
    })
}

/// What the mode at a position does to the file.
fn opened(arguments: &Arguments, index: usize) -> &'static str {
    named(arguments.named("mode").or_else(|| arguments.at(index)))
}

/// Only where it is sure that a file is added to, it is.
fn named(mode: Option<&Known>) -> &'static str {
    let adds = |mode: &Known| mode.literal().is_some_and(|text| text.starts_with('a'));
    if mode.is_some_and(|mode| mode.alternatives().iter().all(adds)) { "append-file" } else { "write-file" }
}

/// What a call does that writes unless an option says that it adds.
fn name_of(call: &Call<'_>) -> &'static str {
    let arguments = call.arguments;
    let flag = || arguments.named("flag").or_else(|| arguments.named("flags"));
    let constant = |value: &Known| matches!(value, Known::Path(name) if name == "FILE_APPEND");
    match call.path.trim_start_matches('\\') {
        "file_put_contents" if arguments.at(2).is_some_and(constant) => "append-file",
        "file_put_contents" => "write-file",
        _ => named(flag()),
    }
}

/// Findings for a file that is written. One of which nothing is known is any of the
/// many that every program writes.
pub(super) fn written(path: Option<&Known>, language: Language) -> Vec<Finding> {
    touched("write-file", path, language)
}

/// The same, of the call of a name.
pub(super) fn touched(name: &str, path: Option<&Known>, language: Language) -> Vec<Finding> {
    paths(path, language).into_iter().map(|path| found(name, path)).collect()
}

fn paths(path: Option<&Known>, language: Language) -> Vec<Vec<u8>> {
    let Some(path) = path else { return Vec::new() };
    let flat = path.alternatives().iter().flat_map(|value| match value {
        Known::List(items) => items.clone(),
        other => vec![other.clone()],
    });
    let texts = flat.flat_map(|value| value.texts());
    let known = texts.filter(|text| text.iter().any(|byte| !matches!(*byte, HOLE | HOLES | b'/' | b'.')));
    known
        .filter_map(|text| if language == Language::Php { without_scheme(&text) } else { Some(text) })
        .collect()
}

/// PHP opens addresses as well: `php://stderr` is no file, `file:///x` is one.
fn without_scheme(path: &[u8]) -> Option<Vec<u8>> {
    if let Some(path) = path.strip_prefix(b"file://") {
        return Some(path.to_vec());
    }
    (!path.windows(3).any(|signs| signs == b"://")).then(|| path.to_vec())
}

/// A copy; into a directory, as far as the text shows one, it keeps its name.
fn copied(from: Option<&Known>, to: Option<&Known>, language: Language) -> Vec<Finding> {
    let Some(to) = to else { return Vec::new() };
    let name = |text: &[u8]| text.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
    let names: Vec<Vec<u8>> = paths(from, language).iter().map(|from| name(from)).collect();
    let places = to.alternatives().iter().flat_map(|to| {
        let text = to.as_text();
        let directory = text.ends_with(b"/") || matches!(text.as_slice(), b"." | b".." | b"~");
        if !directory || names.is_empty() {
            return vec![to.clone()];
        }
        let place = text.strip_suffix(b"/").unwrap_or(&text);
        names.iter().map(|name| Known::text([place, b"/", name].concat())).collect()
    });
    written(Some(&Known::one_of(places.collect::<Vec<_>>())), language)
}

fn moved(from: Option<&Known>, to: Option<&Known>, language: Language) -> Vec<Finding> {
    let gone = paths(from, language).into_iter().map(|path| found("remove-file", path));
    gone.chain(copied(from, to, language)).collect()
}

fn python(call: &Call<'_>) -> Option<Deed> {
    Some(match call.path {
        "open" | "io.open" | "codecs.open" | "gzip.open" | "bz2.open" | "lzma.open" | "tarfile.open"
        | "aiofiles.open" | "os.open" | "posix.open" | "zipfile.ZipFile" | "io.FileIO" | "gzip.GzipFile" => {
            Deed::Opens
        }
        "os.symlink" | "os.link" | "shutil.copytree" => Deed::Writes(1),
        "shutil.copy" | "shutil.copy2" | "shutil.copyfile" => Deed::Copies,
        "shutil.move" | "os.rename" | "os.replace" | "os.renames" | "posix.rename" => Deed::Moves,
        "os.truncate"
        | "posix.truncate"
        | "os.mknod"
        | "pathlib.Path.write_text"
        | "pathlib.Path.write_bytes"
        | "pathlib.Path.touch"
        | "Path.touch"
        | "Path.write_text"
        | "Path.write_bytes" => Deed::Writes(0),
        _ => return None,
    })
}

fn script(call: &Call<'_>) -> Option<Deed> {
    let (path, name) = (call.path, call.name());
    let file_system = ["fs.", "fs-extra.", "Deno."].iter().any(|front| path.starts_with(front));
    if path == "Bun.write" || path == "bun.write" {
        return Some(Deed::Writes(0));
    }
    if !file_system && !name.ends_with("Sync") && name != "createWriteStream" {
        return None;
    }
    Some(match name.strip_suffix("Sync").unwrap_or(name) {
        "appendFile" => Deed::Appends,
        "writeFile" | "createWriteStream" | "truncate" | "writeTextFile" | "outputFile" | "outputJson"
        | "outputJSON" | "writeJson" | "writeJSON" | "create" | "createFile" | "ensureFile"
            if file_system || !matches!(name, "createSync" | "truncateSync") =>
        {
            Deed::Writes(0)
        }
        "open" if path.starts_with("Deno.") => {
            let option = |name| call.arguments.named(name).is_some();
            return ["write", "append", "truncate", "create"]
                .into_iter()
                .any(option)
                .then_some(Deed::Writes(0));
        }
        "open" if file_system || name == "openSync" => Deed::Opens,
        "rename" => Deed::Moves,
        "move" if file_system => Deed::Moves,
        "copyFile" => Deed::Copies,
        "symlink" | "link" => Deed::Writes(1),
        "cp" | "copy" if file_system => Deed::Writes(1),
        _ => return None,
    })
}

fn perl(call: &Call<'_>, reader: &Reader<'_>) -> Option<Deed> {
    let name = call.name();
    let copies = || call.path.starts_with("File.Copy") || reader.mentions("File::Copy");
    Some(match name {
        "open" | "sysopen" if call.path == name => Deed::Opens,
        "rename" if call.path == name => Deed::Moves,
        "truncate" if call.path == name => Deed::Writes(0),
        "symlink" | "link" if call.path == name => Deed::Writes(1),
        "copy" | "cp" | "syscopy" if copies() => Deed::Copies,
        "move" | "mv" if copies() => Deed::Moves,
        "write_file" | "overwrite_file" | "write_text" | "write_binary" => Deed::Writes(0),
        "append_file" => Deed::Appends,
        _ => return None,
    })
}

/// `open(F, ">", "x")`, `open(F, ">x")`, `sysopen(F, "x", O_WRONLY)`.
fn perl_open(arguments: &Arguments) -> Vec<Finding> {
    let Some(mode) = arguments.at(1) else { return Vec::new() };
    let mut findings = Vec::new();
    for mode in mode.texts() {
        let text = mode.trim_ascii();
        let ([b'+', b'<' | b'>', rest @ ..] | [b'>', b'>', rest @ ..] | [b'>', rest @ ..]) = text else {
            continue;
        };
        // `>&STDERR` is a file that is open already.
        if rest.starts_with(b"&") {
            continue;
        }
        let name = if text.starts_with(b">>") { "append-file" } else { "write-file" };
        match arguments.at(2) {
            Some(path) => findings.extend(touched(name, Some(path), Language::Perl)),
            None => findings.extend(touched(name, Some(&Known::text(rest.trim_ascii())), Language::Perl)),
        }
    }
    findings
}

fn ruby(call: &Call<'_>) -> Option<Deed> {
    let path = call.path;
    Some(match path.strip_prefix("FileUtils.").unwrap_or(path) {
        "File.write" | "IO.write" | "File.binwrite" | "IO.binwrite" | "File.truncate" | "IO.sysopen" => {
            Deed::Writes(0)
        }
        "touch" if path != "touch" => Deed::Writes(0),
        "File.open" | "File.new" | "open" | "Kernel.open" | "Zlib.GzipWriter.open" | "CSV.open" => {
            Deed::Opens
        }
        "File.symlink" | "File.link" | "ln_sf" => Deed::Writes(1),
        "ln_s" | "ln" | "cp_r" | "copy_entry" if path.starts_with("FileUtils.") => Deed::Writes(1),
        "cp" | "copy" | "copy_file" | "install" if path.starts_with("FileUtils.") => Deed::Copies,
        "mv" | "move" if path.starts_with("FileUtils.") => Deed::Moves,
        "File.rename" => Deed::Moves,
        _ => return None,
    })
}

fn php(call: &Call<'_>) -> Option<Deed> {
    Some(match call.path.trim_start_matches('\\') {
        "file_put_contents" | "touch" => Deed::Writes(0),
        "fopen" | "SplFileObject" | "gzopen" => Deed::Opens,
        "symlink" | "link" => Deed::Writes(1),
        "copy" | "move_uploaded_file" => Deed::Copies,
        "rename" => Deed::Moves,
        _ => return None,
    })
}
