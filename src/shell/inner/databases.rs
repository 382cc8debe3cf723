//! Clients of databases that leave for the shell.

use super::options::anywhere;
use super::{Changes, Inner};
use crate::shell::value::Value;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let texts = match name {
        "psql" | "pgcli" => psql(words),
        "mysql" | "mariadb" | "mycli" => mysql(words),
        "sqlite3" | "sqlite" | "duckdb" => sqlite(words),
        _ => return None,
    };
    Some(texts.into_iter().map(|text| Inner::text(text, &[], &Changes::default())).collect())
}

/// What stands behind each mark, to the end of its line.
fn behind_marks(code: &Value, marks: &[&[u8]]) -> Vec<Value> {
    let mut texts = Vec::new();
    for line in code.bytes.split(|byte| *byte == b'\n') {
        let found = (0..line.len()).find_map(|at| {
            let rest = line.get(at..)?;
            marks.iter().find_map(|mark| rest.strip_prefix(*mark))
        });
        texts.extend(found.map(|text| Value::known(text.trim_ascii())));
    }
    texts.retain(|text| !text.bytes.is_empty());
    texts
}

fn psql(words: &[Value]) -> Vec<Value> {
    let grammar = "* c,command= d,dbname= f,file= v,set,variable= L,log-file= o,output= F,field-separator= P,pset= \
        R,record-separator= T,table-attr= h,host= p,port= U,username=";
    let parsed = anywhere(words, grammar);
    let marks: [&[u8]; 4] = [b"\\!", b"\\o |", b"\\g |", b"\\gx |"];
    let mut texts: Vec<Value> = parsed.values("c").flat_map(|code| behind_marks(code, &marks)).collect();
    texts.extend(parsed.values("o").filter_map(|output| super::after(output, "|")));
    let copies = parsed.values("c").filter(|code| code.bytes.trim_ascii_start().starts_with(b"\\copy"));
    for code in copies {
        let lower = code.bytes.to_ascii_lowercase();
        let at = lower.windows(9).position(|part| part == b" program ");
        let rest = at.and_then(|at| code.bytes.get(at + 9..)).unwrap_or_default();
        let mut quoted = rest.split(|byte| *byte == b'\'');
        texts.extend(quoted.nth(1).map(Value::known));
    }
    texts
}

fn mysql(words: &[Value]) -> Vec<Value> {
    let grammar = "* e,execute= h,host= P,port= u,user= D,database= S,socket= pager== p,password== delimiter= init-command= \
        tee= defaults-file= defaults-extra-file= default-character-set=";
    let parsed = anywhere(words, grammar);
    let mut texts: Vec<Value> =
        parsed.values("e").flat_map(|code| behind_marks(code, &[b"\\!", b"\\P "])).collect();
    for code in parsed.values("e") {
        let statements = code.bytes.split(|byte| matches!(byte, b';' | b'\n')).map(<[u8]>::trim_ascii);
        let asked = statements.filter_map(|statement| {
            statement.strip_prefix(b"system ").or_else(|| statement.strip_prefix(b"pager "))
        });
        texts.extend(asked.map(Value::known));
    }
    texts.extend(parsed.values("pager").cloned());
    texts
}

fn sqlite(words: &[Value]) -> Vec<Value> {
    let parsed =
        anywhere(words, "* -cmd,cmd= c= -c= -init,init= -separator= -newline= -nullvalue= -vfs= -maxsize=");
    let codes = parsed.values("-cmd").chain(parsed.values("c")).chain(&parsed.operands);
    let lines = codes.flat_map(|code| code.bytes.split(|byte| *byte == b'\n'));
    lines
        .filter_map(|line| {
            let line = line.trim_ascii_start().strip_prefix(b".")?;
            let at = line.iter().position(u8::is_ascii_whitespace)?;
            let (command, text) = line.split_at_checked(at)?;
            // A beginning of these commands will do.
            let shell =
                command.len() >= 2 && (b"shell".starts_with(command) || b"system".starts_with(command));
            let text = text.trim_ascii();
            let piped = matches!(command, b"output" | b"once" | b"import" | b"read" | b"o" | b"on")
                .then(|| text.strip_prefix(b"|").or_else(|| text.strip_prefix(b"\"|")))
                .flatten();
            if shell { Some(text) } else { piped }
        })
        .map(Value::known)
        .collect()
}
