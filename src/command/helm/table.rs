//! helm's commands and flags, of helm 3 and helm 4 together.

use crate::command::cobra::Row;

/// Where a chart comes from.
macro_rules! chart_values {
    () => {
        "ca-file cert-file key-file keyring password repo username version max-chart-size max-file-size "
    };
}
macro_rules! chart_booleans {
    () => {
        "insecure-skip-tls-verify pass-credentials plain-http verify devel "
    };
}
/// The values that a chart is rendered with.
macro_rules! value_values {
    () => {
        "values:f set set-string set-file set-json set-literal "
    };
}
/// How a registry is reached.
macro_rules! registry_values {
    () => {
        "ca-file cert-file key-file password username "
    };
}
macro_rules! registry_booleans {
    () => {
        "insecure-skip-tls-verify plain-http "
    };
}
/// What `install` and `upgrade` have in common, and `template` too.
macro_rules! apply_values {
    () => {
        concat!(
            chart_values!(),
            value_values!(),
            "description labels:l output:o post-renderer post-renderer-args timeout "
        )
    };
}
macro_rules! apply_booleans {
    () => {
        concat!(
            chart_booleans!(),
            "atomic create-namespace dependency-update disable-openapi-validation enable-dns force \
             force-conflicts force-replace hide-notes hide-secret no-hooks render-subchart-notes \
             rollback-on-failure skip-crds skip-schema-validation take-ownership wait-for-jobs "
        )
    };
}

