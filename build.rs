//! Compiles the shipped rulebook into the binary: each file of rules/ is read
//! with the crate's own schema and stored as postcard, so that no YAML is
//! parsed at start-up, with a table that finds a tool's files. The files' texts
//! are packed for the commands that show and lint them.

#![allow(dead_code, unreachable_pub, reason = "the modules are the crate's; only part of them is used here")]
#![allow(clippy::panic, clippy::expect_used, reason = "a build script's error is its panic")]
#![allow(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/rules/schema/mod.rs"]
mod schema;
#[path = "src/command/aws/operations/stored.rs"]
mod stored;
#[path = "src/command/declared/syntax.rs"]
mod syntax;
#[path = "src/unique_keys.rs"]
mod unique_keys;
#[path = "src/verdict.rs"]
mod verdict;

/// Where the crate has the module.
mod command {
    pub(crate) mod declared {
        pub(crate) use crate::syntax;
    }
}

/// What the table of aws is made of; no rules.
const TABLE: [&str; 2] = ["aws-overrides.yaml", "aws-verbs.yaml"];

fn main() {
    link_unwinder();
    println!("cargo:rerun-if-changed=rules");
    println!("cargo:rerun-if-changed=src/rules/schema");
    println!("cargo:rerun-if-changed=src/command/aws/operations/stored.rs");
    println!("cargo:rerun-if-changed=src/command/declared/syntax.rs");
    println!("cargo:rerun-if-changed=src/unique_keys.rs");
    println!("cargo:rerun-if-changed=src/verdict.rs");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    store_rules(&root.join("rules"), &out);
    store_operations(&root.join("rules"), &out);
}

/// Writes every file one behind the other, the texts packed, and what finds
/// them. Places are numbers: an address would be put right at every start.
fn store_rules(rules: &Path, out: &Path) {
    let (mut names, mut ids) = (String::new(), String::new());
    let (mut all, mut texts) = (Vec::new(), Vec::new());
    let mut places = Vec::new();
    let mut by_tool: BTreeMap<String, Vec<u16>> = BTreeMap::new();
    for (at, path) in rule_files(rules).iter().enumerate() {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut file: schema::RuleFile = serde_yaml::from_str(&text)
            .unwrap_or_else(|error| panic!("rulebook error: {}: {error}", path.display()));
        // Not needed to judge: `rules test` and `rules show` read the text.
        let mut rules = std::mem::take(&mut file.rules);
        for rule in &mut rules {
            rule.cases = schema::Cases::default();
            rule.docs = None;
            ids.push_str(&rule.id);
            ids.push('\n');
        }
        let at = u16::try_from(at).expect("a few files");
        // What speaks of no tool stands under the empty name.
        let nobody = file.tools.is_empty().then_some("");
        for tool in file.tools.iter().chain(nobody) {
            let files = by_tool.entry(tool.to_owned()).or_default();
            if files.last() != Some(&at) {
                files.push(at);
            }
        }
        let blobs: Vec<Vec<u8>> = rules.iter().map(stored).collect();
        let rules = rules.iter().zip(&blobs).map(|(rule, blob)| (rule.commands(), blob.as_slice())).collect();
        all.extend(stored(&schema::Stored { file, rules }));
        texts.extend(text.into_bytes());
        let name = path.file_name().and_then(|name| name.to_str()).expect("a UTF-8 name");
        names.push_str("rules/");
        names.push_str(name);
        places.push((names.len(), all.len(), texts.len()));
    }
    let mut lists: Vec<u16> = Vec::new();
    let tools: Vec<(String, u64)> = by_tool
        .into_iter()
        .map(|(tool, files)| {
            let place = (lists.len() << 16) + files.len();
            lists.extend(files);
            (tool, u64::try_from(place).expect("a few files"))
        })
        .collect();
    let tools = fst::Map::from_iter(tools).expect("sorted keys");
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&texts).expect("a Vec can be written");
    let texts = packer.finish().expect("a Vec can be written");
    let write = |name: &str, bytes: &[u8]| fs::write(out.join(name), bytes).expect("OUT_DIR is writable");
    write("rules.postcard", &all);
    write("rules-texts.z", &texts);
    write("rules-names.txt", names.as_bytes());
    write("rules-ids.txt", ids.as_bytes());
    write("rules-tools.fst", tools.as_fst().as_bytes());
    write("rules-lists.rs", format!("&{lists:?}").as_bytes());
    write("rules-places.rs", format!("&{places:?}").as_bytes());
}

