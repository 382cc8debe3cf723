//! The commands people type, one file each.
pub mod init;
pub mod shim;
