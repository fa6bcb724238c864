//! Exact errors: every fault of an input, each with its JSON pointer.

use annals_schemas::{Limits, Reason, SchemaViolation, parse_event};
use uuid::Uuid;

fn violation(json: &str) -> SchemaViolation {
    parse_event(json.as_bytes(), &Limits::GATEWAY, Uuid::nil).unwrap_err()
}

fn errors(violation: &SchemaViolation) -> Vec<(&str, &str)> {
    violation.errors.iter().map(|e| (e.pointer.as_str(), e.detail.as_str())).collect()
}

/// The one error of an event that has this besides what is required.
fn error_of(members: &str) -> (String, String, Reason) {
    let found = violation(&format!("{{\"workspace_id\":\"acme\",\"action\":\"a.b\",{members}}}"));
    let [error] = &found.errors[..] else { panic!("{found:?}") };
    (error.pointer.clone(), error.detail.clone(), found.reason)
}

#[test]
fn all_faults_are_named_at_once() {
    let json = r#"{
      "event_id": "x", "occurred_at": "2026-10-25T01:30:00", "actor": {"kind": "robot", "age": 3,
      "on_behalf_of": {"id": 5, "on_behalf_of": {"id": "z"}}}, "action": "", "outcome": 1,
      "resources": [{"type": "t"}, "r", {"type": "", "id": "i", "name": 7, "Name": "x"}],
      "context": {"ipp": "x", "ip": {}}, "changes": {"a/b": 1}, "metadata": [],
      "producer": {"id": "p", "number": 0}, "extra~": 1 }"#;
    let found = violation(json);
    assert_eq!(found.reason, Reason::SchemaViolation);
    let mut listed = errors(&found);
    listed.sort_unstable();
    assert_eq!(
        listed,
        [
            ("/action", "must not be empty"),
            ("/actor/age", "unknown member `age`"),
            ("/actor/kind", "`robot` is none of user, api_key, service, system, unknown"),
            ("/actor/on_behalf_of/id", "expected a string, found a number"),
            ("/actor/on_behalf_of/on_behalf_of", "only one level of on_behalf_of is allowed"),
            ("/changes", "expected an array, found an object"),
            ("/context/ip", "expected a string, found an object"),
            ("/context/ipp", "unknown member `ipp`"),
            ("/event_id", "not a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057"),
            ("/extra~0", "unknown member `extra~`"),
            ("/metadata", "expected an object, found an array"),
            ("/occurred_at", "a time needs a zone: `Z` or an offset such as `+02:00`"),
            ("/outcome", "expected a string, found a number"),
            ("/producer/number", "expected an integer from 1 to 2^63 - 1"),
            ("/resources/0/id", "is required"),
            ("/resources/1", "expected an object, found a string"),
            ("/resources/2/Name", "unknown member `Name`"),
            ("/resources/2/name", "expected a string, found a number"),
            ("/resources/2/type", "must not be empty"),
            ("/workspace_id", "is required"),
        ]
    );
}

#[test]
fn times_must_be_instants_on_our_scale() {
    let detail = |time: &str| {
        let (pointer, detail, _) = error_of(&format!("\"occurred_at\":\"{time}\""));
        assert_eq!(pointer, "/occurred_at");
        detail
    };
    let leap = "leap seconds (`:60`) have no place on a scale without them";
    assert_eq!(detail("2016-12-31T23:59:60Z"), leap);
    assert_eq!(detail("2026-10-25"), "a time needs a zone: `Z` or an offset such as `+02:00`");
    let malformed = "not an RFC 3339 date-time such as 2026-10-25T01:30:00.000123Z";
    for time in ["", "now", "1792891800", "2026-02-30T00:00:00Z", "2026-10-25T24:00:00Z"] {
        assert_eq!(detail(time), malformed, "{time}");
    }
    for time in ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"] {
        let json =
            format!("{{\"workspace_id\":\"a\",\"action\":\"b\",\"occurred_at\":\"{time}\"}}");
        let event = parse_event(json.as_bytes(), &Limits::GATEWAY, Uuid::nil).unwrap();
        assert_eq!(event.occurred_at.unwrap().to_string()[..19], time[..19]);
    }
}

