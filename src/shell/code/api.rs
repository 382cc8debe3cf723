//! Calls that act by themselves: on files, clusters, clouds, databases, by HTTP.

use super::Finding;
use super::call::{Arguments, Call, last};
use super::known::Known;
use super::reader::Reader;
use crate::shell::inner::Language;
use crate::shell::value::HOLE;

fn found(name: &str, arguments: impl Into<Vec<u8>>) -> Finding {
    Finding::Call { name: name.to_owned(), arguments: arguments.into() }
}

/// What a call does, where it acts by itself.
pub(super) fn call(call: &Call<'_>, reader: &Reader<'_>) -> Option<Vec<Finding>> {
    files(call, reader.language)
        .or_else(|| cluster(call, reader))
        .or_else(|| cloud(call))
        .or_else(|| database(call, reader))
        .or_else(|| http(call, reader.language))
}

/// What a method of a text does that is a path (`Path("x").unlink()`), or of a list.
pub(super) fn of_text(value: &Known, call: &Call<'_>, language: Language) -> Vec<Finding> {
    let tree = match (call.path, language) {
        ("unlink" | "rmdir", Language::Python) | ("delete" | "unlink" | "rmdir", Language::Ruby) => false,
        ("rmtree", Language::Python | Language::Ruby) => true,
        _ => return Vec::new(),
    };
    // A text of Ruby has a `delete` of its own, with arguments.
    if !matches!(value, Known::Text(_)) || (language == Language::Ruby && !call.arguments.is_empty()) {
        return Vec::new();
    }
    removals(std::slice::from_ref(&value), tree, call.looped)
}

fn removals(values: &[&Known], tree: bool, looped: bool) -> Vec<Finding> {
    let flat = values.iter().flat_map(|value| value.alternatives()).flat_map(|value| match value {
        Known::List(items) => items.clone(),
        other => vec![other.clone()],
    });
    let mut findings = Vec::new();
    for text in flat.flat_map(|value| value.texts()) {
        let several = looped && text.contains(&HOLE);
        let name = if tree {
            "remove-tree"
        } else if several {
            "remove-file-in-loop"
        } else {
            "remove-file"
        };
        findings.push(found(name, text));
    }
    findings
}

fn files(call: &Call<'_>, language: Language) -> Option<Vec<Finding>> {
    let arguments = call.arguments;
    let path = call.path;
    let name = call.name();
    let recursive = || arguments.named("recursive").is_some_and(|value| !is_false(value));
    let tree = match language {
        Language::Python => match path {
            "shutil.rmtree" | "rmtree" | "distutils.dir_util.remove_tree" => true,
            "os.remove" | "os.unlink" | "os.rmdir" | "os.removedirs" | "os.truncate" => false,
            _ if name == "rmtree" => true,
            _ if matches!(name, "unlink" | "rmdir") && arguments.first().is_none() => {
                let several = call.looped || path.contains("[]");
                return Some(removals(&[&Known::hole()], false, several));
            }
            _ => return None,
        },
        Language::JavaScript => {
            let file_system =
                path.starts_with("fs.") || path.starts_with("fs-extra.") || path.starts_with("Deno.");
            match name {
                "rm" | "rmSync" | "rmdir" | "rmdirSync" if file_system || name.ends_with("Sync") => {
                    recursive()
                }
                "unlink" | "unlinkSync" | "truncate" | "truncateSync"
                    if file_system || name == "unlinkSync" =>
                {
                    false
                }
                "remove" | "removeSync" if path.starts_with("Deno.") => recursive(),
                "remove" | "removeSync" | "emptyDir" | "emptyDirSync" if file_system => true,
                _ if path == "rimraf"
                    || path.starts_with("rimraf.")
                    || path == "del"
                    || path.starts_with("del.") =>
                {
                    true
                }
                _ => return None,
            }
        }
        Language::Perl => match name {
            "rmtree" | "remove_tree" => true,
            "unlink" | "rmdir" => false,
            _ => return None,
        },
        Language::Ruby => match path {
            "FileUtils.rm_rf"
            | "FileUtils.rm_r"
            | "FileUtils.remove_dir"
            | "FileUtils.rmtree"
            | "rm_rf"
            | "rm_r"
            | "FileUtils.remove_entry"
            | "FileUtils.remove_entry_secure"
            | "FileUtils.remove_dir_secure" => true,
            "FileUtils.rm"
            | "FileUtils.rm_f"
            | "FileUtils.remove"
            | "FileUtils.safe_unlink"
            | "File.delete"
            | "File.unlink"
            | "Dir.rmdir"
            | "Dir.delete"
            | "Dir.unlink"
            | "rm"
            | "rm_f"
            | "FileUtils.rmdir" => false,
            _ => return None,
        },
        Language::Php => match path {
            "unlink" | "rmdir" => false,
            _ => return None,
        },
        _ => return None,
    };
    if arguments.is_empty() {
        // Perl removes `$_`.
        return (language == Language::Perl).then(|| removals(&[&Known::hole()], tree, call.looped));
    }
    let options = |value: &&Known| !matches!(value, Known::Map(_));
    let mut values: Vec<&Known> = arguments.unnamed().filter(options).collect();
    if matches!(language, Language::Python | Language::JavaScript | Language::Php) {
        values.truncate(1);
    }
    if values.is_empty() {
        values.extend(arguments.named("path"));
    }
    Some(removals(&values, tree, call.looped))
}