/// Every command with its own flags; the first row holds those of all, the
/// hidden ones of its logging library (`-v 5`) among them.
#[rustfmt::skip]
pub(super) const HELM: &[Row] = &[
    Row {
        path: "", aliases: "", optional: "",
        booleans: "debug kube-insecure-skip-tls-verify add-dir-header alsologtostderr logtostderr one-output skip-headers \
                   skip-log-headers legacy-stderr-threshold-behavior",
        values: "burst-limit color colour content-cache kube-apiserver kube-as-group kube-as-user kube-ca-file kube-context \
                 kube-tls-server-name kube-token kubeconfig namespace:n qps registry-config repository-cache repository-config \
                 alsologtostderrthreshold log-backtrace-at log-dir log-file log-file-max-size stderrthreshold v:v vmodule",
    },
    Row { path: "completion", aliases: "", booleans: "", values: "", optional: "" },
    Row { path: "completion bash", aliases: "", booleans: "no-descriptions", values: "", optional: "" },
    Row { path: "completion fish", aliases: "", booleans: "no-descriptions", values: "", optional: "" },
    Row { path: "completion powershell", aliases: "", booleans: "no-descriptions", values: "", optional: "" },
    Row { path: "completion zsh", aliases: "", booleans: "no-descriptions", values: "", optional: "" },
    Row { path: "create", aliases: "", booleans: "", values: "starter:p", optional: "" },
    Row { path: "dependency", aliases: "dep dependencies", booleans: "", values: "", optional: "" },
    Row { path: "dependency build", aliases: "", booleans: concat!(registry_booleans!(), "skip-refresh verify"), values: concat!(registry_values!(), "keyring"), optional: "" },
    Row { path: "dependency list", aliases: "ls", booleans: "", values: "max-col-width", optional: "" },
    Row { path: "dependency update", aliases: "up", booleans: concat!(registry_booleans!(), "skip-refresh verify"), values: concat!(registry_values!(), "keyring"), optional: "" },
    Row { path: "docs", aliases: "", booleans: "generate-headers", values: "dir type", optional: "" },
    Row { path: "env", aliases: "", booleans: "", values: "", optional: "" },
    Row { path: "get", aliases: "", booleans: "", values: "", optional: "" },
    Row { path: "get all", aliases: "", booleans: "", values: "revision template", optional: "" },
    Row { path: "get hooks", aliases: "", booleans: "", values: "revision", optional: "" },
    Row { path: "get manifest", aliases: "", booleans: "", values: "revision", optional: "" },
    Row { path: "get metadata", aliases: "", booleans: "", values: "revision output:o", optional: "" },
    Row { path: "get notes", aliases: "", booleans: "", values: "revision", optional: "" },
    Row { path: "get values", aliases: "", booleans: "all:a", values: "revision output:o", optional: "" },
    Row { path: "history", aliases: "hist", booleans: "", values: "max output:o", optional: "" },
    Row {
        path: "install", aliases: "",
        // `--server-side` is a boolean here, and takes a value in `upgrade`.
        booleans: concat!(apply_booleans!(), "generate-name:g replace server-side"),
        values: concat!(apply_values!(), "name-template"),
        optional: "dry-run wait",
    },
    Row { path: "lint", aliases: "", booleans: "quiet skip-schema-validation strict with-subcharts", values: concat!(value_values!(), "kube-version"), optional: "" },
    Row {
        path: "list", aliases: "ls", optional: "",
        booleans: "all:a all-namespaces:A date:d deployed failed no-headers pending reverse:r short:q superseded uninstalled uninstalling",
        values: "filter:f max:m offset output:o selector:l time-format",
    },
    Row {
        path: "package", aliases: "", optional: "",
        booleans: concat!(registry_booleans!(), "dependency-update:u sign"),
        values: concat!(registry_values!(), "app-version destination:d key keyring passphrase-file version"),
    },
    Row { path: "plugin", aliases: "", booleans: "", values: "", optional: "" },
    Row { path: "plugin install", aliases: "add", booleans: concat!(registry_booleans!(), "verify"), values: concat!(registry_values!(), "keyring version"), optional: "" },
    Row { path: "plugin list", aliases: "ls", booleans: "", values: "type", optional: "" },
    Row { path: "plugin package", aliases: "", booleans: "sign", values: "destination:d key keyring passphrase-file", optional: "" },
    Row { path: "plugin uninstall", aliases: "rm remove", booleans: "", values: "", optional: "" },
    Row { path: "plugin update", aliases: "up", booleans: "", values: "", optional: "" },
    Row { path: "plugin verify", aliases: "", booleans: "", values: "keyring", optional: "" },
    Row { path: "pull", aliases: "fetch", booleans: concat!(chart_booleans!(), "prov untar"), values: concat!(chart_values!(), "destination:d untardir"), optional: "" },
    Row { path: "push", aliases: "", booleans: registry_booleans!(), values: registry_values!(), optional: "" },
    Row { path: "registry", aliases: "", booleans: "", values: "", optional: "" },
    Row { path: "registry login", aliases: "", booleans: "insecure password-stdin plain-http", values: "ca-file cert-file key-file password:p username:u", optional: "" },
    Row { path: "registry logout", aliases: "", booleans: "", values: "", optional: "" },
    Row { path: "repo", aliases: "", booleans: "", values: "", optional: "" },
    Row {
        path: "repo add", aliases: "", optional: "",
        booleans: "allow-deprecated-repos force-update insecure-skip-tls-verify no-update pass-credentials password-stdin",
        values: "ca-file cert-file key-file password timeout username",
    },
    Row { path: "repo index", aliases: "", booleans: "json", values: "merge url", optional: "" },
    Row { path: "repo list", aliases: "ls", booleans: "no-headers", values: "output:o", optional: "" },
    Row { path: "repo remove", aliases: "rm", booleans: "", values: "", optional: "" },
    Row { path: "repo update", aliases: "up", booleans: "fail-on-repo-update-fail", values: "timeout", optional: "" },
    Row {
        path: "rollback", aliases: "",
        booleans: "cleanup-on-fail force force-conflicts force-replace no-hooks recreate-pods wait-for-jobs",
        values: "description history-max server-side timeout",
        optional: "dry-run wait",
    },
    Row { path: "search", aliases: "", booleans: "", values: "", optional: "" },
    Row { path: "search hub", aliases: "", booleans: "fail-on-no-result list-repo-url", values: "endpoint max-col-width output:o", optional: "" },
    Row { path: "search repo", aliases: "", booleans: "devel fail-on-no-result regexp:r versions:l", values: "max-col-width output:o version", optional: "" },
    Row { path: "show", aliases: "inspect", booleans: "", values: "", optional: "" },
    Row { path: "show all", aliases: "", booleans: chart_booleans!(), values: chart_values!(), optional: "" },
    Row { path: "show chart", aliases: "", booleans: chart_booleans!(), values: chart_values!(), optional: "" },
    Row { path: "show crds", aliases: "", booleans: chart_booleans!(), values: chart_values!(), optional: "" },
    Row { path: "show readme", aliases: "", booleans: chart_booleans!(), values: chart_values!(), optional: "" },
    Row { path: "show values", aliases: "", booleans: chart_booleans!(), values: concat!(chart_values!(), "jsonpath"), optional: "" },
    Row { path: "status", aliases: "", booleans: "show-desc show-resources", values: "output:o revision", optional: "" },
    Row {
        path: "template", aliases: "",
        booleans: concat!(apply_booleans!(), "generate-name:g include-crds is-upgrade release-name replace server-side skip-tests validate"),
        values: concat!(apply_values!(), "api-versions:a kube-version name-template output-dir show-only:s"),
        optional: "dry-run wait",
    },
    Row { path: "test", aliases: "", booleans: "hide-notes logs", values: "filter timeout", optional: "" },
    Row { path: "uninstall", aliases: "del delete un", booleans: "dry-run ignore-not-found keep-history no-hooks", values: "cascade description timeout", optional: "wait" },
    Row {
        path: "upgrade", aliases: "",
        booleans: concat!(apply_booleans!(), "cleanup-on-fail install:i recreate-pods reset-then-reuse-values reset-values reuse-values"),
        values: concat!(apply_values!(), "history-max server-side"),
        optional: "dry-run wait",
    },
    Row { path: "verify", aliases: "", booleans: "", values: "keyring", optional: "" },
    Row { path: "version", aliases: "", booleans: "client:c short", values: "template", optional: "" },
];
