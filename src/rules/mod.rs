//! The rulebook: what it is made of, where it comes from, and what it says.
//!
//! * [`schema`]: the shape of a rule file
//! * [`builtin`], [`layers`], [`load`]: the files, from binary and disk
//! * [`book`]: all layers together, and what each may do
//! * [`environment`]: what the rulebook calls a target
//! * [`matching`], [`judge`]: whether a rule speaks of a command, and what
//!   follows
//! * [`reason`]: why a rule says nothing of a command, for people
//! * [`lint`], [`cases`]: whether a rulebook is sound
//! * [`about`]: what an id stands for, also one that no file has

pub mod about;
pub mod book;
pub mod builtin;
pub mod carried;
pub mod cases;
pub mod digest;
pub mod environment;
pub mod judge;
pub mod layers;
pub mod lint;
pub mod load;
pub mod matching;
pub mod operations;
pub mod reason;
pub mod schema;