fn is_false(value: &Known) -> bool {
    matches!(value, Known::Path(name) if matches!(name.as_str(), "false" | "False" | "undefined"))
}

/// Clients of Kubernetes.
fn cluster(call: &Call<'_>, reader: &Reader<'_>) -> Option<Vec<Finding>> {
    let name = call.name();
    let client = || reader.mentions("kubernetes") || reader.mentions("k8s") || reader.mentions("openshift");
    let snake = name.starts_with("delete_namespace") || name.starts_with("delete_collection_");
    let camel = name.starts_with("deleteNamespace") || name.starts_with("deleteCollection");
    let other = name.starts_with("delete_")
        || name
            .strip_prefix("delete")
            .is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_uppercase()));
    let root = call.path.starts_with("kubernetes.") || call.path.starts_with("@kubernetes");
    let plain = root && name == "delete";
    (snake || camel || plain || (other && client() && call.path.contains('.')))
        .then(|| vec![found("kubernetes delete", written(name, call.arguments))])
}

/// A call's name and the first arguments, for people.
fn written(name: &str, arguments: &Arguments) -> Vec<u8> {
    let mut text = name.as_bytes().to_vec();
    for value in arguments.unnamed().take(4) {
        text.push(b' ');
        text.extend(value.as_text());
    }
    text
}

/// Clients of Google's and Microsoft's clouds.
fn cloud(call: &Call<'_>) -> Option<Vec<Finding>> {
    let roots = [
        "google.cloud",
        "googleapiclient",
        "azure.",
        "@google-cloud",
        "@azure",
        "Google.Cloud",
        "discovery.build",
    ];
    let name = call.name();
    let deletes = matches!(name, "delete" | "begin_delete" | "beginDelete" | "beginDeleteAndWait" | "purge")
        || ["delete_", "begin_delete_", "delete"].iter().any(|front| {
            name.strip_prefix(front).is_some_and(|rest| {
                front.ends_with('_') || rest.starts_with(|sign: char| sign.is_ascii_uppercase())
            })
        });
    (deletes && roots.iter().any(|root| call.path.starts_with(root)))
        .then(|| vec![found("cloud delete", written(name, call.arguments))])
}

/// Words that begin a statement of SQL.
const STATEMENTS: &[&str] = &[
    "drop", "delete", "truncate", "update", "insert", "alter", "create", "grant", "revoke", "select", "with",
    "replace", "merge", "vacuum", "call", "do", "exec", "execute", "set", "begin", "copy", "rename",
    "reindex", "pragma", "explain", "show", "describe", "lock", "analyze", "commit", "rollback", "declare",
    "use",
];

const DRIVERS: &[&str] = &[
    "sqlite3",
    "psycopg",
    "pymysql",
    "MySQLdb",
    "mysql",
    "asyncpg",
    "sqlalchemy",
    "pyodbc",
    "cx_Oracle",
    "oracledb",
    "pg",
    "mysql2",
    "duckdb",
    "snowflake",
    "clickhouse_driver",
    "aiosqlite",
    "knex",
    "better-sqlite3",
    "PDO",
];

