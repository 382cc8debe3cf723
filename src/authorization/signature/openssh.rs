//! The real OpenSSH, for tests: keys and signatures that somebody else made.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use base64ct::{Base64, Encoding as _};

use super::{BEGIN, END, PublicKey, Signature};
use crate::process::Environment;

/// A directory for keys; `None`, said aloud, where there is no `ssh-keygen`.
/// Where `CI` is set a missing one fails the test.
pub(in crate::authorization) struct OpenSsh {
    pub(in crate::authorization) directory: tempfile::TempDir,
}

impl OpenSsh {
    pub(in crate::authorization) fn find() -> Option<Self> {
        let missing = Command::new("ssh-keygen").arg("-?").output().is_err();
        if missing {
            let must = Environment::of_this_process().non_empty("CI").is_some();
            assert!(!must, "in CI this has to run: there is no `ssh-keygen` on PATH");
            eprintln!("SKIPPED: there is no `ssh-keygen` on PATH");
            return None;
        }
        Some(Self { directory: tempfile::tempdir().unwrap() })
    }

    pub(in crate::authorization) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A program of OpenSSH's, which knows no other keys than these.
    pub(in crate::authorization) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.directory.path())
            .env_remove("SSH_AUTH_SOCK")
            .env("HOME", self.directory.path());
        command
    }

    pub(in crate::authorization) fn keygen(&self, arguments: &[&str]) -> Output {
        let mut command = self.command("ssh-keygen");
        command.args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// A new key without a passphrase, in the file `name`.
    pub(in crate::authorization) fn key(&self, name: &str, kind: &[&str]) -> PublicKey {
        PublicKey::parse(&self.line(name, kind)).unwrap()
    }

    /// The same, of any kind: the line of its public part.
    pub(in crate::authorization) fn line(&self, name: &str, kind: &[&str]) -> String {
        let made = self.keygen(&[&["-q", "-N", "", "-C", "a comment", "-f", name, "-t"], kind].concat());
        assert!(made.status.success(), "{made:?}");
        std::fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap()
    }

    /// What `ssh-keygen -Y sign` writes beside `message`.
    pub(in crate::authorization) fn armor(
        &self,
        key: &str,
        namespace: &str,
        message: &[u8],
        more: &[&str],
    ) -> String {
        let file = self.path("message");
        std::fs::write(&file, message).unwrap();
        let _ = std::fs::remove_file(self.path("message.sig"));
        let signed =
            self.keygen(&[&["-Y", "sign", "-q", "-n", namespace, "-f", key], more, &["message"]].concat());
        assert!(signed.status.success(), "{signed:?}");
        std::fs::read_to_string(self.path("message.sig")).unwrap()
    }

    /// A signature for an approval.
    pub(in crate::authorization) fn sign(&self, key: &str, message: &[u8]) -> Signature {
        Signature::read(&blob(&self.armor(key, super::NAMESPACE, message, &[]))).unwrap()
    }

    /// Whether `ssh-keygen -Y verify` takes `signature` from whoever has `line`.
    pub(in crate::authorization) fn accepts(&self, line: &str, armor: &str, message: &[u8]) -> bool {
        std::fs::write(self.path("allowed"), format!("peer@corp {line}\n")).unwrap();
        std::fs::write(self.path("peer.sig"), armor).unwrap();
        std::fs::write(self.path("peer.message"), message).unwrap();
        let mut command = self.command("ssh-keygen");
        command.args([
            "-Y",
            "verify",
            "-f",
            "allowed",
            "-I",
            "peer@corp",
            "-n",
            super::NAMESPACE,
            "-s",
            "peer.sig",
        ]);
        command.stdin(std::fs::File::open(self.path("peer.message")).unwrap());
        command.output().unwrap().status.success()
    }
}

/// The bytes in the armour that `ssh-keygen` writes.
pub(in crate::authorization) fn blob(armor: &str) -> Vec<u8> {
    let body = armor.trim().strip_prefix(BEGIN).unwrap().strip_suffix(END).unwrap();
    Base64::decode_vec(&body.replace('\n', "")).unwrap()
}
