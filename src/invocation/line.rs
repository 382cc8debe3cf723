//! A shell line with what surrounds it: the files that it may run are read here.

use std::path::Path;

use crate::files;
use crate::process::Process;
use crate::shell::inner::Place;
use crate::shell::walk::{self, Form, Found, MAX_SCRIPT, Run, Scripts, Surroundings, Typing};

/// What a shell started in `directory` may run from `text`.
pub fn read(process: &dyn Process, text: &[u8], directory: Option<&Path>, typing: Typing) -> Vec<Run> {
    let environment = process.environment();
    let inherited = |name: &str| environment.get(name).is_some();
    let surroundings = Surroundings {
        directory,
        home: home(process),
        inherited: &inherited,
        scripts: &Disk,
        place: Place::Here,
        typing,
        form: Form::Line,
    };
    walk::read(text, surroundings)
}

/// The home directory that paths are named from: the caller's, not what a line
/// makes of it.
pub fn home(process: &dyn Process) -> Option<&Path> {
    let own = process.environment().non_empty("HOME").map(Path::new);
    own.or(process.user().home.as_deref())
}

/// The scripts of this machine.
struct Disk;

impl Scripts for Disk {
    fn find(&self, path: &Path) -> Found {
        match files::read(path, MAX_SCRIPT as u64) {
            Ok(Some(text)) if !text.contains(&0) => Found::Text(text),
            _ => Found::Nothing,
        }
    }
}
