//! Places that programs ask for: the home, the working directory, one that is
//! made for things that come and go. They are written as a shell would write them.

use super::arguments::Arguments;
use super::known::Known;
use super::reader::Reader;
use crate::shell::inner::Language;
use crate::shell::value::HOLE;

/// The place that a call gives.
pub(super) fn of_call(path: &str, arguments: &Arguments, reader: &Reader<'_>) -> Option<Known> {
    let first = arguments.first();
    let asks_home = || first.and_then(Known::literal) == Some("HOME");
    match path {
        "Path.home"
        | "pathlib.Path.home"
        | "PosixPath.home"
        | "Dir.home"
        | "os.homedir"
        | "File.HomeDir.my_home" => Some(Known::text("~")),
        "os.getenv" | "os.environ.get" | "getenv" | "ENV.fetch" | "Deno.env.get" if asks_home() => {
            Some(Known::text("~"))
        }
        // Whoever goes elsewhere is there.
        "os.getcwd" | "os.getcwdb" | "Path.cwd" | "pathlib.Path.cwd" | "process.cwd" | "Deno.cwd"
        | "Dir.pwd" | "Dir.getwd" | "getcwd" | "cwd" | "Cwd.getcwd" | "Cwd.cwd"
            if !reader.mentions("chdir") =>
        {
            Some(Known::text("."))
        }
        "tempfile.gettempdir"
        | "gettempdir"
        | "os.tmpdir"
        | "Dir.tmpdir"
        | "sys_get_temp_dir"
        | "File.Spec.tmpdir" => Some(Known::text("/tmp")),
        "tempfile.mkdtemp" | "mkdtemp" if reader.language == Language::Python => {
            let parent = arguments.get(2, "dir").filter(|place| place.is_text());
            Some(below(parent))
        }
        "Dir.mktmpdir" => Some(below(arguments.at(1))),
        "tempdir" | "File.Temp.tempdir" | "File.Temp.newdir" if reader.language == Language::Perl => {
            Some(below(arguments.named("DIR")))
        }
        "tempnam" if reader.language == Language::Php => Some(below(first)),
        "Deno.makeTempDir" | "Deno.makeTempDirSync" => Some(below(arguments.named("dir"))),
        "fs.mkdtempSync"
        | "fs.mkdtemp"
        | "fs.promises.mkdtemp"
        | "fs-extra.mkdtempSync"
        | "fs-extra.mkdtemp" => Some(first.cloned().unwrap_or(Known::Unknown).concat(&Known::hole())),
        "fs.realpathSync" | "fs.realpath" | "fs.promises.realpath" => first.cloned(),
        _ => None,
    }
}

/// The place that a member stands for.
pub(super) fn of_member(path: &str) -> Option<Known> {
    let made = |front: &str| path.starts_with(front) && path.ends_with(").name");
    match path {
        "os.environ.HOME" | "process.env.HOME" | "ENV.HOME" | "$_SERVER.HOME" | "$_ENV.HOME" => {
            Some(Known::text("~"))
        }
        _ if made("tempfile.TemporaryDirectory(") || made("tempfile.NamedTemporaryFile(") => {
            Some(below(None))
        }
        _ => None,
    }
}

/// The program that runs this code.
pub(super) fn interpreter(path: &str, reader: &Reader<'_>) -> Option<Known> {
    let program = match (path, reader.language) {
        ("sys.executable", Language::Python) => "python3",
        ("process.execPath", Language::JavaScript) => "node",
        _ => return None,
    };
    // It may be made another.
    let set = ["setattr", "__dict__", "vars(", "defineProperty", "Object.assign", "Reflect.set"];
    (!set.iter().any(|way| reader.mentions(way))).then(|| Known::text(program))
}

/// What `with … as` gives a name.
pub(super) fn entered(value: &Known) -> Known {
    value.map(|value| match value {
        Known::Path(path) if path.starts_with("tempfile.TemporaryDirectory(") && path.ends_with(')') => {
            below(None)
        }
        other => other.clone(),
    })
}

/// Something new in a directory.
fn below(parent: Option<&Known>) -> Known {
    let place = parent.cloned().unwrap_or_else(|| Known::text("/tmp"));
    place.concat(&Known::text([b'/', HOLE]))
}

/// The parts of a path; where the library says so, one from the root begins anew.
pub(super) fn join(parts: &[Known], anew: bool) -> Known {
    let mut parts = parts.iter();
    let text = |part: &Known| if part.is_text() { part.clone() } else { Known::hole() };
    let first = parts.next().map_or_else(|| Known::text("."), text);
    parts.fold(first, |joined, part| {
        let joint = if joined.as_text().ends_with(b"/") { "" } else { "/" };
        let before = joined.concat(&Known::text(joint));
        text(part).map(|part| match part {
            Known::Text(_) if anew && is_rooted(part) => part.clone(),
            // Names that were listed there say where they are.
            Known::Text(text) if text.contains(&HOLE) && text.starts_with(&before.as_text()) => part.clone(),
            Known::Text(text) if text.starts_with(b"./") => {
                before.concat(&Known::text(text.get(2..).unwrap_or_default()))
            }
            _ => before.concat(part),
        })
    })
}

/// Whether a path means the same wherever it is used.
pub(super) fn is_rooted(part: &Known) -> bool {
    matches!(part, Known::Text(text) if text.starts_with(b"/") || text.starts_with(b"~"))
}
