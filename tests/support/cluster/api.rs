//! What the double answers.
//!
//! A strategic merge patch is taken for a merge patch, and a list's next part is told by its number. Of a body in protobuf only an object's name is read, and where that
//! does not suffice, it is refused. A watch tells
//! what is there, and nothing more. Nothing runs
//! in a pod, so `exec` and its like are refused, as a server may.

use serde_json::{Value, json};

use super::http::{Answer, Received};
use super::kinds::{self, Kind};
use super::objects::{Objects, merge};

/// Answers a request.
pub(super) fn answer(objects: &mut Objects, received: &Received) -> Answer {
    match received.path.trim_end_matches('/') {
        "/version" => {
            let version =
                json!({"major": "1", "minor": "32", "gitVersion": "v1.32.4", "platform": "linux/amd64"});
            Answer::json(200, &version)
        }
        "/healthz" | "/livez" | "/readyz" => Answer::text("ok"),
        "/api" => Answer::json(200, &json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/apis" => Answer::json(200, &kinds::groups()),
        "/openapi/v3" => Answer::json(200, &kinds::schemas()),
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" => Answer::json(
            201,
            &json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                "status": {"allowed": true}}),
        ),
        path => below(objects, received, path).unwrap_or_else(unknown_path),
    }
}

/// Answers what is below a group's version.
fn below(objects: &mut Objects, received: &Received, path: &str) -> Option<Answer> {
    if let Some(path) = path.strip_prefix("/openapi/v3/") {
        return Some(Answer::json(200, &kinds::schema(path)?));
    }
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (group, rest) = match parts.as_slice() {
        ["api", "v1", rest @ ..] => ("", rest),
        ["apis", group, "v1", rest @ ..] => (*group, rest),
        _ => return None,
    };
    let (namespace, rest) = match rest {
        [] => return Some(Answer::json(200, &kinds::resources(group)?)),
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() && *rest != ["status"] => {
            (Some(*namespace), rest)
        }
        rest => (None, rest),
    };
    let mut rest = rest.iter().copied();
    let kind = kinds::find(group, rest.next()?)?;
    let asked = Asked {
        kind,
        namespace,
        name: rest.next(),
        subresource: rest.next(),
        rehearsed: received.parameter("dryRun").is_some()
            || received.json().is_some_and(|body| body["dryRun"] == json!(["All"])),
    };
    Some(match (received.method.as_str(), asked.name) {
        ("GET", None) => asked.list(objects, received),
        ("GET", Some(name)) => asked.read(objects, name),
        ("POST", _) => asked.create(objects, received),
        ("DELETE", None) => asked.delete_all(objects, received),
        ("DELETE", Some(name)) => asked.delete(objects, name),
        ("PATCH" | "PUT", Some(name)) => asked.change(objects, received, name),
        _ => failure(405, "MethodNotAllowed", "the double does not do that"),
    })
}

/// The answer to who may not.
pub(super) fn forbidden(received: &Received) -> Answer {
    let what = received.path.rsplit('/').next().unwrap_or_default();
    failure(403, "Forbidden", &format!("{what} is forbidden: User \"someone\" cannot list it"))
}

/// What a path names.
struct Asked<'a> {
    kind: &'static Kind,
    namespace: Option<&'a str>,
    name: Option<&'a str>,
    subresource: Option<&'a str>,
    rehearsed: bool,
}

