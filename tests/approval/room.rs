//! A world with a list of approvers and the keys of those who are on it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::world::{World, assert_code, is_installed, text};

/// What separates these signatures from others.
pub(crate) const NAMESPACE: &str = "tollgate-approve-v1";

/// A command that asks a human for a second person.
pub(crate) const DESTROY: [&str; 2] = ["destroy", "-auto-approve"];

/// A world in which bob and carol may approve what alice asks for.
pub(crate) struct Room {
    pub(crate) world: World,
}

impl Room {
    /// `None`, said aloud, where there is no ssh-keygen. `environments` is what
    /// the list says of them.
    pub(crate) fn new(environments: &str) -> Option<Self> {
        if !is_installed("ssh-keygen") {
            return None;
        }
        let room = Self { world: World::new() };
        fs::create_dir(room.world.path("peers")).unwrap();
        for name in ["bob", "bob2", "carol", "eve"] {
            room.keygen(&["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", &format!("peers/{name}")]);
        }
        room.world.write(&format!("{}/main.tf", crate::support::world::PROJECT), "# nothing\n");
        room.list("advisory", environments, "");
        Some(room)
    }

    /// Writes the user's list.
    pub(crate) fn list(&self, mode: &str, environments: &str, rest: &str) -> PathBuf {
        let text = self.text(mode, environments, rest);
        self.world.write("home/.config/tollgate/approvers.yaml", &text)
    }

    /// A list as it is written.
    pub(crate) fn text(&self, mode: &str, environments: &str, rest: &str) -> String {
        let user = Self::user();
        let mode = if mode.is_empty() { String::new() } else { format!("mode: {mode}\n") };
        let [bob, bob2, carol] = ["bob", "bob2", "carol"].map(|name| self.public(name));
        format!(
            "version: 1\n{mode}people:\n\
             \x20 - {{id: alice@corp, os_users: ['{user}'], keys: []}}\n\
             \x20 - {{id: bob@corp, groups: [sre], os_users: [bob], keys: [{bob}, {bob2}]}}\n\
             \x20 - {{id: carol@corp, groups: [sre], os_users: [carol], keys: [{carol}]}}\n\
             environments: {environments}\n{rest}"
        )
    }

    /// Who runs the tests.
    pub(crate) fn user() -> String {
        let user = Command::new("id").arg("-un").output().unwrap();
        text(&user.stdout).trim().to_owned()
    }

    /// The public key of a peer, without its comment.
    pub(crate) fn public(&self, name: &str) -> String {
        let line = fs::read_to_string(self.world.path(&format!("peers/{name}.pub"))).unwrap();
        line.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    fn keygen(&self, arguments: &[&str]) {
        let mut command = Command::new("/usr/bin/ssh-keygen");
        command.args(arguments).current_dir(self.world.path(".")).env_remove("SSH_AUTH_SOCK");
        let made = command.stdin(Stdio::null()).output().unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    /// What a human without a terminal asks for, where a second person is needed.
    pub(crate) fn destroy(&self) -> Command {
        self.prod(DESTROY)
    }

    /// The same of any arguments.
    pub(crate) fn prod<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = self.world.terraform(arguments);
        command.env("TF_WORKSPACE", "prod");
        command
    }

    /// The requests that wait.
    pub(crate) fn waiting(&self) -> Vec<PathBuf> {
        self.files("pending", ".request")
    }

    /// The files of one kind in a directory of the state.
    pub(crate) fn files(&self, directory: &str, end: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.world.state().join(directory)).into_iter().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.to_str().unwrap().ends_with(end));
        paths.sort();
        paths
    }

    /// Asks, is refused, and returns the one request that waits then.
    #[track_caller]
    pub(crate) fn asked(&self, command: &mut Command) -> PathBuf {
        let before = self.waiting();
        let refused = command.output().unwrap();
        assert_code(&refused, 77);
        let mut new: Vec<PathBuf> =
            self.waiting().into_iter().filter(|path| !before.contains(path)).collect();
        assert_eq!(new.len(), 1, "{}", text(&refused.stderr));
        let path = new.remove(0);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let line = format!("ssh-keygen -Y sign -n {NAMESPACE} -f KEY {}", path.display());
        assert!(text(&refused.stderr).contains(&line), "{}", text(&refused.stderr));
        path
    }

    /// Asks again for what waits already, and returns that request.
    #[track_caller]
    pub(crate) fn asked_again(&self, command: &mut Command) -> PathBuf {
        let before = self.waiting();
        let refused = command.output().unwrap();
        assert_code(&refused, 77);
        assert_eq!(self.waiting(), before, "{}", text(&refused.stderr));
        let named = before.iter().find(|path| text(&refused.stderr).contains(path.to_str().unwrap()));
        named.unwrap().clone()
    }

    /// Signs a copy of a request as a peer does, with nothing but OpenSSH; where
    /// the signature is.
    pub(crate) fn sign(&self, name: &str, request: &Path) -> PathBuf {
        self.sign_for(name, request, NAMESPACE)
    }

    /// The same for any purpose.
    pub(crate) fn sign_for(&self, name: &str, request: &Path, namespace: &str) -> PathBuf {
        let copy = self.world.path(&format!("peers/{name}.request"));
        fs::copy(request, &copy).unwrap();
        let signature = self.world.path(&format!("peers/{name}.request.sig"));
        let _ = fs::remove_file(&signature);
        let key = format!("peers/{name}");
        self.keygen(&["-Y", "sign", "-q", "-n", namespace, "-f", &key, copy.to_str().unwrap()]);
        signature
    }

    /// Asks, and has it signed by bob.
    #[track_caller]
    pub(crate) fn approved(&self, mut command: Command) -> PathBuf {
        let request = self.asked(&mut command);
        self.sign("bob", &request)
    }

    /// What an agent's hook answers about a line.
    pub(crate) fn hooked(&self, mut command: Command, line: &str) -> String {
        let payload = serde_json::json!({
            "session_id": "1", "transcript_path": "/x", "cwd": self.world.project(),
            "hook_event_name": "PreToolUse", "permission_mode": "default", "tool_name": "Bash",
            "tool_input": {"command": line, "description": "Clean up"}, "tool_use_id": "t1",
        });
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), payload.to_string().as_bytes()).unwrap();
        text(&child.wait_with_output().unwrap().stdout)
    }
}
