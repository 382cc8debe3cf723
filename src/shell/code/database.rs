//! Clients of databases.

use super::Finding;
use super::api::{found, written};
use super::call::Call;
use super::known::Known;
use super::reader::Reader;
use crate::shell::value::{HOLE, Value};

/// What statements make, change and drop.
const OBJECTS: &[&str] = &[
    "table",
    "database",
    "schema",
    "index",
    "view",
    "user",
    "role",
    "column",
    "constraint",
    "sequence",
    "function",
    "procedure",
    "trigger",
    "type",
    "extension",
    "tablespace",
    "keyspace",
    "materialized",
    "owned",
    "policy",
    "partition",
    "domain",
    "publication",
    "subscription",
    "server",
    "system",
];

/// What may stand in front of those.
const KINDS: &[&str] = &[
    "temporary",
    "temp",
    "unlogged",
    "foreign",
    "global",
    "or",
    "unique",
    "external",
    "aggregate",
    "event",
    "user",
    "login",
    "search",
    "dictionary",
];

/// Other words that statements begin with.
const OTHERS: &[&str] = &[
    "vacuum", "call", "do", "exec", "execute", "set", "begin", "copy", "rename", "reindex", "pragma", "show",
    "describe", "lock", "analyze", "declare", "use", "optimize", "load", "kill", "flush", "reset",
];

/// Methods that take nothing but statements.
const SURE: &[&str] = &[
    "execute",
    "executescript",
    "executemany",
    "exec_driver_sql",
    "exec_query",
    "exec_params",
    "query",
    "mysqli_query",
    "pg_query",
    "mysql_query",
    "multi_query",
    "queryRaw",
    "executeRaw",
    "$executeRawUnsafe",
    "$queryRawUnsafe",
    "$executeRaw",
];

/// What drivers and libraries of databases are called.
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

pub(super) fn database(call: &Call<'_>, reader: &Reader<'_>) -> Option<Vec<Finding>> {
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
            let driver = DRIVERS.iter().any(|driver| call.path.starts_with(driver));
            let file = sqlite(call.path);
            let sure = driver || SURE.contains(&name);
            for value in arguments.unnamed().take(2) {
                for text in value.alternatives().iter().filter(|value| value.is_text()).map(Known::as_text) {
                    let memory = file.as_deref() == Some(b":memory:");
                    let attaches = memory && holds(&text, b"attach");
                    if attaches || is_statement(&text, sure) || (driver && text.starts_with(&[HOLE])) {
                        findings.extend(statement(file.as_deref(), &text, reader));
                    }
                }
            }
            let unknown =
                arguments.first().is_some_and(|value| !value.is_text() && *value != Known::List(Vec::new()));
            if findings.is_empty() && driver && unknown && name.starts_with("exec") {
                findings.extend(statement(file.as_deref(), &[HOLE], reader));
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

/// The file that a connection of `SQLite` has open; a hole where it is not known.
fn sqlite(path: &str) -> Option<Vec<u8>> {
    let mut fronts = ["sqlite3.connect(", "aiosqlite.connect("].iter();
    let rest = fronts.find_map(|front| path.strip_prefix(front))?;
    match rest.split_once(").").map_or("", |(file, _)| file) {
        "" | "?" => Some(vec![HOLE]),
        // It is no option.
        file if file.starts_with('-') => Some(format!("./{file}").into_bytes()),
        file => Some(file.as_bytes().to_vec()),
    }
}

/// What a statement does to the file of a connection, or to a server's data. What is
/// only in memory is nobody's, as long as no file is attached to it.
fn statement(file: Option<&[u8]>, text: &[u8], reader: &Reader<'_>) -> Option<Finding> {
    let Some(file) = file else { return Some(found("sql", text)) };
    let attached = || holds(reader.code, b"attach") || holds(text, b"attach") || text.contains(&HOLE);
    let file = match file {
        b":memory:" if attached() => vec![HOLE],
        b":memory:" => return None,
        file => file.to_vec(),
    };
    let words = [b"sqlite3".to_vec(), file, without_comments(text).to_vec()];
    Some(Finding::Words(words.into_iter().map(Value::known).collect()))
}

fn holds(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

fn mongo(reader: &Reader<'_>) -> bool {
    reader.mentions("mongo") || reader.mentions("Mongo")
}

/// Whether text is a statement rather than prose: the words behind the first say so.
/// Where it is `sure` that statements are expected, less will do.
fn is_statement(text: &[u8], sure: bool) -> bool {
    let text = without_comments(text);
    let between = |byte: &u8| byte.is_ascii_whitespace() || b"();,`\"[]*".contains(byte);
    let words = text.split(between).filter(|word| !word.is_empty()).take(8);
    let words: Vec<String> = words.map(|word| String::from_utf8_lossy(word).to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((first, rest)) = words.split_first() else { return false };
    let second = rest.first().copied().unwrap_or_default();
    let third = rest.get(1).copied().unwrap_or_default();
    let later = |words: &[&str]| rest.iter().skip(1).any(|word| words.contains(word));
    let article = matches!(second, "the" | "a" | "an" | "all");
    match *first {
        "drop" | "create" | "alter" => {
            OBJECTS.contains(&second) || (KINDS.contains(&second) && later(OBJECTS))
        }
        "delete" => second == "from" || (third == "from" && (sure || !article)),
        "update" => rest.iter().take(5).skip(1).any(|word| *word == "set") && (sure || !article),
        "insert" | "merge" | "replace" => second == "into" || (sure && third == "into"),
        "truncate" => second == "table" || (sure && !second.is_empty()),
        "grant" | "revoke" => later(&["on"]) && later(&["to", "from"]),
        "select" | "with" | "explain" => sure || later(&["from", "as"]) || text.contains(&b'*'),
        word => sure && OTHERS.contains(&word) && !second.is_empty(),
    }
}

/// Text from behind the comments that it begins with.
fn without_comments(text: &[u8]) -> &[u8] {
    let mut text = text.trim_ascii_start();
    loop {
        let end: &[u8] = if text.starts_with(b"--") {
            b"\n"
        } else if text.starts_with(b"/*") {
            b"*/"
        } else {
            return text;
        };
        let found = text.windows(end.len()).position(|window| window == end);
        text = found.and_then(|at| text.get(at + end.len()..)).unwrap_or_default().trim_ascii_start();
    }
}
