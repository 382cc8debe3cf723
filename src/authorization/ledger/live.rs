//! What of all that waits may still come to a run.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Ledger, LedgerError, Pending};
use crate::authorization::request::Needs;

impl Ledger {
    /// Whether it may still be approved, or was and may still run. What is neither keeps
    /// nobody from asking.
    ///
    /// # Errors
    /// Where what came back for it cannot be read.
    pub fn is_live(&self, pending: &Pending, now: Timestamp) -> Result<bool, LedgerError> {
        let request = &pending.request;
        Ok(now < request.execute_before && (now < request.approve_before || self.is_approved(pending)?))
    }

    /// Whether as much came back as it asks for. Who signed is asked when it is used.
    ///
    /// # Errors
    /// Where that cannot be read.
    pub fn is_approved(&self, pending: &Pending) -> Result<bool, LedgerError> {
        let approval = &pending.request.facts.approval;
        match approval.needs {
            Needs::Peer => {
                let signatures = self.signatures(pending)?;
                let good = signatures.iter().filter(|signature| signature.verify(&pending.bytes).is_ok());
                let keys: BTreeSet<String> = good.map(|signature| signature.key().fingerprint()).collect();
                Ok(keys.len() >= approval.quorum.max(1) as usize)
            }
            Needs::Confirmation | Needs::Alone => self.is_confirmed(pending),
        }
    }
}
