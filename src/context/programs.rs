//! The programs by which coding agents can be told among a process's ancestors.
//!
//! Names are compared whole, never in part: a user called `claude`, a directory
//! `~/claude/` or `vim claude.md` are no agents. Agents that are scripts are
//! seen through their interpreter. A name that is also something else's (goose
//! migrates databases, copilot deploys to ECS, q queries text) needs an
//! argument that only the agent takes. An editor that holds an agent is weak,
//! since its human's terminals hang from it too.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::markers::Strength;

/// What the kernel keeps of a process's name, in bytes.
const COMM_LENGTH: usize = 15;

/// A first argument that only the agent of that name takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstArgument {
    /// None at all.
    Absent,
    /// Any option.
    Option,
    /// This word.
    Is(&'static str),
}

use FirstArgument::{Absent, Is, Option as AnyOption};

/// One program name that says something of who asks.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// The file name, whole.
    pub name: &'static str,
    /// The agent.
    pub agent: &'static str,
    /// What the name alone says.
    pub native: Strength,
    /// What it says as the name of a script that node, bun or python runs.
    pub script: Strength,
    /// The first arguments that make it strong.
    pub telling: &'static [FirstArgument],
}

const fn cli(name: &'static str, agent: &'static str) -> Program {
    Program { name, agent, native: Strength::Strong, script: Strength::Strong, telling: &[] }
}

const fn editor(name: &'static str, agent: &'static str) -> Program {
    Program { name, agent, native: Strength::Weak, script: Strength::Weak, telling: &[] }
}

/// Every program that is known. `qterm` is not here: with Amazon Q's shell
/// integration it stands above every shell of a human.
pub const PROGRAMS: &[Program] = &[
    cli("claude", "claude-code"),
    cli("codex", "codex"),
    cli("codex-linux-sandbox", "codex"),
    cli("gemini", "gemini"),
    cli("cursor-agent", "cursor"),
    cli("kiro-cli", "kiro"),
    cli("kiro-cli-chat", "kiro"),
    cli("qchat", "amazon-q"),
    cli("opencode", "opencode"),
    cli("goosed", "goose"),
    cli("aider", "aider"),
    cli("cline", "cline"),
    cli("auggie", "augment"),
    cli("qwen", "qwen"),
    // kdb's and text tools' `q` have no chat.
    Program {
        name: "q",
        agent: "amazon-q",
        native: Strength::Silent,
        script: Strength::Silent,
        telling: &[Is("chat")],
    },
    // The migration tool has none of these commands, and prints its usage
    // where it is given none.
    Program {
        name: "goose",
        agent: "goose",
        native: Strength::Silent,
        script: Strength::Silent,
        telling: &[Absent, Is("session"), Is("run"), Is("acp"), Is("mcp"), Is("web"), Is("schedule")],
    },
    // The AWS tool of that name is no script, and wants a command first.
    Program {
        name: "copilot",
        agent: "copilot",
        native: Strength::Silent,
        script: Strength::Strong,
        telling: &[Absent, AnyOption],
    },
    // Also a text editor.
    Program {
        name: "amp",
        agent: "amp",
        native: Strength::Weak,
        script: Strength::Strong,
        telling: &[Is("-x"), Is("--execute"), Is("threads"), Is("--dangerously-allow-all")],
    },
    // Also a human's shell.
    Program {
        name: "crush",
        agent: "crush",
        native: Strength::Weak,
        script: Strength::Strong,
        telling: &[Is("run")],
    },
    // The CLI, and the editor with its human's terminals. Cursor's `agent` is
    // told by its directory: the word is the name of many a CI's runner.
    editor("devin", "devin"),
    editor("Code", "copilot"),
    editor("code", "copilot"),
    editor("code-insiders", "copilot"),
    editor("code-server", "copilot"),
    editor("Cursor", "cursor"),
    editor("cursor", "cursor"),
    editor("cursor-server", "cursor"),
    editor("Kiro", "kiro"),
    editor("kiro", "kiro"),
    editor("Windsurf", "windsurf"),
    editor("windsurf", "windsurf"),
    editor("antigravity", "antigravity"),
    editor("trae", "trae"),
];

