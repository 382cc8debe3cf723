use std::ffi::OsString;

use super::*;
use crate::command::Flag;

/// Keys of the accounts 029608264753 and 609629065308.
const KEY_A: &str = "ASIAQNZGKIQY56JQ7WML";
const KEY_B: &str = "ASIAY34FZKBOKMUTVV7A";
const A: &str = "029608264753";
const B: &str = "609629065308";

const CONFIG: &str = "
[default]
region = eu-west-1
[profile keys]
region = us-east-1
[profile role]
role_arn = arn:aws:iam::111111111111:role/admin
source_profile = keys
[profile loop]
role_arn = arn:aws:iam::111111111111:role/a
source_profile = loop2
[profile loop2]
role_arn = arn:aws:iam::222222222222:role/b
source_profile = loop
[profile web]
role_arn = arn:aws:iam::111111111111:role/ci
web_identity_token_file = /token
[profile sso]
sso_session = corp
sso_account_id = 333333333333
sso_role_name = Admin
[sso-session corp]
sso_region = eu-central-1
sso_start_url = https://corp.awsapps.com/start
[profile login]
login_session = arn:aws:iam::444444444444:user/me
[profile process]
credential_process = /bin/false
[profile stated]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_account_id = 555555555555
[profile both]
sso_account_id = 333333333333
[profile stack]
endpoint_url = http://localhost:4566
services = local
[services local]
s3 =
  endpoint_url = http://localhost:9000
[profile quiet]
endpoint_url = http://localhost:4566
ignore_configured_endpoint_urls = TRUE
";

/// A home with both files.
struct World(tempfile::TempDir);

impl World {
    fn new(config: &str, credentials: &str) -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(world.0.path().join(".aws")).unwrap();
        std::fs::write(world.path(".aws/config"), config).unwrap();
        std::fs::write(world.path(".aws/credentials"), credentials).unwrap();
        world
    }

    fn usual() -> Self {
        Self::new(
            CONFIG,
            &format!("[keys]\naws_access_key_id = {KEY_A}\n[both]\naws_access_key_id = {KEY_B}\n"),
        )
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn target_of(&self, command: &Command, variables: &[(&str, &str)]) -> Target {
        let home = self.path("");
        let environment: Environment = variables.iter().chain(&[("HOME", home.as_str())]).copied().collect();
        target(command, &environment, Some(self.0.path()))
    }

    fn target(&self, flags: &[(&str, &str)], variables: &[(&str, &str)]) -> Target {
        self.target_of(&command(&["ec2", "terminate-instances"], flags, &[]), variables)
    }
}

