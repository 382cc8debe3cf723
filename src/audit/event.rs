//! What is worth recording, and the fields it becomes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::record::Fields;
use super::{AuditError, InstallKey, redact};
use crate::verdict::{Decision, Effect, Risk};

/// One invocation and what the rulebook said of it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The id that joins the records of this invocation: [`super::new_request_id`].
    pub request: String,
    /// The effective user id.
    pub uid: u32,
    /// The login name.
    pub user: String,
    /// The agent that asked, `None` for a human.
    pub agent: Option<String>,
    /// What gave the agent away (names of variables, of parent processes).
    pub evidence: Vec<String>,
    /// The gated tool.
    pub tool: String,
    /// The effective arguments, the tool first. They are redacted on the way
    /// to the disk.
    pub argv: Vec<OsString>,
    /// The working directory, where it is known.
    pub directory: Option<PathBuf>,
    /// The environment as classified.
    pub environment: String,
    /// Where it would act: workspace, backend, account.
    pub target: BTreeMap<String, String>,
    /// What it asks of the caller.
    pub decision: Decision,
    /// How much is at stake.
    pub risk: Risk,
    /// What it would do.
    pub effects: Vec<Effect>,
    /// The rules that matched.
    pub rules: Vec<String>,
    /// The exemptions that applied.
    pub exemptions: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It exited with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// It never started, and why.
    NotStarted(String),
}

/// Something worth recording.
#[derive(Clone, Debug)]
pub enum Event {
    /// What the rulebook said of one invocation.
    Decision(Subject),
    /// Nothing ran, and why.
    Refused {
        /// The invocation.
        request: String,
        /// Why nothing ran.
        reason: String,
    },
    /// The agent that would run it was told to ask its human. What came of that
    /// is not known here.
    Asked {
        /// The invocation.
        request: String,
    },
    /// It was authorized and is about to run: durable before it starts.
    Exec {
        /// The invocation.
        request: String,
        /// How it was authorized: `confirmed`, `confirmed-alone`, `covered`.
        authorization: String,
        /// What a reader should know beside that.
        note: Option<String>,
        /// The real program.
        binary: PathBuf,
        /// The process that runs it.
        pid: u32,
        /// When that process started, in the kernel's own unit: with the pid
        /// it names one process.
        started: u64,
        /// The request that was approved, where one was.
        approval: Option<String>,
        /// That request's nonce, by which a second use is recognised.
        nonce: Option<String>,
        /// Whose signatures approved it.
        approvers: Vec<Approver>,
    },
    /// Somebody's approval was asked for.
    Requested {
        /// The request.
        request: String,
        /// Who asks.
        actor: Actor,
        /// SHA-256 of the request's bytes.
        sha256: String,
        /// What discharges it: `confirmation`, `alone`, `peer`.
        needs: String,
        /// Until when it may run.
        expires: Timestamp,
    },
    /// An approval came in.
    Approved {
        /// The request.
        request: String,
        /// Who brought it.
        actor: Actor,
        /// `confirmed` at a terminal, or `signed`.
        how: String,
        /// Whose signature it is.
        approvers: Vec<Approver>,
    },
    /// A request waits no longer.
    Cancelled {
        /// The request.
        request: String,
        /// Who cancelled it, or asked anew.
        actor: Actor,
        /// The request that took its place, where one did.
        replaced_by: Option<String>,
    },
    /// What a run deletes was kept before it started.
    Kept {
        /// The invocation.
        request: String,
        /// SHA-256 of what was kept.
        sha256: String,
        /// How many objects.
        objects: usize,
        /// Until when.
        until: Timestamp,
    },
    /// Somebody makes again what a run deleted, or has: then with what came of it.
    Undo {
        /// The run.
        request: String,
        /// Who does.
        actor: Actor,
        /// How many objects.
        objects: usize,
        /// How many of them were made, once that is known.
        made: Option<usize>,
    },
    /// How it ended.
    Exit {
        /// The invocation.
        request: String,
        /// How it ended.
        ended: Ended,
    },
    /// Something that loosens was changed (trust, untrust, a shim removed).
    Change {
        /// The effective user id.
        uid: u32,
        /// The login name.
        user: String,
        /// The agent that asked, `None` for a human.
        agent: Option<String>,
        /// What was changed, in words.
        what: String,
    },
}

/// Who did something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The effective user id.
    pub uid: u32,
    /// The login name.
    pub user: String,
    /// The agent, `None` for a human.
    pub agent: Option<String>,
}

/// Whose signature was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// The person, as the list of approvers has it.
    pub person: String,
    /// The key: `SHA256:…`.
    pub fingerprint: String,
    /// SHA-256 of the signature.
    pub signature: String,
    /// What a security key vouched for: `touch`, `touch+pin`.
    pub vouched: Option<String>,
    /// The security key's counter.
    pub counter: Option<u32>,
}

impl Event {
    /// The id of the invocation; empty for a change, which belongs to none.
    pub fn request(&self) -> &str {
        match self {
            Self::Decision(Subject { request, .. })
            | Self::Refused { request, .. }
            | Self::Asked { request }
            | Self::Requested { request, .. }
            | Self::Approved { request, .. }
            | Self::Cancelled { request, .. }
            | Self::Exec { request, .. }
            | Self::Kept { request, .. }
            | Self::Undo { request, .. }
            | Self::Exit { request, .. } => request,
            Self::Change { .. } => "",
        }
    }

