//! The commands people type.

mod audit;
mod check;
mod documents;
mod init;
mod links;
mod rules;
mod trust;
