//! The commands people type.

mod audit;
mod check;
mod init;
mod links;
mod rules;
mod trust;
