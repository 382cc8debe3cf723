//! The hook that pre-commit builds by itself, with cargo.

use std::fs;
use std::path::{Path, PathBuf};

use tollgate::process::Environment;

use super::{Scene, printed};
use crate::support::world::assert_code;

/// Where it is built: the libraries are there the next time.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("pre-commit")
}

/// Takes away what was built of tollgate itself: it is built below a path that is new
/// each time, and would never be used again.
fn forget() {
    for part in [".fingerprint", "build", "deps"] {
        let Ok(entries) = fs::read_dir(target().join("release").join(part)) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.file_name().unwrap().to_string_lossy().contains("tollgate") {
                let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                gone.unwrap();
            }
        }
    }
}

/// As a user of it would have it, but for what makes a release slow to build. Apart from
/// the other tests, since it takes every core for a minute.
#[test]
#[ignore = "it builds tollgate anew; .ci/run asks for it"]
fn the_hook_that_pre_commit_builds_refuses() {
    let Some(mut scene) = Scene::new("tollgate-scan") else { return };
    let environment = Environment::of_this_process();
    // The toolchain that these tests are built with, and what it has downloaded. No
    // other tollgate is on PATH.
    let cargo = PathBuf::from(environment.get("CARGO").unwrap());
    let downloaded = environment.non_empty("CARGO_HOME").map(PathBuf::from);
    let downloaded = downloaded.unwrap_or_else(|| Path::new(environment.get("HOME").unwrap()).join(".cargo"));
    let directories = [cargo.parent().unwrap(), Path::new("/usr/bin"), Path::new("/bin")];
    scene.path = std::env::join_paths(directories).unwrap();
    let mut install = scene.pre_commit(&["install-hooks"]);
    install.env("CARGO_HOME", downloaded).env("CARGO_TARGET_DIR", target());
    install.envs([
        ("CARGO_NET_OFFLINE", "true"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ]);
    let output = install.output().unwrap();
    forget();
    assert_code(&output, 0);

    scene.write("deploy.sh", "terraform destroy -auto-approve\n");
    let refused = scene.assert_refused();
    assert!(refused.contains("deploy.sh:1:1") && refused.contains("terraform/destroy"), "{refused}");
    scene.write("deploy.sh", "terraform plan\n");
    scene.assert_committed();
    let output = scene.pre_commit(&["run", "--all-files"]).output().unwrap();
    assert_code(&output, 0);
    assert!(printed(&output).contains("Passed"), "{output:?}");
}