#[test]
fn what_is_not_json_says_where() {
    let found = violation("{\"workspace_id\": \"acme\",\n \"action\" \"login\"}");
    assert_eq!(errors(&found), [("", "not JSON: expected `:` at line 2 column 11")]);
    assert_eq!(found.reason, Reason::Malformed);

    let found = parse_event(b"{\"a\":\"\xff\"}", &Limits::GATEWAY, Uuid::nil).unwrap_err();
    assert_eq!(errors(&found), [("", "invalid UTF-8 at byte 6")]);
    assert_eq!(found.reason, Reason::Malformed);

    let found = violation("[]");
    assert_eq!(errors(&found), [("", "expected an object, found an array")]);
    assert_eq!(found.reason, Reason::SchemaViolation);

    let found = violation(r#"{"metadata":{"a":1,"a":2}}"#);
    assert_eq!(errors(&found), [("/metadata/a", "member `a` occurs twice at line 1 column 13")]);
}

#[test]
fn limits_are_named_with_their_values() {
    let text = |length| "x".repeat(length);
    let over = |members: &str| {
        let (pointer, detail, reason) = error_of(members);
        assert_eq!(reason, Reason::OverLimit, "{members}");
        (pointer, detail)
    };
    let of = |pointer: &str, detail: &str| (pointer.to_owned(), detail.to_owned());
    let resource = |name: &str| format!(r#"{{"type":"t","id":"i","name":"{name}"}}"#);
    assert_eq!(
        over(&format!("\"resources\":[{}]", vec![resource("n"); 33].join(","))),
        of("/resources", "has 33 resources, the limit is 32")
    );
    assert_eq!(
        over(&format!("\"resources\":[{}]", resource(&text(1_001)))),
        of("/resources/0/name", "has 1001 characters, the limit is 1000")
    );
    assert_eq!(
        over(&format!("\"context\":{{\"user_agent\":\"{}\"}}", text(2_001))),
        of("/context/user_agent", "has 2001 characters, the limit is 2000")
    );
    assert_eq!(
        over(&format!("\"description\":\"{}\"", text(10_001))),
        of("/description", "has 10001 characters, the limit is 10000")
    );
    let change = r#"{"path":"p"}"#;
    assert_eq!(
        over(&format!("\"changes\":[{}]", vec![change; 1_001].join(","))),
        of("/changes", "has 1001 changes, the limit is 1000")
    );
    assert_eq!(
        over(&format!("\"description\":\"{}\"", text(65_536))),
        of("", "the event has 65591 bytes, the limit is 65536")
    );
    let found =
        violation(&format!(r#"{{"workspace_id":"{}","action":"{}"}}"#, text(129), text(129)));
    assert_eq!(found.reason, Reason::OverLimit);
    assert_eq!(
        errors(&found),
        [
            ("/workspace_id", "has 129 bytes, the limit is 128"),
            ("/action", "has 129 characters, the limit is 128"),
        ]
    );
}

#[test]
fn depth_counts_the_event_itself_as_one_level() {
    let nested = |levels: usize| {
        let (open, close) = ("{\"a\":".repeat(levels - 1), "}".repeat(levels - 1));
        format!("\"metadata\":{open}{{}}{close}")
    };
    let whole = format!("{{\"workspace_id\":\"a\",\"action\":\"b\",{}}}", nested(31));
    assert!(parse_event(whole.as_bytes(), &Limits::GATEWAY, Uuid::nil).is_ok());
    let (pointer, detail, reason) = error_of(&nested(32));
    assert_eq!(pointer, format!("/metadata{}", "/a".repeat(31)));
    assert!(detail.starts_with("nested deeper than 32 levels at line 1 column "), "{detail}");
    assert_eq!(reason, Reason::OverLimit);
}

#[test]
fn unwanted_characters_are_refused() {
    let nul = "must not contain NUL characters";
    for (members, pointer) in [
        (r#""actor":{"name":"a\u0000"}"#, "/actor/name"),
        (r#""resources":[{"type":"t","id":"i\u0000"}]"#, "/resources/0/id"),
        (r#""context":{"trace_id":"\u0000"}"#, "/context/trace_id"),
        (r#""changes":[{"path":"\u0000"}]"#, "/changes/0/path"),
    ] {
        let (found, detail, reason) = error_of(members);
        assert_eq!((found.as_str(), detail.as_str()), (pointer, nul));
        assert_eq!(reason, Reason::SchemaViolation);
    }
    let found = violation(r#"{"workspace_id":"a\u0000","action":"a\nb"}"#);
    assert_eq!(
        errors(&found),
        [("/workspace_id", nul), ("/action", "must not contain control characters")]
    );
    let free = br#"{"workspace_id":"a","action":"b","metadata":{"k\u0000":"\u0000"},
        "changes":[{"path":"p","after":"\u0000"}]}"#;
    assert!(parse_event(free, &Limits::GATEWAY, Uuid::nil).is_ok());
}

#[test]
fn a_flood_of_faults_is_bounded() {
    let members: Vec<String> = (0..500).map(|i| format!("\"m{i}\":0")).collect();
    let found = violation(&format!("{{{}}}", members.join(",")));
    assert_eq!(found.errors.len(), 101);
    assert_eq!(found.errors[100].detail, "402 further errors are not listed");
    assert!(found.to_string().ends_with("; and 98 more"), "{found}");
}
