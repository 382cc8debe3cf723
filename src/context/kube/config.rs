//! Kubeconfig files, read and merged as kubectl does, or not at all.
//!
//! kubectl reads them with a YAML library of its own, which heeds tags
//! (`!!binary`), merge keys (`<<`) and the last of two equal keys. kubectl
//! writes none of them. A file in which both readers could see different
//! clusters is refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::files;

/// The largest kubeconfig that is read, in bytes. One with a hundred clusters
/// has half a megabyte.
const FILE_LIMIT: u64 = 4 << 20;

/// The deepest nesting of brackets; the parser's time grows with it.
const DEPTH_LIMIT: usize = 64;

/// The deepest indentation, for the same reason.
const INDENT_LIMIT: usize = 512;

/// What YAML 1.1 takes for the end of a line.
const BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unclear {
    #[error("not UTF-8: {0}")]
    Encoding(#[from] std::str::Utf8Error),
    #[error("no kubeconfig: {0}")]
    Yaml(#[from] serde_yaml::Error),
    #[error("line {0} is nested too deeply")]
    Deep(usize),
    #[error("line {0} has a tag, an anchor or a merge key, which may be read in two ways")]
    Ambiguous(usize),
    #[error("{0:?} stands twice")]
    Twice(String),
}

/// What several files say together.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// `current-context`.
    pub(super) current: String,
    pub(super) contexts: BTreeMap<String, Context>,
    pub(super) clusters: BTreeMap<String, Cluster>,
    pub(super) users: BTreeMap<String, User>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Context {
    pub(super) cluster: Option<String>,
    pub(super) user: Option<String>,
    pub(super) namespace: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Cluster {
    pub(super) server: Option<String>,
    pub(super) proxy_url: Option<String>,
    pub(super) tls_server_name: Option<String>,
    pub(super) insecure_skip_tls_verify: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    #[serde(rename = "as")]
    pub(super) impersonated: Option<String>,
    pub(super) exec: Option<Plugin>,
}

/// The program that fetches a user's credentials.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Plugin {
    pub(super) args: Option<Vec<String>>,
    pub(super) env: Option<Vec<Variable>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Variable {
    pub(super) name: Option<String>,
    pub(super) value: Option<String>,
}

/// One file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    #[serde(rename = "current-context")]
    current: Option<String>,
    contexts: Option<Vec<Option<NamedContext>>>,
    clusters: Option<Vec<Option<NamedCluster>>>,
    users: Option<Vec<Option<NamedUser>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NamedContext {
    name: Option<String>,
    context: Option<Context>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NamedCluster {
    name: Option<String>,
    cluster: Option<Cluster>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NamedUser {
    name: Option<String>,
    user: Option<User>,
}

/// The files that decide, merged, and what could not be read of them.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) config: Config,
    /// How many files were read.
    pub(super) read: usize,
    /// Why a file was not read, by file. kubectl runs nothing where one fails.
    pub(super) unread: Vec<String>,
}

impl Loaded {
    /// Reads `paths`, the first of which counts most. `old_home` is the file
    /// that kubectl copies to its place where the first one is missing.
    pub(super) fn of(paths: &[PathBuf], home: &Path, old_home: &Path) -> Self {
        let mut loaded = Self::default();
        for (path, bytes) in sources(paths, home, old_home) {
            match bytes {
                Ok(Some(bytes)) => match parse(&bytes) {
                    Ok(config) => {
                        loaded.config.merge(config);
                        loaded.read += 1;
                    }
                    Err(cause) => loaded.unread.push(format!("{}: {cause}", path.display())),
                },
                Ok(None) => {}
                Err(cause) => loaded.unread.push(cause),
            }
        }
        loaded
    }
}

/// What stands at `paths`; as [`Loaded::of`] reads them.
pub(super) fn sources<'a>(
    paths: &'a [PathBuf],
    home: &'a Path,
    old_home: &'a Path,
) -> impl Iterator<Item = (&'a Path, Result<Option<Vec<u8>>, String>)> {
    paths.iter().map(move |path| {
        let bytes = match files::read(path, FILE_LIMIT) {
            Ok(None) if is_same_place(path, home) => files::read(old_home, FILE_LIMIT),
            other => other,
        };
        (path.as_path(), bytes)
    })
}

/// An entry as it is written, with the directory that its paths start at.
#[derive(Clone, Debug)]
pub(super) struct RawEntry {
    pub(super) directory: PathBuf,
    pub(super) value: Value,
}

/// What several files say, whole and unmerged: every file's entry of each name.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) current: String,
    pub(super) contexts: BTreeMap<String, Vec<RawEntry>>,
    pub(super) clusters: BTreeMap<String, Vec<RawEntry>>,
    pub(super) users: BTreeMap<String, Vec<RawEntry>>,
    /// Everything, file by file.
    pub(super) files: Vec<Value>,
}

impl Raw {
    /// Adds the file that holds `bytes`.
    pub(super) fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Unclear> {
        // What may be read in two ways is refused there.
        let Config { current, .. } = parse(bytes)?;
        let text = std::str::from_utf8(bytes)?;
        let first = serde_yaml::Deserializer::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).next();
        let value = first.map(Option::<Value>::deserialize).transpose()?.flatten().unwrap_or_default();
        if self.current.is_empty() {
            self.current = current;
        }
        let directory = path.parent().unwrap_or(Path::new("/"));
        for (list, name, all) in [
            ("contexts", "context", &mut self.contexts),
            ("clusters", "cluster", &mut self.clusters),
            ("users", "user", &mut self.users),
        ] {
            for entry in value.get(list).and_then(Value::as_array).into_iter().flatten() {
                let own = entry.get("name").and_then(Value::as_str).unwrap_or_default();
                let value = entry.get(name).cloned().unwrap_or_default();
                let entry = RawEntry { directory: directory.to_path_buf(), value };
                all.entry(own.to_owned()).or_default().push(entry);
            }
        }
        self.files.push(value);
        Ok(())
    }
}

/// Whether a file at `path` would be the one at `home`.
fn is_same_place(path: &Path, home: &Path) -> bool {
    let directory = |path: &Path| path.parent().and_then(|parent| parent.canonicalize().ok());
    path == home || (path.file_name() == home.file_name() && directory(path) == directory(home))
}

impl Config {
    /// Adds what `later` has and this has not. Entries are taken whole.
    fn merge(&mut self, later: Self) {
        if self.current.is_empty() {
            self.current = later.current;
        }
        for (name, context) in later.contexts {
            self.contexts.entry(name).or_insert(context);
        }
        for (name, cluster) in later.clusters {
            self.clusters.entry(name).or_insert(cluster);
        }
        for (name, user) in later.users {
            self.users.entry(name).or_insert(user);
        }
    }
}

/// Reads one file. kubectl reads its first document only.
fn parse(bytes: &[u8]) -> Result<Config, Unclear> {
    let text = std::str::from_utf8(bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    plain(text)?;
    let first = serde_yaml::Deserializer::from_str(text).next();
    let file = match first {
        Some(document) => Option::<File>::deserialize(document)?.unwrap_or_default(),
        None => File::default(),
    };
    let contexts = file.contexts.unwrap_or_default().into_iter().map(Option::unwrap_or_default);
    let clusters = file.clusters.unwrap_or_default().into_iter().map(Option::unwrap_or_default);
    let users = file.users.unwrap_or_default().into_iter().map(Option::unwrap_or_default);
    Ok(Config {
        current: file.current.unwrap_or_default(),
        contexts: by_name(contexts.map(|one| (one.name, one.context)))?,
        clusters: by_name(clusters.map(|one| (one.name, one.cluster)))?,
        users: by_name(users.map(|one| (one.name, one.user)))?,
    })
}

/// An entry without a name has the empty one, which no current context finds.
fn by_name<T: Default>(
    entries: impl Iterator<Item = (Option<String>, Option<T>)>,
) -> Result<BTreeMap<String, T>, Unclear> {
    let mut map = BTreeMap::new();
    for (name, entry) in entries {
        let name = name.unwrap_or_default();
        if map.insert(name.clone(), entry.unwrap_or_default()).is_some() {
            return Err(Unclear::Twice(name));
        }
    }
    Ok(map)
}

/// Refuses what two readers may read in two ways, and what takes a parser long.
fn plain(text: &str) -> Result<(), Unclear> {
    let mut depth = 0_usize;
    for (at, line) in text.split('\n').enumerate() {
        let at = at + 1;
        let indent = line.len() - line.trim_start_matches([' ', '\t', '-', '?']).len();
        if indent > INDENT_LIMIT {
            return Err(Unclear::Deep(at));
        }
        for c in line.chars() {
            match c {
                '[' | '{' => depth += 1,
                ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEPTH_LIMIT {
                return Err(Unclear::Deep(at));
            }
        }
        if line.split(BREAKS).any(|line| !line.trim_start().starts_with('#') && is_marked(line)) {
            return Err(Unclear::Ambiguous(at));
        }
    }
    Ok(())
}

/// Whether a line may hold a tag, an anchor, an alias or a merge key: a sign
/// where a value may begin.
fn is_marked(line: &str) -> bool {
    let mut before = ' ';
    let mut signs = line.chars().peekable();
    while let Some(c) = signs.next() {
        let begins = before.is_whitespace() || "[{,:-?".contains(before);
        let bare = signs.peek().is_none_or(|next| next.is_whitespace());
        if begins && (c == '!' || (matches!(c, '&' | '*') && !bare)) {
            return true;
        }
        before = c;
    }
    line.contains("<<")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_read_in_two_ways_is_refused() {
        for text in [
            "x: &a p\ncurrent-context: *a\n",
            "<<: {current-context: p}\n",
            "current-context: !!binary cA==\n",
            "!!binary Y3VycmVudC1jb250ZXh0: p\n",
            "? !!binary Y3VycmVudC1jb250ZXh0\n: p\n",
            "#\u{2028}x: &a p\n",
            "current-context: a\ncurrent-context: b\n",
            "current-context: a\n\"current-context\": b\n",
            "contexts:\n- name: a\n- name: a\n",
            "contexts: [{name: a, name: b}]\n",
            "contexts: [{name: a, context: {cluster: b, cluster: c}}]\n",
            "contexts: 3\n",
            "[]\n",
            "\u{0}",
            "a: b: c\n",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(parse(b"current-context: \xff\n").is_err());
        assert!(parse(&[0xff, 0xfe, b'a', 0]).is_err());
    }

    #[test]
    fn what_people_write_is_read() {
        for text in [
            "current-context: p\n",
            "\u{feff}# a & b * c\n---\ncurrent-context: p\r\n",
            "{\"current-context\":\"p\",\"contexts\":null}",
            "current-context: p\n---\ncurrent-context: d\n",
            "current-context: p\n---\n[[[\n",
            "current-context: p\npreferences: {colors: true}\nextensions: [{name: x, extension: 5}]\n",
            "current-context: p\nusers: [{name: u, user: {password: 'a!b&c*d', exec: {args: null, env: null}}}]\n",
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap().current, "p", "{text:?}");
        }
        for text in ["", "# nothing\n", "---\n", "---\n---\ncurrent-context: d\n", "current-context: ~\n"] {
            assert_eq!(parse(text.as_bytes()).unwrap().current, "", "{text:?}");
        }
    }

    #[test]
    fn what_takes_long_is_refused() {
        let deep = "[".repeat(1 << 20);
        assert!(matches!(parse(deep.as_bytes()), Err(Unclear::Deep(1))));
        let lines = "[\n".repeat(1 << 20);
        assert!(matches!(parse(lines.as_bytes()), Err(Unclear::Deep(65))));
        let dashes = "- ".repeat(1 << 20);
        assert!(matches!(parse(dashes.as_bytes()), Err(Unclear::Deep(1))));
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\n";
        assert!(matches!(parse(bomb.as_bytes()), Err(Unclear::Ambiguous(1))));
    }

    #[test]
    fn many_clusters_in_one_line_are_read() {
        let entry = |at: usize| format!(r#"{{"name":"c{at}","cluster":{{"server":"https://h{at}"}}}}"#);
        let entries: Vec<String> = (0..300).map(entry).collect();
        let text = format!(r#"{{"clusters":[{}]}}"#, entries.join(","));
        assert_eq!(parse(text.as_bytes()).unwrap().clusters.len(), 300);
    }
}
