//! Where a kubectl or helm command would act: cluster, context, namespace.
//!
//! Read offline from what both read: the kubeconfigs, the flags that override
//! them, and helm's variables. Both are built on one library, client-go, whose
//! rules these are. Little known among them: `KUBERNETES_MASTER` is the server
//! where no cluster has one; the entry with the empty name is what an absent
//! context means; and `~/.kube/.kubeconfig` is copied to `~/.kube/config` where
//! that is missing.
//!
//! What is used is added as it is; what was overridden, what a name lets on,
//! and everything where a doubt remains is a claim, so that no sandbox rests
//! on it.

mod authority;
mod claims;
mod config;
mod entries;
pub mod manifests;
mod options;
pub mod plugin;
mod server;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub use authority::{UNKNOWN_AUTHORITY, authority};
pub(super) use entries::entries;

use config::{Cluster, Config, Context, Loaded, User};
use options::Options;

use super::address::Address;
use super::target::{EVERY, Target};
use super::typeable;
use crate::command::Command;
use crate::files::clean;
use crate::process::{Environment, absolute};
use crate::verdict::Fact;

/// A directory that is not there.
const NOWHERE: &str = "/nonexistent";

/// Where a pod finds its own credentials.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The variables that decide where kubectl and helm act, by name.
pub fn variables(tool: &str) -> Vec<&'static str> {
    let mut names = vec!["HOME", "KUBECONFIG", "KUBERNETES_MASTER"];
    if tool == "helm" {
        names.extend(options::HELM_VARIABLES);
    }
    names
}

/// The target of `command`, started in `directory` with `environment`.
/// `None` as directory means that the working directory is gone.
pub fn target(command: &Command, environment: &Environment, directory: Option<&Path>) -> Target {
    let mut target = target_beside(command, environment, directory, Path::new(SERVICE_ACCOUNT));
    plugin::describe(command, environment, directory, &mut target);
    target
}

/// Adds what manifests name by absolute paths: all that a command can read whose working
/// directory is gone.
pub fn manifests_anywhere(command: &Command, target: &mut Target) {
    let found = manifests::of(command, Path::new(NOWHERE));
    found.namespaces.into_iter().for_each(|name| target.add(Fact::Namespace, name));
    found.unread.into_iter().for_each(|why| target.cannot_read(why));
}

/// The names of the contexts in the kubeconfigs that `command` reads.
pub fn contexts(command: &Command, environment: &Environment, directory: Option<&Path>) -> Vec<String> {
    let options = Options::of(command, environment);
    let config =
        Place::new(command, environment, &options, Path::new(SERVICE_ACCOUNT)).configuration(directory);
    config.contexts.into_keys().filter(|name| !name.is_empty()).collect()
}

fn target_beside(
    command: &Command,
    environment: &Environment,
    directory: Option<&Path>,
    service_account: &Path,
) -> Target {
    let options = Options::of(command, environment);
    let mut place = Place::new(command, environment, &options, service_account);
    let config = place.configuration(directory);
    let context = place.context(&config);
    place.cluster(&config, &context);
    place.user(&config, &context);
    place.namespace(&context);
    place.manifests(directory);
    place.doubtful();
    place.target
}

/// Where the kubeconfigs are.
struct Paths {
    /// How people are told, where that is not the usual place.
    told: Option<String>,
    /// Those that are read, the first of which counts most.
    read: Vec<PathBuf>,
    /// The usual place.
    default: Option<PathBuf>,
    /// What kubectl copies there where there is none.
    old: Option<PathBuf>,
}

/// A target while it is found.
struct Place<'a> {
    target: Target,
    /// Whether the line and every file was understood.
    sure: bool,
    /// Whether every file was.
    readable: bool,
    command: &'a Command,
    environment: &'a Environment,
    options: &'a Options,
    service_account: &'a Path,
}

impl<'a> Place<'a> {
    fn new(
        command: &'a Command,
        environment: &'a Environment,
        options: &'a Options,
        service_account: &'a Path,
    ) -> Self {
        let sure = !command.conventional && !command.uncertain;
        Self {
            target: Target::default(),
            sure,
            readable: true,
            command,
            environment,
            options,
            service_account,
        }
    }

