//! What a workspace shows.

use annals_tests::list::List;
use annals_tests::process::AnnalsProcess;
use annals_tests::wait;

/// Actions of a workspace in the order of arrival, once there are so many.
pub fn actions(annals: &AnnalsProcess, workspace: &str, count: u64) -> Vec<String> {
    let client = annals.client(workspace);
    let list = List::of(&client, workspace);
    let rows = wait::until("the events", wait::PATIENCE, || {
        let rows = list.walk_values("", 1000);
        (rows.len() as u64 >= count).then_some(rows)
    });
    let mut rows: Vec<(u64, String)> = rows
        .iter()
        .map(|row| (row["seq"].as_u64().unwrap(), row["action"].as_str().unwrap().to_owned()))
        .collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, action)| action).collect()
}

/// Those of events that are numbered.
pub fn numbered(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|number| format!("count.n{number}")).collect()
}
