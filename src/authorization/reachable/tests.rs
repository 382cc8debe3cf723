use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64ct::{Base64, Encoding as _};
use nix::sys::stat::Mode;

use super::*;
use crate::authorization::signature::openssh::OpenSsh;
use crate::authorization::signature::wire;

/// A user who has nothing but `home`.
fn user(home: &Path) -> User {
    User { uid: nix::unistd::geteuid().as_raw(), name: "somebody".to_owned(), home: Some(home.to_owned()) }
}

fn look(environment: &[(&str, &Path)], home: &Path) -> Reachable {
    Reachable::look(&environment.iter().map(|(name, value)| (*name, *value)).collect(), &user(home))
}

/// A real agent, which ends with the test.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Agent {
    /// One that listens at `socket` and holds the keys in these files.
    fn start(ssh: &OpenSsh, socket: &Path, keys: &[&str]) -> Self {
        std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
        let mut agent = ssh.command("ssh-agent");
        let agent = agent
            .arg("-D")
            .arg("-a")
            .arg(socket)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let agent = Self(agent);
        for key in keys {
            let mut tries = 0..500;
            let added = tries.any(|_| {
                let mut add = ssh.command("ssh-add");
                let done =
                    add.arg("-q").arg(key).env("SSH_AUTH_SOCK", socket).output().unwrap().status.success();
                if !done {
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                done
            });
            assert!(added, "ssh-add {key}");
        }
        agent
    }
}

#[test]
fn what_an_agent_holds_is_within_reach() {
    let Some(ssh) = OpenSsh::find() else { return };
    let home = tempfile::tempdir().unwrap();
    let kinds = [&["ed25519"][..], &["ecdsa", "-b", "256"], &["ecdsa", "-b", "384"]];
    let names = ["a", "b", "c"];
    let keys: Vec<PublicKey> = names.iter().zip(kinds).map(|(name, kind)| ssh.key(name, kind)).collect();
    let other = ssh.key("other", &["ed25519"]);
    let socket = ssh.path("socket");
    let agent = Agent::start(&ssh, &socket, &names);
    let found = look(&[("SSH_AUTH_SOCK", &socket)], home.path());
    for key in &keys {
        assert_eq!(found.holds(key), Some(format!("the ssh-agent at {}", socket.display())));
    }
    assert_eq!(found.holds(&other), None);
    drop(agent);
    assert_eq!(look(&[("SSH_AUTH_SOCK", &socket)], home.path()).holds(&keys[0]), None, "it is gone");
}

#[test]
fn a_certificate_in_an_agent_stands_for_its_key() {
    let Some(ssh) = OpenSsh::find() else { return };
    let key = ssh.key("key", &["ed25519"]);
    ssh.key("authority", &["ed25519"]);
    assert!(ssh.keygen(&["-q", "-s", "authority", "-I", "x", "key.pub"]).status.success());
    let line = std::fs::read_to_string(ssh.path("key-cert.pub")).unwrap();
    let mut found = Reachable::default();
    let blob = Base64::decode_vec(line.split(' ').nth(1).unwrap()).unwrap();
    assert!(found.add_blob(&blob, || "here".to_owned()));
    assert_eq!(found.holds(&key).as_deref(), Some("here"));
}

#[test]
fn an_agent_is_found_where_agents_usually_listen() {
    let Some(ssh) = OpenSsh::find() else { return };
    let key = ssh.key("key", &["ed25519"]);
    let base = tempfile::tempdir().unwrap();
    let (home, run, temporary) = (base.path().join("h"), base.path().join("r"), base.path().join("t"));
    for socket in [
        temporary.join("ssh-5fQk2nabcd/agent.17"),
        run.join("keyring/ssh"),
        run.join("gnupg/S.gpg-agent.ssh"),
        run.join("gnupg/d.x/S.gpg-agent.ssh"),
        run.join("ssh-agent.socket"),
        run.join("openssh_agent"),
        home.join(".ssh/agent/s.abc.agent.def"),
        home.join(".gnupg/S.gpg-agent.ssh"),
        home.join(".1password/agent.sock"),
    ] {
        let _agent = Agent::start(&ssh, &socket, &["key"]);
        let found = look(&[("TMPDIR", &temporary), ("XDG_RUNTIME_DIR", &run)], &home);
        assert_eq!(found.holds(&key), Some(format!("the ssh-agent at {}", socket.display())));
    }
    // Below a HOME that is not that of the password database.
    let socket = home.join(".ssh/agent/s.x");
    let _agent = Agent::start(&ssh, &socket, &["key"]);
    assert!(look(&[("HOME", &home)], base.path()).holds(&key).is_some());
}

