use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use super::exposure::{Seen, see};
use super::*;

pub(super) const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINPh7V+W1xpoee3t0y/EL2LeVMWMUtLMmXrMlGm5dULy";
pub(super) const B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPqxzagr63CO/qnPeeLrAjsWSmW2RIxpIdd/rgYeRl8v";
pub(super) const C: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHndszUH6kP+5rVGeQ4FjSANtz4xhg9APTvQyfm/guB6";
pub(super) const SK: &str = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINPh7V+W1xpoee3t0y/EL2LeVMWMUtLMmXrMlGm5dULyAAAABHNzaDo=";

fn path() -> &'static Path {
    Path::new("/etc/tollgate/approvers.yaml")
}

/// The list with these lines below `version: 1`.
pub(super) fn list(lines: &str) -> Approvers {
    Approvers::read(path(), &format!("version: 1\n{lines}")).unwrap()
}

fn error(text: &str) -> String {
    Approvers::read(path(), text).unwrap_err().to_string()
}

fn example() -> Approvers {
    list(&format!(
        "people:
  - id: alice@corp
    os_users: [alice]
    keys: []
  - id: bob@corp
    groups: [sre]
    os_users: [bob, root]
    keys:
      - {A} bob's comment
      - {{key: {SK}, valid_after: 2026-01-01T00:00:00Z, valid_before: 2026-12-31T23:59:59+01:00, require: pin}}
  - id: carol
    groups: [sre, lead]
    keys:
      - key: {B}
      - key: {C}
        valid_before: 2026-06-01T00:00:00Z
environments:
  default: {{groups: [sre]}}
  dev: {{}}
  prod: {{quorum: 2, groups: [sre], max_ttl: 5m, require: touch}}
  payments: {{groups: [lead], max_ttl: 1h, require: touch+pin}}
revoked: ['SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', {B}]
"
    ))
}

fn ids(people: &[&Person]) -> Vec<String> {
    people.iter().map(|person| person.id.clone()).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_list_is_read_whole() {
    let list = example();
    assert_eq!(list.path(), path());
    assert!(list.digest().starts_with("sha256:") && list.digest().len() == 71, "{}", list.digest());
    assert!(!list.advisory());
    let [alice, bob, carol] = list.people() else { panic!("{list:?}") };
    assert_eq!((alice.os_users.as_slice(), alice.keys.len()), (&["alice".to_owned()][..], 0));
    assert_eq!(bob.groups, ["sre"]);
    assert_eq!(bob.keys[0].key.openssh(), A);
    assert_eq!((bob.keys[0].valid_after, bob.keys[0].require), (None, Presence::None));
    assert_eq!(bob.keys[1].valid_before, Some(at("2026-12-31T22:59:59Z")));
    assert_eq!(bob.keys[1].require, Presence::TouchAndPin);
    assert_eq!(carol.keys[1].key.openssh(), C);
    let of = |text: &str| PublicKey::parse(text).unwrap();
    assert_eq!(list.holder(&of(C)).unwrap().0.id, "carol");
    assert_eq!(list.holder(&of(&format!("{A} other"))).unwrap().0.id, "bob@corp");
    assert!(list.is_revoked(&of(B)) && !list.is_revoked(&of(A)));
    assert_eq!(list.revoked().len(), 2);
    assert_eq!(ids(&list.persons_of(&["root", "alice"])), ["alice@corp", "bob@corp"]);
    assert!(list.persons_of(&["carol"]).is_empty(), "an id is no login name");
    let other = self::list("people: []\n");
    assert!(other.holder(&of(A)).is_none() && other.digest() != list.digest());
}

/// Environments, and what they take: quorum, groups, presence, minutes.
type Row<'a> = (&'a [&'a str], u32, &'a [&'a [&'a str]], Presence, i64);

