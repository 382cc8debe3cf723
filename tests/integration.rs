//! The real binary, as people and programs call it.

#[cfg(test)]
mod cli;
#[cfg(test)]
mod prompt;
#[cfg(test)]
mod shim;
#[cfg(test)]
mod support {
    pub(crate) mod pty;
    pub(crate) mod world;
}