fn database(call: &Call<'_>, reader: &Reader<'_>) -> Option<Vec<Finding>> {
    let name = call.name();
    let arguments = call.arguments;
    if !call.path.contains('.') && !matches!(name, "mysqli_query" | "pg_query" | "mysql_query") {
        return None;
    }
    match name {
        "execute" | "executescript" | "executemany" | "query" | "raw" | "exec" | "exec_driver_sql"
        | "run" | "do" | "prepare" | "batch" | "exec_params" | "exec_query" | "mysqli_query" | "pg_query"
        | "mysql_query" | "text" | "multi_query" | "queryRaw" | "executeRaw" | "$executeRawUnsafe"
        | "$queryRawUnsafe" | "$executeRaw" | "unsafe" | "fetch" | "all" | "command" => {
            let mut findings = Vec::new();
            for value in arguments.unnamed().take(2) {
                for text in value.alternatives().iter().filter(|value| value.is_text()).map(Known::as_text) {
                    if is_statement(&text) {
                        findings.push(found("sql", text));
                    }
                }
            }
            let driver = DRIVERS.iter().any(|driver| call.path.starts_with(driver));
            let unknown =
                arguments.first().is_some_and(|value| !value.is_text() && *value != Known::List(Vec::new()));
            if findings.is_empty() && driver && unknown && name.starts_with("exec") {
                findings.push(found("sql", [HOLE]));
            }
            let command = arguments.first().and_then(|value| value.get("dropDatabase")).is_some()
                || arguments.first().and_then(Known::literal) == Some("dropDatabase");
            if command && name == "command" {
                findings.push(found("mongo drop-database", *b""));
            }
            (!findings.is_empty()).then_some(findings)
        }
        "flushall" | "flushdb" | "flushAll" | "flushDb" => {
            let name = format!("redis {}", name.to_ascii_lowercase());
            Some(vec![found(&name, *b"")])
        }
        "drop_database" | "dropDatabase" => {
            Some(vec![found("mongo drop-database", written(name, arguments))])
        }
        "drop_collection" | "dropCollection" => {
            Some(vec![found("mongo drop-collection", written(name, arguments))])
        }
        "drop" if mongo(reader) && arguments.is_empty() => Some(vec![found("mongo drop", call.path)]),
        "delete_many" | "deleteMany" if mongo(reader) || name == "delete_many" => {
            let all = match arguments.first() {
                None => true,
                Some(Known::Map(pairs)) => pairs.is_empty(),
                _ => false,
            };
            Some(vec![found(if all { "mongo delete-all" } else { "mongo delete-many" }, call.path)])
        }
        _ => None,
    }
}

fn mongo(reader: &Reader<'_>) -> bool {
    reader.mentions("mongo") || reader.mentions("Mongo")
}

fn is_statement(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    if text.starts_with(b"--") || text.starts_with(b"/*") {
        return true;
    }
    let length = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (word, rest) = text.split_at(length);
    let lower = word.to_ascii_lowercase();
    let ends = rest.first().is_none_or(|byte| !matches!(byte, b'-' | b'_' | b'.' | b'/' | b':'));
    ends && STATEMENTS.iter().any(|statement| statement.as_bytes() == lower)
}

/// Clients of HTTP, by their names; `X.get` alone says nothing.
fn http(call: &Call<'_>, language: Language) -> Option<Vec<Finding>> {
    let arguments = call.arguments;
    let path = call.path;
    let name = call.name();
    let url = |index: usize| {
        arguments.at(index).or_else(|| arguments.named("url")).map_or_else(|| vec![HOLE], Known::as_text)
    };
    let option = |name: &str| {
        let value = arguments.named(name).or_else(|| arguments.named(&name.to_ascii_uppercase()));
        value.and_then(Known::literal).and_then(verb)
    };
    let root = path.split(['.', '(']).next().unwrap_or_default();
    let client = matches!(
        root,
        "requests"
            | "httpx"
            | "aiohttp"
            | "axios"
            | "got"
            | "superagent"
            | "ky"
            | "HTTParty"
            | "Faraday"
            | "RestClient"
            | "needle"
            | "undici"
            | "node-fetch"
            | "LWP"
            | "Guzzle"
            | "HTTP"
            | "niquests"
            | "request"
            | "$http"
    );
    let at = |verb: &'static str, index: usize| Some(vec![found(verb, url(index))]);
    match (language, name) {
        (
            _,
            "fetch" | "node-fetch" | "cross-fetch" | "ofetch" | "$fetch" | "request" | "open" | "got" | "ky"
            | "axios",
        ) if option("method").is_some() => {
            let index = usize::from(arguments.at(0).is_some_and(|value| matches!(value, Known::Map(_))));
            at(option("method")?, index * 8)
        }
        (_, "request" | "stream") if client || path.contains("ClientSession") => {
            at(verb(arguments.first().and_then(Known::literal)?)?, 1)
        }
        (_, "request") if path.contains("HTTPConnection") || path.contains("HTTPSConnection") => {
            at(verb(arguments.first().and_then(Known::literal)?)?, 1)
        }
        (_, "urlopen" | "Request") if language == Language::Python => {
            let data = arguments.get(1, "data").is_some();
            at(option("method").or(data.then_some("http post"))?, 0)
        }
        (_, "delete" | "post" | "put" | "patch" | "del") if client => at(verb(name)?, 0),
        (Language::Ruby, _) if path.starts_with("Net.HTTP.") => match path.strip_prefix("Net.HTTP.")? {
            "Delete.new" => at("http delete", 0),
            "Post.new" | "post" | "post_form" => at("http post", 0),
            "Put.new" | "put" => at("http put", 0),
            _ => None,
        },
        _ => None,
    }
}

fn verb(method: &str) -> Option<&'static str> {
    match method.to_ascii_lowercase().as_str() {
        "delete" | "del" => Some("http delete"),
        "post" => Some("http post"),
        "put" => Some("http put"),
        "patch" => Some("http patch"),
        _ => None,
    }
}

/// The last part of a path, without what it was called with.
pub(super) fn plain(path: &str) -> &str {
    let name = last(path);
    name.split(['(', '[']).next().unwrap_or(name)
}
