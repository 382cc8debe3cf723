//! Where a command would act, and who asks.
//!
//! Who asks is found from marks that coding agents leave: variables in the
//! environment ([`markers`]), programs among the ancestors ([`programs`], read
//! by [`lineage`]). [`principal`] weighs them. All of it only tightens: a mark
//! never lowers a verdict, and the absence of marks proves nothing.

pub mod lineage;
pub mod markers;
pub mod principal;
pub mod programs;