/// A line as a grammar reads it.
fn command(path: &[&str], flags: &[(&str, &str)], operands: &[&str]) -> Command {
    let mut command = crate::command::generic::parse("aws", &[]);
    command.path = path.iter().map(|word| (*word).to_owned()).collect();
    command.operands = operands.iter().map(OsString::from).collect();
    command.conventional = false;
    command.uncertain = false;
    let flag = |(name, value): &(&str, &str)| Flag { name: (*name).to_owned(), value: Some(value.into()) };
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
fn a_profile_leads_to_an_account_and_a_role() {
    let world = World::usual();
    for (profile, accounts, by_key, roles, source) in [
        ("keys", &[A][..], true, &[][..], "credentials file"),
        ("role", &["111111111111"], false, &["arn:aws:iam::111111111111:role/admin"], "role"),
        ("loop", &["111111111111"], false, &["arn:aws:iam::111111111111:role/a"], "role"),
        ("web", &["111111111111"], false, &["arn:aws:iam::111111111111:role/ci"], "web identity"),
        ("sso", &["333333333333"], false, &["Admin"], "sso"),
        ("login", &["444444444444"], false, &[], "login"),
        ("process", &[], false, &[], "credential_process"),
        ("stated", &["555555555555"], false, &[], "config file"),
        // An aws that knows no SSO takes the keys.
        ("both", &["333333333333", B], false, &[], "sso"),
    ] {
        let target = world.target(&[("--profile", profile)], &[]);
        assert_eq!(proven(&target, Fact::Profile), [profile]);
        assert_eq!(values(&target, Fact::Account), accounts, "{profile}");
        assert_eq!(!proven(&target, Fact::Account).is_empty(), by_key, "{profile}");
        assert_eq!(values(&target, Fact::Role), roles, "{profile}");
        assert_eq!(target.shown()["credentials"], source, "{profile}");
        assert!(target.unreadable().is_empty());
    }
}

#[test]
fn where_versions_differ_both_are_claimed() {
    let world = World::usual();
    let two = world.target(&[], &[("AWS_PROFILE", "keys"), ("AWS_DEFAULT_PROFILE", "role")]);
    assert_eq!(values(&two, Fact::Profile), ["keys", "role"]);
    assert_eq!(values(&two, Fact::Account), [A, "111111111111"]);
    assert!(proven(&two, Fact::Profile).is_empty() && proven(&two, Fact::Account).is_empty());
    let region = world.target(&[], &[("AWS_PROFILE", "keys"), ("AWS_REGION", "x")]);
    assert_eq!(values(&region, Fact::Region), ["x", "us-east-1"]);
    assert!(proven(&region, Fact::Region).is_empty());
    assert_eq!(proven(&region, Fact::Account), [A], "a region does not change whose keys are used");
    let same = world.target(&[], &[("AWS_DEFAULT_REGION", "x"), ("AWS_REGION", "x")]);
    assert_eq!(proven(&same, Fact::Region), ["x"]);
    let flag = world.target(&[("--profile", "role"), ("--region", "y")], &[("AWS_PROFILE", "keys")]);
    assert_eq!((values(&flag, Fact::Profile), values(&flag, Fact::Region)), (vec!["role"], vec!["y"]));
}

#[test]
fn keys_in_variables_count_unless_a_flag_names_a_profile() {
    let world = World::usual();
    let keys = [("AWS_ACCESS_KEY_ID", KEY_B), ("AWS_ACCOUNT_ID", "666666666666"), ("AWS_VAULT", "live")];
    let target = world.target(&[], &keys);
    assert_eq!(proven(&target, Fact::Account), [B]);
    assert_eq!(values(&target, Fact::Account), [B, "666666666666"]);
    assert_eq!(values(&target, Fact::Profile), ["live"], "the default profile is not used");
    let named = world.target(&[], &[keys[0], ("AWS_PROFILE", "role")]);
    assert_eq!((values(&named, Fact::Profile), values(&named, Fact::Account)), (vec!["role"], vec![B]));
    let flag = world.target(&[("--profile", "keys")], &keys);
    assert_eq!((values(&flag, Fact::Profile), values(&flag, Fact::Account)), (vec!["keys"], vec![A]));
    let unsigned = world.target(&[("--no-sign-request", "")], &keys);
    assert!(proven(&unsigned, Fact::Account).is_empty() && !values(&unsigned, Fact::Account).is_empty());
    let empty = world.target(&[("--profile", "")], &keys);
    assert_eq!(proven(&empty, Fact::Account), [B], "an empty flag is none");
}

#[test]
fn a_role_in_variables_is_claimed() {
    let world = World::usual();
    let role =
        [("AWS_ROLE_ARN", "arn:aws:iam::777777777777:role/ci"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")];
    let target = world.target(&[], &role);
    assert_eq!(values(&target, Fact::Account), ["777777777777"]);
    let profile = world.target(&[], &[role[0], role[1], ("AWS_PROFILE", "keys")]);
    assert_eq!(values(&profile, Fact::Account), ["777777777777", A]);
    assert!(proven(&profile, Fact::Account).is_empty());
    let flag = world.target(&[("--profile", "keys")], &role);
    assert_eq!((values(&flag, Fact::Account), values(&flag, Fact::Role)), (vec![A], vec![]));
}

#[test]
fn an_endpoint_is_proven_by_a_flag_only() {
    let world = World::usual();
    let local = "http://localhost:4566";
    let sandbox = [("--endpoint-url", local)];
    for (path, flags, operands, sure) in [
        (&["ec2", "terminate-instances"][..], &[][..], &[][..], true),
        (&["s3", "rm"], &[], &["s3://b"], true),
        (&["s3", "rm"], &[], &["s3://arn:aws:s3::123456789012:accesspoint/x.mrap"], false),
        (&["s3api", "delete-bucket"], &[("--bucket", "arn:aws:s3::123456789012:accesspoint/x")], &[], false),
        (&["s3", "sync"], &[("--source-region", "x")], &["s3://a", "s3://b"], false),
        (&["sns", "delete-topic"], &[("--topic-arn", "arn:aws:sns:x:123456789012:t")], &[], true),
        (&["emr", "terminate-clusters"], &[], &[], false),
        (&["cloudformation", "deploy"], &[], &[], false),
        (&["dynamodb", "wizard", "new-table"], &[], &[], false),
    ] {
        let flags: Vec<(&str, &str)> = sandbox.iter().chain(flags).copied().collect();
        let command = command(path, &flags, operands);
        let target = world.target_of(&command, &[("AWS_ENDPOINT_URL", "http://prod.example")]);
        assert_eq!(values(&target, Fact::Endpoint), [local], "{path:?}");
        assert_eq!(!proven(&target, Fact::Endpoint).is_empty(), sure, "{path:?}");
    }
    let mut unsure = command(&["ec2", "terminate-instances"], &sandbox, &[]);
    unsure.uncertain = true;
    assert!(proven(&world.target_of(&unsure, &[]), Fact::Endpoint).is_empty());
}

#[test]
fn variables_and_profiles_configure_an_endpoint() {
    let world = World::usual();
    let all = [("AWS_ENDPOINT_URL", "http://all"), ("AWS_ENDPOINT_URL_AUTO_SCALING", "http://one")];
    for (service, profile, variables, expected) in [
        ("ec2", "keys", &all[..], Some("http://all")),
        ("autoscaling", "keys", &all, Some("http://one")),
        ("ec2", "keys", &[("AWS_ENDPOINT_URL", "")], None),
        ("ec2", "stack", &[], Some("http://localhost:4566")),
        ("s3api", "stack", &[], Some("http://localhost:9000")),
        ("s3", "stack", &all, Some("http://all")),
        ("s3", "stack", &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], None),
        ("s3", "quiet", &all, None),
        ("s3", "quiet", &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "0")], Some("http://localhost:4566")),
    ] {
        let command = command(&[service, "x"], &[("--profile", profile)], &[]);
        let target = world.target_of(&command, variables);
        assert_eq!(target.first(Fact::Endpoint), expected, "{service} {profile} {variables:?}");
        assert!(proven(&target, Fact::Endpoint).is_empty());
    }
}

