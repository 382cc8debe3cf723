//! What is allowed wherever it acts runs without a look at where that is.
//!
//! The kubeconfig is a FIFO: who opens it to write waits until somebody opens
//! it to read.

use std::fs::OpenOptions;
use std::os::unix::fs::symlink;
use std::thread::JoinHandle;

use nix::sys::stat::Mode;

use crate::support::world::{MARKER, REFUSED, World, assert_code, tollgate};

/// A world with a stub kubectl, its shim, and a FIFO for a kubeconfig. The
/// thread ends when that is opened.
fn world() -> (World, JoinHandle<()>) {
    let world = World::new();
    world.stub_at("bin/kubectl", "");
    symlink(tollgate(), world.path("shims/kubectl")).unwrap();
    let path = world.path("kubeconfig");
    nix::unistd::mkfifo(&path, Mode::S_IRWXU).unwrap();
    let opened = std::thread::spawn(move || drop(OpenOptions::new().write(true).open(path).unwrap()));
    (world, opened)
}

/// kubectl, called by an agent through the shim.
fn call(world: &World, line: &str) -> std::process::Output {
    let mut command = world.command(world.path("shims/kubectl"));
    command.args(line.split(' ')).env(MARKER.0, MARKER.1).env("KUBECONFIG", world.path("kubeconfig"));
    command.output().unwrap()
}

#[test]
fn a_command_that_is_always_allowed_opens_no_kubeconfig() {
    let (world, opened) = world();
    for line in
        ["get pods", "get pods -A -o wide", "--context prod describe pod web", "delete --help", "version"]
    {
        assert_code(&call(&world, line), 0);
        assert!(!opened.is_finished(), "{line}");
    }
    assert_eq!(world.runs().len(), 5);
    // That it would have been noticed.
    assert_code(&call(&world, "delete pod web"), REFUSED);
    opened.join().unwrap();
}
