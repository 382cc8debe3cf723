use std::ffi::OsString;

use super::*;

const TWO: &str = "
current-context: dev
contexts:
- {name: dev, context: {cluster: kind, user: me, namespace: web}}
- {name: x, context: {cluster: prod-eks, user: ops}}
clusters:
- {name: kind, cluster: {server: 'https://127.0.0.1:6443'}}
- {name: prod-eks, cluster: {server: 'https://u:hunter2@abc.eks.example/?t=hunter2', tls-server-name: live}}
users:
- {name: me, user: {token: hunter2, as: root}}
- name: ops
  user: {exec: {command: aws, args: [eks, get-token, --cluster-name, core, --region=eu-west-1, --role-arn, arn:r], env: [{name: AWS_PROFILE, value: main}]}}
";

/// A home with a kubeconfig.
struct World(tempfile::TempDir);

impl World {
    fn new(config: &str) -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(world.0.path().join(".kube")).unwrap();
        std::fs::write(world.0.path().join(".kube/config"), config).unwrap();
        world
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// `helm uninstall web`, as a grammar reads it, with flags and variables.
    fn helm(&self, flags: &[(&str, &str)], variables: &[(&str, &str)]) -> Target {
        let home = self.path("");
        let environment: Environment = [("HOME", home.as_str())].iter().chain(variables).copied().collect();
        let command = helm("uninstall", &["web"], flags);
        target_beside(&command, &environment, Some(self.0.path()), &self.0.path().join("account"))
    }

    fn command(&self, line: &str, variables: &[(&str, &str)]) -> (Command, Target) {
        let home = self.path("");
        let environment: Environment = variables.iter().chain(&[("HOME", home.as_str())]).copied().collect();
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let (tool, arguments) = words.split_first().unwrap();
        let command = crate::command::parse(tool.to_str().unwrap(), arguments, &environment).unwrap();
        let account = self.0.path().join("account");
        let target = target_beside(&command, &environment, Some(self.0.path()), &account);
        (command, target)
    }

    fn target(&self, line: &str) -> Target {
        self.command(line, &[]).1
    }
}

fn helm(verb: &str, operands: &[&str], flags: &[(&str, &str)]) -> Command {
    let flag = |(name, value): &(&str, &str)| crate::command::Flag {
        name: (*name).to_owned(),
        value: Some(value.into()),
    };
    let mut command = crate::command::parse("helm", &[verb.into()], &Environment::default()).unwrap();
    command.conventional = false;
    command.uncertain = false;
    command.operands = operands.iter().map(OsString::from).collect();
    command.flags = flags.iter().map(flag).collect();
    command
}

fn values(target: &Target, fact: Fact) -> Vec<&str> {
    target.values(fact).collect()
}

fn proven(target: &Target, fact: Fact) -> Vec<&str> {
    target.proven(fact).collect()
}

#[test]
fn the_current_context_leads_to_a_server_and_a_namespace() {
    let world = World::new(TWO);
    let target = world.target("kubectl delete pod a");
    assert_eq!(proven(&target, Fact::Context), ["dev"]);
    assert_eq!(values(&target, Fact::Context), ["dev", "kind"]);
    assert_eq!(proven(&target, Fact::Server), ["https://127.0.0.1:6443"]);
    assert_eq!(proven(&target, Fact::Namespace), ["web"]);
    let shown = target.shown();
    assert_eq!(
        (shown["cluster"].as_str(), shown["user"].as_str(), shown["as"].as_str()),
        ("kind", "me", "root")
    );
    assert!(!shown.contains_key("kubeconfig") && target.unreadable().is_empty());
}

#[test]
fn another_context_brings_what_its_cluster_and_user_let_on() {
    let world = World::new(TWO);
    let (_, target) = world.command("kubectl --context x delete pod a", &[("AWS_REGION", "us-east-1")]);
    assert_eq!(proven(&target, Fact::Context), ["x"]);
    assert_eq!(values(&target, Fact::Context), ["x", "prod-eks", "core"]);
    // Behind one address another name may be another cluster.
    assert_eq!(proven(&target, Fact::Server).len(), 0);
    assert_eq!(
        values(&target, Fact::Server),
        ["https://live", "https://abc.eks.example/", "https://abc.eks.example"]
    );
    assert_eq!(values(&target, Fact::Profile), ["main"]);
    assert_eq!(values(&target, Fact::Region), ["us-east-1", "eu-west-1"]);
    assert_eq!(values(&target, Fact::Role), ["arn:r"]);
    assert_eq!(proven(&target, Fact::Namespace), ["default"]);
    assert!(!format!("{target:?}").contains("hunter2"));
}

