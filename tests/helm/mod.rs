//! helm's command lines against the rulebook, and behind the shim.
//!
//! Fixtures only: no helm could be had to run them, so that helm does what the
//! rules say of them is unverified. In [`verdicts`] the built binary judges
//! them, in [`shim`] a stub stands in helm's place.

mod shim;
mod verdicts;
