//! Every wire form brings an event back as it was.

use annals_schemas::{
    Event, Limits, content_hash, decode, decode_again, encode_avro, event_of_parts,
    join_avro_event, parse_event, parse_event_value, split_avro_event,
};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::strategies::event;
use crate::{LOG_ID, record};

/// An id that must not be asked for.
fn never() -> Uuid {
    panic!("the event has an id")
}

fn structured(event: &Event) -> Vec<u8> {
    json!({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": event.to_json()})
        .to_string()
        .into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn avro_brings_the_event_back(event in event()) {
        let bytes = encode_avro(&event);
        prop_assert_eq!(event.check(&Limits::HARD), Ok(()));
        let back = decode(&record(&[], &bytes), &LOG_ID).unwrap();
        prop_assert_eq!(decode_again(&record(&[], &bytes), &LOG_ID), Ok(back.clone()));
        prop_assert_eq!(content_hash(&back), content_hash(&event));
        prop_assert_eq!(back, event);
    }

    #[test]
    fn avro_taken_apart_is_put_together_again(event in event(), cut in 0usize..64) {
        let bytes = encode_avro(&event);
        let (head, rest) = split_avro_event(&bytes).unwrap();
        prop_assert_eq!(head.event_id, event.event_id);
        prop_assert_eq!(head.resources.len(), event.resources.len());
        let mut joined = Vec::new();
        join_avro_event(&head, rest, &mut joined);
        prop_assert_eq!(joined, bytes.clone());
        let workspace_id = event.workspace_id.clone();
        prop_assert_eq!(event_of_parts(&head, workspace_id.clone(), rest), Some(event.clone()));
        // What is cut or altered gives no panic.
        let rest = &rest[..rest.len().saturating_sub(cut)];
        prop_assert!(cut == 0 || event_of_parts(&head, workspace_id, rest).is_none());
        let _ = split_avro_event(&bytes[..bytes.len().saturating_sub(cut)]);
    }

    #[test]
    fn json_brings_the_event_back(event in event()) {
        let json = event.to_json();
        let pretty = serde_json::to_string_pretty(&json).unwrap();
        let back = parse_event_value(&json, &Limits::GATEWAY, never).unwrap();
        prop_assert_eq!(&back, &event);
        let back = parse_event(pretty.as_bytes(), &Limits::GATEWAY, never).unwrap();
        // White space within metadata and changes is kept, yet it is the same content.
        prop_assert_eq!(content_hash(&back), content_hash(&event));
        prop_assert_eq!(back.to_json(), json);
    }

    #[test]
    fn every_wire_form_says_the_same(event in event()) {
        let json = event.to_json().to_string().into_bytes();
        let binary = [
            ("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "s"), ("ce_type", "t"),
        ];
        let declared = [("content-type", "application/cloudevents+json")];
        let records = [
            record(&[], &json),
            record(&binary, &json),
            record(&[], &structured(&event)),
            record(&declared, &structured(&event)),
        ];
        for record in records {
            let back = decode(&record, &LOG_ID).unwrap();
            prop_assert_eq!(&back, &event);
        }
    }
}
