//! A cluster's address, as client-go reads it.

use crate::context::address::{Address, scheme};
use crate::context::target::Target;
use crate::process::Environment;
use crate::verdict::Fact;

/// The server where nothing names one.
pub(super) const DEFAULT: &str = "http://localhost:8080";

/// Variables by which Go sends requests elsewhere than to their host.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/// The server where no cluster has one.
pub(super) fn default(environment: &Environment) -> String {
    let given = environment.non_empty("KUBERNETES_MASTER");
    given.map_or_else(|| DEFAULT.to_owned(), |given| given.to_string_lossy().into_owned())
}

/// Adds the server that is used: as configured, without a login, and where it
/// is written in a way of its own, as others would write it.
pub(super) fn add(target: &mut Target, text: &str) {
    let (values, sure) = values(target, text);
    for value in values {
        if sure { target.add(Fact::Server, value) } else { target.claim(Fact::Server, value) }
    }
}

/// Adds a server that may be meant.
pub(super) fn claim(target: &mut Target, text: &str) {
    let (values, _) = values(target, text);
    for value in values {
        target.claim(Fact::Server, value);
    }
}

/// The ways to write a server, and whether it is certain which one it is.
fn values(target: &mut Target, text: &str) -> (Vec<String>, bool) {
    if text.is_empty() {
        return (Vec::new(), true);
    }
    let (prefix, rest) = scheme(text).unwrap_or(("", text));
    // With a scheme it is never taken for what only Postgres reads.
    let address = Address::of(&format!("https://{rest}"));
    let end = address.shown.find('/').unwrap_or(address.shown.len());
    let (host, path) = address.shown.split_at(end);
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
    if address.ambiguous || !plain {
        target.cannot_read("the server's address: which part of it is the host is not clear");
    }
    // What client-go puts before it depends on the certificates given.
    let schemes = if prefix.is_empty() { vec!["https", "http"] } else { vec![prefix] };
    let mut values = vec![match prefix {
        "" => address.shown.clone(),
        prefix => format!("{prefix}://{}", address.shown),
    }];
    for scheme in schemes {
        let scheme = scheme.to_ascii_lowercase();
        let port = if scheme == "http" { ":80" } else { ":443" };
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(port).unwrap_or(&host);
        let (name, number) = host.rsplit_once(':').filter(|_| !host.ends_with(']')).unwrap_or((host, ""));
        let colon = if number.is_empty() { "" } else { ":" };
        let name = name.trim_end_matches('.');
        values.push(format!("{scheme}://{name}{colon}{number}{}", path.trim_end_matches('/')));
    }
    (values, !address.ambiguous && plain && !prefix.is_empty())
}

/// Host and port of a server.
pub(super) fn host(server: &str) -> &str {
    let rest = scheme(server).map_or(server, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// Whether a proxy may stand between, which decides where `server` really is.
/// Go never asks one for this machine.
pub(super) fn may_be_proxied(server: &str, environment: &Environment) -> bool {
    let host = host(server);
    let name = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(host, |(name, _)| name);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let here = name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    !here && PROXIES.iter().any(|name| environment.non_empty(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> (Vec<String>, bool) {
        let mut target = Target::default();
        add(&mut target, text);
        let all: Vec<String> = target.values(Fact::Server).map(str::to_owned).collect();
        let proven = target.proven(Fact::Server).count() == all.len();
        (all, proven && target.unreadable().is_empty())
    }

    #[test]
    fn a_server_is_known_however_it_is_written() {
        for (text, values, sure) in [
            ("https://h:6443", &["https://h:6443"][..], true),
            ("https://h:443/", &["https://h:443/", "https://h"], true),
            ("HTTPS://H./k8s/c1/", &["HTTPS://H./k8s/c1/", "https://h/k8s/c1"], true),
            ("http://[::1]:80", &["http://[::1]:80", "http://[::1]"], true),
            ("https://u:hunter2@h/x?token=hunter2#hunter2", &["https://h/x"], true),
            ("h:6443", &["h:6443", "https://h:6443", "http://h:6443"], false),
            ("https://u:hunt/er2@h", &["https://h"], false),
            ("https://u:a=hunter2@h", &["https://h"], true),
            ("u:a=hunter2@h", &["h", "https://h", "http://h"], false),
            ("https://ｐrod", &["https://ｐrod"], false),
            ("", &[], true),
        ] {
            let (all, proven) = shown(text);
            assert_eq!(
                (all.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), proven),
                (values, sure),
                "{text}"
            );
        }
    }

    #[test]
    fn a_proxy_matters_to_other_machines_only() {
        let proxied: Environment = [("https_proxy", "http://p")].into_iter().collect();
        for (server, may) in [
            ("https://127.0.0.1:6443", false),
            ("https://localhost:6443", false),
            ("https://[::1]:6443/x", false),
            ("https://h", true),
            ("https://127.0.0.1.example:6443", true),
        ] {
            assert_eq!(may_be_proxied(server, &proxied), may, "{server}");
            assert!(!may_be_proxied(server, &Environment::default()));
        }
    }
}
