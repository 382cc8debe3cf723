//! A second person's approval.

mod approvers;
mod cli;
mod redeem;
mod room;
