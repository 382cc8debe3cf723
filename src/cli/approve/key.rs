//! The key to sign with, and what speaks against it.

use std::path::{Path, PathBuf};

use super::source::Setting;
use crate::authorization::reachable::Reachable;
use crate::authorization::request::{Presence, Request};
use crate::authorization::signature::PublicKey;
use crate::cli::request::view;
use crate::files;
use crate::ui::sanitize;

/// Where keys are looked for, the strongest first.
const NAMES: [&str; 5] = ["id_ed25519_sk", "id_ecdsa_sk", "id_ed25519", "id_ecdsa", "id_rsa"];

/// The longest public key, in bytes.
const LONGEST: u64 = 16 * 1024;

/// A key of the person who approves.
pub(super) struct Key {
    /// What ssh-keygen is given: the private key, or the public one where an
    /// agent or a token holds the other part.
    pub(super) path: PathBuf,
    /// The public part, where it lies beside.
    pub(super) public: Option<PublicKey>,
}

impl Key {
    /// The one that was named, or the first that may approve.
    pub(super) fn choose(named: Option<&Path>, setting: &Setting<'_>) -> Result<Self, String> {
        if let Some(named) = named {
            let path = setting.process.current_dir().unwrap_or_default().join(named);
            return Self::at(&path)?.ok_or_else(|| format!("there is no key {}", shown(&path)));
        }
        let environment = setting.process.environment();
        let home = environment.non_empty("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let home = home.or_else(|| setting.process.user().home.clone());
        let Some(directory) = home.map(|home| home.join(".ssh")) else {
            return Err("there is no home directory to look for a key in: name one by --key".to_owned());
        };
        let mut found = Vec::new();
        let mut faults = Vec::new();
        for name in NAMES {
            match Self::at(&directory.join(name)) {
                Ok(key) => found.extend(key),
                Err(why) => faults.push(why),
            }
        }
        let listed = |key: &Self| {
            let list = setting.approvers.as_ref();
            list.is_some_and(|list| key.public.as_ref().is_some_and(|key| list.holder(key).is_some()))
        };
        let at = found.iter().position(listed).unwrap_or(0);
        if at < found.len() {
            return Ok(found.swap_remove(at));
        }
        let fault = faults.first().map(|fault| format!(" ({fault})")).unwrap_or_default();
        Err(format!("there is no key to sign with in {}{fault}: name one by --key", shown(&directory)))
    }

    /// The key at `path`; `None` where neither part is there.
    fn at(path: &Path) -> Result<Option<Self>, String> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".pub");
        let beside = PathBuf::from(beside);
        let is_public = path.extension().is_some_and(|extension| extension == "pub");
        let text = files::read(if is_public { path } else { &beside }, LONGEST)?;
        let public = text
            .map(|text| {
                PublicKey::parse(String::from_utf8_lossy(&text).trim())
                    .map_err(|error| format!("{}: {error}", shown(path)))
            })
            .transpose()?;
        if path.exists() {
            return Ok(Some(Self { path: path.to_path_buf(), public }));
        }
        Ok(public.map(|public| Self { path: beside, public: Some(public) }))
    }

    /// The key and whose it is, in one line.
    pub(super) fn line(&self, setting: &Setting<'_>) -> String {
        let Some(public) = &self.public else { return shown(&self.path) };
        let holder = setting.approvers.as_ref().and_then(|list| list.holder(public));
        let holder =
            holder.map(|(person, _)| format!(", of {}", sanitize::text(&person.id))).unwrap_or_default();
        format!("{}, {}{holder}", shown(&self.path), public.fingerprint())
    }

    /// Why this key could not approve the request, as far as can be told here.
    pub(super) fn foreseen(&self, request: &Request, setting: &Setting<'_>) -> Vec<String> {
        let mut found = Vec::new();
        let Some(public) = &self.public else { return found };
        let approval = &request.facts.approval;
        if let Some(list) = &setting.approvers {
            let other = approval.approvers.as_deref() != Some(list.digest());
            let by = if other { " (by the list here, which is not the one that counts there)" } else { "" };
            let Some((person, key)) = list.holder(public) else {
                found.push(format!("this key is on nobody's list{by}"));
                return found;
            };
            let name = sanitize::text(&person.id);
            if list.is_revoked(public) {
                found.push(format!("this key of {name} is revoked{by}"));
            }
            if !key.is_valid_at(setting.now) {
                found.push(format!("this key of {name} is not valid now{by}"));
            }
            if request.facts.requester.persons.contains(&person.id) {
                found.push(format!("{name} asks for it, so this signature will be refused{by}"));
            }
            for groups in &approval.groups {
                if !groups.is_empty() && !groups.iter().any(|group| person.groups.contains(group)) {
                    found.push(format!("{name} is not in {}{by}", sanitize::text(&groups.join(" or "))));
                }
            }
        } else if let Some(why) = &setting.unlisted {
            found.push(format!("whether this key may approve cannot be told here: {}", sanitize::text(why)));
        }
        if approval.require > Presence::None && !public.is_security_key() {
            let required = approval.require.name();
            found.push(format!("{required} is required, and this key is no security key"));
        }
        if setting.is_here {
            let user = setting.process.user();
            let reachable = Reachable::look(setting.process.environment(), user);
            if let Some(place) = reachable.holds(public) {
                let place = sanitize::text(&place).into_owned();
                found.push(format!(
                    "this key can be used on this machine ({place}), where it is asked for, so it will be refused: \
                     sign on a machine of your own"
                ));
            }
        }
        found
    }
}

/// A path for people, in the home directory or not.
pub(super) fn shown(path: &Path) -> String {
    sanitize::os(path.as_os_str())
}

/// What speaks against the key, as warnings.
pub(super) fn warnings(key: &Key, request: &Request, setting: &Setting<'_>) -> String {
    view::warnings(&key.foreseen(request, setting))
}