#[test]
fn the_strictest_environment_counts() {
    let list = example();
    let table: [Row<'_>; 7] = [
        (&[], 1, &[&["sre"]], Presence::None, 15),
        (&["unheard of"], 1, &[&["sre"]], Presence::None, 15),
        (&["dev"], 1, &[], Presence::None, 15),
        (&["prod"], 2, &[&["sre"]], Presence::Touch, 5),
        (&["dev", "prod", "default"], 2, &[&["sre"]], Presence::Touch, 5),
        (&["payments"], 1, &[&["lead"]], Presence::TouchAndPin, 60),
        (&["prod", "payments"], 2, &[&["sre"], &["lead"]], Presence::TouchAndPin, 5),
    ];
    for (names, quorum, groups, require, minutes) in table {
        let expected = Requirement {
            quorum,
            groups: groups.iter().map(|all| all.iter().map(|one| (*one).to_owned()).collect()).collect(),
            require,
            max_ttl: SignedDuration::from_mins(minutes),
        };
        assert_eq!(list.requirement(names).unwrap(), expected, "{names:?}");
    }
    let anybody = self::list("people: []\n").requirement(&["prod"]).unwrap();
    assert_eq!((anybody.quorum, anybody.groups.len()), (1, 0));
    let partial = self::list("environments: {prod: {quorum: 2}}\n");
    assert_eq!(partial.requirement(&["prod"]).unwrap().quorum, 2);
    for names in [&["dev"][..], &["prod", "dev"], &[]] {
        let error = partial.requirement(names).unwrap_err();
        assert!(matches!(error, ApproversError::NoEnvironment { .. }), "{error}");
    }
}

#[test]
fn whoever_asks_does_not_approve() {
    let list = example();
    let requirement = |names: &[&str]| list.requirement(names).unwrap();
    let nobody = [];
    assert_eq!(ids(&list.eligible(&requirement(&["dev"]), &nobody)), ["alice@corp", "bob@corp", "carol"]);
    assert_eq!(ids(&list.eligible(&requirement(&["prod"]), &nobody)), ["bob@corp", "carol"]);
    assert_eq!(ids(&list.eligible(&requirement(&["prod"]), &["bob@corp".to_owned()])), ["carol"]);
    assert_eq!(ids(&list.eligible(&requirement(&["prod", "payments"]), &nobody)), ["carol"]);
    let able = |names: &[&str], time: &str| ids(&list.able(&requirement(names), &nobody, at(time)));
    assert_eq!(able(&["dev"], "2026-03-01T00:00:00Z"), ["bob@corp", "carol"], "alice has no key");
    assert_eq!(able(&["dev"], "2026-06-01T00:00:00Z"), ["bob@corp"], "one of carol's is revoked, one ended");
    assert_eq!(able(&["prod"], "2026-01-01T00:00:00Z"), ["bob@corp"], "a touch takes a security key");
    assert_eq!(able(&["prod"], "2025-12-31T23:59:59Z"), Vec::<String>::new());
    assert_eq!(able(&["prod"], "2026-12-31T22:59:59Z"), Vec::<String>::new());
}

