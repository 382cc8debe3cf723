//! The rulebook that is compiled into the binary: every file's rules as
//! postcard, every file's text packed, and a table from tools to files.

use std::io::Read as _;
use std::sync::LazyLock;

use super::book::{Layer, Origin, Power};
use super::schema::Stored;

/// Every shipped file without its cases, one behind the other.
static STORED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.postcard"));

/// Every file's text in the same order, packed as one.
static TEXTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules-texts.z"));

/// Every file's path in the repository, one behind the other.
static NAMES: &str = include_str!(concat!(env!("OUT_DIR"), "/rules-names.txt"));

/// The rules' names, one a line.
static IDS: &str = include_str!(concat!(env!("OUT_DIR"), "/rules-ids.txt"));

/// Of each tool, where its files are listed in [`LISTS`], and behind 16 bits how many
/// they are. Files that speak of no tool stand under the empty name.
static TOOLS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules-tools.fst"));

static LISTS: &[u16] = include!(concat!(env!("OUT_DIR"), "/rules-lists.rs"));

/// Where each file ends in [`NAMES`], in [`STORED`], and in the texts.
#[expect(clippy::unreadable_literal, reason = "build.rs writes them")]
static PLACES: &[(usize, usize, usize)] = include!(concat!(env!("OUT_DIR"), "/rules-places.rs"));

/// One shipped file.
#[derive(Clone, Copy, Debug)]
struct Shipped {
    /// Its path in the repository: `rules/terraform.yaml`.
    name: &'static str,
    stored: &'static [u8],
    /// Where its text begins and ends.
    text: (usize, usize),
}

impl Shipped {
    fn at(at: usize) -> Option<Self> {
        let before = at.checked_sub(1).map_or(Some(&(0, 0, 0)), |before| PLACES.get(before))?;
        let end = PLACES.get(at)?;
        Some(Self {
            name: NAMES.get(before.0..end.0)?,
            stored: STORED.get(before.1..end.1)?,
            text: (before.2, end.2),
        })
    }

    fn every() -> impl Iterator<Item = Self> {
        (0..PLACES.len()).filter_map(Self::at)
    }
}

/// The built-in layer could not be read back: the binary is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the built-in rulebook cannot be read back from {file}")]
pub struct Damaged {
    file: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Damaged {
    fn new(file: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { file, source: source.into() }
    }
}

/// What of the rulebook a call needs: the tools that it names, and of each the
/// command where it is known. Files that speak of no tool are always needed.
/// Empty, it stands for everything.
pub type Scope<'a> = &'a [Wanted<'a>];

/// A tool whose rules are needed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The tool.
    pub tool: &'a str,
    /// Only shipped rules that may speak of this command.
    pub command: Option<&'a str>,
}

/// The built-in layer, as far as `scope` needs it.
///
/// # Errors
/// Where the binary is damaged.
pub fn layer(scope: Scope<'_>) -> Result<Layer, Damaged> {
    let mut files = Vec::new();
    for (at, wanted) in needed(scope)? {
        let shipped = Shipped::at(at).ok_or_else(|| Damaged::new("the list of files", "no such file"))?;
        let damaged = |source: postcard::Error| Damaged::new(shipped.name, Box::new(source));
        let Stored { mut file, rules }: Stored<'_> = postcard::from_bytes(shipped.stored).map_err(damaged)?;
        for (commands, rule) in rules {
            let speaks = |one: &&Wanted<'_>| {
                commands.is_empty() || one.command.is_none_or(|command| commands.contains(&command))
            };
            if scope.is_empty() || wanted.iter().any(speaks) {
                file.rules.push(postcard::from_bytes(rule).map_err(damaged)?);
            }
        }
        files.push((shipped.name.into(), file));
    }
    Ok(Layer::new(Origin::BuiltIn, files, Power::Loosens, Power::Loosens))
}

/// A file's number, and what of a scope it speaks of.
type Needed<'a> = (usize, Vec<&'a Wanted<'a>>);