#[cfg(target_os = "linux")]
#[test]
fn an_agent_is_found_by_what_the_kernel_knows() {
    let Some(ssh) = OpenSsh::find() else { return };
    let key = ssh.key("key", &["ed25519"]);
    let base = tempfile::tempdir().unwrap();
    for name in ["my-ssh.sock", "agent.sock"] {
        let socket = base.path().join(name);
        let _agent = Agent::start(&ssh, &socket, &["key"]);
        let found = look(&[], &base.path().join("home"));
        assert_eq!(found.holds(&key), Some(format!("the ssh-agent at {}", socket.display())));
    }
    let mut child = Command::new("sh");
    child.args(["-c", "echo up; read x"]).env("SSH_AUTH_SOCK", "/some/where");
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 3]).unwrap();
    let given = agents::given_to(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(given.as_deref(), Some(Path::new("/some/where")));
}

#[test]
fn an_agent_that_hangs_or_lies_is_passed_over() {
    let Some(ssh) = OpenSsh::find() else { return };
    let key = ssh.key("key", &["ed25519"]);
    let base = tempfile::tempdir().unwrap();
    let path = |name: &str| base.path().join(name);
    // The kernel takes connections for it, and nobody answers.
    let _silent = UnixListener::bind(path("silent")).unwrap();
    let full = UnixListener::bind(path("full")).unwrap();
    nix::sys::socket::listen(&full, nix::sys::socket::Backlog::new(0).unwrap()).unwrap();
    let _first = std::os::unix::net::UnixStream::connect(path("full")).unwrap();
    let liar = |name: &'static str, answer: Vec<u8>, keep: bool| {
        let listener = UnixListener::bind(path(name)).unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 5]);
            let _ = stream.write_all(&answer);
            if keep {
                let _ = stream.read(&mut [0; 1]);
            }
        })
    };
    let mut held = vec![12, 0, 0, 0, 9];
    let blob = Base64::decode_vec(key.openssh().split(' ').nth(1).unwrap()).unwrap();
    wire::push(&mut held, &blob);
    wire::push(&mut held, b"a comment");
    let mut short = Vec::new();
    wire::push(&mut short, &held);
    let threads = [
        liar("rubbish", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), false),
        liar("endless", vec![0; 1 << 20], false),
        liar("failure", vec![0, 0, 0, 1, 5], false),
        liar("half", vec![0, 0, 1, 0, 12], true),
        liar("short", short, false),
    ];
    std::fs::write(path("file"), "").unwrap();
    let names = ["silent", "full", "rubbish", "endless", "failure", "half", "short", "file", "none"];
    let mut found = Reachable::default();
    agents::ask(&names.map(path), agents::PATIENCE, &mut found);
    for thread in threads {
        thread.join().unwrap();
    }
    let mut unseen: Vec<&str> = found.unseen().iter().map(String::as_str).collect();
    unseen.sort_unstable();
    let silent = |name: &str| format!("the ssh-agent at {} does not answer", path(name).display());
    assert_eq!(unseen, [silent("full"), silent("half"), silent("silent")]);
    let place = format!("the ssh-agent at {}", path("short").display());
    assert_eq!(found.holds(&key), Some(place), "it announced nine keys and sent one");
    // However many hang, they are waited for together, and only so many are asked.
    let mut many = Reachable::default();
    agents::ask(&vec![path("silent"); 100], std::time::Duration::ZERO, &mut many);
    assert_eq!(many.unseen().len(), 65);
    assert_eq!(many.unseen()[0], "36 ssh-agents more");
}

