use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

struct World {
    root: TempDir,
}

impl World {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn change(&self, name: &str, before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            file: self.at(name),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            by_hand: String::new(),
            original: Original::Keep,
            mode: 0o600,
            own_directory: None,
        }
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.at(name)).unwrap().mode() & 0o7777
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }
}

#[test]
fn a_new_file_gets_its_directories_and_goes_with_our_own_alone() {
    let world = World::new();
    world.change("a/b/new", None, Some("x")).apply().unwrap();
    assert_eq!((world.text("a/b/new").as_str(), world.mode("a/b/new"), world.mode("a")), ("x", 0o600, 0o700));
    assert!(!world.at("a/b/new.tollgate-backup").exists());
    let gone = Change { original: Original::Leave, ..world.change("a/b/new", Some("x"), None) };
    gone.apply().unwrap();
    assert!(world.at("a/b").exists() && !world.at("a/b/new").exists());
    world.change("a/b/c/new", None, Some("x")).apply().unwrap();
    let gone = Change {
        original: Original::Leave,
        own_directory: Some(world.at("a/b")),
        ..world.change("a/b/c/new", Some("x"), None)
    };
    gone.apply().unwrap();
    assert!(world.at("a").exists() && !world.at("a/b").exists());
}

#[test]
fn an_empty_original_of_a_file_that_is_not_is_written_anew() {
    let world = World::new();
    fs::write(world.at("file"), "one").unwrap();
    fs::write(world.at("file.tollgate-backup"), "").unwrap();
    world.change("file", Some("one"), Some("two")).apply().unwrap();
    assert_eq!(world.text("file.tollgate-backup"), "one");
    assert_eq!(fs::read_dir(world.root.path()).unwrap().count(), 2);
}

#[test]
fn each_changed_file_of_ours_is_kept() {
    let world = World::new();
    fs::write(world.at("file"), "one").unwrap();
    let keeping =
        |before, after| Change { original: Original::KeepToo, ..world.change("file", Some(before), after) };
    keeping("one", Some("two")).apply().unwrap();
    keeping("two", Some("three")).apply().unwrap();
    keeping("three", None).apply().unwrap();
    let names = ["file.tollgate-backup", "file.tollgate-backup-2", "file.tollgate-backup-3"];
    assert_eq!(names.map(|name| world.text(name)), ["one", "two", "three"]);
    assert!(!world.at("file").exists());
}

#[test]
fn mode_and_first_original_are_kept() {
    let world = World::new();
    fs::write(world.at("file"), "one").unwrap();
    fs::set_permissions(world.at("file"), fs::Permissions::from_mode(0o640)).unwrap();
    world.change("file", Some("one"), Some("two")).apply().unwrap();
    world.change("file", Some("two"), Some("three")).apply().unwrap();
    assert_eq!((world.text("file").as_str(), world.mode("file")), ("three", 0o640));
    assert_eq!(
        (world.text("file.tollgate-backup").as_str(), world.mode("file.tollgate-backup")),
        ("one", 0o640)
    );
    let back = Change { original: Original::Drop, ..world.change("file", Some("three"), Some("one")) };
    back.apply().unwrap();
    assert!(!world.at("file.tollgate-backup").exists());
    assert_eq!(fs::read_dir(world.root.path()).unwrap().count(), 1);
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_written() {
    let world = World::new();
    fs::create_dir(world.at("dotfiles")).unwrap();
    fs::write(world.at("dotfiles/file"), "one").unwrap();
    symlink("dotfiles/file", world.at("link")).unwrap();
    world.change("link", Some("one"), Some("two")).apply().unwrap();
    assert_eq!(fs::read_link(world.at("link")).unwrap(), Path::new("dotfiles/file"));
    assert_eq!(
        (world.text("dotfiles/file").as_str(), world.text("link.tollgate-backup").as_str()),
        ("two", "one")
    );
    symlink("nowhere", world.at("dangling")).unwrap();
    let error = world.change("dangling", None, Some("x")).apply().unwrap_err();
    assert!(matches!(error, WriteError::Dangling(_)), "{error}");
}

#[test]
fn what_must_not_be_written_is_left_alone() {
    let world = World::new();
    fs::write(world.at("file"), "one").unwrap();
    let error = world.change("file", Some("other"), Some("two")).apply().unwrap_err();
    assert!(matches!(error, WriteError::Changed), "{error}");
    let error = world.change("file", None, Some("two")).apply().unwrap_err();
    assert!(matches!(error, WriteError::Changed), "{error}");
    fs::set_permissions(world.at("file"), fs::Permissions::from_mode(0o444)).unwrap();
    let error = world.change("file", Some("one"), Some("two")).apply().unwrap_err();
    assert!(matches!(error, WriteError::ReadOnly), "{error}");
    let error = world.change("file/below", None, Some("two")).apply().unwrap_err();
    assert!(matches!(error, WriteError::Io { .. }), "{error}");
    assert_eq!(world.text("file"), "one");
    assert_eq!(fs::read_dir(world.root.path()).unwrap().count(), 1);
}
