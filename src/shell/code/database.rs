//! Clients of databases.

use super::Finding;
use super::api::{found, written};
use super::call::Call;
use super::known::Known;
use super::reader::Reader;
use crate::shell::value::HOLE;

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
