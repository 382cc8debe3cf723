//! A shell line with what surrounds it: the files that it may run are read here.

use std::path::Path;

use crate::files;
use crate::process::Process;
use crate::shell::inner::Place;
use crate::shell::walk::{self, Found, MAX_SCRIPT, Run, Scripts, Surroundings, Typing};

/// What a shell started in `directory` may run from `text`.
pub fn read(process: &dyn Process, text: &[u8], directory: Option<&Path>, typing: Typing) -> Vec<Run> {
    let environment = process.environment();
    let inherited = |name: &str| environment.get(name).is_some();
    let home = environment.non_empty("HOME").map(Path::new).or(process.user().home.as_deref());
    walk::read(
        text,
        Surroundings { directory, home, inherited: &inherited, scripts: &Disk, place: Place::Here, typing },
    )
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
