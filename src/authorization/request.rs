//! A request for somebody's approval: the text that is signed.
//!
//! One `key: value` a line, in the order of `FIELDS`, each value JSON on one
//! line with everything but printable ASCII escaped: what a person reads with
//! `less` is what they sign. Reading accepts only what writing gives, byte for
//! byte, so no two texts mean the same request.
//!
//! The *facts* are compared again when the approval is used: all that decides
//! what would run, where, for whom, and by which rules. The rest is recorded:
//! when, and on what evidence.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use base64ct::{Base64, Encoding as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json;
use crate::verdict::{Effect, PrincipalKind, Risk};

/// What separates these signatures from those of anything else, such as git's.
pub const NAMESPACE: &str = "tollgate-approve-v1";

/// The longest request, in bytes. A longer one is refused, never cut.
pub const LIMIT: usize = 64 * 1024;

const FIRST: &str = "TOLLGATE-REQUEST-v1";
const LAST: &str = "END";

/// Whether a field is compared again before anything runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Fact,
    Recorded,
}

/// Every field in its order: what matters most to whoever reads it comes first.
const FIELDS: [(&str, Kind); 31] = [
    ("id", Kind::Recorded),
    ("risk", Kind::Fact),
    ("summary", Kind::Fact),
    ("environment", Kind::Fact),
    ("approval", Kind::Fact),
    ("principal", Kind::Recorded),
    ("requester", Kind::Fact),
    ("host", Kind::Fact),
    ("tool", Kind::Fact),
    ("argv", Kind::Fact),
    ("runs", Kind::Fact),
    ("impact", Kind::Recorded),
    ("directory", Kind::Fact),
    ("target", Kind::Fact),
    ("challenge", Kind::Fact),
    ("effects", Kind::Fact),
    ("rules", Kind::Fact),
    ("notes", Kind::Fact),
    ("binary", Kind::Fact),
    ("inputs", Kind::Fact),
    ("variables", Kind::Fact),
    ("policy", Kind::Fact),
    ("state", Kind::Fact),
    ("version", Kind::Fact),
    ("created", Kind::Recorded),
    ("approve-before", Kind::Recorded),
    ("execute-before", Kind::Recorded),
    ("boot", Kind::Recorded),
    ("nonce", Kind::Recorded),
    ("log-head", Kind::Recorded),
    ("untrusted-explanation", Kind::Recorded),
];

/// Bytes of the system's, which need not be text: a JSON string where they
/// are UTF-8, else an object that holds them in base 64.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct Text(OsString);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Plain(String),
    Bytes { base64: String },
}

impl From<Text> for Form {
    fn from(Text(value): Text) -> Self {
        match value.into_string() {
            Ok(text) => Self::Plain(text),
            Err(bytes) => Self::Bytes { base64: Base64::encode_string(bytes.as_bytes()) },
        }
    }
}

impl TryFrom<Form> for Text {
    type Error = &'static str;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        match form {
            Form::Plain(text) => Ok(Self(text.into())),
            Form::Bytes { base64 } => {
                let bytes = Base64::decode_vec(&base64).map_err(|_| "damaged base 64")?;
                match String::from_utf8(bytes) {
                    Ok(_) => Err("text in base 64"),
                    Err(bytes) => Ok(Self(OsString::from_vec(bytes.into_bytes()))),
                }
            }
        }
    }
}

impl<T: AsRef<OsStr> + ?Sized> From<&T> for Text {
    fn from(value: &T) -> Self {
        Self(value.as_ref().to_owned())
    }
}

impl Text {
    /// The bytes.
    pub fn os(&self) -> &OsStr {
        &self.0
    }
}

/// The classified environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Its name, as verdicts show it.
    pub name: String,
    /// Whether the stricter column of the policy holds there.
    pub guarded: bool,
}

/// What discharges the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Needs {
    /// A human's typed answer at a terminal that no agent holds.
    Confirmation,
    /// The same, where a second person would be asked had one been configured.
    Alone,
    /// Signatures of other people.
    Peer,
}

/// What a security key has to vouch for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum Presence {
    /// Nothing: any key will do.
    #[default]
    #[serde(rename = "none")]
    None,
    /// That it was touched.
    #[serde(rename = "touch")]
    Touch,
    /// That it was touched and its PIN entered.
    #[serde(rename = "touch+pin")]
    TouchAndPin,
}

