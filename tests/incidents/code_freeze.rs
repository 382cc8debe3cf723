//! A production database deleted during a code freeze, and records invented afterwards.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::cloud::Cloud;
use super::desk::Desk;
use crate::support::world::{assert_code, text};

/// The freeze, as root writes it down: an agent changes nothing, whoever approves.
const FREEZE: &str = "version: 1
policy:
  write: { agent: { ordinary: deny, guarded: deny } }
  disrupt: { agent: { ordinary: deny, guarded: deny } }
  destroy: { agent: { ordinary: deny, guarded: deny } }
  privilege: { agent: { ordinary: deny, guarded: deny } }
  unprotect: { agent: { ordinary: deny, guarded: deny } }
";

const DELETE: &str = "aws rds delete-db-instance --db-instance-identifier orders-prod --skip-final-snapshot";
const THERE: &str = "aws rds describe-db-instances --query DBInstances[].DBInstanceIdentifier";

fn database() -> Option<Cloud> {
    let cloud = Cloud::new()?;
    cloud.desk.real(
        "aws rds create-db-instance --db-instance-identifier orders-prod --db-instance-class db.t3.micro \
         --engine postgres --master-username u --master-user-password 12345678 --allocated-storage 20",
    );
    Some(cloud)
}

#[test]
fn while_frozen_nobody_can_approve_it() {
    let Some(cloud) = database() else { return };
    cloud.desk.rules("freeze", FREEZE);
    for line in [
        DELETE,
        "aws rds modify-db-instance --db-instance-identifier orders-prod --no-deletion-protection",
        "aws rds reboot-db-instance --db-instance-identifier orders-prod",
        "aws rds create-db-snapshot --db-instance-identifier orders-prod --db-snapshot-identifier x",
    ] {
        let told = cloud.desk.denied(line);
        assert!(told.contains(&format!("refused: {line} (rule ")), "{told}");
    }
    assert_eq!(cloud.is(THERE), "orders-prod");
    cloud.desk.passes("aws rds describe-db-instances");
    assert!(cloud.desk.world().recorded("exec").is_empty());
}

/// Without a freeze it is a peer's; and the wider of two lines is not what was approved.
#[test]
fn otherwise_a_peer_approves_exactly_one_line() {
    let Some(cloud) = database() else { return };
    let refusal = cloud.desk.refused(DELETE);
    refusal.says(&["critical", "orders-prod", "account 123456789012", "region eu-central-2"]);
    assert_eq!(cloud.is(THERE), "orders-prod");

    let narrower = "aws rds delete-db-instance --db-instance-identifier orders-prod \
                    --final-db-snapshot-identifier orders-prod-last";
    let refusal = cloud.desk.refused(narrower);
    let signature = cloud.desk.room.sign("bob", &refusal.request);
    let told = cloud.desk.refuses(DELETE, &mut cloud.desk.with(DELETE, &signature));
    told.says(&["the arguments are not those that were approved"]);
    assert_eq!(cloud.is(THERE), "orders-prod");

    let (signature, _) = cloud.desk.approved(narrower, &refusal);
    assert_eq!(cloud.is(THERE), "");
    let kept = "aws rds describe-db-snapshots --query DBSnapshots[].DBSnapshotIdentifier";
    assert_eq!(cloud.is(kept), "orders-prod-last");
    cloud.desk.assert_spent(narrower, &signature);
}

/// Where no shim stands in front, the hook reads the line.
#[test]
fn the_hook_stops_what_drops_a_database() {
    let Some(mut desk) = Desk::new() else { return };
    desk.set("CLAUDE_CODE_CHILD_SESSION", "1");
    desk.write("schema.sql", "CREATE TABLE t (a int);\nDROP TABLE users;\n");
    for (line, words) in [
        ("psql -h db.prod.example.test -c 'DROP DATABASE orders'", "psql"),
        ("psql \"$DATABASE_URL\" -c 'DROP TABLE users CASCADE'", "psql"),
        ("psql -h db.prod.example.test orders -f schema.sql", "psql"),
        ("echo 'TRUNCATE users' | psql orders", "psql"),
        ("psql orders <<'SQL'\nDELETE FROM users;\nSQL", "psql"),
        ("dropdb orders", "dropdb"),
        ("npx prisma migrate reset --force", "prisma"),
        ("prisma db push --accept-data-loss", "prisma"),
        ("RAILS_ENV=production DISABLE_DATABASE_ENVIRONMENT_CHECK=1 rails db:drop", "rails"),
        ("bundle exec rails db:drop db:create db:migrate", "rails"),
    ] {
        let (decision, told) = desk.hook(line);
        assert!(matches!(decision.as_deref(), Some("deny" | "ask")), "{line}: {decision:?} {told}");
        assert!(told.contains(words), "{line}: {told}");
        // With the freeze written down, no question is left.
        desk.rules("freeze", FREEZE);
        let (decision, told) = desk.hook(line);
        assert_eq!(decision.as_deref(), Some("deny"), "{line}: {told}");
        fs::remove_file(desk.world().path("etc/tollgate/rules/freeze.yaml")).unwrap();
    }
    for line in ["psql -h db.prod.example.test -c 'SELECT count(*) FROM users'", "prisma migrate status"] {
        let (decision, told) = desk.hook(line);
        assert_eq!(decision, None, "{line}: {told}");
    }
    desk.world().assert_intact();
}

