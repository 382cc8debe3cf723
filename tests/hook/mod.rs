//! `tollgate hook`, as agents call it.

mod broken;
mod edits;
mod gate;
mod payloads;