#[test]
fn names_that_clouds_give_tell_account_region_and_project() {
    let world = World::new("");
    let target =
        world.target("kubectl --context arn:aws:eks:eu-west-1:123456789012:cluster/prod delete pod a");
    assert_eq!(values(&target, Fact::Account), ["123456789012"]);
    assert_eq!(values(&target, Fact::Region), ["eu-west-1"]);
    let target = world.target("kubectl --context gke_acme-live_europe-west1-b_main delete pod a");
    assert_eq!(values(&target, Fact::Project), ["acme-live"]);
    assert_eq!(values(&target, Fact::Region), ["europe-west1-b"]);
}

#[test]
fn a_flag_overrides_and_what_it_overrides_still_counts() {
    let world = World::new(TWO);
    let target = world.target("kubectl -s https://prod:6443 -n db delete pod a");
    assert_eq!(proven(&target, Fact::Server), ["https://prod:6443"]);
    assert_eq!(values(&target, Fact::Server), ["https://prod:6443", "https://127.0.0.1:6443"]);
    assert_eq!(values(&target, Fact::Namespace), ["db"]);
    assert_eq!(target.shown()["configured_namespace"], "web");
    let target = world.target("kubectl --cluster prod-eks delete pod a");
    assert_eq!(values(&target, Fact::Context), ["dev", "prod-eks", "kind"]);
    assert!(proven(&target, Fact::Server).is_empty());
    let target = world.target("kubectl --context gone delete pod a");
    assert_eq!(proven(&target, Fact::Context), ["gone"]);
    let target = world.target("kubectl --context= --namespace= delete pod a");
    assert_eq!(
        (values(&target, Fact::Context), values(&target, Fact::Namespace)),
        (vec!["dev", "kind"], vec!["web"])
    );
}

#[test]
fn namespaces_that_are_named_decide() {
    let world = World::new(TWO);
    for (line, expected) in [
        ("kubectl delete ns prod", &["prod"][..]),
        ("kubectl delete ns/prod ns/live", &["prod", "live"]),
        ("kubectl delete pod/a ns/prod", &["prod", "web"]),
        ("kubectl delete ns --all", &["*", "web"]),
        ("kubectl delete ns -l app=x -n db", &["*", "db"]),
        ("kubectl get pods,ns", &["*", "web"]),
        ("kubectl delete namespaces.acme.io prod", &["prod", "web"]),
        ("kubectl delete pods --all -A", &["*", "web"]),
        ("kubectl delete pods --all -A=false", &["web"]),
    ] {
        assert_eq!(values(&world.target(line), Fact::Namespace), expected, "{line}");
    }
}

#[test]
fn helm_has_variables_and_a_flag_wins_over_each() {
    let world = World::new(TWO);
    let variables =
        [("HELM_KUBECONTEXT", "x"), ("HELM_NAMESPACE", "live"), ("HELM_KUBEAPISERVER", "https://p")];
    let target = world.helm(&[], &variables);
    assert_eq!(proven(&target, Fact::Context), ["x"]);
    assert_eq!(proven(&target, Fact::Namespace), ["live"]);
    assert_eq!(proven(&target, Fact::Server), ["https://p"]);
    let flags = [("--kube-context", "dev"), ("--namespace", ""), ("--kube-apiserver", "")];
    let target = world.helm(&flags, &variables);
    assert_eq!(proven(&target, Fact::Context), ["dev"]);
    assert_eq!(proven(&target, Fact::Namespace), ["web"]);
    assert_eq!(proven(&target, Fact::Server), ["https://127.0.0.1:6443"]);
    let (_, target) = world.command("kubectl delete pod a", &variables);
    assert_eq!(
        (values(&target, Fact::Context), values(&target, Fact::Namespace)),
        (vec!["dev", "kind"], vec!["web"])
    );
}

