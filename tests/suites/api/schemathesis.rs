//! The document put to the test by somebody else: schemathesis makes requests of all sorts from it.

use std::process::Command;

use annals_tests::environment;
use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

/// What it checks. Not `positive_data_acceptance`: values that are right one by one may be wrong
/// together (`from` after `to`), which OpenAPI cannot say.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance,response_headers_conformance,unsupported_method,\
    allow_header_conformance,ignored_auth";

/// RELIABILITY 44 and 45: no answer that is not documented, no failure of ours.
#[test]
fn requests_made_from_the_document_get_documented_answers() {
    let events: Vec<Value> = (0..50)
        .map(|n| {
            numbered(
                n,
                json!({
                    "actor": {"kind": "user", "id": format!("u{}", n % 3), "name": "Zoë"},
                    "resources": [resource("segment", "s1", "VIP")],
                    "changes": [{"path": "a.b", "before": n, "after": n + 1}],
                }),
            )
        })
        .collect();
    let server = Server::with_events(&events);
    let scopes = ["audit:write", "audit:read", "audit:export", "audit:verify", "audit:admin"];
    let client = server.annals.client_with("*", &scopes);
    let address = client.address();
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(environment::python_tool("schemathesis"));
    command.current_dir(&directory).args(["run", &format!("{address}/openapi.json")]);
    command.args(["--header", &format!("Authorization: Bearer {}", client.token().unwrap())]);
    command.args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing,stateful"]);
    let examples = environment::number("TEST_ANNALS_SCHEMATHESIS_EXAMPLES", 10).to_string();
    command.args(["--max-examples", &examples, "--suppress-health-check", "all"]);
    command.args(["--warnings", "off", "--seed", "20261125", "--no-color", "--workers", "1"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let tail: Vec<&str> = said.lines().rev().take(120).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    assert!(output.status.success(), "{}", tail.join("\n"));
    assert_stateful(&said);
}

/// The stateful phase ran, on links that it inferred and on those that the document draws.
fn assert_stateful(said: &str) {
    assert!(said.contains("✅ Stateful"), "{said}");
    let links = said.lines().find(|line| line.contains("API Links:")).expect("links are counted");
    // `2 covered / 38 selected / 38 total (32 inferred)`
    let words = links.split(|character: char| !character.is_ascii_digit());
    let counts: Vec<u32> = words.filter_map(|word| word.parse().ok()).collect();
    let &[covered, selected, _, inferred] = &counts[..] else { panic!("{links}") };
    assert!(covered > 0 && selected > inferred, "{links}");
}