/// Writes the table of aws as an automaton, with the texts that it points to,
/// and the general rule.
fn store_operations(rules: &Path, out: &Path) {
    let read = |name: &str| {
        let path = rules.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let verbs: stored::Verbs = serde_yaml::from_str(&read("aws-verbs.yaml"))
        .unwrap_or_else(|error| panic!("aws-verbs.yaml: {error}"));
    fs::write(out.join("aws-verbs.postcard"), stored(&verbs)).expect("OUT_DIR is writable");
    let overrides: BTreeMap<String, Override> = serde_yaml::from_str(&read("aws-overrides.yaml"))
        .unwrap_or_else(|error| panic!("aws-overrides.yaml: {error}"));
    // A text is known by where it begins, and nothing begins at 0.
    let mut texts = String::from("\n");
    let mut known: BTreeMap<String, u32> = BTreeMap::new();
    let mut place = |text: &str| {
        *known.entry(text.to_owned()).or_insert_with(|| {
            let at = u32::try_from(texts.len()).expect("a few texts");
            texts.push_str(text);
            texts.push('\n');
            at
        })
    };
    let table = read("aws-operations.tsv");
    let rows = table.lines().skip(1).map(|row| {
        let bits =
            operation(row, &overrides, &mut place).unwrap_or_else(|| panic!("aws-operations.tsv: {row}"));
        (row.splitn(3, '\t').take(2).collect::<Vec<_>>().join(" ").trim_end().to_owned(), bits.pack())
    });
    let rows: BTreeMap<String, u64> = rows.collect();
    let automaton = fst::Map::from_iter(rows).expect("sorted keys");
    fs::write(out.join("aws-operations.fst"), automaton.as_fst().as_bytes()).expect("OUT_DIR is writable");
    fs::write(out.join("aws-operations.txt"), texts).expect("OUT_DIR is writable");
}

/// What the general rule gets wrong, as far as the table does not say it.
#[derive(serde::Deserialize)]
struct Override {
    reason: String,
}

fn operation(
    row: &str,
    overrides: &BTreeMap<String, Override>,
    place: &mut impl FnMut(&str) -> u32,
) -> Option<stored::Bits> {
    let [service, operation, effect, risk, flags, provenance] =
        row.split('\t').collect::<Vec<_>>().try_into().ok()?;
    let has = |flag: &str| flags.split(',').any(|one| one == flag);
    let risks = [verdict::Risk::Low, verdict::Risk::Medium, verdict::Risk::High, verdict::Risk::Critical];
    let path = format!("{service} {operation}");
    Some(stored::Bits {
        effect: verdict::Effect::ALL.into_iter().find(|one| one.name() == effect)?,
        risk: risks.into_iter().find(|one| one.name() == risk)?,
        data: has("data"),
        dry_run: has("dry-run"),
        parameters: has("parameters"),
        custom: has("custom"),
        group: has("group"),
        v2: has("v2"),
        gone: has("gone"),
        reason: overrides.get(path.trim_end()).map_or(0, |one| place(&one.reason)),
        provenance: place(provenance),
    })
}

/// Links the unwinder into the binary where the C compiler brings it as an
/// archive. As a shared library (`libgcc_s`) it is loaded at every start, which
/// costs an allowed call a tenth of tollgate's own time.
fn link_unwinder() {
    let target = |key: &str| env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    let glibc = target("OS") == "linux" && target("ENV") == "gnu" && env::var("HOST") == env::var("TARGET");
    if !glibc || target("FEATURE").split(',').any(|feature| feature == "crt-static") {
        return;
    }
    // At a fixed address nothing has to be relocated at every start, which was a
    // tenth of an allowed call. Libraries, heap and stack still lie anywhere.
    println!("cargo:rustc-link-arg-bins=-no-pie");
    let answer = std::process::Command::new("cc").arg("-print-file-name=libgcc_eh.a").output();
    let Some(archive) = answer.ok().and_then(|answer| String::from_utf8(answer.stdout).ok()) else { return };
    // A compiler without the archive repeats the bare name.
    let archive = Path::new(archive.trim());
    if let Some(directory) = archive.parent().filter(|_| archive.is_absolute() && archive.is_file()) {
        println!("cargo:rustc-link-search=native={}", directory.display());
        println!("cargo:rustc-link-lib=static:+whole-archive=gcc_eh");
    }
}

fn stored(value: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("the schema can be stored")
}

/// The YAML files of `directory`, sorted, so that builds are reproducible.
fn rule_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable directory").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter(|path| !path.file_name().is_some_and(|name| TABLE.iter().any(|table| name == *table)))
        .collect();
    files.sort();
    files
}