#[test]
fn accounts_on_the_line_are_claimed() {
    let world = World::new("", "");
    for (flags, operands, accounts) in [
        (&[("--topic-arn", "arn:aws:sns:eu-west-1:123456789012:x")][..], &[][..], &["123456789012"][..]),
        (&[("--account-id", "123456789012")], &[], &["123456789012"]),
        (&[("--queue-url", "https://sqs.eu-west-1.amazonaws.com/123456789012/q")], &[], &["123456789012"]),
        (&[], &["s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/x"], &["123456789012"]),
        (&[("--instance-ids", "123456789012")], &["s3://123456789012"], &[]),
        (&[("--bucket", "arn:aws:s3:::b")], &[], &[]),
    ] {
        let target = world.target_of(&command(&["x", "y"], flags, operands), &[]);
        assert_eq!(values(&target, Fact::Account), accounts, "{flags:?}");
        assert!(proven(&target, Fact::Account).is_empty());
    }
}

#[test]
fn a_line_that_no_grammar_is_sure_of_proves_nothing() {
    let world = World::usual();
    let mut command = command(&["ec2"], &[("--profile", "role"), ("--profile", "keys")], &[]);
    command.uncertain = true;
    let target = world.target_of(&command, &[("AWS_PROFILE", "sso")]);
    assert_eq!(values(&target, Fact::Profile), ["keys", "sso", "role"]);
    assert!([Fact::Profile, Fact::Account].iter().all(|fact| proven(&target, *fact).is_empty()));
}

