//! L6: action names as people read them.

use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use serde_json::json;

use crate::server::{Server, numbered, post_settled};

/// The registry of one test, in a file; the server reads it again when it changes.
fn with_registry(actions: &serde_json::Value) -> (tempfile::TempDir, AnnalsProcess) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("actions.json");
    std::fs::write(&file, actions.to_string()).unwrap();
    let options = UpOptions::default().variable("ANNALS_REGISTRY_FILE", file.to_str().unwrap());
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    (directory, annals)
}

fn label(annals: &AnnalsProcess, language: Option<&str>) -> String {
    let client = annals.client("acme");
    let mut request = client.request("GET", &List::of(&client, "acme").path("limit=1"));
    if let Some(language) = language {
        request = request.header("accept-language", language);
    }
    client.send(request).json()["data"][0]["action_label"].as_str().unwrap().to_owned()
}

#[test]
fn a6_1_labels_follow_the_language_then_english_then_the_key() {
    let (_directory, annals) = with_registry(&json!({
        "segment.updated": {"label": {"en": "Segment changed", "fr": "Segment modifié"}},
    }));
    let client = annals.client("acme");
    let event = json!({"workspace_id": "acme", "action": "segment.updated"});
    assert_eq!(post_settled(&client, &event).status, 202);
    assert_eq!(label(&annals, None), "Segment changed");
    assert_eq!(label(&annals, Some("fr-CA, en;q=0.5")), "Segment modifié");
    assert_eq!(label(&annals, Some("de")), "Segment changed");
    let event = json!({"workspace_id": "acme", "action": "model.sync_started"});
    assert_eq!(post_settled(&client, &event).status, 202);
    assert_eq!(label(&annals, Some("fr")), "Model sync started");
}

#[test]
fn a6_2_a_renamed_key_is_found_by_both_and_a_renamed_label_changes_history() {
    let (directory, annals) = with_registry(&json!({
        "audience.updated": {"label": {"en": "Audience updated"}, "aliases": ["segment.updated"]},
    }));
    let client = annals.client("acme");
    for action in ["segment.updated", "audience.updated", "model.updated"] {
        let event = json!({"workspace_id": "acme", "action": action});
        assert_eq!(post_settled(&client, &event).status, 202);
    }
    let list = List::of(&client, "acme");
    let keys = |query: &str| -> Vec<String> {
        list.rows(query).iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
    };
    for filter in ["action=segment.updated", "action=audience.updated"] {
        assert_eq!(keys(filter), ["audience.updated", "segment.updated"], "{filter}");
    }
    let entry = json!({"label": {"en": "People changed"}, "aliases": ["segment.updated"]});
    let renamed = json!({"audience.updated": entry});
    std::fs::write(directory.path().join("actions.json"), renamed.to_string()).unwrap();
    annals_tests::wait::until("the new label", annals_tests::wait::PATIENCE, || {
        (list.rows("action=audience.updated")[0]["action_label"] == "People changed").then_some(())
    });
    assert_eq!(keys("action=model.updated"), ["model.updated"], "the keys stay");
}

/// Aliases were part of what a cursor is sealed to, so a reload ended every walk with 400.
#[test]
fn a6_2_a_walk_goes_on_when_the_labels_are_reloaded() {
    let (directory, annals) = with_registry(&json!({
        "audience.updated": {"aliases": ["segment.updated"]},
    }));
    let client = annals.client("acme");
    let list = List::of(&client, "acme");
    for action in ["segment.updated", "audience.updated", "segment.updated"] {
        let event = json!({"workspace_id": "acme", "action": action});
        assert_eq!(post_settled(&client, &event).status, 202);
    }
    let query = "action=audience.updated&limit=2";
    let first = list.page(query);
    assert_eq!(first.data.len(), 2);
    let aliases = ["segment.updated", "cohort.updated"];
    let reloaded = json!({"audience.updated": {"label": {"en": "New"}, "aliases": aliases}});
    std::fs::write(directory.path().join("actions.json"), reloaded.to_string()).unwrap();
    annals_tests::wait::until("the new label", annals_tests::wait::PATIENCE, || {
        (list.rows(query)[0]["action_label"] == "New").then_some(())
    });
    let second = list.follow(query, first.page.next.as_deref().unwrap());
    assert_eq!((second.data.len(), second.page.next), (1, None));
    let back = list.follow(query, second.page.prev.as_deref().unwrap());
    assert_eq!(back.ids(), first.ids());
}

