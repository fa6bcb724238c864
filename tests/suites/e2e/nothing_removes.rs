//! No path of API or command line alters or removes an event.

use std::collections::BTreeSet;

use annals_tests::command;
use annals_tests::evidence::{imported, key_of, settled, signed, text};
use annals_tests::http::Http;
use annals_tests::list::List;
use serde_json::Value;

/// What writes, of all that is documented: events are appended, the rest is about readers.
const WRITING: [&str; 6] = [
    "delete /v1/api-keys/{id}",
    "post /v1/api-keys",
    "post /v1/events",
    "post /v1/events:batch",
    "post /v1/viewer-tokens",
    "post /v1/workspaces/{workspace}/exports",
];
/// Every subcommand. `rebuild` replaces a store by one with the same roots, and keeps the old one.
const COMMANDS: [&str; 14] = [
    "apikey",
    "config",
    "export",
    "help",
    "import",
    "keys",
    "outbox",
    "rebuild",
    "reconcile",
    "replay",
    "token",
    "topic",
    "up",
    "verify",
];

/// A16.1: neither the documented requests nor others change a row that was there, whatever they are
/// answered; the tree still continues the head that was kept before.
#[test]
fn a16_1_no_path_alters_or_removes_an_event() {
    let directory = tempfile::tempdir().unwrap();
    let (input, data) = imported(directory.path(), 28);
    let annals = settled(&data);
    let client = annals.client("*");
    let kept = directory.path().join("kept");
    std::fs::write(&kept, client.get("/v1/log/0/checkpoint").text()).unwrap();
    let rows = || List::of(&client, "acme").walk_values("", 1000);
    let before = rows();
    let document: Value = client.get_json("/openapi.json");
    assert_eq!(writing(&document), WRITING.map(str::to_owned).into());
    let id = &input.ids["acme"][7];
    for path in document["paths"].as_object().unwrap().keys() {
        try_to_change(&client, path, id);
    }
    // The same event again with other content, and under the same place.
    let mut event: Value =
        serde_json::from_str(std::fs::read_to_string(&input.file).unwrap().lines().next().unwrap())
            .unwrap();
    event["description"] = "altered".into();
    let answer = client.post("/v1/events", &event);
    assert!([202, 422].contains(&answer.status), "{}", answer.text());
    signed(&annals, &data);
    assert!(rows() == before, "a row changed");
    drop(annals);
    let words = ["verify", text(&data), "--key", &key_of(&data), "--checkpoint", text(&kept)];
    let finished = command::run(&words);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let help = command::run(&["--help"]).stdout;
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let listed: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, COMMANDS.into());
}

/// The documented operations that are no plain reads.
fn writing(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let methods = operations.as_object().unwrap().keys();
        let methods =
            methods.filter(|name| ["put", "post", "patch", "delete"].contains(&name.as_str()));
        found.extend(methods.map(|method| format!("{method} {path}")));
    }
    found
}

fn try_to_change(client: &Http, path: &str, event_id: &str) {
    let replaced = [("{workspace}", "acme"), ("{event_id}", event_id), ("{partition}", "0")];
    let filled =
        replaced.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
    let filled = filled.replace("{*tile}", "0/000").replace(['{', '}'], "");
    for method in ["PUT", "PATCH", "DELETE"] {
        let answer = client.send(client.request(method, &filled));
        assert!([404, 405].contains(&answer.status), "{method} {filled}: {}", answer.status);
    }
}
