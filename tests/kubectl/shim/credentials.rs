//! A kubeconfig whose user's token comes from a program, itself behind a shim.

use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;

use super::{Desk, callers};
use crate::support::cluster::Cluster;
use crate::support::tools;
use crate::support::world::tollgate;

/// As EKS has it: kubectl runs `aws eks get-token`, found on PATH, where `aws`
/// is a link to tollgate too. The token is a signed address; nothing is sent.
#[test]
fn a_token_from_aws_passes() {
    let (Some(desk), Some(aws)) = (Desk::before(Cluster::start_with_tls()), tools::aws()) else { return };
    symlink(tollgate(), desk.world.path("shims/aws")).unwrap();
    let mut kubeconfig = desk.cluster.kubeconfig();
    kubeconfig["users"][0]["user"] = json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["--region", "eu-west-1", "eks", "get-token", "--cluster-name", "web"],
        "env": [
            {"name": "AWS_ACCESS_KEY_ID", "value": "AKIAIOSFODNN7EXAMPLE"},
            {"name": "AWS_SECRET_ACCESS_KEY", "value": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        ],
        "interactiveMode": "IfAvailable",
    }});
    desk.configure(&kubeconfig);
    let path = desk.search_path(&[aws.parent().unwrap()]);
    for caller in callers() {
        let mut command = desk.command(Path::new("kubectl"), "get pods", caller);
        command.env("PATH", &path);
        let (ran, requests) = desk.finish(command);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{caller:?}: {ran:?}");
        assert!(ran.stdout.contains("web"), "{ran:?}");
        let asked = requests.iter().find(|one| one.path.ends_with("/pods")).unwrap();
        let bearer = asked.authorization.as_deref().unwrap_or_default();
        assert!(bearer.starts_with("Bearer k8s-aws-v1."), "{bearer:?}");
    }
    assert!(desk.world.record().is_empty());
}
