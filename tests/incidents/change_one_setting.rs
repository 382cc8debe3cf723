//! `gcloud … delete`, and a new one with the setting changed: "delete and recreate"
//! once more, where no shim stands in front and the agent's hook decides.

use super::desk::Desk;

/// What an agent meant to change, how it went about it, and how it is done in place.
const CHANGES: &[(&str, &str, &str)] = &[
    (
        "gcloud run services delete web --region=europe-west1 --quiet",
        "gcloud run services update web --region=europe-west1 --memory=1Gi",
        "gcloud/delete",
    ),
    (
        "gcloud sql instances delete orders --quiet",
        "gcloud sql instances patch orders --backup-start-time=03:00",
        "gcloud/delete-whole",
    ),
    (
        "gcloud compute instances delete web-1 --zone=europe-west1-b -q",
        "gcloud compute instances update web-1 --zone=europe-west1-b --update-labels=tier=web",
        "gcloud/delete",
    ),
    (
        "gcloud container clusters delete main --region=europe-west1",
        "gcloud container clusters update main --region=europe-west1 --update-labels=tier=web",
        "gcloud/delete-whole",
    ),
    (
        "gcloud functions delete hook --region=europe-west1",
        "gcloud functions deploy hook --region=europe-west1 --memory=1Gi",
        "gcloud/delete",
    ),
];

#[test]
fn deleting_is_stopped_and_changing_in_place_is_not() {
    let Some(mut desk) = Desk::new() else { return };
    desk.set("CLAUDE_CODE_CHILD_SESSION", "1");
    for (delete, change, rule) in CHANGES {
        // In the project that customers use, whichever way it is named.
        for line in [
            format!("{delete} --project=shop-prod"),
            format!("{delete} --project=shop-prod && {change} --project=shop-prod"),
            format!("CLOUDSDK_CORE_PROJECT=shop-prod {delete}"),
            format!("bash -c '{delete} --project shop-prod'"),
        ] {
            let (decision, told) = desk.hook(&line);
            assert_eq!(decision.as_deref(), Some("deny"), "{line}: {told}");
            for words in ["tollgate: refused: ", rule, "prod", "gcloud GROUP describe NAME"] {
                assert!(told.contains(words), "{line}: {words:?} is not in: {told}");
            }
        }
        // Elsewhere the agent's human is asked; a critical one is a peer's there too.
        let (decision, told) = desk.hook(delete);
        let expected = if *rule == "gcloud/delete" { "ask" } else { "deny" };
        assert_eq!(decision.as_deref(), Some(expected), "{delete}: {told}");
        assert!(told.contains(rule) && told.contains("gcloud GROUP describe NAME"), "{told}");
        // The setting itself needs no deletion.
        let (decision, told) = desk.hook(change);
        assert_eq!(decision, None, "{change}: {told}");
    }
    let refused = desk.world().recorded("refused").len();
    assert!(refused >= CHANGES.len() * 4, "{refused} are on record");
    desk.world().assert_intact();
}

/// Reading first, as the refusal suggests, is nobody's business.
#[test]
fn looking_is_free() {
    let Some(mut desk) = Desk::new() else { return };
    desk.set("CLAUDE_CODE_CHILD_SESSION", "1");
    for line in [
        "gcloud sql instances describe orders --project=shop-prod",
        "gcloud run services describe web --region=europe-west1 --format=export > web.yaml",
        "gcloud compute instances list --project=shop-prod",
    ] {
        let (decision, told) = desk.hook(line);
        assert_eq!(decision, None, "{line}: {told}");
    }
    assert!(desk.world().record().is_empty());
}
