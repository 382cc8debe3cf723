//! `delete --raw PATH`: one request, and on the path of a collection the end of
//! everything in it.

use super::looks::Looks;
use super::objects::Object;
use super::report::Report;
use super::words::Words;

/// What a path of the API stands for.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    /// The kind as in paths, with its group.
    kind: String,
    namespace: Option<&'a str>,
    /// `None` for all of that kind.
    name: Option<&'a str>,
}

pub(super) fn find(words: Words<'_>, looks: &Looks<'_>, report: &mut Report) {
    let path = words.value("--raw").unwrap_or_default();
    let Some(place) = place(path) else {
        return report.unknown("count", "the path is none of an object, nor of all of a kind");
    };
    let kind = &place.kind;
    let inside =
        place.namespace.map_or_else(|| "in every namespace".to_owned(), |space| format!("in {space}"));
    if let Some(name) = place.name {
        let object = Object { kind: kind.clone(), ..Object::new(kind, place.namespace, name) };
        report.happens("delete", &object, &[]);
        return report.first(format!("deletes {}", object.shown()));
    }
    let all = Object { kind: kind.clone(), ..Object::new(kind, place.namespace, "*") };
    match count(words, looks, path) {
        Ok(count) => {
            report.happens("delete", &all, &[("count", count.to_string())]);
            report.share(count, 0);
            report.first(format!(
                "deletes everything of that type: all {count} {kind} {inside}, in one request"
            ));
        }
        Err(why) => {
            report.happens("delete", &all, &[]);
            report.first(format!("deletes everything of that type: all {kind} {inside}, in one request"));
            report.unknown("count", &why);
        }
    }
}

/// How many there are: the server tells of a list of one how many are left.
fn count(words: Words<'_>, looks: &Looks<'_>, path: &str) -> Result<usize, String> {
    let question = format!("--raw={path}?limit=1");
    let printed = looks.printed(words.question(&["get"], &[], &[&question], []))?;
    let list: serde_json::Value =
        serde_json::from_slice(&printed).map_err(|_| "the server answered with something else".to_owned())?;
    let items = list.get("items").and_then(|items| items.as_array()).map(Vec::len);
    let more = list.pointer("/metadata/remainingItemCount").and_then(serde_json::Value::as_u64);
    let goes_on = list
        .pointer("/metadata/continue")
        .and_then(|next| next.as_str())
        .is_some_and(|next| !next.is_empty());
    let more = match more {
        None if goes_on => return Err("the server does not tell how many".to_owned()),
        more => usize::try_from(more.unwrap_or(0)).unwrap_or(usize::MAX),
    };
    items.map(|items| items.saturating_add(more)).ok_or_else(|| "the server answered with no list".to_owned())
}

/// What stands at `path`. One with a query, or below an object, is not known: a look
/// there could do something.
fn place(path: &str) -> Option<Place<'_>> {
    if path.contains(['?', '#', '%', ';']) || path.contains("..") || path.contains("//") {
        return None;
    }
    let parts: Vec<&str> = path.strip_prefix('/')?.trim_end_matches('/').split('/').collect();
    let (group, rest) = match parts.as_slice() {
        ["api", _, rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        _ => return None,
    };
    let (namespace, kind, name) = match rest {
        ["namespaces", name] => (None, "namespaces", Some(*name)),
        ["namespaces", space, kind] => (Some(*space), *kind, None),
        ["namespaces", space, kind, name] => (Some(*space), *kind, Some(*name)),
        [kind] => (None, *kind, None),
        [kind, name] => (None, *kind, Some(*name)),
        _ => return None,
    };
    if [Some(kind), name]
        .into_iter()
        .flatten()
        .any(|part| ["proxy", "watch", "status", "finalize"].contains(&part))
    {
        return None;
    }
    let own = group.ends_with(".k8s.io") || !group.contains('.');
    let kind = if own { kind.to_owned() } else { format!("{kind}.{group}") };
    Some(Place { kind, namespace, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stands_for_an_object_or_all_of_a_kind() {
        for (path, kind, namespace, name) in [
            ("/api/v1/namespaces/default/secrets", "secrets", Some("default"), None),
            ("/api/v1/namespaces/default/secrets/db", "secrets", Some("default"), Some("db")),
            ("/api/v1/namespaces/default", "namespaces", None, Some("default")),
            ("/api/v1/namespaces", "namespaces", None, None),
            ("/apis/apps/v1/deployments/", "deployments", None, None),
            ("/apis/acme.io/v1/widgets", "widgets.acme.io", None, None),
        ] {
            let expected = Place { kind: kind.to_owned(), namespace, name };
            assert_eq!(place(path), Some(expected), "{path}");
        }
        for path in [
            "",
            "/",
            "/api",
            "/version",
            "api/v1/pods",
            "/api/v1/namespaces/default/pods/x/proxy/shutdown",
            "/api/v1/namespaces/default/pods?labelSelector=a",
            "/api/v1/../v1/pods",
            "/api/v1/proxy/x",
            "/api/v1/namespaces/default/pods/proxy",
        ] {
            assert_eq!(place(path), None, "{path}");
        }
    }
}