/// The files that `scope` needs, in order.
fn needed(scope: Scope<'_>) -> Result<Vec<Needed<'_>>, Damaged> {
    if scope.is_empty() {
        return Ok((0..PLACES.len()).map(|at| (at, Vec::new())).collect());
    }
    let tools = fst::Map::new(TOOLS).map_err(|source| Damaged::new("the table of tools", source))?;
    let mut files: Vec<Needed<'_>> = Vec::new();
    let asked = scope.iter().map(|wanted| (wanted.tool, Some(wanted))).chain([("", None)]);
    for (tool, wanted) in asked {
        let Some(place) = tools.get(tool) else { continue };
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let list = LISTS.iter().skip(place >> 16).take(place & 0xffff);
        for at in list.map(|at| usize::from(*at)) {
            match files.iter_mut().find(|(known, _)| *known == at) {
                Some((_, known)) => known.extend(wanted),
                None => files.push((at, wanted.into_iter().collect())),
            }
        }
    }
    files.sort_unstable_by_key(|(at, _)| *at);
    Ok(files)
}

/// The shipped files with their texts, in order. The texts hold the cases, which
/// [`layer`] leaves out.
///
/// # Errors
/// Where the binary is damaged.
pub fn texts() -> Result<Vec<(&'static str, String)>, Damaged> {
    let mut all = String::new();
    let read = flate2::read::ZlibDecoder::new(TEXTS).read_to_string(&mut all);
    read.map_err(|source| Damaged::new("its texts", source))?;
    Shipped::every()
        .map(|shipped| {
            let text = all
                .get(shipped.text.0..shipped.text.1)
                .ok_or_else(|| Damaged::new("its texts", "cut short"))?;
            Ok((shipped.name, text.to_owned()))
        })
        .collect()
}

/// The SHA-256 of everything that is compiled in and judged by.
pub fn digest() -> &'static str {
    static DIGEST: LazyLock<String> = LazyLock::new(|| {
        let parts = [NAMES.as_bytes(), STORED, TOOLS, crate::command::aws::operations::compiled()];
        let digests: Vec<String> = parts.into_iter().map(crate::digest::sha256).collect();
        crate::digest::sha256(digests.concat().as_bytes())
    });
    &DIGEST
}

/// The names of the shipped rules.
pub fn ids<'a>() -> impl Iterator<Item = &'a str> {
    IDS.lines()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_call_reads_the_files_that_name_its_tools() {
        let names =
            |layer: &Layer| -> Vec<PathBuf> { layer.files().iter().map(|(name, _)| name.clone()).collect() };
        let every = layer(&[]).unwrap();
        for tools in [&["kubectl"][..], &["git", "psql"], &["psql", "git", "psql"], &["no-such-tool"], &[""]]
        {
            let scope: Vec<Wanted<'_>> = tools.iter().map(|tool| Wanted { tool, command: None }).collect();
            let expected = every
                .files()
                .iter()
                .filter(|(_, file)| file.tools.is_empty() || tools.iter().any(|tool| file.tools.has(tool)));
            let expected: Vec<_> = expected.cloned().collect();
            let some = layer(&scope).unwrap();
            assert_eq!(some.files(), expected, "{tools:?}");
            assert!(names(&some).is_sorted(), "{tools:?}");
        }
        assert!(every.files().len() > 100);
    }

    #[test]
    fn a_call_reads_the_rules_that_speak_of_its_command() {
        let ids = |command| -> Vec<String> {
            let layer = layer(&[Wanted { tool: "kubectl", command }]).unwrap();
            layer.files().iter().flat_map(|(_, file)| &file.rules).map(|rule| rule.id.clone()).collect()
        };
        let (every, some) = (ids(None), ids(Some("drain")));
        assert!(!some.is_empty() && some.len() < every.len());
        assert!(some.iter().all(|id| every.contains(id)));
    }

    #[test]
    fn the_texts_are_those_of_the_repository() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let texts = texts().unwrap();
        assert_eq!(texts.len(), PLACES.len());
        let mut found = Vec::new();
        for (name, text) in &texts {
            assert_eq!(*text, std::fs::read_to_string(root.join(name)).unwrap(), "{name}");
            let file = crate::rules::load::parse(name.as_ref(), text).unwrap();
            found.extend(file.rules.into_iter().map(|rule| rule.id));
        }
        assert_eq!(found, ids().collect::<Vec<_>>());
    }
}
