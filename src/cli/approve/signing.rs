//! A second person signs: shown at their terminal, signed by the ssh-keygen of
//! the system, checked by ourselves.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::confirming::UNCLASSIFIED;
use super::key::{self, Key};
use super::source::{Setting, Source};
use super::{AGAIN, refuse, refused, unusual};
use crate::authorization::request::{NAMESPACE, Request};
use crate::authorization::signature::Signature;
use crate::authorization::terminal::{Answer, Turn};
use crate::authorization::token::Token;
use crate::authorization::{prompt, verify};
use crate::cli::request::view;
use crate::files;
use crate::ui::sanitize;
use crate::verdict::Risk;

/// Where ssh-keygen is: never by PATH, which somebody else may have set.
const KEYGENS: [&str; 3] =
    ["/usr/bin/ssh-keygen", "/usr/local/bin/ssh-keygen", "/opt/homebrew/bin/ssh-keygen"];

/// The longest signature, armoured, in bytes.
const LONGEST: u64 = 32 * 1024;

/// What to type where nothing has a name.
const YES: &str = "yes, sign it";

/// The ssh-keygen of this machine.
pub(in crate::cli) fn keygen() -> Option<&'static Path> {
    let runs = |path: &&Path| nix::unistd::access(*path, nix::unistd::AccessFlags::X_OK).is_ok();
    KEYGENS.into_iter().map(Path::new).find(runs)
}

pub(super) fn run(
    named: Option<&Path>,
    source: &Source,
    setting: &Setting<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let request = &source.request;
    let id = &request.id;
    if let Err(why) = verify::approvable(request, setting.now) {
        return Ok(refuse(
            id,
            &why.to_string(),
            "whoever asks runs the command again, which makes a new request",
        ));
    }
    let Some(keygen) = keygen() else {
        let because =
            format!("there is no ssh-keygen to sign with: none of {} can be run", KEYGENS.join(", "));
        return Ok(refuse(id, &because, "install OpenSSH"));
    };
    let mut terminal = match prompt::human_terminal() {
        Ok(terminal) => terminal,
        Err(why) => return Ok(refused(request, &why)),
    };
    let key = match Key::choose(named, setting) {
        Ok(key) => key,
        Err(why) => return Ok(refuse(id, &why, "`tollgate approve --key FILE` names a key")),
    };
    let mut turn = match prompt::turn_at(&mut terminal) {
        Ok(turn) => turn,
        Err(why) => return Ok(refused(request, &why)),
    };
    turn.show(&view::text(request, setting.now, &unusual::of(request, setting)))?;
    turn.show(&key::warnings(&key, request, setting))?;
    turn.show(&view::labelled("sign with", &key.line(setting)))?;
    if let Answer::No(refusal) = ask(request, &mut turn)? {
        return Ok(refuse(id, &format!("at the prompt: {refusal}; nothing was signed"), AGAIN));
    }
    let signature = match sign(keygen, &key, source) {
        Ok(signature) => signature,
        Err(why) => {
            return Ok(refuse(id, &format!("nothing was signed: {why:#}"), "mend that, and approve again"));
        }
    };
    drop(turn);
    writeln!(out, "{}", Token::one_line(id, &signature))?;
    out.flush()?;
    let quorum = request.facts.approval.quorum;
    let others = if quorum > 1 {
        let wanted =
            if quorum == 2 { "one more person".to_owned() } else { format!("{} more people", quorum - 1) };
        format!("It needs {quorum} people: {wanted} beside you must sign the same request.\n")
    } else {
        String::new()
    };
    let text = format!(
        "Signed. That line is the token: no secret, and good for this one run, before\n\
         {}. Send it to {}, who runs the command again with\n\
         TOLLGATE_TOKEN set to it, or hands it to `tollgate approve --import -` on {}.\n{others}",
        view::shown_time(request.execute_before),
        sanitize::text(&request.facts.requester.user),
        sanitize::text(&request.facts.host.name)
    );
    let _ = std::io::stderr().write_all(text.as_bytes());
    Ok(0)
}

/// Asks whether to sign: by a name where much is at stake.
fn ask(request: &Request, turn: &mut Turn<'_>) -> std::io::Result<Answer> {
    let facts = &request.facts;
    if !facts.environment.guarded && facts.risk < Risk::Critical {
        return turn.confirm("Sign it?", prompt::PATIENCE);
    }
    let environment = Some(&facts.environment.name).filter(|name| *name != UNCLASSIFIED);
    let name = environment.or(facts.challenge.as_ref()).map_or(YES, String::as_str);
    turn.type_name(&format!("Type `{}` to sign it", sanitize::text(name)), name, prompt::PATIENCE)
}

/// Has ssh-keygen sign the very bytes of the request, in a private copy.
fn sign(keygen: &Path, key: &Key, source: &Source) -> anyhow::Result<Signature> {
    // Ctrl-C ends ssh-keygen, not what is cleaned up behind it.
    let handler = signal_hook::flag::register(nix::libc::SIGINT, std::sync::Arc::default())?;
    let scratch = Scratch::new()?;
    let signature = scratch.sign(keygen, key, &source.bytes);
    drop(scratch);
    signal_hook::low_level::unregister(handler);
    let signature = signature?;
    signature.verify(&source.bytes)?;
    if key.public.as_ref().is_some_and(|public| public.fingerprint() != signature.key().fingerprint()) {
        anyhow::bail!("{} is not the public part of the key that signed", key::shown(&key.path));
    }
    Ok(signature)
}

/// A directory for this user alone, gone again when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("tollgate-approve-{:016x}", getrandom::u64()?));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    fn sign(&self, keygen: &Path, key: &Key, bytes: &[u8]) -> anyhow::Result<Signature> {
        let request = self.0.join("request");
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&request)?;
        file.write_all(bytes)?;
        drop(file);
        // It asks for passphrases and PINs where standard input is a terminal.
        let terminal = || File::options().read(true).write(true).open("/dev/tty");
        let mut command = Command::new(keygen);
        command.args(["-Y", "sign", "-n", NAMESPACE, "-f"]).arg(&key.path).arg(&request);
        command.env_remove("SSH_ASKPASS").env("SSH_ASKPASS_REQUIRE", "never").current_dir("/");
        let status = command.stdin(terminal()?).stdout(Stdio::null()).stderr(terminal()?).status()?;
        if !status.success() {
            anyhow::bail!("ssh-keygen ended with {status}");
        }
        let text = files::read(&self.0.join("request.sig"), LONGEST).map_err(anyhow::Error::msg)?;
        let mut tokens = Token::parse(&text.unwrap_or_default())?;
        match (tokens.pop(), tokens.is_empty()) {
            (Some(token), true) => Ok(token.signature),
            _ => anyhow::bail!("ssh-keygen wrote no signature"),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