    /// The `type` of its record.
    fn kind(&self) -> &'static str {
        match self {
            Self::Decision(_) => "decision",
            Self::Refused { .. } => "refused",
            Self::Asked { .. } => "asked",
            Self::Requested { .. } => "requested",
            Self::Approved { .. } => "approved",
            Self::Cancelled { .. } => "cancelled",
            Self::Exec { .. } => "exec",
            Self::Kept { .. } => "kept",
            Self::Undo { .. } => "undo",
            Self::Exit { .. } => "exit",
            Self::Change { .. } => "change",
        }
    }

    /// The fields of its record, without those that every record has.
    pub(super) fn fields(
        &self,
        key: impl FnOnce() -> Result<InstallKey, AuditError>,
    ) -> Result<Fields, AuditError> {
        let mut fields = match self {
            Self::Decision(subject) => subject.fields(&key()?),
            Self::Refused { reason, .. } => collect([("reason", redact::text(reason).into())]),
            Self::Asked { .. } => Fields::default(),
            Self::Requested { actor, sha256, needs, expires, .. } => {
                let mut fields = actor.fields();
                fields.extend(collect([
                    ("sha256", sha256.as_str().into()),
                    ("needs", needs.as_str().into()),
                    ("expires", expires.to_string().into()),
                ]));
                fields
            }
            Self::Approved { actor, how, approvers, .. } => {
                let mut fields = actor.fields();
                fields.insert("how".into(), how.as_str().into());
                note_approvers(&mut fields, approvers);
                fields
            }
            Self::Cancelled { actor, replaced_by, .. } => {
                let mut fields = actor.fields();
                if let Some(request) = replaced_by {
                    fields.insert("replaced_by".into(), request.as_str().into());
                }
                fields
            }
            Self::Exec { authorization, note, binary, pid, started, approval, nonce, approvers, .. } => {
                let mut fields = collect([
                    ("authorization", authorization.as_str().into()),
                    ("binary", redact::escape_path(binary).into()),
                    ("pid", (*pid).into()),
                    ("started", (*started).into()),
                ]);
                if let Some(note) = note {
                    fields.insert("note".into(), redact::text(note).into());
                }
                if let Some(approval) = approval {
                    fields.insert("approval".into(), approval.as_str().into());
                }
                if let Some(nonce) = nonce {
                    fields.insert("nonce".into(), nonce.as_str().into());
                }
                note_approvers(&mut fields, approvers);
                fields
            }
            Self::Kept { sha256, objects, until, .. } => collect([
                ("sha256", sha256.as_str().into()),
                ("objects", (*objects).into()),
                ("until", until.to_string().into()),
            ]),
            Self::Undo { actor, objects, made, .. } => {
                let mut fields = actor.fields();
                fields.insert("objects".into(), (*objects).into());
                if let Some(made) = made {
                    fields.insert("made".into(), (*made).into());
                }
                fields
            }
            Self::Exit { ended, .. } => collect([match ended {
                Ended::Code(code) => ("exit", (*code).into()),
                Ended::Signal(signal) => ("signal", (*signal).into()),
                Ended::NotStarted(why) => ("not_started", redact::text(why).into()),
            }]),
            Self::Change { uid, user, agent, what } => {
                let mut fields = who(*uid, user, agent.as_deref());
                fields.insert("what".into(), redact::text(what).into());
                fields
            }
        };
        fields.insert("type".into(), self.kind().into());
        if !self.request().is_empty() {
            fields.insert("req".into(), self.request().into());
        }
        Ok(fields)
    }
}

impl Subject {
    fn fields(&self, key: &InstallKey) -> Fields {
        let target: Fields =
            self.target.iter().map(|(name, value)| (name.clone(), redact::text(value).into())).collect();
        let mut fields = who(self.uid, &self.user, self.agent.as_deref());
        fields.extend(collect([
            ("tool", self.tool.as_str().into()),
            ("argv_redacted", redact::argv(&self.argv).into()),
            ("argv_mac", key.argv_mac(&self.argv).into()),
            ("decision", self.decision.name().into()),
            ("risk", self.risk.name().into()),
            ("effects", self.effects.iter().map(|effect| effect.name()).collect::<Vec<_>>().into()),
            ("rules", self.rules.clone().into()),
            ("environment", self.environment.as_str().into()),
            ("target", target.into()),
        ]));
        for (name, values) in [("evidence", &self.evidence), ("exemptions", &self.exemptions)] {
            if !values.is_empty() {
                let values: Vec<String> = values.iter().map(|value| redact::text(value)).collect();
                fields.insert(name.into(), values.into());
            }
        }
        if let Some(directory) = &self.directory {
            fields.insert("cwd".into(), redact::escape_path(directory).into());
        }
        fields
    }
}

impl Actor {
    fn fields(&self) -> Fields {
        who(self.uid, &self.user, self.agent.as_deref())
    }
}

fn note_approvers(fields: &mut Fields, approvers: &[Approver]) {
    let one = |approver: &Approver| {
        let mut one = collect([
            ("person", redact::text(&approver.person).into()),
            ("fingerprint", approver.fingerprint.as_str().into()),
            ("signature", approver.signature.as_str().into()),
        ]);
        if let Some(vouched) = &approver.vouched {
            one.insert("vouched".into(), vouched.as_str().into());
        }
        if let Some(counter) = approver.counter {
            one.insert("counter".into(), counter.into());
        }
        Value::Object(one)
    };
    if !approvers.is_empty() {
        fields.insert("approvers".into(), approvers.iter().map(one).collect::<Vec<_>>().into());
    }
}

fn who(uid: u32, user: &str, agent: Option<&str>) -> Fields {
    collect([("actor", json!({"uid": uid, "user": user})), ("agent", agent.into())])
}

fn collect<const N: usize>(pairs: [(&str, Value); N]) -> Fields {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