#[test]
fn plugins_may_change_anything() {
    let world = World::new("[plugins]\nx = y\n[profile p]\nregion = x\n", "");
    let flags = [("--profile", "p"), ("--endpoint-url", "http://localhost:4566")];
    let target = world.target(&flags, &[]);
    for fact in [Fact::Profile, Fact::Region, Fact::Endpoint] {
        assert_eq!((values(&target, fact).len(), proven(&target, fact).len()), (1, 0), "{fact:?}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let world = World::usual();
    let odd = |name: &str, text: &[u8]| {
        std::fs::write(world.path(name), text).unwrap();
        world.target(&[("--profile", "keys")], &[("AWS_CONFIG_FILE", name)])
    };
    for text in [&b"[a]\n[a]\n"[..], b"\xff\xfe", b"x", &[0; 64], b"[profile a\\b]\nx=1\n"] {
        let target = odd("odd", text);
        assert_eq!(target.unreadable().len(), 1, "{text:?}");
        assert_eq!(values(&target, Fact::Profile), ["keys"]);
        assert_eq!(values(&target, Fact::Account), [A], "what the other file says still counts");
        assert!(proven(&target, Fact::Account).is_empty());
    }
    let of = |name: &str| world.target(&[], &[("AWS_SHARED_CREDENTIALS_FILE", name)]).unreadable().len();
    nix::unistd::mkfifo(world.path("fifo").as_str(), nix::sys::stat::Mode::S_IRWXU).unwrap();
    std::os::unix::fs::symlink("loop", world.path("loop")).unwrap();
    assert_eq!(["fifo", "loop", "/dev/zero"].map(of), [1, 1, 1]);
    assert_eq!(["none", ".", "", "/dev/null"].map(of), [0, 0, 0, 0], "these are no files to aws");
}

#[test]
fn files_are_found_through_their_variables() {
    let world = World::usual();
    std::fs::write(world.path("else"), "[profile x]\nregion = mars\n").unwrap();
    for written in ["else", "~/else", "$HOME/else", "${HOME}/./else"] {
        let target = world.target(&[("--profile", "x")], &[("AWS_CONFIG_FILE", written)]);
        assert_eq!(values(&target, Fact::Region), ["mars"], "{written}");
    }
    let gone = target(
        &command(&["ec2"], &[("--profile", "x")], &[]),
        &[("AWS_CONFIG_FILE", "else"), ("HOME", "/nowhere")].into_iter().collect(),
        None,
    );
    assert_eq!((values(&gone, Fact::Region), gone.unreadable().len()), (vec![], 0));
    assert_eq!(gone.shown()["profile_exists"], "no");
}

#[test]
fn the_name_to_type_is_what_the_command_acts_on() {
    let world = World::usual();
    for (path, flags, operands, expected) in [
        (
            &["rds", "delete-db-instance"][..],
            &[("--db-instance-identifier", "orders")][..],
            &[][..],
            Some("orders"),
        ),
        (
            &["rds", "delete-db-instance"],
            &[("--db-instance-identifier", "orders"), ("--final-db-snapshot-identifier", "last")],
            &[],
            Some("orders"),
        ),
        (&["ec2", "terminate-instances"], &[("--instance-ids", "i-1")], &[], Some("i-1")),
        (
            &["ec2", "terminate-instances"],
            &[("--instance-ids", "i-1"), ("--instance-ids", "i-2")],
            &[],
            Some("keys"),
        ),
        (&["s3", "rm"], &[], &["s3://logs/a/b"], Some("logs")),
        (&["s3", "sync"], &[("--delete", "true")], &["s3://from/a", "s3://to"], Some("to")),
        (&["s3", "cp"], &[], &["s3://from/a", "."], Some("from")),
        (&["s3api", "delete-object"], &[("--bucket", "logs"), ("--version-id", "v")], &[], Some("logs")),
        (&["ecs", "delete-service"], &[("--cluster", "c")], &[], Some("keys")),
        (&["cloudformation", "delete-stack"], &[("--stack-name", "pröd")], &[], None),
        (&["lambda", "x"], &[("--function-name", "f"), ("--layer-name", "l")], &[], Some("keys")),
    ] {
        let flags: Vec<(&str, &str)> = flags.iter().chain(&[("--profile", "keys")]).copied().collect();
        let command = command(path, &flags, operands);
        let target = world.target_of(&command, &[]);
        assert_eq!(challenge(&command, &target).as_deref(), expected, "{flags:?}");
    }
    let bare = command(&["x", "y"], &[], &[]);
    let nameless = world.target_of(&bare, &[("AWS_ACCESS_KEY_ID", KEY_A)]);
    assert_eq!(challenge(&bare, &nameless).as_deref(), Some(A));
    assert_eq!(challenge(&bare, &world.target_of(&bare, &[])).as_deref(), Some("eu-west-1"));
}

#[test]
fn the_variables_are_known_and_no_secret() {
    let names = variables();
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_CONFIG_FILE", "AWS_ENDPOINT_URL"] {
        assert!(names.contains(&name), "{name}");
    }
    assert!(!names.iter().any(|name| name.contains("KEY") || name.contains("TOKEN_ID")));
}
