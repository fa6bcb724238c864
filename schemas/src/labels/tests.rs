//! Labels, languages, aliases.

use super::*;
use crate::Kind;

const FILE: &str = r#"{
  "segment.updated": {
    "label": {"en": "Segment updated", "fr": "Segment modifié", "pt-BR": "Segmento atualizado"},
    "kind": "update", "aliases": ["segment.edited", "seg.upd"]
  },
  "source.synced": {"label": "Source synced"},
  "model.trained": {}
}"#;

#[test]
fn a_label_is_in_the_best_language_offered() {
    let labels = Labels::parse(FILE).unwrap();
    let cases = [
        (None, "Segment updated"),
        (Some(""), "Segment updated"),
        (Some("fr"), "Segment modifié"),
        (Some("FR-ca, en;q=0.5"), "Segment modifié"),
        (Some("en;q=0.5, fr;q=0.9"), "Segment modifié"),
        (Some("fr;q=0, en"), "Segment updated"),
        (Some("de, ja;q=0.3"), "Segment updated"),
        (Some("pt-br"), "Segmento atualizado"),
        (Some("pt"), "Segment updated"),
        (Some("*"), "Segment updated"),
        (Some("fr;q=banana, ,;;"), "Segment updated"),
    ];
    for (header, expected) in cases {
        assert_eq!(labels.label("segment.updated", header), expected, "{header:?}");
    }
    assert_eq!(labels.label("seg.upd", Some("fr")), "Segment modifié");
    assert_eq!(labels.label("source.synced", Some("fr")), "Source synced");
    assert_eq!(labels.label("model.trained", None), "Model trained");
    assert_eq!(labels.label("unheard.of", None), "Unheard of");
}

#[test]
fn key_and_aliases_find_each_other() {
    let labels = Labels::parse(FILE).unwrap();
    let all = ["segment.updated", "segment.edited", "seg.upd"];
    for action in all {
        let mut found = labels.equivalents(action);
        assert_eq!(found[0], action);
        found.sort_unstable();
        let mut expected = all;
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
    assert_eq!(labels.equivalents("unheard.of"), ["unheard.of"]);
    let keys: Vec<_> = labels.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(keys, ["model.trained", "segment.updated", "source.synced"]);
    assert_eq!(labels.entry("seg.upd").and_then(|entry| entry.kind), Some(Kind::Update));
}

#[test]
fn a_wrong_file_says_what_is_wrong() {
    let error = |json| Labels::parse(json).unwrap_err().to_string();
    assert_eq!(
        error(r#"{"a": {"label": {"fr": " "}}}"#),
        "action `a`: the label for `fr` is blank"
    );
    assert_eq!(
        error(r#"{"a": {"aliases": ["b"]}, "b": {}}"#),
        "alias `b` of action `a` already belongs to action `b`"
    );
    assert_eq!(
        error(r#"{"a": {"aliases": ["x"]}, "b": {"aliases": ["x"]}}"#),
        "alias `x` of action `b` already belongs to action `a`"
    );
    assert!(error(r#"{"a": {"lable": "A"}}"#).contains("unknown field `lable`"));
    assert!(error(r#"{"a": {"kind": "upd"}}"#).contains("unknown variant `upd`"));
}

#[test]
fn every_key_has_a_readable_form() {
    let cases = [
        ("segment.updated", "Segment updated"),
        ("segment.name_changed", "Segment name changed"),
        ("iam.CreateDBUser", "Iam create DB user"),
        ("ConsoleLogin", "Console login"),
        ("PIPELINE_RUN", "Pipeline run"),
        ("élan.été", "Élan été"),
        ("東京", "東京"),
        ("...", "..."),
        (" ", "Unnamed action"),
        ("", "Unnamed action"),
    ];
    for (action, expected) in cases {
        assert_eq!(humanise(action), expected, "{action}");
    }
}
