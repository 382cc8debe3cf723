//! Calls that act by themselves: on files, clusters, clouds, databases, by HTTP.

use super::Finding;
use super::arguments::Arguments;
use super::call::{Call, last};
use super::database::database;
use super::http::http;
use super::reader::Reader;
use super::removal::files;
use super::writing;

pub(super) fn found(name: &str, arguments: impl Into<Vec<u8>>) -> Finding {
    Finding::Call { name: name.to_owned(), arguments: arguments.into() }
}

/// What a call does, where it acts by itself.
pub(super) fn call(call: &Call<'_>, reader: &Reader<'_>) -> Option<Vec<Finding>> {
    files(call, reader.language)
        .or_else(|| writing::files(call, reader))
        .or_else(|| cluster(call, reader))
        .or_else(|| cloud(call))
        .or_else(|| database(call, reader))
        .or_else(|| http(call, reader.language))
}

/// Clients of Kubernetes.
fn cluster(call: &Call<'_>, reader: &Reader<'_>) -> Option<Vec<Finding>> {
    let name = call.name();
    let client = || reader.mentions("kubernetes") || reader.mentions("k8s") || reader.mentions("openshift");
    let snake = name.starts_with("delete_namespace") || name.starts_with("delete_collection_");
    let camel = name.starts_with("deleteNamespace") || name.starts_with("deleteCollection");
    let other = name.starts_with("delete_")
        || name
            .strip_prefix("delete")
            .is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_uppercase()));
    let root = call.path.starts_with("kubernetes.") || call.path.starts_with("@kubernetes");
    let plain = root && name == "delete";
    (snake || camel || plain || (other && client() && call.path.contains('.')))
        .then(|| vec![found("kubernetes delete", written(name, call.arguments))])
}

/// A call's name and the first arguments, for people.
pub(super) fn written(name: &str, arguments: &Arguments) -> Vec<u8> {
    let mut text = name.as_bytes().to_vec();
    for value in arguments.unnamed().take(4) {
        text.push(b' ');
        text.extend(value.as_text());
    }
    text
}

/// Clients of Google's and Microsoft's clouds.
fn cloud(call: &Call<'_>) -> Option<Vec<Finding>> {
    let roots = [
        "google.cloud",
        "googleapiclient",
        "azure.",
        "@google-cloud",
        "@azure",
        "Google.Cloud",
        "discovery.build",
    ];
    let name = call.name();
    let deletes = matches!(name, "delete" | "begin_delete" | "beginDelete" | "beginDeleteAndWait" | "purge")
        || ["delete_", "begin_delete_", "delete"].iter().any(|front| {
            name.strip_prefix(front).is_some_and(|rest| {
                front.ends_with('_') || rest.starts_with(|sign: char| sign.is_ascii_uppercase())
            })
        });
    (deletes && roots.iter().any(|root| call.path.starts_with(root)))
        .then(|| vec![found("cloud delete", written(name, call.arguments))])
}

/// The last part of a path, without what it was called with.
pub(super) fn plain(path: &str) -> &str {
    let name = last(path);
    name.split(['(', '[']).next().unwrap_or(name)
}
