//! As whom a command would act, and rules that demand it.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Room, decision, refused};
use crate::support::world::{MARKER, REFUSED, World, is_human, tollgate};

/// What sts says of a role.
fn role(name: &str) -> String {
    format!(r#"{{"account": "111111111111", "arn": "arn:aws:sts::111111111111:assumed-role/{name}/kim"}}"#)
}

/// A world in which aws says who it is by the file `who`, and nothing else.
fn told(who: &str) -> World {
    let world = World::new();
    symlink(tollgate(), world.path("shims/aws")).unwrap();
    world.write("who", who);
    let file = world.path("who");
    let body = format!("case \"$*\" in *get-caller-identity*) /bin/cat '{}' ;; esac", file.display());
    world.stub_at("bin/aws", &body);
    world
}

/// The rules of the documentation.
fn demanding(world: &World) {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rulebook.md")).unwrap();
    let section = page.split("## Identity").nth(1).unwrap();
    let rules = section.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    world.write("home/.config/tollgate/rules/demands.yaml", rules);
}

const TERMINATE: [&str; 4] = ["ec2", "terminate-instances", "--instance-ids", "i-0abc"];

/// Whether the operation itself was started.
fn has_run(world: &World) -> bool {
    world.runs().iter().any(|run| run.arguments.iter().any(|word| word == "terminate-instances"))
}

#[test]
fn rules_demand_an_account_and_no_broad_role() {
    for (who, variables, rule) in [
        (role("AdminAccess"), &[][..], Some("aws/too-broad")),
        (role("Deployer"), &[], None),
        (role("Deployer").replace("111111111111", "333333333333"), &[], Some("aws/other-account")),
        (String::new(), &[], Some("aws/other-account")),
        ("no json".to_owned(), &[], Some("aws/other-account")),
        // Whoever chooses what answers proves nothing.
        (role("Deployer"), &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")], Some("aws/other-account")),
        (role("Deployer"), &[("AWS_CA_BUNDLE", "/x")], Some("aws/other-account")),
        (role("Deployer"), &[("AWS_PROFILE", "tapped")], Some("aws/other-account")),
        (role("Deployer"), &[("AWS_PROFILE", "plain")], None),
    ] {
        let world = told(&who);
        demanding(&world);
        world.write("home/.aws/config", "[profile tapped]\nca_bundle = /x\n[profile plain]\nca_bundle =\n");
        for agent in [true, false] {
            let mut command = world.command("aws");
            command.args(TERMINATE).envs(variables.iter().copied());
            if agent {
                command.env(MARKER.0, MARKER.1);
            }
            let said = refused(&command.output().unwrap());
            assert!(!has_run(&world), "{said}");
            if let Some(rule) = rule {
                assert!(said.contains(&format!("(rule {rule}, ")), "{who} {variables:?}: {said}");
                assert_eq!(decision(&world), "deny", "{who} {variables:?}: {said}");
            } else {
                assert_ne!(decision(&world), "deny", "{who}: {said}");
                assert!(said.contains("arn arn:aws:sts::111111111111:assumed-role/Deployer, "), "{said}");
            }
        }
    }
}

#[test]
fn who_is_claimed_to_be_another_is_guarded_for_an_agent() {
    let world = told(&role("Deployer"));
    let mut command = world.command("aws");
    command.args(TERMINATE).env(MARKER.0, MARKER.1);
    command.env("AWS_ACCESS_KEY_ID", "none").env("AWS_SECRET_ACCESS_KEY", "none");
    let said = refused(&command.output().unwrap());
    assert_eq!(decision(&world), "confirm", "{said}");
    command.env("AWS_ACCOUNT_ID", "222222222222");
    let said = refused(&command.output().unwrap());
    assert!(said.contains("says account 222222222222, sts says 111111111111"), "{said}");
    assert_eq!(decision(&world), "peer", "{said}");
}

#[test]
fn who_becomes_another_while_it_waits_is_refused() {
    if !is_human() {
        return;
    }
    for (then, runs) in
        [(role("Admin"), false), (String::new(), false), (role("Deployer").replace("kim", "lee"), true)]
    {
        let world = told(&role("Deployer"));
        let start = crate::support::pty::PtyCommand::new(world.path("shims/aws")).args(TERMINATE);
        let mut terminal = world.in_terminal(start).start();
        let asked = terminal.expect("to run it: ");
        assert!(asked.contains("assumed-role/Deployer"), "{asked}");
        world.write("who", &then);
        let name = asked.rsplit('`').nth(1).unwrap().to_owned();
        terminal.send_line(&name);
        let (said, code) = terminal.wait();
        assert_eq!(has_run(&world), runs, "{then}: {said}");
        assert_eq!(code == REFUSED, !runs, "{then}: {said}");
        assert_eq!(said.contains("the identity changed while this waited"), !runs, "{then}: {said}");
    }
}

/// What a person agrees to is not refused because an answer came late, once.
#[test]
fn a_person_waits_for_who_it_is() {
    if !is_human() {
        return;
    }
    let world = told(&role("Deployer"));
    let (who, asked) = (world.path("who"), world.path("asked"));
    let (who, asked) = (who.display(), asked.display());
    let late = format!("[ -e '{asked}' ] || {{ : > '{asked}'; /bin/sleep 60; }}");
    let body = format!("case \"$*\" in *get-caller-identity*) {late}; /bin/cat '{who}' ;; esac");
    world.stub_at("bin/aws", &body);
    let start = crate::support::pty::PtyCommand::new(world.path("shims/aws")).args(TERMINATE);
    let mut terminal = world.in_terminal(start).start();
    let asked = terminal.expect("to run it: ");
    assert!(asked.contains("assumed-role/Deployer"), "{asked}");
    terminal.send_line(asked.rsplit('`').nth(1).unwrap());
    let (said, code) = terminal.wait();
    assert!(code == 0 && has_run(&world), "{said}");
}

/// Profiles as people have them; `PROGRAM` is one that hands out a role's keys.
const PROFILES: &str = "[profile base]
aws_access_key_id = none
aws_secret_access_key = none
[profile admin]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
[profile onward]
role_arn = arn:aws:iam::222222222222:role/Deploy
source_profile = admin
[profile program]
credential_process = PROGRAM
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 333333333333
sso_role_name = Admin
";

/// The keys of a role, as such a program tells them.
const KEYS: &str = "sts assume-role --role-arn arn:aws:iam::123456789012:role/Robot --role-session-name robot \
    --query '{Version: `1`, AccessKeyId: Credentials.AccessKeyId, SecretAccessKey: Credentials.SecretAccessKey, \
    SessionToken: Credentials.SessionToken}' > KEYS";

#[test]
fn who_a_profile_leads_to_is_told() {
    let Some(room) = Room::new(&[KEYS]) else { return };
    let keys = room.world.write("keys", &room.filled("KEYS"));
    let program = room.world.script("keys.sh", &format!("/bin/cat '{}'", keys.display()));
    room.world.write("home/.aws/config", &PROFILES.replace("PROGRAM", &program.display().to_string()));
    let admin = "arn arn:aws:sts::123456789012:assumed-role/Admin, ";
    for (variable, line, told) in [
        ("", "--profile admin", admin),
        ("admin", "", admin),
        ("onward", "--profile admin", admin),
        ("admin", "--profile=onward", "arn arn:aws:sts::222222222222:assumed-role/Deploy, "),
        ("", "--profile program", "arn arn:aws:sts::123456789012:assumed-role/Robot, "),
        ("", "--profile sso", "note:     who it would act as is not known: there are no usable credentials"),
    ] {
        let mut command = room.agent(&format!("ec2 delete-vpc --vpc-id vpc-0123456789abcdef0 {line}"));
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        if !variable.is_empty() {
            command.env("AWS_PROFILE", variable);
        }
        let said = refused(&command.output().unwrap());
        assert!(said.contains(told), "AWS_PROFILE={variable} {line}: {told}: {said}");
    }
}