    fn put(&mut self, fact: Fact, value: impl Into<String>) {
        if self.sure { self.target.add(fact, value) } else { self.target.claim(fact, value) }
    }

    fn detail(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.target.detail(name, value);
        }
    }

    /// Where the kubeconfigs are.
    fn paths(&self, directory: Option<&Path>) -> Paths {
        // Go's `filepath.Join` takes `..` out of the words, whatever links lead where.
        let home = clean(&Path::new(self.environment.get("HOME").unwrap_or_default()).join(".kube"));
        let default = home.join("config");
        let listed = self.environment.non_empty("KUBECONFIG");
        let mut paths: Vec<PathBuf> = match (&self.options.kubeconfig, listed) {
            (Some(file), _) => vec![file.into()],
            (None, Some(files)) => std::env::split_paths(files).collect(),
            (None, None) => vec![default.clone()],
        };
        let doubtful = self.options.doubtful.kubeconfigs.iter().map(PathBuf::from);
        paths.splice(..0, doubtful);
        paths.retain(|path| !path.as_os_str().is_empty());
        // HOME unset means the working directory, to kubectl too.
        let told = default.is_relative() || paths.iter().any(|path| *path != default);
        let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let placed = |path: &PathBuf| match directory {
            Some(directory) => Some(absolute(directory, path)),
            None => Some(path.clone()).filter(|path| path.is_absolute()),
        };
        Paths {
            told: told.then(|| shown.join(":")),
            read: paths.iter().filter_map(placed).collect(),
            default: placed(&default),
            old: placed(&home.join(".kubeconfig")),
        }
    }

    /// Finds, reads and merges the kubeconfigs.
    fn configuration(&mut self, directory: Option<&Path>) -> Config {
        let Paths { told, read: paths, default, old } = self.paths(directory);
        if let Some(shown) = told {
            self.target.detail("kubeconfig", shown);
        }
        let Loaded { config, read, mut unread } =
            Loaded::of(&paths, &default.unwrap_or_default(), &old.unwrap_or_default());
        if let ([file], 0, Some(_)) = (paths.as_slice(), read + unread.len(), &self.options.kubeconfig) {
            unread.push(format!("{}: no such file", file.display()));
        }
        self.readable = unread.is_empty();
        self.sure &= self.readable;
        for cause in unread {
            self.target.cannot_read(cause);
        }
        config
    }

    /// The context, by name and by what it says.
    fn context(&mut self, config: &Config) -> Context {
        // `config` writes of a context for later commands to use.
        let named = matches!(
            self.command.path.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
            ["config", "use-context" | "set-context" | "delete-context" | "rename-context"]
        );
        let operands: Vec<String> = self
            .command
            .operands
            .iter()
            .filter(|_| named)
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        let name = operands.first().or(self.options.context.as_ref()).unwrap_or(&config.current).clone();
        self.put(Fact::Context, &name);
        for other in operands {
            self.put(Fact::Context, other);
        }
        if let Some(given) = &self.options.context
            && *given != config.current
            && !config.current.is_empty()
        {
            self.target.detail("current_context", &config.current);
        }
        claims::of_name(&mut self.target, &name);
        config.contexts.get(&name).cloned().unwrap_or_default()
    }

    /// The cluster's name, and its server.
    fn cluster(&mut self, config: &Config, context: &Context) {
        let configured = context.cluster.clone().unwrap_or_default();
        let name = self.options.cluster.clone().unwrap_or_else(|| configured.clone());
        for name in [&name, &configured] {
            // A context is named freely, a cluster most often by a tool.
            self.target.claim(Fact::Context, name);
            claims::of_name(&mut self.target, name);
        }
        let cluster = config.clusters.get(&name).cloned().unwrap_or_default();
        self.detail("cluster", Some(&name));
        self.server(&cluster);
        if let Some(proxy) = cluster.proxy_url.as_deref().filter(|proxy| !proxy.is_empty()) {
            self.target.detail("proxy", Address::of(proxy).shown);
        }
        if cluster.insecure_skip_tls_verify == Some(true) || self.options.insecure {
            self.target.detail("insecure_skip_tls_verify", "true");
        }
        if name != configured {
            // What the context would have meant counts too.
            let other = config.clusters.get(&configured).and_then(|cluster| cluster.server.as_deref());
            server::claim(&mut self.target, other.unwrap_or_default());
        }
    }

    fn server(&mut self, cluster: &Cluster) {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let configured = text(&cluster.server);
        // Another name may be another cluster behind the same address. A
        // server given as a flag drops the name configured.
        let tls_name = match (&self.options.tls_name, &self.options.server) {
            (Some(name), _) => name.clone(),
            (None, Some(_)) => String::new(),
            (None, None) => text(&cluster.tls_server_name),
        };
        if !tls_name.is_empty() {
            server::claim(&mut self.target, &format!("https://{tls_name}"));
            self.target.detail("tls_server_name", &tls_name);
        }
        let default = server::default(self.environment);
        let used = match &self.options.server {
            Some(given) => given,
            None if configured.is_empty() => &default,
            None => &configured,
        };
        let inside = if *used == default { self.inside() } else { None };
        // KUBERNETES_MASTER is as good as a flag, but nobody knows of it.
        let plain = tls_name.is_empty()
            && inside.is_none()
            && (*used != default || default == server::DEFAULT)
            && text(&cluster.proxy_url).is_empty()
            && !server::may_be_proxied(used, self.environment);
        if !self.readable && *used == default {
            // What stands in the file is not known: it is no other address.
        } else if plain && self.sure {
            server::add(&mut self.target, used);
        } else {
            server::claim(&mut self.target, used);
        }
        server::claim(&mut self.target, &configured);
        server::claim(&mut self.target, &inside.unwrap_or_default());
        if self.options.server.is_some() && !configured.is_empty() {
            self.target.detail("configured_server", Address::of(&configured).shown);
        }
    }

    /// The server that a pod's own credentials lead to.
    fn inside(&self) -> Option<String> {
        let host = self.environment.non_empty("KUBERNETES_SERVICE_HOST")?.to_string_lossy();
        let port = self.environment.non_empty("KUBERNETES_SERVICE_PORT")?.to_string_lossy();
        let token = std::fs::metadata(self.service_account.join("token")).ok()?;
        let host = if host.contains(':') { format!("[{host}]") } else { host.into_owned() };
        (!token.is_dir()).then(|| format!("https://{host}:{port}"))
    }

    fn user(&mut self, config: &Config, context: &Context) {
        let name = self.options.user.clone().or_else(|| context.user.clone()).unwrap_or_default();
        let user: User = config.users.get(&name).cloned().unwrap_or_default();
        claims::of_name(&mut self.target, &name);
        self.detail("user", Some(&name));
        self.detail("as", self.options.impersonated.as_deref().or(user.impersonated.as_deref()));
        if let Some(plugin) = &user.exec {
            claims::of_plugin(&mut self.target, plugin, self.environment);
        }
        let driver = self.environment.get("HELM_DRIVER").filter(|_| self.command.tool == "helm");
        self.detail("helm_driver", driver.map(|driver| driver.to_string_lossy()).as_deref());
    }

    fn namespace(&mut self, context: &Context) {
        let objects = &self.command.objects;
        let namespaces = objects.iter().filter(|object| object.kind == "namespaces");
        let named: Vec<Option<String>> = namespaces.map(|object| object.name.clone()).collect();
        for name in self.in_words() {
            self.put(Fact::Namespace, name);
        }
        if self.options.every_namespace || named.contains(&None) {
            self.put(Fact::Namespace, EVERY);
        }
        for name in named.iter().flatten() {
            self.put(Fact::Namespace, name);
        }
        // A namespace lies in none. `namespaces.example.com` is another kind.
        let nowhere = self.sure
            && !objects.is_empty()
            && objects.iter().all(|object| object.kind == "namespaces" && object.name.is_some())
            && !self.command.operands.iter().any(|word| word.to_string_lossy().contains('.'));
        if nowhere {
            return;
        }
        let configured = context.namespace.as_deref().filter(|name| !name.is_empty());
        match (&self.options.namespace, configured) {
            (Some(given), configured) => {
                self.put(Fact::Namespace, given);
                if let Some(configured) = configured.filter(|name| name != given) {
                    self.target.detail("configured_namespace", configured);
                }
            }
            (None, Some(configured)) => self.put(Fact::Namespace, configured),
            (None, None) if self.readable => self.namespace_inside(),
            (None, None) => {}
        }
    }

    /// The namespaces that manifests name. Where the directory is not known, neither are
    /// they.
    fn manifests(&mut self, directory: Option<&Path>) {
        let Some(directory) = directory else { return };
        let found = manifests::of(self.command, directory);
        for name in found.namespaces {
            self.put(Fact::Namespace, name);
        }
        for why in found.unread {
            self.target.cannot_read(why);
        }
    }

    /// Namespaces in other words than `-n`: the files of `cp` (`prod/web:/x`), and
    /// the paths of raw requests.
    fn in_words(&self) -> Vec<String> {
        let text = |word: &std::ffi::OsString| word.to_string_lossy().into_owned();
        if self.command.path == ["cp"] {
            let remote = self.command.operands.iter().map(text);
            let pods = remote.filter_map(|word| Some(word.split_once(':')?.0.to_owned()));
            return pods.filter_map(|pod| Some(pod.split_once('/')?.0.to_owned())).collect();
        }
        let raw = self.command.values("--raw").flatten().map(|path| path.to_string_lossy().into_owned());
        let names = raw.filter_map(|path| {
            let (_, rest) = path.split_once("/namespaces/")?;
            let name = rest.split(['/', '?']).next().unwrap_or_default();
            // An encoded name may be any.
            Some(if name.contains('%') { EVERY.to_owned() } else { name.to_owned() })
        });
        names.collect()
    }

    /// Without a word in the context, a pod's own namespace counts, even where
    /// a kubeconfig says which server.
    fn namespace_inside(&mut self) {
        let own = self.inside().map(|_| {
            let written = crate::files::read(&self.service_account.join("namespace"), 1024);
            let written = written.ok().flatten().unwrap_or_default();
            let given =
                self.environment.non_empty("POD_NAMESPACE").map(|name| name.to_string_lossy().into_owned());
            given.unwrap_or_else(|| String::from_utf8_lossy(&written).trim().to_owned())
        });
        match own.filter(|own| !own.is_empty()) {
            Some(own) => self.put(Fact::Namespace, own),
            None => self.put(Fact::Namespace, "default"),
        }
    }

    /// What a line that no grammar is sure of may mean.
    fn doubtful(&mut self) {
        let doubtful = &self.options.doubtful;
        for name in &doubtful.contexts {
            self.target.claim(Fact::Context, name);
        }
        for address in &doubtful.servers {
            server::claim(&mut self.target, address);
        }
        for name in &doubtful.namespaces {
            self.target.claim(Fact::Namespace, name);
        }
    }
}