impl Presence {
    /// The word in files and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Touch => "touch",
            Self::TouchAndPin => "touch+pin",
        }
    }
}

/// Whose approval it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// What discharges it.
    pub needs: Needs,
    /// How many people; 0 where a confirmation will do.
    pub quorum: u32,
    /// The groups that they have to be in: one of each list. None is anybody.
    pub groups: Vec<Vec<String>>,
    /// What their keys have to vouch for.
    pub require: Presence,
    /// The SHA-256 of the list of approvers, where there is one.
    pub approvers: Option<String>,
    /// Whether that list is one that the requester could have written.
    pub advisory: bool,
}

/// Who would run it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requester {
    /// The people that the list of approvers has for this user: never eligible.
    pub persons: Vec<String>,
    /// The user's name in the password database.
    pub user: String,
    /// The effective user id.
    pub uid: u32,
}

/// Who asks, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asker {
    /// Human or agent.
    pub kind: PrincipalKind,
    /// The agent's name, where it can be told.
    pub name: Option<String>,
    /// What tells of an agent.
    pub evidence: Vec<String>,
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// What it calls itself.
    pub name: String,
    /// SHA-256 of the machine's id and this installation's.
    pub id: String,
}

/// The program that would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binary {
    /// Where it was found.
    pub path: Text,
    /// SHA-256 of the file behind it.
    pub sha256: String,
    /// What it starts in turn, where the file is a launcher: that is not hashed.
    pub launcher: Option<String>,
}

/// The boot of the machine in which it was made, and how long that had been up:
/// clocks can be set, these cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// The boot's id.
    pub id: String,
    /// Milliseconds since.
    pub milliseconds: u64,
}

/// All that is compared again before anything runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// How much is at stake.
    pub risk: Risk,
    /// What it does and what is lost, by the rulebook: never an agent's words.
    pub summary: String,
    /// Where it would act, as the rulebook calls it.
    pub environment: Environment,
    /// Whose approval it needs.
    pub approval: Approval,
    /// Who would run it.
    pub requester: Requester,
    /// On which machine.
    pub host: Host,
    /// The tool.
    pub tool: String,
    /// The arguments that were asked for, without the tool's name.
    pub argv: Vec<Text>,
    /// What runs in their stead, where that was settled beforehand: the very plan, the
    /// very objects.
    pub runs: Option<Vec<Text>>,
    /// The working directory.
    pub directory: Text,
    /// Where it would act: workspace, backend, account.
    pub target: BTreeMap<String, String>,
    /// The name to type before it may run.
    pub challenge: Option<String>,
    /// What it would do, the worst first.
    pub effects: Vec<Effect>,
    /// The rules that matched.
    pub rules: Vec<String>,
    /// What a reader should know beside that.
    pub notes: Vec<String>,
    /// The program.
    pub binary: Binary,
    /// SHA-256 of what it reads: plans, manifests, entries of configurations.
    pub inputs: BTreeMap<String, String>,
    /// The variables that it reads: the value, or a keyed hash of a secret one.
    pub variables: BTreeMap<String, String>,
    /// SHA-256 of the rulebook, all layers.
    pub policy: String,
    /// The state directory that holds the request: path, device and inode.
    pub state: String,
    /// The version of tollgate that judged.
    pub version: String,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    /// Its name among people: `7KQ2-M4TD-91XH`.
    pub id: String,
    /// Who asked first, and how that is known.
    pub principal: Asker,
    /// What is compared again.
    #[serde(flatten)]
    pub facts: Facts,
    /// What it would do, as that was found out, the gravest first.
    pub impact: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Until when people may approve it.
    pub approve_before: Timestamp,
    /// Until when it may run.
    pub execute_before: Timestamp,
    /// When it was made, by a clock that nobody sets.
    pub boot: Option<Boot>,
    /// 128 random bits in hexadecimal.
    pub nonce: String,
    /// The newest record of the audit log: `SEQUENCE sha256:…`.
    pub log_head: Option<String>,
    /// What the agent says of it.
    pub untrusted_explanation: Option<String>,
}

/// Why a text is no request, or a request has no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Longer than [`LIMIT`].
    #[error("the request has {0} bytes, and may have {LIMIT}: shorten the command")]
    TooLong(usize),
    /// Not the lines of a request.
    #[error("line {line} is not that of a request: {what}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The fields are there, but not as they are written.
    #[error("not a request as tollgate writes it: {0}")]
    Form(String),
}

