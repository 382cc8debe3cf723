//! Where an agent works: shims before the real tools, a list of approvers that root
//! wrote, and a peer who signs with nothing but OpenSSH.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::approval::room::Room;
use crate::support::pty::PtyCommand;
use crate::support::world::{MARKER, PROJECT, REFUSED, World, assert_code, text, tollgate};

/// One of two peers approves.
const ONE: &str = "{default: {quorum: 1, groups: [sre]}}";
const TOKEN: &str = "TOLLGATE_TOKEN";

/// Puts a directory in the place of /etc, for a program and what it starts.
const ADMINISTERED: &str = r#"mount --bind "$0" /etc && exec "$@""#;

/// A world in which an agent has its human's rights, and root named who approves.
pub(super) struct Desk {
    pub(super) room: Room,
    variables: Vec<(String, OsString)>,
}

/// What an agent was told.
pub(super) struct Refusal {
    /// All of it.
    pub(super) text: String,
    /// The request that waits now.
    pub(super) request: PathBuf,
}

impl Refusal {
    /// Asserts that these words are there.
    #[track_caller]
    pub(super) fn says(&self, words: &[&str]) {
        for one in words {
            assert!(self.text.contains(one), "{one:?} is not in: {}", self.text);
        }
    }

    /// The request's text, as a peer reads it.
    pub(super) fn asked(&self) -> String {
        fs::read_to_string(&self.request).unwrap()
    }
}

impl Desk {
    /// `None`, said aloud, where root's list cannot be had in a mount namespace, or
    /// there is no ssh-keygen.
    pub(super) fn new() -> Option<Self> {
        let room = Room::new(ONE)?;
        if !has_namespaces() {
            return None;
        }
        fs::remove_file(room.world.path("bin/terraform")).unwrap();
        fs::remove_file(room.world.path(&format!("{PROJECT}/main.tf"))).unwrap();
        fs::remove_file(room.world.path("home/.config/tollgate/approvers.yaml")).unwrap();
        // What of it only root may read is not needed.
        let copied = Command::new("/bin/cp").args(["-a", "/etc"]).arg(room.world.path("etc")).output();
        copied.unwrap();
        // What root administers is kept below the home that the password database names.
        let users = fs::read_to_string(room.world.path("etc/passwd")).unwrap_or_default();
        let own = format!(":{}:", nix::unistd::geteuid());
        let others = users.lines().filter(|line| !line.contains(&format!(":x{own}")));
        let me = format!("{}:x{own}0::{}:/bin/sh", Room::user(), room.world.path("home").display());
        let users: Vec<&str> = std::iter::once(me.as_str()).chain(others).collect();
        room.world.write("etc/passwd", &(users.join("\n") + "\n"));
        room.world.write("etc/tollgate/approvers.yaml", &room.text("", ONE, ""));
        Some(Self { room, variables: Vec::new() })
    }

    pub(super) fn world(&self) -> &World {
        &self.room.world
    }

    /// A shim before the real `program`.
    pub(super) fn install(&self, tool: &str, program: &Path) {
        symlink(program, self.world().path(&format!("bin/{tool}"))).unwrap();
        let shim = self.world().path(&format!("shims/{tool}"));
        if !shim.exists() {
            symlink(tollgate(), shim).unwrap();
        }
    }

