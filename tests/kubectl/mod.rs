//! The grammar, the target and the rules of kubectl against the installed
//! kubectl.
//!
//! Which command a line runs and which flags get values is asked of the real
//! program ([`random`], [`commands`]), and where it acts ([`target`]), which is
//! not looked up where it does not matter ([`unread`]).
//! [`shim`] runs the built binary in front of it, with an API double that
//! records every request, and [`impact`] looks at what is found out before anybody is asked.

mod commands;
mod impact;
mod kuberc;
mod random;
mod real;
mod shim;
mod target;
mod unread;
