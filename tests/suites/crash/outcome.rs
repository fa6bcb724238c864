//! What a server shows at the end, in a form that can be compared.

use std::collections::BTreeMap;

use annals_tests::http::Http;
use annals_tests::inputs::Input;
use annals_tests::list::List;
use serde_json::Value;

/// Event ids and their numbers, newest first, by workspace.
pub type Numbered = BTreeMap<String, Vec<(String, u64)>>;

/// Every workspace's `(event_id, seq)`.
pub fn numbered(client: &Http, input: &Input) -> Numbered {
    let rows = |workspace: &String| {
        let list = List::of(client, workspace);
        list.settle();
        let rows = list.walk_rows("", 1000);
        rows.into_iter().map(|row| (row.event_id, row.seq)).collect()
    };
    input.ids.keys().map(|workspace| (workspace.clone(), rows(workspace))).collect()
}

/// Every workspace's rows whole, positions included.
pub fn whole(client: &Http, input: &Input) -> BTreeMap<String, Vec<Value>> {
    let rows = |workspace: &String| {
        let list = List::of(client, workspace);
        list.settle();
        list.walk_values("", 1000)
    };
    input.ids.keys().map(|workspace| (workspace.clone(), rows(workspace))).collect()
}

/// Per partition what depends on the log alone: counts, and tree size and root.
pub fn accounting(client: &Http) -> Vec<Value> {
    let answer: Value = client.get_json("/v1/admin/accounting");
    let members =
        ["partition", "records", "visible", "duplicate", "quarantined", "tree_size", "root"];
    let partitions = answer["partitions"].as_array().expect("a list of partitions");
    let kept = |partition: &Value| {
        let count = |member: &str| partition[member].as_u64().expect("a count");
        assert_eq!(
            count("records"),
            count("visible") + count("duplicate") + count("quarantined"),
            "the accounting identity: {partition}"
        );
        assert_eq!(count("tree_size"), count("records"), "a leaf a record: {partition}");
        assert!(partition["root"].is_string(), "{partition}");
        members.iter().map(|&member| (member.to_owned(), partition[member].clone())).collect()
    };
    partitions.iter().map(kept).collect()
}
