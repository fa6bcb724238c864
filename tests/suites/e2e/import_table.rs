//! `annals import --format csv`: the history of an old audit table.

use std::path::Path;

use annals_tests::command::{self, Finished, Target};
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use serde_json::json;

const MAP: &str = r#"
delimiter = ";"
keep_rest = true
[event]
workspace_id = "tenant"
event_id = { source = "old-audit", column = "id" }
occurred_at = { column = "at", format = "%d.%m.%Y %H:%M", zone = "Europe/Paris" }
action = { column = "verb", values = { EDIT = "segment.updated", NEW = "segment.created" } }
changes = { before = "old", after = "new" }
[event.actor]
id = "user"
[[event.resources]]
type = { value = "segment" }
id = "segment"
"#;
/// The third row has a verb that the map does not know; the fourth a time that there was not.
const TABLE: &str = "id;tenant;at;verb;user;segment;old;new;note\r\n\
    1;acme;27.10.2024 02:30;NEW;u1;s1;;\"{\"\"name\"\":\"\"VIP\"\"}\";\r\n\
    2;acme;27.10.2024 03:30;EDIT;u2;s1;\"{\"\"name\"\":\"\"VIP\"\"}\";\
    \"{\"\"name\"\":\"\"VIP EU\"\"}\";\"two\nlines\"\r\n\
    3;acme;27.10.2024 04:30;MOVE;u2;s1;;;\r\n\
    4;acme;31.03.2024 02:30;EDIT;u2;s1;;;\r\n";

fn import(file: &Path, map: &Path, data: &Path) -> Finished {
    let mut import = command::import_command(file, Target::Data(data));
    command::finish(import.args(["--format", "csv", "--historic", "--map"]).arg(map))
}

/// Rows are events with their changes, marked as imported and not as late; what the map does not
/// know is named by line and put aside as a table again. Corrected and imported again with all the
/// rest, nothing is double.
#[test]
fn an_old_table_becomes_history_and_may_be_imported_again() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("old.csv"));
    let map = directory.path().join("map.toml");
    std::fs::write(&file, TABLE).unwrap();
    std::fs::write(&map, MAP).unwrap();
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let finished = import(&file, &map, &data);
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    for expected in ["old.csv:5: column `verb`", "old.csv:6: column `at`"] {
        assert!(finished.stderr.contains(expected), "{expected}: {}", finished.stderr);
    }
    let rejected = directory.path().join("old.csv.rejected.csv");
    let text = std::fs::read_to_string(&rejected).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.starts_with("id;tenant;at;verb"), "{text}");

    std::fs::write(&rejected, text.replace("MOVE", "EDIT").replace("31.03", "30.03")).unwrap();
    for again in [&rejected, &file] {
        let code = if again == &rejected { 0 } else { 1 };
        let finished = import(again, &map, &data);
        assert_eq!(finished.code, Some(code), "{}", finished.stderr);
    }
    let client = annals.client("acme");
    let list = List::of(&client, "acme");
    list.settle();
    let rows = list.walk_values("", 100);
    let times: Vec<_> = rows.iter().map(|row| row["occurred_at"].as_str().unwrap()).collect();
    let expected = [
        "2024-10-27T03:30:00.000000Z",
        "2024-10-27T02:30:00.000000Z",
        "2024-10-27T00:30:00.000000Z",
        "2024-03-30T01:30:00.000000Z",
    ];
    assert_eq!(times, expected);
    let edited = &rows[1];
    let changes = json!([{"path": "name", "before": "VIP", "after": "VIP EU"}]);
    assert_eq!(edited["changes"], changes);
    assert_eq!(
        (&edited["late_by_seconds"], &edited["context"]["origin"]),
        (&json!(0), &json!("import"))
    );
    assert_eq!(edited["metadata"]["note"], "two\nlines");
}

/// A map that does not fit is told before anything is imported.
#[test]
fn a_map_that_does_not_fit_imports_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("old.csv"));
    let map = directory.path().join("map.toml");
    std::fs::write(&file, TABLE).unwrap();
    std::fs::write(&map, MAP.replace("\"tenant\"", "\"customer\"")).unwrap();
    let finished = import(&file, &map, &data);
    assert_eq!(finished.code, Some(2), "{}", finished.stderr);
    assert!(finished.stderr.contains("`customer`"), "{}", finished.stderr);
    let without_map = command::finish(
        command::import_command(&file, Target::Data(&data)).args(["--format", "csv"]),
    );
    assert_eq!(without_map.code, Some(2), "{}", without_map.stderr);
}
