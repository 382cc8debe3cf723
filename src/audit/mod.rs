//! The record: what was asked, what was decided, what ran, and how it ended.
//!
//! `<state>/audit/` (0700) holds files `000001.jsonl` and so on (0600) with one
//! JSON object a line: sorted keys, integers only, printable ASCII. Each links
//! to the one before it: `h` is the SHA-256 of `"tollgate-audit-v1\0"` and the
//! line without `h`, `prev` is the `h` of the record before.
//!
//! Every record has `v`, `seq`, `ts`, `type`, `prev`, `h`, and where the system
//! tells them `boot` (this boot's id) and `mono` (milliseconds since the boot);
//! those of one invocation share `req`. By `type`:
//!
//! | type | fields |
//! |---|---|
//! | `decision` | `actor` {`uid`, `user`}, `agent` (or null), `evidence`, `tool`, `argv_redacted`, `argv_mac`, `cwd`, `decision`, `risk`, `effects`, `rules`, `exemptions`, `environment`, `target` |
//! | `refused` | `reason` |
//! | `asked` | none: the agent was told to ask its human |
//! | `requested` | `actor`, `agent`, `sha256` of the request, `needs`, `expires`: somebody's approval was asked for; `req` is the request's id |
//! | `approved` | `actor`, `how`, and of a signature `approvers`: an approval came in for the request `req` |
//! | `cancelled` | `actor`, `agent`, `replaced_by`: the request waits no longer |
//! | `exec` | `authorization`, `note`, `binary`, `pid`, `started`; where it was approved `approval` (the request's id), `nonce` (that request's) and `approvers` |
//! | `kept` | `sha256`, `objects`, `until`: what the run deletes was kept before it started |
//! | `undo` | `actor`, `agent`, `objects`; where it is over `made`: what the run `req` deleted is made again |
//! | `exit` | one of `exit` (the code), `signal`, `not_started` (why) |
//! | `change` | `actor`, `agent`, `what` |
//! | `rotate` | `next`: the file that goes on |
//! | `recovered_torn` | `len`, `sha256` of the bytes that an interrupted write left |
//!
//! The first record of a file that is not the first also has `prev_file_h`.
//! What does not apply is absent.
//!
//! **What this can and cannot show.** The chain has no key: it makes an edit, a
//! removal in the middle, or a missing file visible. Whoever may write the
//! files can also write them all anew, and removing the newest records (or
//! replacing them by garbage, which then looks like an interrupted write)
//! leaves a shorter log that is intact. Only a copy of the newest hash
//! somewhere else shows those; [`Report::head`] is that hash.
//!
//! What has to be on disk before a program runs is proven by a [`Receipt`],
//! which only [`Log::append`] makes, and only after the data is synced.

mod error;
mod event;
mod history;
mod key;
mod log;
mod record;
pub mod redact;
#[cfg(test)]
pub(crate) mod samples;
mod secrets;
mod snapshot;
mod store;
mod verify;

use std::time::Duration;

pub use error::AuditError;
pub use event::{Actor, Approver, Ended, Event, Subject};
pub use history::{Entry, History, Incident, Item, Named, each, history, newest};
pub use key::{InstallKey, new_request_id};
pub use log::{Log, Receipt};
pub use verify::{Finding, Report, verify};

/// A new file begins once the newest has this many bytes.
const ROTATE_AT: u64 = 8 * 1024 * 1024;
/// How long a writer waits for others before it gives up.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);
