//! helm's commands and flags, by the documentation of helm 3.

use crate::command::cobra::Row;

/// Every command with its own flags; the first row holds those of all.
#[rustfmt::skip]
pub(super) const HELM: &[Row] = &[
    Row { path: "", aliases: "", booleans: "debug", values: "namespace:n kube-context kubeconfig", optional: "" },
    Row { path: "uninstall", aliases: "del delete un", booleans: "dry-run", values: "", optional: "" },
];
