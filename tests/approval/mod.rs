//! A second person's approval.

mod approvers;
