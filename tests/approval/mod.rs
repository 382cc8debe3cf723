//! Approvals, with the real ssh-keygen.

mod cli;