/// A fact that is no longer as it was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field, with the entry in it: `inputs.plan`.
    pub field: String,
    /// What was approved, as JSON; `None` for nothing.
    pub approved: Option<String>,
    /// What is there now, as JSON; `None` for nothing.
    pub now: Option<String>,
}

impl Request {
    /// The bytes that are stored and signed.
    ///
    /// # Errors
    /// Where there would be too many.
    pub fn bytes(&self) -> Result<Vec<u8>, RequestError> {
        let fields = object(self)?;
        let mut bytes = format!("{FIRST}\n").into_bytes();
        for (name, _) in FIELDS {
            let value = fields.get(name).cloned().unwrap_or(Value::Null);
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend(json::ascii(value).map_err(|error| RequestError::Form(error.to_string()))?);
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(LAST.as_bytes());
        bytes.push(b'\n');
        if bytes.len() > LIMIT {
            return Err(RequestError::TooLong(bytes.len()));
        }
        Ok(bytes)
    }

    /// Reads a request from bytes that are anybody's.
    ///
    /// # Errors
    /// Where they are not exactly what [`Request::bytes`] gives.
    pub fn read(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > LIMIT {
            return Err(RequestError::TooLong(bytes.len()));
        }
        let error = |line: usize, what: &str| RequestError::Line { line, what: what.to_owned() };
        let text = std::str::from_utf8(bytes).map_err(|_| error(1, "not ASCII"))?;
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate();
        if lines.next().is_none_or(|(_, line)| line != FIRST) {
            return Err(error(1, &format!("it has to be {FIRST}")));
        }
        let mut fields = Map::new();
        for (name, _) in FIELDS {
            let Some((at, line)) = lines.next() else { return Err(error(fields.len() + 2, "it is missing")) };
            let value = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(": "));
            let value = value.ok_or_else(|| error(at + 1, &format!("`{name}: ` belongs here")))?;
            let value = json::value(value.as_bytes()).map_err(|cause| error(at + 1, &cause.to_string()))?;
            fields.insert(name.to_owned(), value);
        }
        if lines.next().is_none_or(|(_, line)| line != LAST) || lines.next().is_some() {
            return Err(error(FIELDS.len() + 2, &format!("it has to be {LAST}, and the last")));
        }
        let request: Self = serde_json::from_value(Value::Object(fields))
            .map_err(|cause| RequestError::Form(cause.to_string()))?;
        if request.bytes()? != bytes {
            return Err(RequestError::Form("it is spelt in another way".to_owned()));
        }
        Ok(request)
    }
}

impl Needs {
    /// The word in requests and records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Alone => "alone",
            Self::Peer => "peer",
        }
    }
}

impl Facts {
    /// What of these facts, which were approved, is not as it is `now`.
    ///
    /// # Errors
    /// None that facts can have.
    pub fn differences(&self, now: &Self) -> Result<Vec<Difference>, RequestError> {
        let (approved, now) = (object(self)?, object(now)?);
        let mut differences = Vec::new();
        for (name, _) in FIELDS.iter().filter(|(_, kind)| *kind == Kind::Fact) {
            match (approved.get(*name), now.get(*name)) {
                (Some(Value::Object(approved)), Some(Value::Object(now))) => {
                    let mut keys: Vec<&String> = approved.keys().chain(now.keys()).collect();
                    keys.sort_unstable();
                    keys.dedup();
                    for key in keys {
                        push(&mut differences, format!("{name}.{key}"), approved.get(key), now.get(key));
                    }
                }
                (approved, now) => push(&mut differences, (*name).to_owned(), approved, now),
            }
        }
        Ok(differences)
    }
}

fn push(differences: &mut Vec<Difference>, field: String, approved: Option<&Value>, now: Option<&Value>) {
    if approved != now {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        differences.push(Difference { field, approved: approved.map(text), now: now.map(text) });
    }
}

fn object<T: Serialize>(value: &T) -> Result<Map<String, Value>, RequestError> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(RequestError::Form("it has no fields".to_owned())),
        Err(cause) => Err(RequestError::Form(cause.to_string())),
    }
}

#[cfg(test)]
pub(crate) mod tests;
