//! What agents were reported to have done, done again with the real tools: an
//! agent asks, is refused in words that a person can act on, and nothing changes;
//! then the same is done right. docs/incidents.md tells of each.

mod change_one_setting;
mod cloud;
mod code_freeze;
mod deletions_in_updates;
mod desk;
mod owner_typing;
mod project;
mod recreate;
mod wrong_state;
