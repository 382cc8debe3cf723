use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::*;

const ID: &str = "7KQ2-M4TD-91XH";

fn record(now: Timestamp) -> Record {
    Record {
        version: VERSION,
        id: ID.to_owned(),
        when: now,
        until: now.checked_add(KEPT).unwrap(),
        command: "kubectl delete ns x".to_owned(),
        aim: Aim::default(),
        objects: vec![Saved {
            manifest: json!({"kind": "Secret", "f": 1.5}),
            withheld: vec!["a".to_owned()],
        }],
        missing: Vec::new(),
    }
}

#[test]
fn what_is_kept_is_the_users_and_comes_back_as_it_was() {
    let state = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    store(state.path(), &record(now)).unwrap();
    let path = directory(state.path()).join(format!("{ID}.json"));
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&directory(state.path()))), (0o600, 0o700));
    assert_eq!(ids(state.path()).unwrap(), [ID]);
    let found = load(state.path(), ID, now).unwrap().unwrap();
    assert_eq!(found.objects[0].manifest, json!({"kind": "Secret", "f": 1.5}));
    assert_eq!(
        told(&found).split(',').next().unwrap(),
        format!("`tollgate undo {ID}` brings back 1 object (without the data of 1 secret)")
    );
    for other in ["AAAA-AAAA-AAAA", "../../etc/x", ""] {
        assert!(load(state.path(), other, now).unwrap().is_none(), "{other}");
    }
    let late = now.checked_add(KEPT).unwrap();
    assert!(load(state.path(), ID, late).unwrap().is_none(), "expired");
}

#[test]
fn what_was_changed_is_not_taken() {
    let state = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    store(state.path(), &record(now)).unwrap();
    let path = directory(state.path()).join(format!("{ID}.json"));
    let text = std::fs::read_to_string(&path).unwrap();
    for changed in
        [text.replace("Secret", "ClusterRoleBinding"), text.lines().next().unwrap().to_owned(), String::new()]
    {
        std::fs::write(&path, changed).unwrap();
        assert!(load(state.path(), ID, now).unwrap_err().contains("was changed"));
    }
    std::fs::write(&path, &text).unwrap();
    let other = "AAAA-AAAA-AAAA";
    std::fs::rename(&path, directory(state.path()).join(format!("{other}.json"))).unwrap();
    assert!(load(state.path(), other, now).unwrap_err().contains("was changed"), "under another name");
}

#[test]
fn what_was_kept_long_enough_is_removed() {
    let state = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    for (id, days) in [("AAAA-AAAA-AAAA", 31), ("BBBB-BBBB-BBBB", 29)] {
        store(state.path(), &Record { id: id.to_owned(), ..record(now) }).unwrap();
        let file =
            std::fs::File::options().write(true).open(directory(state.path()).join(format!("{id}.json")));
        file.unwrap().set_modified(SystemTime::now() - Duration::from_secs(days * 24 * 3600)).unwrap();
    }
    prune(state.path(), now);
    assert_eq!(ids(state.path()).unwrap(), ["BBBB-BBBB-BBBB"]);
}
