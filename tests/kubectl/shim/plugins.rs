//! Plugins: programs on PATH that kubectl runs as its own commands.

use super::{Caller, Desk};

#[test]
fn an_agent_runs_no_unknown_plugin() {
    let Some(desk) = Desk::new() else { return };
    desk.world.stub_at("bin/kubectl-frobnicate", "echo frobnicated");
    let told = desk.assert_refused("frobnicate", Caller::Agent);
    assert!(told.contains("frobnicate"), "{told}");
    desk.assert_refused("frobnicate get pods", Caller::Agent);
    desk.world.assert_nothing_ran();
    assert_eq!(desk.real("frobnicate").stdout, "frobnicated\n");
}

/// `create` is the one command of kubectl's own below which it looks for them.
#[test]
fn an_agent_runs_no_unknown_plugin_of_create() {
    let Some(desk) = Desk::new() else { return };
    desk.world.stub_at("bin/kubectl-create-widget", "echo made");
    desk.assert_refused("create widget x", Caller::Agent);
    desk.world.assert_nothing_ran();
    assert_eq!(desk.real("create widget x").stdout, "made\n");
}

#[test]
fn a_plugin_that_only_reads_runs() {
    let Some(desk) = Desk::new() else { return };
    desk.world.stub_at("bin/kubectl-ctx", "echo \"contexts of $*\"; exit 3");
    let ran = desk.assert_untouched("ctx --current");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), "contexts of --current\n"));
}

/// kubectl runs no plugin in the place of a command of its own.
#[test]
fn a_plugin_shadows_no_command() {
    let Some(desk) = Desk::new() else { return };
    desk.world.stub_at("bin/kubectl-get", "echo shadowed");
    desk.world.stub_at("bin/kubectl-delete", "echo shadowed");
    let ran = desk.assert_untouched("get pods");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    desk.assert_refused("delete ns default", Caller::Agent);
    desk.world.assert_nothing_ran();
}