/// Where agents are installed: whole path components, the agent, and what it
/// says that a program or an interpreter's script lies there.
pub const DIRECTORIES: &[(&str, &str, Strength)] = &[
    ("@anthropic-ai/claude-code", "claude-code", Strength::Strong),
    ("share/claude/versions", "claude-code", Strength::Strong),
    ("@openai/codex", "codex", Strength::Strong),
    ("@google/gemini-cli", "gemini", Strength::Strong),
    ("share/cursor-agent/versions", "cursor", Strength::Strong),
    ("@github/copilot", "copilot", Strength::Strong),
    ("@github/copilot-linux-x64", "copilot", Strength::Strong),
    ("@github/copilot-linux-arm64", "copilot", Strength::Strong),
    ("@sourcegraph/amp", "amp", Strength::Strong),
    ("@charmland/crush", "crush", Strength::Strong),
    ("@augmentcode/auggie", "augment", Strength::Strong),
    ("@qwen-code/qwen-code", "qwen", Strength::Strong),
    ("@kilocode/cli", "kilocode", Strength::Strong),
    ("node_modules/opencode-ai", "opencode", Strength::Strong),
    ("node_modules/cline", "cline", Strength::Strong),
    ("site-packages/aider", "aider", Strength::Strong),
    (".vscode-server", "copilot", Strength::Weak),
    (".cursor-server", "cursor", Strength::Weak),
    (".windsurf-server", "windsurf", Strength::Weak),
    (".kiro-server", "kiro", Strength::Weak),
];

/// The agent that a process is, by its name as the kernel keeps it and its
/// arguments (its own name first), and how sure that is: never silent.
pub fn recognise(name: &OsStr, command: &[OsString]) -> Option<(&'static str, Strength)> {
    let program = command.first().map(OsString::as_os_str).filter(|word| is_path(word));
    let mut names = vec![name];
    names.extend(program.map(file_name));
    let arguments = command.get(1..);

    let mut best = None;
    for name in &names {
        best = stronger(best, by_name(name, arguments, |known| known.native));
    }
    if let Some(program) = program {
        best = stronger(best, by_directory(program));
    }
    for interpreter in names.iter().filter_map(|name| Interpreter::of(name)) {
        if let Some((script, arguments)) = interpreter.script(arguments.unwrap_or_default()) {
            best = stronger(best, by_name(file_name(script), Some(arguments), |known| known.script));
            best = stronger(best, by_directory(script));
        }
    }
    best.filter(|(_, strength)| *strength > Strength::Silent)
}

type Recognised = Option<(&'static str, Strength)>;

fn stronger(one: Recognised, other: Recognised) -> Recognised {
    let strength = |found: Recognised| found.map(|(_, strength)| strength);
    if strength(other) > strength(one) { other } else { one }
}

fn by_name(name: &OsStr, arguments: Option<&[OsString]>, alone: impl Fn(&Program) -> Strength) -> Recognised {
    let program = PROGRAMS.iter().find(|program| is_name(name, program.name))?;
    let told = arguments.is_some_and(|arguments| {
        let first = arguments.first().map(|argument| argument.as_bytes());
        program.telling.iter().any(|telling| match telling {
            Absent => first.is_none(),
            AnyOption => first.is_some_and(|first| first.starts_with(b"-")),
            Is(word) => first == Some(word.as_bytes()),
        })
    });
    Some((program.agent, if told { Strength::Strong } else { alone(program) }))
}

/// Whether `name` is `known`, also as far as the kernel keeps it.
fn is_name(name: &OsStr, known: &str) -> bool {
    let (name, known) = (name.as_bytes(), known.as_bytes());
    name == known || (name.len() == COMM_LENGTH && known.len() > COMM_LENGTH && known.starts_with(name))
}

fn by_directory(path: &OsStr) -> Recognised {
    DIRECTORIES
        .iter()
        .find(|(directory, ..)| lies_in(path, directory))
        .map(|(_, agent, strength)| (*agent, *strength))
}

/// Whether the components of `directory` stand in `path`, next to each other;
/// a version after an `@` does not count, nor `npm:` before.
fn lies_in(path: &OsStr, directory: &str) -> bool {
    let (path, directory) = (path.as_bytes(), directory.as_bytes());
    path.windows(directory.len()).enumerate().any(|(start, window)| {
        let before = path.get(..start).and_then(|before| before.last());
        let after = path.get(start + directory.len());
        window == directory
            && matches!(before, None | Some(b'/' | b':'))
            && matches!(after, None | Some(b'/' | b'@'))
    })
}

/// Whether `word` can be a program: many a service writes a title there, as in
/// `worker: serving /srv/claude`.
fn is_path(word: &OsStr) -> bool {
    word.as_bytes().starts_with(b"/") || !word.as_bytes().contains(&b' ')
}

fn file_name(path: &OsStr) -> &OsStr {
    OsStr::from_bytes(path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default())
}

/// What runs scripts, by the manner of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interpreter {
    JavaScript,
    Python,
    Shell,
    Launcher,
}

