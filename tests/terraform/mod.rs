//! The grammar and the rules of terraform against the installed terraform.
//!
//! Everything the gate believes about terraform's command line is asked of
//! the real program here: the arguments it makes of argv and environment
//! ([`arguments`]), the command it finds ([`commands`]), the flags' arity
//! ([`flags`]), and what becomes of real states ([`effects`]). [`shim`] runs
//! the built binary in front of it, [`applied`] where it plans first.
//!
//! No provider is downloaded: `terraform_data` is built in. The generated
//! cases are the same in every run.

mod applied;
mod arguments;
mod commands;
mod effects;
mod flags;
mod plans;
mod project;
mod real;
mod shim;
mod world;