#[test]
fn a6_3_an_unknown_action_is_stored_and_shown_readable() {
    let actions = [
        "segment.updated",
        "s3.GetStorageLensConfiguration",
        "x",
        "windows.4688",
        "Ünï-cödé:thing",
    ];
    let events: Vec<_> =
        (1..).zip(actions).map(|(n, a)| numbered(n, json!({"action": a}))).collect();
    let server = Server::with_events(&events);
    let rows = server.rows("");
    for (row, action) in rows.iter().rev().zip(actions) {
        assert_eq!(row["action"], action);
        assert!(!row["action_label"].as_str().unwrap().trim().is_empty(), "{row}");
    }
    assert_eq!(rows.last().unwrap()["action_label"], "Segment updated");
}

/// An event that is not as its action's schema says is refused with every place; a schema that
/// cannot be used is told at start, and changes nothing when it comes later.
#[test]
fn a_schema_of_an_action_holds_for_what_is_sent() {
    let schema =
        json!({"properties": {"metadata": {"required": ["plan"]}}, "required": ["metadata"]});
    let (directory, annals) = with_registry(&json!({"plan.changed": {"schema": schema}}));
    let client = annals.client("acme");
    let event = |metadata: &serde_json::Value| {
        let action = "plan.changed";
        json!({"workspace_id": "acme", "action": action, "metadata": metadata})
    };
    let refused = client.post("/v1/events", &event(&json!({"price": 9})));
    assert_eq!((refused.status, refused.problem().as_str()), (422, "schema-violation"));
    assert_eq!(refused.json()["errors"][0]["pointer"], "/metadata");
    assert_eq!(post_settled(&client, &event(&json!({"plan": "pro"}))).status, 202);

    let file = directory.path().join("actions.json");
    let useless = json!({
        "plan.changed": {"schema": {"type": "no such type"}, "label": {"en": "Plan"}},
    });
    std::fs::write(&file, useless.to_string()).unwrap();
    annals_tests::wait::until("the word on the file", annals_tests::wait::PATIENCE, || {
        annals.log_tail().contains("its schema cannot be used").then_some(())
    });
    assert_eq!(client.post("/v1/events", &event(&json!({}))).status, 422, "the old one stays");
    assert_eq!(label(&annals, None), "Plan changed");
    let options = UpOptions::default().variable("ANNALS_REGISTRY_FILE", file.to_str().unwrap());
    let ended = AnnalsProcess::try_start(&directory.path().join("other"), &options);
    let Err(ended) = ended else { panic!("it starts with a schema that cannot be used") };
    assert_eq!(ended.status.code(), Some(2));
    assert!(
        ended.log.contains("action `plan.changed`: its schema cannot be used"),
        "{}",
        ended.log
    );
}

/// Who made or changed a source of this name, in one request; each near miss lacks one of three.
#[test]
fn a15_1_type_name_and_kind_are_asked_in_one_request() {
    let did = |n: u64, action: &str, kind: &str, name: &str| {
        let resources = json!([{"type": kind, "id": format!("r{n}"), "name": name}]);
        numbered(n, json!({"action": action, "resources": resources}))
    };
    let server = Server::with_events(&[
        did(1, "source.created", "source", "Ads Import"),
        did(2, "source.updated", "source", "ADS daily"),
        did(3, "source.deleted", "source", "Ads Import"),
        did(4, "source.viewed", "source", "Ads Import"),
        did(5, "source.updated", "source", "Billing"),
        did(6, "destination.created", "destination", "Ads Import"),
        did(7, "source.added", "source", "My ads"),
    ]);
    let asked = "resource_type=source&resource_name=ads";
    assert_eq!(server.numbers(&format!("{asked}&kind=create&kind=update")), [7, 2, 1]);
    assert_eq!(server.numbers(&format!("{asked}&kind=update")), [2]);
    assert_eq!(server.numbers(asked), [7, 4, 3, 2, 1]);
    assert_eq!(server.numbers("resource_name=ads&kind=create&kind=update"), [7, 6, 2, 1]);
    let by_action = format!("{asked}&action=source.created&action=source.updated");
    assert_eq!(server.numbers(&by_action), [2, 1], "as actions as well");
}

#[test]
fn a15_1_actions_are_filtered_by_key_group_and_kind() {
    let actions =
        ["segment.created", "segment.updated", "segmentation.updated", "source.created", "segment"];
    let events: Vec<_> =
        (1..).zip(actions).map(|(n, a)| numbered(n, json!({"action": a}))).collect();
    let server = Server::with_events(&events);
    assert_eq!(server.numbers("action=segment.*"), [2, 1]);
    assert_eq!(server.numbers("action=segment"), [5]);
    assert_eq!(server.numbers("action=segment.created&action=source.*"), [4, 1]);
    assert_eq!(server.numbers("kind=create"), [4, 1]);
    assert_eq!(server.numbers("kind=create&kind=update"), [4, 3, 2, 1]);
    assert_eq!(server.numbers("action=Segment.*"), [0; 0], "keys are literal");
}