impl Interpreter {
    fn of(name: &OsStr) -> Option<Self> {
        let name = name.to_str()?;
        match name {
            // Node calls its main thread so, and with it the process.
            "node" | "nodejs" | "bun" | "deno" | "tsx" | "MainThread" | "node-MainThread" => {
                Some(Self::JavaScript)
            }
            "sh" | "bash" | "dash" | "zsh" | "ksh" => Some(Self::Shell),
            "npx" | "bunx" | "pnpx" | "uvx" | "pipx" | "npm" | "pnpm" | "yarn" | "uv" => Some(Self::Launcher),
            _ => {
                let version = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"))?;
                version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.').then_some(Self::Python)
            }
        }
    }

    /// The script, module or package that `arguments` run, and what is handed
    /// to it; none where the code stands in an argument or comes from input.
    fn script(self, arguments: &[OsString]) -> Option<(&OsStr, &[OsString])> {
        let mut rest = arguments;
        loop {
            let (first, after) = rest.split_first()?;
            rest = match first.as_bytes() {
                b"--" => after,
                b"-m" if self == Self::Python => after,
                option if option.starts_with(b"-") => {
                    if self.takes_code(option) {
                        return None;
                    }
                    after.get(usize::from(self.takes_value(option))..)?
                }
                b"run" | b"x" if self == Self::JavaScript => after,
                b"exec" | b"dlx" | b"run" | b"tool" | b"x" if self == Self::Launcher => after,
                _ => return Some((first, after)),
            };
        }
    }

    fn takes_code(self, option: &[u8]) -> bool {
        match self {
            Self::JavaScript => matches!(option, b"-e" | b"--eval" | b"-p" | b"--print" | b"-pe" | b"-"),
            Self::Python | Self::Shell => {
                !option.starts_with(b"--") && (option == b"-" || option.contains(&b'c'))
            }
            Self::Launcher => false,
        }
    }

