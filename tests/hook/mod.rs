//! `tollgate hook`, as agents call it, and in their configurations.

mod broken;
mod doctor;
mod edits;
mod gate;
mod install;
mod looks;
mod payloads;
