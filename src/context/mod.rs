//! Where a command would act, and who asks. Looked up offline, and only when
//! the rulebook needs it.

pub mod target;
pub mod terraform;