#[test]
fn a_private_key_counts_under_any_name_and_in_any_format() {
    let Some(ssh) = OpenSsh::find() else { return };
    let home = tempfile::tempdir().unwrap();
    let below = home.path().join(".ssh/work/prod");
    std::fs::create_dir_all(&below).unwrap();
    let mut kinds = vec![("ed25519", "ed25519", ""), ("p256", "ecdsa", "256"), ("p384", "ecdsa", "384")];
    if cfg!(feature = "rsa") {
        kinds.push(("rsa", "rsa", "3072"));
    }
    for (name, kind, bits) in kinds {
        for format in ["RFC4716", "PEM", "PKCS8"] {
            for phrase in ["", "correct horse"] {
                for (place, beside) in [(&below, false), (&below, true), (&home.path().to_owned(), false)] {
                    let key = format!("{name}{format}{}", phrase.len());
                    let mut arguments = vec!["-q", "-N", phrase, "-f", &key, "-t", kind, "-m", format];
                    if !bits.is_empty() {
                        arguments.extend(["-b", bits]);
                    }
                    assert!(ssh.keygen(&arguments).status.success());
                    let public = std::fs::read_to_string(ssh.path(&format!("{key}.pub"))).unwrap();
                    let public_key = PublicKey::parse(&public).unwrap();
                    let file = place.join("notes.txt");
                    std::fs::rename(ssh.path(&key), &file).unwrap();
                    if beside {
                        std::fs::write(place.join("notes.txt.pub"), public).unwrap();
                    }
                    let found = look(&[], home.path());
                    // ssh-keygen 9.2 writes ed25519 in its own format only.
                    let own = format == "RFC4716" || kind == "ed25519";
                    let readable = own || phrase.is_empty() || beside;
                    let expected = readable.then(|| file.display().to_string());
                    assert_eq!(found.holds(&public_key), expected, "{key} {beside}");
                    for left in ["notes.txt", "notes.txt.pub"].map(|name| place.join(name)) {
                        let _ = std::fs::remove_file(left);
                    }
                    std::fs::remove_file(ssh.path(&format!("{key}.pub"))).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_public_key_alone_is_nobodys() {
    let Some(ssh) = OpenSsh::find() else { return };
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join(".ssh");
    std::fs::create_dir(&directory).unwrap();
    let keys = [ssh.key("bob", &["ed25519"]), ssh.key("carol", &["ecdsa"]), ssh.key("own", &["ed25519"])];
    for name in ["bob.pub", "carol.pub", "own.pub", "own"] {
        std::fs::copy(ssh.path(name), directory.join(name)).unwrap();
    }
    std::fs::write(directory.join("known_hosts"), format!("host {}\n", keys[1].openssh())).unwrap();
    std::fs::write(directory.join("authorized_keys"), format!("{}\n", keys[0].openssh())).unwrap();
    let found = look(&[], home.path());
    assert_eq!(keys.each_ref().map(|key| found.holds(key).is_some()), [false, false, true]);
    assert_eq!(found.unseen(), <[String; 0]>::default());
}

#[test]
fn handles_of_security_keys_and_putty_files_count() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join(".ssh");
    std::fs::create_dir(&directory).unwrap();
    let encode = Base64::encode_string;
    let point = ed25519_point();
    let mut blob = Vec::new();
    for part in [&b"sk-ssh-ed25519@openssh.com"[..], &point, b"ssh:"] {
        wire::push(&mut blob, part);
    }
    let key = PublicKey::from_blob(&blob).unwrap();
    let mut handle = b"openssh-key-v1\0".to_vec();
    for part in [&b"none"[..], b"none", b""] {
        wire::push(&mut handle, part);
    }
    handle.extend_from_slice(&[0, 0, 0, 1]);
    wire::push(&mut handle, &blob);
    wire::push(&mut handle, b"what the device needs");
    let armor = format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
        encode(&handle)
    );
    let whole = encode(&blob);
    let (first, second) = whole.split_at(64);
    let putty = format!(
        "PuTTY-User-Key-File-3: x\r\nEncryption: aes256-cbc\r\nComment: \r\n\
         Public-Lines: 2\r\n{first}\r\n{second}\r\nPrivate-Lines: 1\r\nAAAA\r\n"
    );
    for text in [armor, putty] {
        std::fs::write(directory.join("handle"), &text).unwrap();
        let found = look(&[], home.path());
        assert_eq!(found.holds(&key), Some(directory.join("handle").display().to_string()), "{text}");
    }
}

/// The point of the ed25519 key 7.
fn ed25519_point() -> Vec<u8> {
    let blob = PublicKey::blob_of_seed(&[7; 32]);
    blob[blob.len() - 32..].to_vec()
}

#[test]
fn an_ed25519_key_of_openssl_counts() {
    let home = tempfile::tempdir().unwrap();
    // 302e020100300506032b657004220420 is how PKCS#8 begins, then the seed.
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    der.extend_from_slice(&[7; 32]);
    let body = Base64::encode_string(&der);
    std::fs::write(
        home.path().join("key.pem"),
        format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"),
    )
    .unwrap();
    let key = PublicKey::from_blob(&PublicKey::blob_of_seed(&[7; 32])).unwrap();
    assert!(look(&[], home.path()).holds(&key).is_some());
}

#[test]
fn damaged_keys_are_no_keys() {
    let home = tempfile::tempdir().unwrap();
    let ders: [&[u8]; 8] = [
        b"",
        &[0x30],
        &[0x30, 0x80],
        &[0x30, 0x84, 1, 1, 1, 1],
        &[0x30, 0x82, 0xff, 0xff, 2, 1, 0],
        &[0x30, 3, 2, 1, 0],
        &[0x30, 5, 2, 1, 0, 4, 9],
        b"openssh-key-v1\0\0\0\0\x04none",
    ];
    for label in ["OPENSSH PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", ""] {
        for der in ders {
            let body = Base64::encode_string(der);
            std::fs::write(home.path().join("key"), format!("-----BEGIN {label}-----{body}-----END"))
                .unwrap();
            let mut found = Reachable::default();
            private::look(home.path(), &mut found);
            assert!(found.keys.is_empty(), "{label} {der:?}");
        }
    }
}

#[test]
fn no_directory_is_read_without_end() {
    let Some(ssh) = OpenSsh::find() else { return };
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join(".ssh");
    std::fs::create_dir_all(directory.join("a/b/c/d")).unwrap();
    nix::unistd::mkfifo(&directory.join("fifo"), Mode::S_IRWXU).unwrap();
    std::os::unix::fs::symlink("..", directory.join("Up")).unwrap();
    std::os::unix::fs::symlink("..", directory.join("a/up")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", directory.join("zero")).unwrap();
    let deep = ssh.key("deep", &["ed25519"]);
    let deeper = ssh.key("deeper", &["ed25519"]);
    let linked = ssh.key("linked", &["ed25519"]);
    std::fs::rename(ssh.path("deep"), directory.join("a/b/c/x")).unwrap();
    std::fs::rename(ssh.path("deeper"), directory.join("a/b/c/d/x")).unwrap();
    std::os::unix::fs::symlink(ssh.path("linked"), directory.join("link")).unwrap();
    let found = look(&[], home.path());
    assert!(found.holds(&deep).is_some() && found.holds(&linked).is_some());
    assert!(found.holds(&deeper).is_none());
    assert_eq!(found.unseen(), <[String; 0]>::default());
    for name in 0..600 {
        std::fs::write(directory.join(format!("a/{name}")), "x").unwrap();
    }
    let found = look(&[], home.path());
    let more = format!("{}: more files than are looked into", directory.join("a").display());
    assert!(found.unseen().contains(&more), "{:?}", found.unseen());
}
