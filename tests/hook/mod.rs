//! `tollgate hook`, as agents call it, and in their configurations.

mod broken;
mod edits;
mod gate;
mod install;
mod payloads;