#[test]
fn a_file_that_cannot_be_read_leaves_claims_only() {
    let world = World::new(TWO);
    std::fs::write(world.path("broken"), "a: b: c").unwrap();
    std::fs::create_dir(world.path("directory")).unwrap();
    std::fs::File::create(world.path("huge")).unwrap().set_len(5 << 20).unwrap();
    nix::unistd::mkfifo(world.path("fifo").as_str(), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for name in ["broken", "directory", "huge", "fifo"] {
        let list = format!("{}:{}", world.path(name), world.path(".kube/config"));
        let (_, target) = world.command("kubectl delete pod a", &[("KUBECONFIG", &list)]);
        assert_eq!(target.unreadable().len(), 1, "{name}");
        assert_eq!(values(&target, Fact::Context), ["dev", "kind"]);
        assert!(proven(&target, Fact::Server).is_empty() && target.shown()["kubeconfig"] == list);
    }
    assert_eq!(world.target("kubectl --kubeconfig gone delete pod a").unreadable().len(), 1);
}

#[test]
fn absent_files_are_ordinary() {
    let world = World::new(TWO);
    for list in ["gone:", ":", "gone"] {
        let (_, target) = world.command("kubectl delete pod a", &[("KUBECONFIG", list)]);
        assert_eq!(proven(&target, Fact::Server), ["http://localhost:8080"], "{list}");
        assert!(target.unreadable().is_empty() && values(&target, Fact::Context).is_empty());
    }
    let (_, target) = world.command("kubectl delete pod a", &[("KUBECONFIG", ".kube/config")]);
    assert_eq!(proven(&target, Fact::Context), ["dev"]);
}

#[test]
fn without_a_home_the_working_directory_is_one() {
    let world = World::new(TWO);
    let command = crate::command::parse(
        "kubectl",
        &["delete".into(), "pod".into(), "a".into()],
        &Environment::default(),
    );
    let command = command.unwrap();
    for environment in [Environment::default(), [("HOME", "")].into_iter().collect()] {
        let target = target(&command, &environment, Some(world.0.path()));
        assert_eq!(values(&target, Fact::Context), ["dev", "kind"]);
        assert_eq!(target.shown()["kubeconfig"], ".kube/config");
        let nowhere = super::target(&command, &environment, None);
        assert_eq!(proven(&nowhere, Fact::Server), ["http://localhost:8080"]);
    }
}

#[test]
fn the_file_of_the_first_versions_is_taken_over() {
    let world = World::new("");
    std::fs::rename(world.path(".kube/config"), world.path(".kube/.kubeconfig")).unwrap();
    std::fs::write(world.path(".kube/.kubeconfig"), TWO).unwrap();
    assert_eq!(proven(&world.target("kubectl delete pod a"), Fact::Context), ["dev"]);
    let roundabout = world.path(".kube/../.kube/config");
    let (_, target) = world.command("kubectl delete pod a", &[("KUBECONFIG", &roundabout)]);
    assert_eq!(proven(&target, Fact::Context), ["dev"]);
    let (_, target) = world.command("kubectl delete pod a", &[("KUBECONFIG", "config")]);
    assert!(values(&target, Fact::Context).is_empty());
}

#[test]
fn a_variable_is_the_server_where_no_cluster_has_one() {
    let world = World::new("");
    let variables = [("KUBERNETES_MASTER", "https://prod")];
    let (_, target) = world.command("kubectl delete pod a", &variables);
    assert_eq!(
        (values(&target, Fact::Server), proven(&target, Fact::Server)),
        (vec!["https://prod"], vec![])
    );
    let world = World::new(TWO);
    let (_, target) = world.command("kubectl delete pod a", &variables);
    assert_eq!(values(&target, Fact::Server), ["https://127.0.0.1:6443"]);
}

#[test]
fn a_pod_acts_on_its_own_cluster() {
    let world = World::new("");
    let variables = [("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "443")];
    let servers = |world: &World| {
        let target = world.command("kubectl delete pod a", &variables).1;
        values(&target, Fact::Server).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(servers(&world), ["http://localhost:8080"]);
    std::fs::create_dir(world.path("account")).unwrap();
    std::fs::write(world.path("account/token"), "t").unwrap();
    std::fs::write(world.path("account/namespace"), "live\n").unwrap();
    assert_eq!(servers(&world), ["http://localhost:8080", "https://[fd00::1]:443", "https://[fd00::1]"]);
    let (_, target) = world.command("kubectl delete pod a", &variables);
    assert!(proven(&target, Fact::Server).is_empty());
    assert_eq!(values(&target, Fact::Namespace), ["live"]);
    let set = [variables[0], variables[1], ("POD_NAMESPACE", "own")];
    assert_eq!(values(&world.command("kubectl delete pod a", &set).1, Fact::Namespace), ["own"]);
    std::fs::write(world.path(".kube/config"), TWO).unwrap();
    assert_eq!(servers(&world), ["https://127.0.0.1:6443"]);
    // A context without a namespace: the pod's own, on that server.
    let (_, target) = world.command("kubectl --context x delete pod a", &variables);
    assert_eq!(values(&target, Fact::Namespace), ["live"]);
    let (_, target) = world.command("kubectl delete pods --all -A", &variables);
    assert_eq!(values(&target, Fact::Namespace), ["*", "web"]);
    std::fs::remove_file(world.path("account/token")).unwrap();
    let (_, target) = world.command("kubectl --context x delete pod a", &variables);
    assert_eq!(values(&target, Fact::Namespace), ["default"]);
}

#[test]
fn a_plugin_may_mean_whatever_its_line_says() {
    let world = World::new(TWO);
    let target = world.target("kubectl purge all --context x -nlive --server=https://prod");
    assert!(
        values(&target, Fact::Context).contains(&"x") && values(&target, Fact::Namespace).contains(&"live")
    );
    assert!(values(&target, Fact::Server).contains(&"https://prod"));
    assert!(proven(&target, Fact::Server).is_empty());
}

#[test]
fn a_context_that_is_chosen_for_later_is_the_target() {
    let world = World::new(TWO);
    let target = world.target("kubectl config use-context x");
    assert_eq!(values(&target, Fact::Context), ["x", "prod-eks", "core"]);
    let target = world.target("kubectl config rename-context x y");
    assert_eq!(values(&target, Fact::Context), ["x", "y", "prod-eks", "core"]);
}

#[test]
fn a_proxy_keeps_a_server_from_being_proven() {
    let config =
        TWO.replace("'https://127.0.0.1:6443'", "'https://127.0.0.1:6443', proxy-url: 'http://u:hunter2@p'");
    let target = World::new(&config).target("kubectl delete pod a");
    assert!(proven(&target, Fact::Server).is_empty());
    assert_eq!(
        (target.shown()["proxy"].as_str(), target.first(Fact::Server)),
        ("p", Some("https://127.0.0.1:6443"))
    );
}

#[test]
fn the_name_to_type_is_what_is_lost() {
    let world = World::new(TWO);
    let name = |line: &str| {
        let (command, target) = world.command(line, &[]);
        challenge(&command, &target)
    };
    for (line, expected) in [
        ("kubectl delete ns prod", Some("prod")),
        ("kubectl delete pod web-0", Some("web-0")),
        ("kubectl drain node-1", Some("node-1")),
        ("kubectl delete pod a b", Some("web")),
        ("kubectl delete pods --all -n live", Some("live")),
        ("kubectl delete pods --all -A", Some("dev")),
        ("kubectl delete pods --all -n default", Some("dev")),
        ("kubectl delete ns a b", Some("dev")),
        ("kubectl delete pod pr\u{f6}d", None),
        ("kubectl --context x delete pods --all", Some("x")),
    ] {
        assert_eq!(name(line).as_deref(), expected, "{line}");
    }
    let target = world.target("kubectl delete pods --all");
    for (verb, operands, expected) in [
        ("uninstall", &["api"][..], Some("api")),
        ("uninstall", &["api", "db"], Some("web")),
        ("rollback", &["db", "3"], Some("db")),
        ("uninstall", &["w\u{f6}b"], None),
    ] {
        assert_eq!(challenge(&helm(verb, operands, &[]), &target).as_deref(), expected, "{operands:?}");
    }
    for (line, expected) in [
        ("helm install api ./chart", "api"),
        ("helm install --generate-name ./chart", "web"),
        ("helm install -g ./chart -n live", "live"),
        ("helm install --name-template api-x ./chart", "web"),
        ("helm upgrade --install api ./chart", "api"),
        ("helm test api", "api"),
        // `x` may be the release, or that flag's value.
        ("helm upgrade --newflag x api ./chart", "web"),
        ("helm list api", "web"),
    ] {
        assert_eq!(name(line).as_deref(), Some(expected), "{line}");
    }
    let (command, target) = World::new("").command("kubectl delete pods --all", &[]);
    assert_eq!(challenge(&command, &target).as_deref(), Some("localhost:8080"));
}

#[test]
fn namespaces_in_other_words_count_too() {
    let world = World::new(TWO);
    for (line, namespace) in [
        ("kubectl cp f prod/web-0:/tmp/f", "prod"),
        ("kubectl cp -c app prod/web-0:/tmp/f f", "prod"),
        ("kubectl create --raw /api/v1/namespaces/prod/pods/x/eviction -f e.json", "prod"),
        ("kubectl get --raw /api/v1/namespaces/%70rod/pods", EVERY),
        ("kubectl label pods --all -A a=b", EVERY),
        ("kubectl label ns --all a=b", EVERY),
    ] {
        let target = world.target(line);
        assert!(values(&target, Fact::Namespace).contains(&namespace), "{line}: {target:?}");
    }
    assert_eq!(values(&world.target("kubectl cp f web-0:/tmp/f"), Fact::Namespace), ["web"]);
}

#[test]
fn the_home_is_joined_as_go_joins_it() {
    let world = World::new(TWO);
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(elsewhere.path().join("dev/deeper")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("dev/deeper"), world.path("link")).unwrap();
    let home = world.path("link/..");
    let (_, target) = world.command("kubectl apply -f x", &[]);
    let (_, by_link) = world.command("kubectl apply -f x", &[("HOME", &home)]);
    assert_eq!(values(&by_link, Fact::Context), values(&target, Fact::Context));
}

#[test]
fn what_a_broken_file_hides_is_not_made_up() {
    let world = World::new("contexts: [");
    let target = world.target("kubectl apply -f x");
    assert_eq!(target.unreadable().len(), 1);
    assert_eq!((target.first(Fact::Server), target.first(Fact::Namespace)), (None, None));
}
