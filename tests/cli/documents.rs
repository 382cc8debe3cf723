//! What the documentation shows, done: pages whose examples went stale teach
//! what does not work.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::world::{World, assert_code, text, tollgate};

/// A fenced block of a page.
struct Block {
    language: String,
    text: String,
}

/// The blocks of a page of the repository, in order.
fn blocks(page: &str) -> Vec<Block> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        if let Some(language) = line.strip_prefix("```") {
            open = !open;
            if open {
                blocks.push(Block { language: language.to_owned(), text: String::new() });
            }
        } else if open {
            writeln!(blocks.last_mut().unwrap().text, "{line}").unwrap();
        }
    }
    assert!(!open && !blocks.is_empty());
    blocks
}

#[test]
fn every_rule_file_of_a_page_is_sound() {
    let world = World::new();
    for (page, at_least) in [("README.md", 2), ("docs/rulebook.md", 8)] {
        let files: Vec<Block> = blocks(page).into_iter().filter(|block| block.language == "yaml").collect();
        assert!(files.len() >= at_least, "{page} has {}", files.len());
        for Block { text: file, .. } in files {
            let path = world.write("network/example.yaml", &file);
            let linted = world.tollgate(["rules", "lint"]).arg(path).output().unwrap();
            assert_eq!(linted.status.code(), Some(0), "{page}:\n{file}\n{}", text(&linted.stdout));
        }
    }
}

/// A reader of the tutorial: a home, and the directory `shop` in it.
struct Reader {
    world: World,
}

/// The home directory as the page has it.
const HOME: &str = "/home/you";

impl Reader {
    fn new() -> Self {
        let world = World::new();
        fs::create_dir(world.path("home/shop")).unwrap();
        std::os::unix::fs::symlink(tollgate(), world.path("bin/tollgate")).unwrap();
        Self { world }
    }

    /// The file that the first line of a block names, and the rest of the block.
    fn named<'a>(&self, block: &'a str) -> (PathBuf, &'a str) {
        let (first, rest) = block.split_once('\n').unwrap();
        let name = first.strip_prefix("# ").unwrap_or_else(|| panic!("no file is named: {block}"));
        let path = match name.strip_prefix("~/") {
            Some(below_home) => self.world.path("home").join(below_home),
            None => self.world.path("home/shop").join(name),
        };
        (path, rest)
    }

    /// Writes a file, its name included.
    fn write(&self, block: &str) {
        let (path, _) = self.named(block);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, block).unwrap();
    }

    /// Edits a file as a block of differences says.
    fn edit(&self, block: &str) {
        let (path, difference) = self.named(block);
        let side = |other: char| -> String {
            let lines = difference.lines().filter(|line| !line.starts_with(other));
            let mut text: Vec<&str> = lines.map(|line| line.get(1..).unwrap_or_default()).collect();
            text.push("");
            text.join("\n")
        };
        let (old, new) = (side('+'), side('-'));
        let file = fs::read_to_string(&path).unwrap();
        assert_eq!(file.matches(&old).count(), 1, "{old}\nis to be replaced in\n{file}");
        fs::write(path, file.replace(&old, &new)).unwrap();
    }

    /// Types each command of a block; what it shows then is returned.
    fn typed(&self, block: &str) -> String {
        let mut shown = String::new();
        for command in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let line = format!("exec 2>&1\n{command}");
            let output = self
                .world
                .command("/bin/sh")
                .args(["-c", &line])
                .current_dir(self.world.path("home/shop"))
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let printed = text(&output.stdout).replace(self.world.path("home").to_str().unwrap(), HOME);
            write!(shown, "$ {command}\n{printed}").unwrap();
        }
        shown
    }
}

/// A page's text without the number of shipped rules, which grows.
fn steady(shown: &str) -> String {
    let line = |line: &str| match line.trim().strip_prefix("and ").and_then(|rest| rest.split_once(' ')) {
        Some((number, "about other commands")) if number.parse::<u32>().is_ok() => {
            "  and some about other commands\n".to_owned()
        }
        _ => format!("{line}\n"),
    };
    shown.lines().map(line).collect()
}

#[test]
fn the_tutorial_shows_what_its_commands_print() {
    let reader = Reader::new();
    let mut commands = 0;
    for Block { language, text } in blocks("docs/rules-tutorial.md") {
        match language.as_str() {
            "yaml" => reader.write(&text),
            "diff" => reader.edit(&text),
            "console" => {
                let shown = reader.typed(&text);
                assert_eq!(steady(&shown), steady(&text), "left: what is printed, right: the page");
                commands += text.lines().filter(|line| line.starts_with("$ ")).count();
            }
            other => panic!("a block of `{other}` is neither a file, an edit nor commands"),
        }
    }
    assert!(commands >= 15, "{commands}");
    reader.world.assert_nothing_ran();
    // What the reader installed is sound.
    let linted = reader.world.tollgate(["rules", "lint"]).output().unwrap();
    assert_code(&linted, 0);
}