    fn takes_value(self, option: &[u8]) -> bool {
        match self {
            Self::JavaScript => matches!(
                option,
                b"-r"
                    | b"--require"
                    | b"--import"
                    | b"--loader"
                    | b"--experimental-loader"
                    | b"-C"
                    | b"--conditions"
            ),
            Self::Python => matches!(option, b"-X" | b"-W"),
            Self::Shell => matches!(option, b"-o" | b"-O" | b"--rcfile" | b"--init-file"),
            Self::Launcher => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, command: &str) -> Option<(&'static str, Strength)> {
        let command: Vec<OsString> = command.split_whitespace().map(OsString::from).collect();
        recognise(OsStr::new(name), &command)
    }

    #[test]
    fn agents_are_strong() {
        let cases = [
            ("claude", "claude", "claude-code"),
            ("claude", "claude --resume", "claude-code"),
            ("2.1.205", "/home/u/.local/share/claude/versions/2.1.205 --x", "claude-code"),
            ("node", "node /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js", "claude-code"),
            ("node", "node --max-old-space-size=8192 -r /x.js /home/u/.npm/bin/claude -p x", "claude-code"),
            ("MainThread", "/usr/bin/node --no-warnings /usr/local/bin/gemini", "gemini"),
            ("bun", "bun run /home/u/.bun/bin/claude", "claude-code"),
            ("deno", "deno run -A npm:@google/gemini-cli@0.9", "gemini"),
            ("npm exec @openai", "npx -y @openai/codex@latest exec", "codex"),
            ("uvx", "uvx aider", "aider"),
            ("codex", "/usr/lib/node_modules/@openai/codex/vendor/x/codex/codex", "codex"),
            ("codex-linux-san", "", "codex"),
            ("python3.12", "/home/u/venv/bin/python3.12 /home/u/venv/bin/aider --model x", "aider"),
            ("python", "python -X dev -m aider", "aider"),
            ("python3", "python3 /v/lib/python3.12/site-packages/aider/main.py", "aider"),
            ("sh", "sh -e /usr/local/bin/opencode", "opencode"),
            (
                "node",
                "/home/u/.local/bin/agent /home/u/.local/share/cursor-agent/versions/1/index.js",
                "cursor",
            ),
            ("node", "node /usr/local/bin/copilot -p x", "copilot"),
            ("copilot", "copilot --allow-all-tools -p x", "copilot"),
            ("copilot", "copilot", "copilot"),
            ("goose", "goose session", "goose"),
            ("goose", "goose", "goose"),
            ("goosed", "goosed agent", "goose"),
            ("q", "q chat", "amazon-q"),
            ("qchat", "qchat chat", "amazon-q"),
            ("amp", "amp -x fix", "amp"),
            ("node", "node /usr/local/bin/amp", "amp"),
            ("kiro-cli-chat", "kiro-cli-chat chat", "kiro"),
        ];
        for (name, command, agent) in cases {
            assert_eq!(seen(name, command), Some((agent, Strength::Strong)), "{name}: {command}");
        }
    }

    #[test]
    fn editors_and_common_words_are_weak() {
        let cases = [
            ("cursor", "/usr/share/cursor/cursor --type=utility", "cursor"),
            ("Cursor", "Cursor", "cursor"),
            ("code", "/usr/share/code/code", "copilot"),
            ("code-server", "code-server", "copilot"),
            ("windsurf", "windsurf", "windsurf"),
            ("kiro", "kiro", "kiro"),
            ("devin", "devin", "devin"),
            ("amp", "amp main.tf", "amp"),
            ("crush", "crush", "crush"),
            ("node", "/home/u/.cursor-server/bin/1/node /home/u/.cursor-server/bin/1/out/x.js", "cursor"),
        ];
        for (name, command, agent) in cases {
            assert_eq!(seen(name, command), Some((agent, Strength::Weak)), "{name}: {command}");
        }
    }

    #[test]
    fn look_alikes_are_nothing() {
        let cases = [
            ("bash", "-bash"),
            ("bash", "bash /home/q/x.sh"),
            ("bash", "bash /home/claude/deploy.sh"),
            ("bash", "bash -c claude"),
            ("sh", "sh -lc /usr/bin/claude"),
            ("x.sh", "/bin/sh /home/u/claude/x.sh"),
            ("vim", "vim claude.md"),
            ("vim", "vim /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js"),
            ("vim", "vim claude"),
            ("su", "su - claude"),
            ("sudo", "sudo -u claude make"),
            ("sshd", "sshd: claude@pts/0"),
            ("gunicorn", "gunicorn: worker /srv/claude"),
            ("tmux: server", "tmux new -s claude"),
            ("claude-monitor", "claude-monitor"),
            ("claude.sh", "/bin/sh ./claude.sh"),
            ("python", "python claude.py"),
            ("python3", "python3 -c import claude"),
            ("python3-config", "python3-config claude"),
            ("node", "node -e claude"),
            ("node", "node /srv/claude/server.js"),
            ("node", "node server.js /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js"),
            ("node", "node /srv/not@anthropic-ai/claude-code/x.js"),
            ("node", "node /srv/@anthropic-ai/claude-code-tools/x.js"),
            ("node", "node"),
            ("bash", "q"),
            ("q", "q"),
            ("q", "q -H 'select'"),
            ("python3", "python3 /usr/bin/q x"),
            ("agent", "agent run -p 5"),
            ("ssh-agent", "ssh-agent"),
            ("goose", "goose -dir migrations postgres dsn up"),
            ("goose", "goose up"),
            ("goose", ""),
            ("copilot", "copilot svc deploy"),
            ("qterm", "qterm"),
            ("terraform", "terraform apply"),
            ("", ""),
        ];
        for (name, command) in cases {
            assert_eq!(seen(name, command), None, "{name}: {command}");
        }
        let titled = [OsString::from("worker: serving /srv/claude")];
        assert_eq!(recognise(OsStr::new("worker"), &titled), None);
        let bytes = [OsStr::from_bytes(b"/x\xff/claude").to_owned()];
        assert_eq!(recognise(OsStr::new("x"), &bytes), Some(("claude-code", Strength::Strong)));
    }
}
