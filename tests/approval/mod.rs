//! A second person's approval.

mod approvers;
mod cli;
mod redeem;
pub(crate) mod room;