impl Asked<'_> {
    fn space(&self) -> &str {
        self.namespace.unwrap_or_default()
    }

    fn selected<'a>(&self, objects: &'a Objects, received: &Received) -> Vec<&'a Value> {
        let selector = |name: &str| received.parameter(name).unwrap_or_default();
        objects.list(self.kind, self.namespace, &selector("labelSelector"), &selector("fieldSelector"))
    }

    fn list(&self, objects: &Objects, received: &Received) -> Answer {
        let items = self.selected(objects, received);
        if received.parameter("watch").is_some_and(|watch| watch == "true" || watch == "1") {
            // A watch since a version tells what comes later, which is nothing.
            let known = received.parameter("resourceVersion").is_some_and(|version| version != "0");
            let news = items.into_iter().filter(|_| !known);
            let events = news.map(|item| json!({"type": "ADDED", "object": item}).to_string() + "\n");
            let body = events.collect::<String>().into_bytes();
            return Answer { status: 200, content_type: "application/json", body, open: true };
        }
        let mut metadata = json!({"resourceVersion": objects.version()});
        let number = |name: &str| received.parameter(name)?.parse::<usize>().ok();
        let (from, limit) = (number("continue").unwrap_or(0), number("limit").filter(|limit| *limit > 0));
        let part: Vec<&Value> = items.iter().skip(from).take(limit.unwrap_or(usize::MAX)).copied().collect();
        let left = items.len().saturating_sub(from + part.len());
        if left > 0 {
            metadata["continue"] = json!((from + part.len()).to_string());
            // The server does not count what a selector takes.
            if received.parameter("labelSelector").or(received.parameter("fieldSelector")).is_none() {
                metadata["remainingItemCount"] = json!(left);
            }
        }
        let list = json!({
            "kind": format!("{}List", self.kind.name),
            "apiVersion": self.kind.api_version(),
            "metadata": metadata,
            "items": part,
        });
        Answer::json(200, &list)
    }

    fn read(&self, objects: &Objects, name: &str) -> Answer {
        let Some(object) = objects.get(self.kind, self.space(), name) else { return self.not_found(name) };
        match self.subresource {
            None | Some("status" | "approval") => Answer::json(200, object),
            Some("scale") => Answer::json(200, &scale(object)),
            Some("log") => Answer::text("hello from the double\n"),
            Some(_) => self.refused(),
        }
    }

    fn create(&self, objects: &mut Objects, received: &Received) -> Answer {
        match (self.subresource, self.name) {
            (None, _) => {}
            (Some("eviction"), Some(name)) => return self.delete(objects, name),
            (Some("token"), _) => {
                let token = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                    "status": {"token": "a-token", "expirationTimestamp": "2036-01-01T00:00:00Z"}});
                return Answer::json(201, &token);
            }
            _ => return self.refused(),
        }
        let Some(object) = received.object() else { return not_json() };
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        if objects.get(self.kind, self.space(), name).is_some() {
            return self.failure(409, "AlreadyExists", name, "already exists");
        }
        Answer::json(201, &self.store(objects, object))
    }

    /// kubectl sends this for `delete --raw` only.
    fn delete_all(&self, objects: &mut Objects, received: &Received) -> Answer {
        let names: Vec<(String, String)> = self
            .selected(objects, received)
            .into_iter()
            .map(|object| &object["metadata"])
            .map(|metadata| {
                let text = |key: &str| metadata[key].as_str().unwrap_or_default().to_owned();
                (text("namespace"), text("name"))
            })
            .collect();
        for (namespace, name) in names.iter().filter(|_| !self.rehearsed) {
            objects.delete(self.kind, namespace, name);
        }
        success()
    }

    fn delete(&self, objects: &mut Objects, name: &str) -> Answer {
        if objects.get(self.kind, self.space(), name).is_none() {
            return self.not_found(name);
        }
        if !self.rehearsed {
            objects.delete(self.kind, self.space(), name);
        }
        success()
    }

    fn change(&self, objects: &mut Objects, received: &Received, name: &str) -> Answer {
        let Some(body) = received.json() else { return not_json() };
        let applied = received.header("content-type") == Some("application/apply-patch+yaml");
        let mut object = match objects.get(self.kind, self.space(), name) {
            Some(object) => object.clone(),
            None if applied => json!({}),
            None => return self.not_found(name),
        };
        match (received.header("content-type"), received.method.as_str()) {
            (Some("application/json-patch+json"), _) => operate(&mut object, &body),
            (_, "PUT") if self.subresource.is_none() => object = body,
            _ => merge(&mut object, &body),
        }
        let object = self.store(objects, object);
        Answer::json(200, &if self.subresource == Some("scale") { scale(&object) } else { object })
    }

    fn store(&self, objects: &mut Objects, object: Value) -> Value {
        if self.rehearsed { object } else { objects.put(self.kind, self.space(), object) }
    }

    fn refused(&self) -> Answer {
        let what = self.subresource.unwrap_or_default();
        failure(403, "Forbidden", &format!("the double does no {what}"))
    }

    fn not_found(&self, name: &str) -> Answer {
        self.failure(404, "NotFound", name, "not found")
    }

    fn failure(&self, status: u16, reason: &str, name: &str, what: &str) -> Answer {
        failure(status, reason, &format!("{} \"{name}\" {what}", self.kind.plural))
    }
}

/// The operations of a JSON patch.
fn operate(object: &mut Value, operations: &Value) {
    for operation in operations.as_array().into_iter().flatten() {
        let path = operation["path"].as_str().unwrap_or_default();
        let (above, last) = path.rsplit_once('/').unwrap_or_default();
        let Some(entries) = object.pointer_mut(above).and_then(Value::as_object_mut) else { continue };
        let key = last.replace("~1", "/").replace("~0", "~");
        if operation["op"] == "remove" {
            entries.remove(&key);
        } else {
            entries.insert(key, operation["value"].clone());
        }
    }
}

fn scale(object: &Value) -> Value {
    json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": object["metadata"],
        "spec": {"replicas": object["spec"]["replicas"]},
        "status": {"replicas": object["spec"]["replicas"]},
    })
}

fn success() -> Answer {
    Answer::json(200, &json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))
}

fn failure(status: u16, reason: &str, message: &str) -> Answer {
    let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message,
        "reason": reason, "code": status});
    Answer::json(status, &body)
}

fn not_json() -> Answer {
    failure(415, "UnsupportedMediaType", "the double reads JSON only")
}

fn unknown_path() -> Answer {
    failure(404, "NotFound", "the server could not find the requested resource")
}
