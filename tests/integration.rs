//! The real binary, as people and programs call it, and the library against
//! the real tools.
// `cfg(test)` tells clippy that helpers are test code too.

#[cfg(test)]
mod agents;
#[cfg(test)]
mod approval;
#[cfg(test)]
mod aws;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod everyday;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod helm;
#[cfg(test)]
mod hook;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod kubectl;
#[cfg(test)]
mod pre_commit;
#[cfg(test)]
mod prompt;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod shim;
#[cfg(test)]
mod support {
    pub(crate) mod cluster;
    pub(crate) mod moto;
    pub(crate) mod pty;
    pub(crate) mod random;
    pub(crate) mod ruled;
    pub(crate) mod tools;
    pub(crate) mod world;
}
#[cfg(test)]
mod terraform;