/// A record of three requests, refused each: what stands in its file, line by line.
fn recorded() -> Option<(Cloud, PathBuf, Vec<String>)> {
    let cloud = database()?;
    for line in [
        "aws rds stop-db-instance --db-instance-identifier orders-prod",
        DELETE,
        "aws rds delete-db-cluster --db-cluster-identifier orders-prod --skip-final-snapshot",
    ] {
        assert_code(&cloud.desk.agent(line).output().unwrap(), 77);
    }
    cloud.desk.world().assert_intact();
    let directory = cloud.desk.world().state().join("audit");
    let mut files: Vec<PathBuf> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "jsonl"));
    let [file] = files.try_into().unwrap();
    let lines = fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
    Some((cloud, file, lines))
}

#[test]
fn the_record_tells_who_asked_and_an_invented_one_is_found() {
    let Some((cloud, file, lines)) = recorded() else { return };
    let shown = cloud.desk.world().tollgate(["audit", "show"]).output().unwrap();
    let shown = text(&shown.stdout);
    for words in [
        "(agent claude-code)",
        "claude-code asks (CLAUDE_CODE_CHILD_SESSION)",
        "delete-db-instance",
        "refused",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let at = lines.iter().position(|line| line.contains("delete-db-instance")).unwrap();
    let edited = lines.iter().map(|line| line.replace("claude-code", "nobody")).collect();
    let mut removed = lines.clone();
    removed.remove(at);
    let mut swapped = lines.clone();
    swapped.swap(at, at + 1);
    let mut appended = lines.clone();
    appended.push(invented(lines.last().unwrap()));
    let mut copied = lines.clone();
    copied.push(lines[at].clone());
    let mut prose = lines.clone();
    prose.push("all tests pass, nothing was deleted".to_owned());
    let cases: [(&str, Vec<String>, &str); 6] = [
        ("edited", edited, "the hash does not match"),
        ("removed", removed, "records are missing or moved"),
        ("swapped", swapped, "records are missing or moved"),
        ("appended", appended, "the hash does not match"),
        ("copied", copied, "records are missing or moved"),
        ("prose", prose, "not a record"),
    ];
    for (about, forged, found) in cases {
        fs::write(&file, forged.join("\n") + "\n").unwrap();
        let verified = cloud.desk.world().tollgate(["audit", "verify"]).output().unwrap();
        let said = text(&verified.stdout);
        assert_eq!(verified.status.code(), Some(1), "{about}: {said}");
        assert!(said.contains(found), "{about}: {said}");
    }
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    cloud.desk.world().assert_intact();
}

/// The newest record with another tale in it: the next number, and the hash of the old.
fn invented(last: &str) -> String {
    let mut record: Value = serde_json::from_str(last).unwrap();
    record["seq"] = (record["seq"].as_u64().unwrap() + 1).into();
    record["prev"] = record["h"].clone();
    record["reason"] = "a person deleted it by hand".into();
    record.to_string()
}

/// What no chain of hashes shows by itself, and what does.
#[test]
fn a_record_cut_off_at_its_end_shows_against_the_head_that_was_kept() {
    let Some((cloud, file, lines)) = recorded() else { return };
    let head = |cloud: &Cloud| {
        let verified = cloud.desk.world().tollgate(["audit", "verify"]).output().unwrap();
        (verified.status.code(), text(&verified.stdout))
    };
    let (_, kept) = head(&cloud);
    fs::write(&file, lines[..lines.len() - 2].join("\n") + "\n").unwrap();
    let (code, now) = head(&cloud);
    assert_eq!(code, Some(0), "{now}");
    assert_ne!(kept, now, "the head that was kept elsewhere is another");
    assert!(now.contains("cannot show that the newest records were"), "it says so itself: {now}");
}
