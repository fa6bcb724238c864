//! L11: search by resource name.

use annals_tests::http::encode;
use serde_json::json;

use crate::server::{Server, named, numbered, resource};

fn server(names: &[&str]) -> Server {
    let events: Vec<_> = (1..).zip(names).map(|(n, name)| named(n, name)).collect();
    Server::with_events(&events)
}

fn search(server: &Server, text: &str, more: &str) -> Vec<u64> {
    let mut numbers = server.numbers(&format!("resource_name={}{more}", encode(text)));
    numbers.reverse();
    numbers
}

#[test]
fn a11_1_case_accents_and_compatibility_forms_do_not_matter() {
    let server = server(&[
        "Data Pipeline",
        "PIPELINE-7",
        "Zoë's list",
        "Hauptstraße",
        "HAUPTSTRASSE",
        "Łódź sklep",
        "Søren",
        "İstanbul",
        "ﬁnance",
        "e\u{301}galite\u{301}",
        "Other",
    ]);
    assert_eq!(search(&server, "pipe", ""), [1, 2]);
    assert_eq!(search(&server, "zoe", ""), [3]);
    assert_eq!(search(&server, "ZOË", ""), [3]);
    assert_eq!(search(&server, "straße", ""), [4, 5]);
    assert_eq!(search(&server, "STRASSE", ""), [4, 5]);
    assert_eq!(search(&server, "lodz", ""), [6]);
    assert_eq!(search(&server, "soren", ""), [7]);
    assert_eq!(search(&server, "istanbul", ""), [8]);
    assert_eq!(search(&server, "finance", ""), [9]);
    assert_eq!(search(&server, "égalité", ""), [10]);
}

#[test]
fn a11_2_exact_and_prefix_have_near_misses() {
    let server = server(&["Data Pipe", "data  pipe", "Data Pipe 2", "A Data Pipe", "DataPipe"]);
    assert_eq!(search(&server, "data pipe", "&name_match=exact"), [1, 2]);
    assert_eq!(search(&server, "data pip", "&name_match=exact"), [0; 0]);
    assert_eq!(search(&server, "data pip", "&name_match=prefix"), [1, 2, 3]);
    assert_eq!(search(&server, "pipe", "&name_match=prefix"), [0; 0]);
    assert_eq!(search(&server, "data pip", "&name_match=contains"), [1, 2, 3, 4, 5]);
    assert_eq!(server.refusal("resource_name=x&name_match=fuzzy").2, "name_match");
}

#[test]
fn a11_3_all_words_are_in_one_name() {
    let server = Server::with_events(&[
        named(1, "Newsletter – EU subscribers 2024"),
        numbered(
            2,
            json!({"resources": [
                resource("segment", "a", "Newsletter"),
                resource("segment", "b", "EU list"),
            ]}),
        ),
        numbered(
            3,
            json!({"actor": {"kind": "user", "id": "u1", "name": "EU"},
            "resources": [resource("segment", "c", "Newsletter")]}),
        ),
    ]);
    assert_eq!(search(&server, "eu news", ""), [1]);
    assert_eq!(search(&server, "news  2024 sub", ""), [1]);
    assert_eq!(search(&server, "newsletter", ""), [1, 2, 3]);
}

#[test]
fn a11_4_punctuation_is_literal() {
    let names = [
        "a_b",
        "a-b",
        "v1.2",
        "50%",
        "C++",
        "foo*bar",
        "\"quoted\"",
        "back\\slash",
        "key: value",
        "(paren",
        "AND OR",
        "v1x2",
        "fooxbar",
    ];
    let server = server(&names);
    let cases: [(&str, &[u64]); 14] = [
        ("a_b", &[1]),
        ("a-b", &[2]),
        ("v1.2", &[3]),
        ("50%", &[4]),
        ("C++", &[5]),
        ("foo*bar", &[6]),
        ("\"quoted\"", &[7]),
        ("\\", &[8]),
        (":", &[9]),
        ("(", &[10]),
        ("AND", &[11]),
        ("*", &[6]),
        ("?", &[]),
        ("[a-z]", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(search(&server, text, ""), expected, "{text}");
    }
}

#[test]
fn a11_4_hyphenated_names_match_by_part_and_whole() {
    let server = server(&["eu-west-sync"]);
    for text in ["eu-west-sync", "west", "west-s", "sync", "eu west"] {
        assert_eq!(search(&server, text, ""), [1], "{text}");
    }
}

#[test]
fn a11_5_one_character_is_a_query_in_any_script() {
    let server = server(&["東京リスト", "서울 고객", "รายการลูกค้า", "がくせい", "𝒳-ray", "🎉"]);
    assert_eq!(search(&server, "東京", ""), [1]);
    assert_eq!(search(&server, "リ", ""), [1]);
    assert_eq!(search(&server, "서", ""), [2]);
    assert_eq!(search(&server, "ㅅ", ""), [0; 0]);
    assert_eq!(search(&server, "ลูก", ""), [3]);
    assert_eq!(search(&server, "かくせい", ""), [0; 0], "a voiced kana is another letter");
    assert_eq!(search(&server, "x", ""), [5]);
    assert_eq!(search(&server, "🎉", ""), [6]);
}

#[test]
fn a11_6_an_old_name_finds_the_whole_history_each_row_saying_why() {
    let on = |n, name: &str| numbered(n, json!({"resources": [resource("segment", "s1", name)]}));
    let server = Server::with_events(&[
        on(1, "Gold"),
        on(2, "VIP"),
        numbered(3, json!({"resources": [{"type": "segment", "id": "s1"}]})),
        numbered(4, json!({"resources": [resource("model", "s1", "Another thing")]})),
    ]);
    assert_eq!(search(&server, "gold", ""), [1, 2, 3]);
    assert_eq!(search(&server, "gold", "&name_scope=ever"), [1, 2, 3]);
    for row in server.rows("resource_name=gold") {
        assert_eq!(row["resources"][0]["matched_name"], "Gold", "{row}");
    }
    assert_eq!(search(&server, "gold", "&name_scope=event"), [1]);
    assert_eq!(search(&server, "vip", ""), [1, 2, 3], "a later name finds the rows before it too");
}

#[test]
fn a11_8_blank_is_no_filter_and_long_is_refused() {
    let server = server(&["One", "Two"]);
    for text in ["", " ", "\t\u{3000} "] {
        assert_eq!(search(&server, text, ""), [1, 2], "{text:?}");
    }
    let answer = |count: usize| {
        server.list().answer(&format!("resource_name={}", encode(&"é".repeat(count))))
    };
    assert_eq!(answer(256).status, 200);
    assert_eq!(answer(257).status, 400);
    assert_eq!(answer(257).json()["errors"][0]["parameter"], "resource_name");
}
