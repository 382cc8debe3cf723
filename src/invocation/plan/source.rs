//! The files of the configuration that a plan was made from, which its JSON tells of in
//! parts only.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, BlockLabel, Body};

/// How the names of files end that are written in JSON, and of all others that count. Those that
/// only `OpenTofu` reads are among both.
const JSON: [&str; 2] = [".tf.json", ".tofu.json"];
const PLAIN: [&str; 2] = [TF, ".tofu"];
const TF: &str = ".tf";

/// What some programs write in front of a text, and others skip.
const MARK: char = '\u{feff}';

/// A file of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path of its module, as addresses begin in it: `module.a.module.b.`, nothing for the root.
    pub module: String,
    /// Its name.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl Source {
    /// Whether it is written in JSON.
    pub(super) fn is_json(&self) -> bool {
        self.ends_in(&JSON)
    }

    /// Whether terraform or `OpenTofu` takes it for a part of the configuration.
    pub(super) fn counts(&self) -> bool {
        self.is_json() || self.ends_in(&PLAIN)
    }

    /// Whether terraform itself reads it, and it is no JSON.
    fn is_common(&self) -> bool {
        self.ends_in(&[TF])
    }

    fn ends_in(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.name.ends_with(ending))
    }

    /// What it says, where it is no JSON.
    ///
    /// # Errors
    /// Where it is no configuration.
    pub(super) fn body(&self) -> Result<Body, hcl_edit::parser::Error> {
        parse_body(self.text.strip_prefix(MARK).unwrap_or(&self.text))
    }
}

/// Modules of a configuration, by their path. One that is not certainly known is not there.
#[derive(Debug, Default)]
pub(super) struct Modules(BTreeMap<String, Vec<Body>>);

impl Modules {
    /// All of `sources`.
    pub(super) fn all(sources: &[Source]) -> Self {
        Self::of(sources, &sources.iter().map(|source| source.module.clone()).collect())
    }

    /// Those of `sources` that are `wanted`.
    pub(super) fn of(sources: &[Source], wanted: &BTreeSet<String>) -> Self {
        let read = |module: &String| {
            let files = sources.iter().filter(|source| source.module == *module && source.counts());
            let bodies: Option<Vec<Body>> =
                files.map(|source| if source.is_common() { source.body().ok() } else { None }).collect();
            Some((module.clone(), bodies?))
        };
        Self(wanted.iter().filter_map(read).collect())
    }

    /// The one block of `kind` with these labels; nothing where others add to it.
    pub(super) fn block(&self, module: &str, kind: &'static str, labels: &[&str]) -> Option<&Block> {
        let blocks = self.0.get(module)?.iter().flat_map(|body| body.get_blocks(kind));
        let mut found =
            blocks.filter(|block| block.labels.iter().map(BlockLabel::as_str).eq(labels.iter().copied()));
        let one = found.next()?;
        found.next().is_none().then_some(one)
    }

    /// The one value that a module has for a name of its own.
    pub(super) fn local(&self, module: &str, name: &str) -> Option<&Expression> {
        let all = self.0.get(module)?.iter().flat_map(|body| body.get_blocks("locals"));
        let mut found = all.filter_map(|block| block.body.get_attribute(name));
        let one = found.next()?;
        found.next().is_none().then_some(&one.value)
    }
}
