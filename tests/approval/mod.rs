//! A second person's approval.

mod approvers;
mod redeem;
mod room;