/// The name to type before a destructive command runs: the one object or
/// release that is named, else the namespace where one is meant, else the
/// context, else the server's host. `None` where none of them can be typed,
/// and where the one thing cannot: the name of anything else would not be what
/// is lost.
pub fn challenge(command: &Command, target: &Target) -> Option<String> {
    if let Some(release) = release(command) {
        return release.to_str().and_then(typeable);
    }
    if let [one] = command.objects.as_slice()
        && let Some(name) = &one.name
    {
        return typeable(name);
    }
    let mut namespaces = target.values(Fact::Namespace);
    let namespace = match (namespaces.next(), namespaces.next()) {
        (Some(only), None) if only != EVERY && only != "default" => Some(only),
        _ => None,
    };
    let host = target.first(Fact::Server).map(server::host);
    [namespace, target.first(Fact::Context), host].into_iter().flatten().find_map(typeable)
}

/// The one release that a line of helm's own commands names. `install` needs
/// none where helm makes the name up, and its operand is then the chart.
fn release(command: &Command) -> Option<&OsStr> {
    let verb = command.path.first().map_or("", String::as_str);
    let made_up = ["--generate-name", "--name-template"].iter().any(|flag| command.flag(flag).is_some());
    match (command.tool.as_str(), verb, command.operands.as_slice()) {
        _ if command.uncertain => None,
        ("helm", "install", _) if made_up => None,
        ("helm", "uninstall", [release])
        | ("helm", "install", [release, _])
        | ("helm", "upgrade" | "rollback" | "test", [release, ..]) => Some(release),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
