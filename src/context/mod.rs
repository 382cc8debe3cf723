//! Where a command would act, and who asks. Looked up offline, and only when
//! the rulebook needs it.
//!
//! Who asks is found from marks that coding agents leave: variables in the
//! environment ([`markers`]), programs among the ancestors ([`programs`], read
//! by [`lineage`]). [`principal`] weighs them. All of it only tightens: a mark
//! never lowers a verdict, and the absence of marks proves nothing.
//!
//! Where it would act is a [`target::Target`], found by one module a tool.

pub mod lineage;
pub mod markers;
pub mod principal;
pub mod programs;
pub mod target;
pub mod terraform;
