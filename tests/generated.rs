//! Files that the program generates are in the repository as it makes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

#[test]
fn generated_files_are_those_in_the_repository() {
    let fresh = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_tollgate");
    let status = Command::new(program).arg("generate").arg(fresh.path()).status().unwrap();
    assert!(status.success());
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = files(fresh.path());
    assert!(made.len() > 20, "{made:?}");
    for path in made {
        let name = path.strip_prefix(fresh.path()).unwrap();
        let committed = fs::read_to_string(repository.join(name)).unwrap_or_default();
        let advice = "run `cargo run -- generate .`";
        assert!(fs::read_to_string(&path).unwrap() == committed, "{} has drifted: {advice}", name.display());
    }
    for directory in ["completions", "man", "schema"] {
        for path in files(&repository.join(directory)) {
            let name = path.strip_prefix(repository).unwrap();
            assert!(fresh.path().join(name).exists(), "{} is not generated any more", name.display());
        }
    }
}