    /// A variable of everything that runs here.
    pub(super) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.push((name.to_owned(), value.into()));
    }

    /// A line as the agent runs it: the shims come first on its PATH.
    pub(super) fn agent(&self, line: &str) -> Command {
        let mut command = self.human(line);
        command.env(MARKER.0, MARKER.1);
        command
    }

    /// The same without an agent's mark, and without a terminal.
    pub(super) fn human(&self, line: &str) -> Command {
        let mut command = Command::new("/usr/bin/unshare");
        command.args(namespace()).args(["/bin/sh", "-c", ADMINISTERED]).arg(self.world().path("etc"));
        command.arg("/usr/bin/setsid").args(shell_words::split(line).unwrap()).env_clear();
        let plain = self.world().command("true");
        command.envs(plain.get_envs().map(|(name, value)| (name, value.unwrap())));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.world().project()).stdin(Stdio::null());
        command
    }

    /// The same at a terminal.
    pub(super) fn at_terminal(&self, line: &str) -> PtyCommand {
        let command = PtyCommand::new("/usr/bin/unshare").args(namespace());
        let command = command.args(["/bin/sh", "-c", ADMINISTERED]).args([self.world().path("etc")]);
        let command = self.world().in_terminal(command.args(shell_words::split(line).unwrap()));
        self.variables.iter().fold(command, |command, (name, value)| command.env(name, value))
    }

    /// A line of the real tools, with no shim before them.
    #[track_caller]
    pub(super) fn real(&self, line: &str) -> String {
        let mut command = self.human(line);
        let output = command.env("PATH", self.world().search(&["bin"])).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        text(&output.stdout)
    }

    /// Asserts that what an agent asks for runs, without a question.
    #[track_caller]
    pub(super) fn passes(&self, line: &str) -> String {
        let output = self.agent(line).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        let errors = text(&output.stderr);
        assert!(!errors.contains("tollgate: "), "{line}: {errors}");
        text(&output.stdout)
    }

    /// Asserts that an agent is refused, and told what, where, why, and how it is
    /// approved.
    #[track_caller]
    pub(super) fn refused(&self, line: &str) -> Refusal {
        self.refuses(line, &mut self.agent(line))
    }

    #[track_caller]
    pub(super) fn refuses(&self, line: &str, command: &mut Command) -> Refusal {
        let output = command.output().unwrap();
        assert_code(&output, REFUSED);
        // Beside the plan, which is shown as it always was.
        let plan = text(&output.stdout);
        assert!(plan.is_empty() || line.contains("terraform "), "{line}: {plan}");
        assert!(!plan.contains(" complete! "), "{line}: {plan}");
        let text = text(&output.stderr);
        let waiting = self.room.waiting();
        let request = waiting.into_iter().find(|path| text.contains(path.to_str().unwrap()));
        let request = request.unwrap_or_else(|| panic!("no request: {text}"));
        let refusal = Refusal { text, request };
        refusal.says(&[
            &format!("tollgate: refused: {line} (rule "),
            "\n  target:   environment ",
            "\n  effect:   ",
            "\n  why:      ",
            "\n  because:  ",
            "claude-code asks (CLAUDE_CODE_CHILD_SESSION), and it needs a second person\n",
            "\n  approve:  request ",
            " for 1 of bob@corp, carol@corp, who sign a copy of\n",
            &format!("ssh-keygen -Y sign -n tollgate-approve-v1 -f KEY {}\n", refusal.request.display()),
            "then run this again with TOLLGATE_TOKEN set to the token, or to the path of the signature\n",
        ]);
        refusal
    }

    /// Asserts that a rule denies it to an agent, and that nothing waits.
    #[track_caller]
    pub(super) fn denied(&self, line: &str) -> String {
        let before = self.room.waiting();
        let output = self.agent(line).output().unwrap();
        assert_code(&output, REFUSED);
        let text = text(&output.stderr);
        assert!(text.contains("because:  a rule denies it, and no approval changes that\n"), "{text}");
        assert_eq!(self.room.waiting(), before, "{text}");
        text
    }

    /// The line with an approval in hand.
    pub(super) fn with(&self, line: &str, signature: &Path) -> Command {
        let mut command = self.agent(line);
        command.env(TOKEN, signature);
        command
    }

    /// Bob signs, the same line runs once, and the record names who asked, who
    /// approved and how it ended. Returns the signature and what was printed.
    #[track_caller]
    pub(super) fn approved(&self, line: &str, refusal: &Refusal) -> (PathBuf, String) {
        let signature = self.room.sign("bob", &refusal.request);
        let before = self.world().recorded("exec").len();
        let output = self.with(line, &signature).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        let runs = self.world().recorded("exec");
        assert_eq!(runs.len(), before + 1, "{line}: {runs:?}");
        self.assert_told(runs.last().unwrap(), &refusal.request);
        (signature, text(&output.stdout))
    }

    #[track_caller]
    fn assert_told(&self, exec: &Value, request: &Path) {
        let of = |kind: &str| {
            let mut entries = self.world().recorded(kind);
            entries.retain(|entry| entry["req"] == exec["req"]);
            assert_eq!(entries.len(), 1, "{kind}: {entries:?}");
            entries.remove(0)
        };
        let (decision, exit) = (of("decision"), of("exit"));
        assert_eq!((&decision["agent"], &exit["exit"]), (&"claude-code".into(), &0.into()));
        assert!(decision["actor"]["user"].as_str().is_some_and(|user| !user.is_empty()), "{decision}");
        assert_eq!(decision["decision"], "peer", "{decision}");
        let id = request.file_stem().unwrap().to_str().unwrap();
        assert_eq!((exec["authorization"].as_str(), exec["approval"].as_str()), (Some("approved"), Some(id)));
        assert_eq!(exec["approvers"][0]["person"], "bob@corp");
        assert_eq!(exec.get("note"), None, "root's list is not advisory: {exec}");
        let shown = text(&self.world().tollgate(["audit", "show"]).output().unwrap().stdout);
        for told in ["(agent claude-code)", "bob@corp", id] {
            assert!(shown.contains(told), "{told}: {shown}");
        }
        self.world().assert_intact();
    }

    /// Asserts that an approval that was used is good for nothing more.
    #[track_caller]
    pub(super) fn assert_spent(&self, line: &str, signature: &Path) {
        let output = self.with(line, signature).output().unwrap();
        assert_code(&output, REFUSED);
        let told = text(&output.stderr);
        assert!(told.contains("was used already: it is good for one run"), "{told}");
    }

    /// What the hook answers an agent that is about to run a line: the decision,
    /// `None` where it lets the line pass, and the reason.
    #[track_caller]
    pub(super) fn hook(&self, line: &str) -> (Option<String>, String) {
        let mut command = self.human(&format!("{} hook", tollgate().display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let answer = self.room.hooked(command, line);
        if answer.is_empty() {
            return (None, String::new());
        }
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let told = &answer["hookSpecificOutput"];
        let word = |name: &str| told[name].as_str().unwrap().to_owned();
        (Some(word("permissionDecision")), word("permissionDecisionReason"))
    }

    /// The bytes of a file of the project.
    pub(super) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.world().project().join(name)).unwrap()
    }

    /// Writes a file of the project.
    pub(super) fn write(&self, name: &str, text: &str) {
        self.world().write(&format!("{PROJECT}/{name}"), text);
    }

    /// Writes a rule file of the administrator's.
    pub(super) fn rules(&self, name: &str, text: &str) {
        self.world().write(&format!("etc/tollgate/rules/{name}.yaml"), text);
    }
}

/// The options by which a mount namespace is had.
fn namespace() -> &'static [&'static str] {
    if nix::unistd::geteuid().is_root() { &["--mount"] } else { &["--mount", "--map-root-user"] }
}

fn has_namespaces() -> bool {
    let mut tried = Command::new("/usr/bin/unshare");
    tried.args(namespace()).args(["/bin/sh", "-c", "mount --bind /tmp /mnt"]);
    let works = tried.output().is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("NOT TESTED: incidents, since no mount namespace can be made here");
    }
    works
}
