//! Commands of which a part is not known before they run: the program itself, or some of
//! their words.

use std::ffi::OsString;

use super::{Books, Judging, Part};
use crate::command::{self, grammar};
use crate::gate::GateError;
use crate::process::Environment;
use crate::rules::judge::Contribution;
use crate::shell::value::{HOLE, HOLES, Value};
use crate::verdict::Decision;

/// Tools whose commands are looked for behind a program that is not known: those
/// that people call through variables. In scripts, the first five.
const GATED: [&str; 17] = [
    "terraform",
    "tofu",
    "kubectl",
    "helm",
    "aws",
    "az",
    "dd",
    "docker",
    "eksctl",
    "gcloud",
    "gh",
    "git",
    "oc",
    "pulumi",
    "rm",
    "terragrunt",
    "vault",
];

impl Judging<'_> {
    /// In a script, a command without the words of which nothing is known, where that
    /// is asked about and the whole is not: most such words are options, or nothing.
    pub(super) fn without_unknown(
        &self,
        books: &mut Books,
        tool: &str,
        words: &[Value],
        whole: &Part,
    ) -> Result<Option<Part>, GateError> {
        let unknown = |word: &&Value| {
            !word.bytes.is_empty() && word.bytes.iter().all(|byte| matches!(*byte, HOLE | HOLES))
        };
        let known: Vec<OsString> =
            words.iter().filter(|word| !unknown(word)).map(Value::to_os_string).collect();
        let asks = |part: &Part| {
            let sure = |one: &Contribution| !one.is_unknown() && one.decision > Decision::Allow;
            part.judged.judgement.contributions.iter().any(sure)
        };
        if !self.run.from_file || known.is_empty() || known.len() == words.len() || asks(whole) {
            return Ok(None);
        }
        Ok(Some(self.judged(books, tool, &known, whole.words.clone())?).filter(asks))
    }

    /// A command whose program is not known: judged where what follows would be
    /// gated as the command of a tool that it may be.
    pub(super) fn computed(
        &self,
        books: &mut Books,
        name: &[u8],
        arguments: &[OsString],
        spelt: Vec<String>,
    ) -> Result<Vec<Part>, GateError> {
        if arguments.is_empty() {
            // Several words in one: nothing is known at all.
            let any = name.contains(&HOLES) && !self.run.from_file && !is_customary(spelt.first());
            let why = "which command this runs is not known before it runs";
            return if any { Ok(vec![self.opaque(books, spelt, why)?]) } else { Ok(Vec::new()) };
        }
        let key = (name.to_vec(), arguments.to_vec());
        if let Some(known) = books.computed.get(&key).copied() {
            return self.as_tool(books, spelt, known);
        }
        let found = self.would_be(books, name, arguments, &spelt)?;
        books.computed.insert(key, found);
        self.as_tool(books, spelt, found)
    }

    fn as_tool(
        &self,
        books: &mut Books,
        spelt: Vec<String>,
        tool: Option<&str>,
    ) -> Result<Vec<Part>, GateError> {
        let Some(tool) = tool else { return Ok(Vec::new()) };
        let why = format!("which program runs is not known before; as {tool}, this would be asked about");
        Ok(vec![self.opaque(books, spelt, &why)?])
    }

    /// The tool as which a command would be asked about whose program is not known.
    fn would_be(
        &self,
        books: &mut Books,
        name: &[u8],
        arguments: &[OsString],
        spelt: &[String],
    ) -> Result<Option<&'static str>, GateError> {
        let book = self.book(books)?;
        let tools = GATED.iter().take(if self.run.from_file { 5 } else { GATED.len() });
        for tool in tools.filter(|tool| book.names(tool) && may_be(name, tool.as_bytes())) {
            // Most words are no command of most tools.
            let environment = Environment::default();
            let known = command::parse(tool, arguments, &environment).is_ok_and(|command| command.known);
            if grammar(tool).is_some() && !known {
                continue;
            }
            let part = self.judged(books, tool, arguments, spelt.to_vec())?;
            let judgement = &part.judged.judgement;
            let sure = |one: &Contribution| !one.is_unknown() && one.decision > Decision::Allow;
            if judgement.contributions.iter().any(sure) {
                return Ok(Some(tool));
            }
        }
        Ok(None)
    }
}

/// Whether a name with unknown parts may be `tool`.
fn may_be(name: &[u8], tool: &[u8]) -> bool {
    let mut parts = name.split(|byte| matches!(*byte, HOLE | HOLES));
    let Some(mut rest) = parts.next().and_then(|first| tool.strip_prefix(first)) else { return false };
    let parts: Vec<&[u8]> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle.iter().filter(|part| !part.is_empty()) {
        let Some(at) = rest.windows(part.len()).position(|window| window == *part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    // Several words may follow in it.
    rest.ends_with(last) || name.contains(&HOLES)
}

/// Variables that hold a program by custom.
fn is_customary(word: Option<&String>) -> bool {
    const NAMES: [&str; 12] = [
        "BROWSER", "CARGO", "CC", "CXX", "EDITOR", "GO", "MAKE", "NODE", "PAGER", "PYTHON", "SHELL", "VISUAL",
    ];
    word.is_some_and(|word| NAMES.contains(&word.trim_matches(|c| matches!(c, '$' | '{' | '}' | '"'))))
}