#[test]
fn faults_have_their_place() {
    insta::assert_snapshot!(error("version: 1\npeple: []\n"), @r"
        the list of approvers cannot be used: unknown field `peple`, expected one of `version`, `mode`, `people`, `environments`, `revoked`
         --> /etc/tollgate/approvers.yaml:2:1
          |
        2 | peple: []
          | ^^^^^
        help: did you mean `people`?
        ");
    insta::assert_snapshot!(error(&format!("version: 1\npeople:\n  - id: bob\n    keys:\n      - {{key: {A}, valid_afer: 2026-01-01T00:00:00Z}}\n")), @r"
        the list of approvers cannot be used: unknown field `valid_afer`, expected one of `key`, `valid_after`, `valid_before`, `require`
         --> /etc/tollgate/approvers.yaml:5:97
          |
        5 |       - {key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINPh7V+W1xpoee3t0y/EL2LeVMWMUtLMmXrMlGm5dULy, valid_afer: 2026-01-01T00:00:00Z}
          |                                                                                                 ^^^^^^^^^^
        help: did you mean `valid_after`?
        ");
    insta::assert_snapshot!(error("version: 1\npeople:\n  - id: bob\n    groups: [sre]\nenvironments:\n  prod: {groups: [srs]}\n"), @r"
        the list of approvers cannot be used: nobody is in the group `srs`
         --> /etc/tollgate/approvers.yaml:6:19
          |
        6 |   prod: {groups: [srs]}
          |                   ^^^
        help: did you mean `sre`?
        ");
    insta::assert_snapshot!(error(&format!("version: 1\npeople:\n  - id: bob\n    keys: [{A}]\n  - id: eve\n    keys:\n      - {A} other\n")), @r"
        the list of approvers cannot be used: the key SHA256:TITLk6RNuUvUnwFbKhry7mlUNhL+25xsrRrdD4stB7A is already that of `bob`
         --> /etc/tollgate/approvers.yaml:7:9
          |
        7 |       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINPh7V+W1xpoee3t0y/EL2LeVMWMUtLMmXrMlGm5dULy other
          |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: a key belongs to one person: who signs with it has to be certain
        ");
    insta::assert_snapshot!(error("version: 1\npeople:\n  - id: bob\n    keys:\n      - ssh-dss AAAAB3NzaC1kc3MAAACB\n"), @r"
        the list of approvers cannot be used: DSA keys are too weak: make another one with `ssh-keygen -t ed25519`
         --> /etc/tollgate/approvers.yaml:5:9
          |
        5 |       - ssh-dss AAAAB3NzaC1kc3MAAACB
          |         ^
        ");
    insta::assert_snapshot!(error("version: 1\nenvironments:\n  prod: {require: tuch}\n"), @r"
        the list of approvers cannot be used: unknown word `tuch`, expected one of `none`, `touch`, `pin`, `touch+pin`
         --> /etc/tollgate/approvers.yaml:3:19
          |
        3 |   prod: {require: tuch}
          |                   ^^^^
        help: did you mean `touch`?
        ");
    insta::assert_snapshot!(error("version: 2\n"), @r"
        the list of approvers cannot be used: version 2 of the format is not known, only 1
         --> /etc/tollgate/approvers.yaml:1:10
          |
        1 | version: 2
          |          ^
        ");
    insta::assert_snapshot!(error("# nothing\n"), @r"
        the list of approvers cannot be used: the file is empty
         --> /etc/tollgate/approvers.yaml
        help: a list of approvers begins with `version: 1`
        ");
}

#[test]
fn what_is_wrong_is_refused() {
    let person = |rest: &str| format!("people:\n  - {{id: bob, {rest}}}\n");
    let key = |rest: &str| person(&format!("keys: [{{key: {A}, {rest}}}]"));
    let environment = |rest: &str| format!("environments: {{default: {{{rest}}}}}\n");
    let own = str::to_owned;
    let table = [
        (own("mode: enforced\n"), "unknown variant `enforced`"),
        (own("people:\n  - groups: [x]\n"), "missing field `id`"),
        (own("people:\n  - id: bob\n  - id: BOB\n"), "the person `BOB` stands twice"),
        (own("people:\n  - id: bob smith\n"), "`bob smith` cannot be a name"),
        (own("people:\n  - id: '*'\n"), "`*` cannot be a name"),
        (own("people:\n  - id: a,b\n"), "cannot be a name"),
        (own("people:\n  - id: ''\n"), "cannot be a name"),
        (own("people:\n  - id: bob\n    id: eve\n"), "duplicate field `id`"),
        (person("groups: ['!sre']"), "cannot be a name"),
        (person("os_users: ['']"), "cannot be a login name"),
        (person("os_users: [a b]"), "cannot be a login name"),
        (person(&format!("keys: [{A}, {A}]")), "stands twice"),
        (person("keys: [ssh-ed25519]"), "there is no key"),
        (person("keys: [rubbish AAAA]"), "is not a kind of key that is taken"),
        (person(&format!("keys: ['cert-authority {A}']")), "leave out what stands before"),
        (key("valid_after: 2026-01-01"), "`2026-01-01` is no time: write it like"),
        (key("valid_before: 2026-01-01T00:00:00"), "is no time"),
        (key("valid_before: 1970-01-01T00:00:00Z"), "is out of range"),
        (key("valid_before: 2026-01-01T00:00:00.5Z"), "is out of range: whole seconds"),
        (
            key("valid_after: 2026-01-01T00:00:00Z, valid_before: 2026-01-01T00:00:00Z"),
            "would never be valid: 2026-01-01T00:00:00Z is not before 2026-01-01T00:00:00Z",
        ),
        (key("require: verified"), "unknown word `verified`"),
        (environment("quorum: 0"), "a quorum of 0"),
        (environment("quorum: -1"), "is no number of people"),
        (environment("quorum: 101"), "at most 100"),
        (environment("groups: [nobody]"), "nobody is in the group `nobody`"),
        (environment("max_ttl: 30s"), "between 1m and 24h"),
        (environment("max_ttl: 25h"), "between 1m and 24h"),
        (environment("max_ttl: -5m"), "between 1m and 24h"),
        (environment("max_ttl: 15"), "is no length of time"),
        (own("environments: {}\n"), "the section is empty"),
        (own("environments: {a: {}, a: {quorum: 2}}\n"), "stands twice"),
        (own("revoked: [SHA256:AAAA]\n"), "is no fingerprint"),
        (own("revoked: ['MD5:aa:bb']\n"), "is neither a fingerprint"),
        (own("revoked: [ssh-ed25519 AAAA!]\n"), "the ssh-ed25519 key is damaged"),
        (own("people: []\n---\nversion: 1\n"), "more than one document"),
    ];
    for (lines, expected) in table {
        let error = error(&format!("version: 1\n{lines}"));
        assert!(error.contains(expected), "{lines}\n{error}");
    }
    assert!(error("people: []\n").contains("missing field `version`"));
    let both = error("version: 1\npeople:\n  - id: a\n  - id: a\n  - id: a\n");
    assert_eq!(both.matches("stands twice").count(), 2, "all are told: {both}");
}

#[test]
fn what_asks_for_patience_is_refused() {
    let mut bomb = String::from("version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let before = format!("*a{}", level - 1);
        let _ = writeln!(bomb, "a{level}: &a{level} [{}]", vec![before; 9].join(", "));
    }
    for text in [bomb, "[".repeat(20_000), "- ".repeat(20_000)] {
        assert!(Approvers::read(path(), &text).is_err());
    }
}

#[test]
fn allowed_signers_are_written_for_ssh_keygen() {
    let written = example().allowed_signers();
    let lines: Vec<&str> = written.lines().collect();
    assert!(lines[0].starts_with("# /etc/tollgate/approvers.yaml, sha256:"), "{written}");
    assert_eq!(lines[1], format!("bob@corp namespaces=\"tollgate-approve-v1\" {A}"));
    let sk = format!(
        "bob@corp namespaces=\"tollgate-approve-v1\",valid-after=\"20260101000000Z\",valid-before=\"20261231225959Z\" {SK}"
    );
    assert_eq!(lines[2], sk);
    assert!(lines[3].starts_with("# revoked: carol SHA256:"), "{written}");
    assert!(lines[4].ends_with(&format!(",valid-before=\"20260601000000Z\" {C}")), "{written}");
    assert_eq!(lines.len(), 5);
}

/// Places below a directory, none of them there yet.
fn places(root: &Path) -> Directories {
    let below = |name: &str| Some(root.join(name));
    Directories {
        administrator: root.join("etc"),
        administered: false,
        config: below("chosen"),
        trusted_config: below("home"),
        state: below("state"),
        trusted_state: below("state"),
        data: below("data"),
    }
}

fn write(directory: &Path, text: &str) {
    std::fs::create_dir_all(directory).unwrap();
    std::fs::write(directory.join(FILE), text).unwrap();
}

/// Everything belongs to root and nobody else can write it, but for `path`.
fn all_roots(but: Option<(PathBuf, u32, u32)>) -> impl Fn(&Path) -> io::Result<Seen> {
    move |path| {
        let mut seen = Seen { uid: 0, ..see(path)? };
        seen.mode &= !0o022;
        if let Some((odd, uid, mode)) = &but
            && odd == path
        {
            (seen.uid, seen.mode) = (*uid, *mode);
        }
        Ok(seen)
    }
}

const ADVISORY: &str = "version: 1\nmode: advisory\npeople: [{id: bob}]\n";
const FIRM: &str = "version: 1\npeople: [{id: alice}]\n";

#[test]
fn an_agent_gains_no_approver_by_where_home_is() {
    use PrincipalKind::{Agent, Human};
    let root = tempfile::tempdir().unwrap();
    let places = places(root.path());
    for principal in [Agent, Human] {
        assert_eq!(find(&places, principal), Ok(None), "there is none: people work alone");
    }
    write(&root.path().join("chosen"), ADVISORY);
    let error = find(&places, Agent).unwrap_err();
    assert!(matches!(error, ApproversError::Elsewhere { .. }), "{error}");
    assert!(error.to_string().ends_with("/home/approvers.yaml"), "{error}");
    let found = find(&places, Human).unwrap().unwrap();
    assert!(found.advisory() && found.path().starts_with(root.path().join("chosen")));

    write(&root.path().join("home"), &ADVISORY.replace("bob", "carol"));
    for principal in [Agent, Human] {
        let found = find(&places, principal).unwrap().unwrap();
        assert_eq!(found.people()[0].id, "carol", "the password database's home comes first");
    }
    write(&root.path().join("home"), FIRM);
    let error = find(&places, Human).unwrap_err();
    assert!(error.to_string().contains("has to say `mode: advisory`"), "{error}");

    let administered = Directories { administered: true, ..places };
    for principal in [Agent, Human] {
        let error = find(&administered, principal).unwrap_err();
        assert!(matches!(error, ApproversError::NoneNamed { .. }), "{error}");
    }
}

#[test]
fn the_administrators_list_is_roots_alone() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path().canonicalize().unwrap();
    let places = places(&root);
    write(&root.join("home"), ADVISORY);
    write(&root.join("etc"), FIRM);
    let find = |but| find_as_seen(&places, PrincipalKind::Agent, &all_roots(but));
    assert_eq!(find(None).unwrap().unwrap().people()[0].id, "alice");
    let file = root.join("etc/approvers.yaml");
    let user = 4_000_000_001;
    for (path, uid, mode, mend) in [
        (file.clone(), user, 0o644, "chown root:root "),
        (file.clone(), 0, 0o664, "chmod go-w "),
        (root.join("etc"), user, 0o777, "chown root:root "),
        (root.clone(), 0, 0o777, "chmod go-w "),
        (PathBuf::from("/"), 0, 0o775, "chmod go-w /"),
    ] {
        let error = find(Some((path.clone(), uid, mode))).unwrap_err().to_string();
        assert!(error.contains(mend) && error.contains(&path.display().to_string()), "{error}");
    }
    write(&root.join("etc"), ADVISORY);
    let found = find(Some((file.clone(), user, 0o666))).unwrap().unwrap();
    assert!(found.advisory(), "it says itself what it is");

    // What cannot be read is there all the same.
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("nowhere", &file).unwrap();
    assert!(matches!(find(None), Err(ApproversError::Unread { .. })));
    std::fs::remove_file(&file).unwrap();
    nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(find(None).unwrap_err().to_string().contains("no regular file"));
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, vec![b'#'; 1 + (1 << 20)]).unwrap();
    assert!(find(None).unwrap_err().to_string().contains("larger than 1024 KiB"));
    std::fs::write(&file, b"version: 1\n# \xff\n").unwrap();
    assert!(find(None).unwrap_err().to_string().contains("no UTF-8"));
}

#[test]
fn what_was_read_is_what_was_looked_at() {
    let root = tempfile::tempdir().unwrap();
    let places = places(&root.path().canonicalize().unwrap());
    write(&places.administrator, FIRM);
    let see = |path: &Path| {
        let mut seen = all_roots(None)(path)?;
        if path.ends_with(FILE) {
            seen.identity.1 += 1;
        }
        Ok(seen)
    };
    let error = find_as_seen(&places, PrincipalKind::Human, &see).unwrap_err().to_string();
    assert!(error.contains("replaced meanwhile"), "{error}");
}

#[test]
fn the_real_owner_is_looked_at() {
    let root = tempfile::tempdir().unwrap();
    let places = places(&root.path().canonicalize().unwrap());
    write(&places.administrator, FIRM);
    let file = places.administrator.join(FILE);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    let error = find(&places, PrincipalKind::Human).unwrap_err().to_string();
    let mend = format!("chmod go-w {}", file.display());
    assert!(error.contains("can be written by everybody") && error.contains(&mend), "{error}");
}
