//! Clients of databases.

use super::Finding;
use super::api::{found, written};
use super::call::Call;
use super::known::Known;
use super::reader::Reader;
use crate::shell::value::HOLE;

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
            let sure = driver || SURE.contains(&name);
            for value in arguments.unnamed().take(2) {
                for text in value.alternatives().iter().filter(|value| value.is_text()).map(Known::as_text) {
                    if is_statement(&text, sure) || (driver && text.starts_with(&[HOLE])) {
                        findings.push(found("sql", text));
                    }
                }
            }
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
