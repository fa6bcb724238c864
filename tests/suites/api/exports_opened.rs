//! Exports opened by other people's software: what analysts use reads what was recorded, and a
//! spreadsheet computes nothing. (Python's csv module is in `exports`.)

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::exports::{events, export, exporter};
use crate::server::{Server, numbered, resource};

/// What analysts use opens both formats and counts the same.
#[test]
fn exports_open_in_duckdb() {
    let server = Server::with_events(&events(300));
    let client = exporter(&server);
    let directory = tempfile::tempdir().unwrap();
    let file = |format: &str| {
        let path = directory.path().join(format!("rows.{format}"));
        std::fs::write(&path, export(&client, &format!("format={format}")).body).unwrap();
        path.display().to_string()
    };
    let (csv, ndjson) = (file("csv"), file("ndjson"));
    let script = "import duckdb, json, sys\n\
        csv, ndjson = sys.argv[1:]\n\
        by = 'select actor_id, count(*), max(seq) from read_csv(?) group by all order by all'\n\
        same = 'select actor.id, count(*), max(seq) from read_json(?) group by all order by all'\n\
        ask = lambda text, path: duckdb.execute(text, [path]).fetchall()\n\
        print(json.dumps([ask(by, csv), ask(same, ndjson)]))";
    let mut python = Command::new(annals_tests::environment::python_tool("python"));
    let output = python.args(["-c", script, &csv, &ndjson]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = json!([["u0", 100, 298], ["u1", 100, 299], ["u2", 100, 300]]);
    assert_eq!(found, json!([expected, expected]));
}

/// Texts that spreadsheets compute, or would once a careless reader has dropped what stands before.
const FORMULAS: [&str; 15] = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\"=1+1\"",
    "=HYPERLINK(\"https://evil.test\";\"x\")",
    "a;=1+1",
    "a\t=1+1",
    "a;\"=1+1\"",
    "＝1+1",
    "＋1+1",
    "＠SUM(1,1)",
];

/// What LibreOffice parts cells at: commas, or all that its dialog offers; then quotes, then UTF-8.
const SEPARATORS: [&str; 2] = ["CSV:44,34,76", "CSV:44/59/9,34,76"];

#[test]
fn no_formula_fires_in_libreoffice() {
    let hostile = |(n, text): (u64, &&str)| {
        numbered(
            n,
            json!({
                "actor": {"kind": "user", "id": text, "name": text, "email": text},
                "resources": [resource(text, text, text)],
                "context": {"user_agent": text, "request_id": text, "trace_id": text},
                "description": text,
            }),
        )
    };
    let events: Vec<Value> = (0..).zip(&FORMULAS).map(hostile).collect();
    let server = Server::with_events(&events);
    let directory = tempfile::tempdir().unwrap();
    let csv = export(&exporter(&server), "format=csv&tz=Europe/Paris").body;
    for separators in SEPARATORS {
        let open = |name, csv: &[u8]| opened(directory.path(), name, (separators, csv));
        let sheet = open("export", &csv);
        assert!(!sheet.contains("table:formula"), "{separators}: {sheet}");
        for shown in ["&apos;=1+1", "&apos;@SUM(1,1)", "https://evil.test", "a;=1+1"] {
            assert!(sheet.contains(shown), "{separators}: {shown}");
        }
        let control = open("control", b"a,b\r\n\"=1+1\",2\r\n");
        assert!(control.contains("table:formula"), "{separators}: it would have been seen");
    }
    let parted = opened(directory.path(), "parted", (SEPARATORS[1], b"a,b\r\nx;=1+1,2\r\n"));
    assert!(parted.contains("table:formula"), "semicolons part cells then");
}

/// A CSV file as LibreOffice takes it in with these separators: its sheet as XML.
fn opened(directory: &Path, name: &str, (separators, csv): (&str, &[u8])) -> String {
    let file = directory.join(format!("{name}.csv"));
    std::fs::write(&file, csv).unwrap();
    let mut office = Command::new("soffice");
    office.arg(format!("-env:UserInstallation=file://{}/profile", directory.display()));
    office.args(["--headless", &format!("--infilter={separators}"), "--convert-to", "fods"]);
    office.arg("--outdir").arg(directory).arg(&file);
    let output = office.output().expect("soffice is there: `tests/setup/system test` installs it");
    let sheet = std::fs::read_to_string(file.with_extension("fods"));
    sheet.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}
