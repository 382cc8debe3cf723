//! Clients of HTTP.

use super::Finding;
use super::api::found;
use super::call::Call;
use super::known::Known;
use crate::shell::inner::Language;
use crate::shell::value::HOLE;

/// What libraries of clients are called.
const CLIENTS: &[&str] = &[
    "requests",
    "httpx",
    "aiohttp",
    "axios",
    "got",
    "superagent",
    "ky",
    "HTTParty",
    "Faraday",
    "RestClient",
    "needle",
    "undici",
    "node-fetch",
    "LWP",
    "Guzzle",
    "HTTP",
    "niquests",
    "request",
    "$http",
];

/// Clients of HTTP, by their names; `X.get` alone says nothing.
pub(super) fn http(call: &Call<'_>, language: Language) -> Option<Vec<Finding>> {
    let arguments = call.arguments;
    let path = call.path;
    let name = call.name();
    let url = |index: usize| {
        arguments.at(index).or_else(|| arguments.named("url")).map_or_else(|| vec![HOLE], Known::as_text)
    };
    let option = |name: &str| {
        let value = arguments.named(name).or_else(|| arguments.named(&name.to_ascii_uppercase()));
        value.and_then(Known::literal).and_then(verb)
    };
    let root = path.split(['.', '(']).next().unwrap_or_default();
    let client = CLIENTS.contains(&root);
    let at = |verb: &'static str, index: usize| Some(vec![found(verb, url(index))]);
    match (language, name) {
        (
            _,
            "fetch" | "node-fetch" | "cross-fetch" | "ofetch" | "$fetch" | "request" | "open" | "got" | "ky"
            | "axios",
        ) if option("method").is_some() => {
            let index = usize::from(arguments.at(0).is_some_and(|value| matches!(value, Known::Map(_))));
            at(option("method")?, index * 8)
        }
        (_, "request" | "stream") if client || path.contains("ClientSession") => {
            at(verb(arguments.first().and_then(Known::literal)?)?, 1)
        }
        (_, "request") if path.contains("HTTPConnection") || path.contains("HTTPSConnection") => {
            at(verb(arguments.first().and_then(Known::literal)?)?, 1)
        }
        (_, "urlopen" | "Request") if language == Language::Python => {
            let data = arguments.get(1, "data").is_some();
            at(option("method").or(data.then_some("http post"))?, 0)
        }
        (_, "delete" | "post" | "put" | "patch" | "del") if client => at(verb(name)?, 0),
        (Language::Ruby, _) if path.starts_with("Net.HTTP.") => match path.strip_prefix("Net.HTTP.")? {
            "Delete.new" => at("http delete", 0),
            "Post.new" | "post" | "post_form" => at("http post", 0),
            "Put.new" | "put" => at("http put", 0),
            _ => None,
        },
        _ => None,
    }
}

fn verb(method: &str) -> Option<&'static str> {
    match method.to_ascii_lowercase().as_str() {
        "delete" | "del" => Some("http delete"),
        "post" => Some("http post"),
        "put" => Some("http put"),
        "patch" => Some("http patch"),
        _ => None,
    }
}
