//! demo
use crate::process::Process;
use std::io::Write;
/// x
/// # Errors
/// x
pub fn run(_p: &dyn Process, _o: &mut dyn Write) -> anyhow::Result<u8> {
    Ok(0)
}
