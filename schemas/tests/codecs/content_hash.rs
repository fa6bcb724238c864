//! What counts as the same content.

use annals_schemas::{Limits, content_hash, parse_event};
use uuid::Uuid;

fn hash(members: &str) -> [u8; 32] {
    let json = format!("{{\"workspace_id\":\"acme\",\"action\":\"segment.updated\"{members}}}");
    content_hash(&parse_event(json.as_bytes(), &Limits::HARD, Uuid::nil).unwrap())
}

#[test]
fn the_same_content_in_other_words_has_the_same_hash() {
    let same = [
        ("", r#","actor":null,"outcome":"unknown","resources":[],"context":{},"changes":null"#),
        ("", r#","metadata":{},"description":null,"event_id":null,"context":{"ip":null}"#),
        ("", r#","actor":{}"#),
        (r#","metadata":{"a":1,"b":[2.0]}"#, r#", "metadata" : { "b" : [ 2 ], "a" : 1e0 }"#),
        (r#","metadata":{"é":"é"}"#, r#","metadata":{"\u00e9":"\u00E9"}"#),
        (
            r#","changes":[{"path":"p","after":{"x":1,"y":2}}]"#,
            r#","changes":[{"after":{"y":2,"x":1},"path":"p"}]"#,
        ),
        (r#","actor":{"id":"u1"}"#, r#","actor":{"kind":"user","id":"u1","name":null}"#),
        (
            r#","occurred_at":"2026-10-25T01:30:00Z""#,
            r#","occurred_at":"2026-10-25T03:30:00.000000+02:00""#,
        ),
    ];
    for (one, other) in same {
        assert_eq!(hash(one), hash(other), "{one} and {other}");
    }
}

#[test]
fn other_content_has_another_hash() {
    let contents = [
        "",
        r#","kind":"update""#,
        r#","outcome":"success""#,
        r#","description":"""#,
        r#","occurred_at":"1970-01-01T00:00:00Z""#,
        r#","actor":{"id":""}"#,
        r#","actor":{"name":"u1"}"#,
        r#","actor":{"id":"u1"}"#,
        r#","actor":{"id":"u1","on_behalf_of":{"id":"u2"}}"#,
        r#","resources":[{"type":"t","id":"i"}]"#,
        r#","resources":[{"type":"t","id":"i","name":""}]"#,
        r#","resources":[{"type":"t","id":"i"},{"type":"t","id":"j"}]"#,
        r#","resources":[{"type":"t","id":"j"},{"type":"t","id":"i"}]"#,
        r#","changes":[{"path":"p"}]"#,
        r#","changes":[{"path":"p","before":null}]"#,
        r#","changes":[{"path":"p","after":null}]"#,
        r#","metadata":{"id":9007199254740992}"#,
        r#","metadata":{"id":9007199254740993}"#,
        r#","metadata":{"id":"9007199254740993"}"#,
        r#","context":{"ip":"a"}"#,
        r#","context":{"service":"a"}"#,
        r#","producer":{"id":"p","number":1}"#,
    ];
    for (i, one) in contents.iter().enumerate() {
        for other in &contents[i + 1..] {
            assert_ne!(hash(one), hash(other), "{one} and {other}");
        }
    }
}
