//! Key and partition.

use annals_schemas::{Reason, check_place, decode, partition_of};

use crate::{LOG_ID, record};

#[test]
fn a_record_must_stand_in_its_workspaces_partition_under_its_key() {
    let good = record(&[], br#"{"workspace_id":"acme","action":"login"}"#);
    let event = decode(&good, &LOG_ID).unwrap();
    let named = (event.event_id, event.workspace_id.as_str());
    assert_eq!(check_place(&good, named, 1), Ok(()));

    let mut elsewhere = good.clone();
    elsewhere.position.partition = partition_of(b"acme", 64);
    assert_eq!(check_place(&elsewhere, named, 64), Ok(()));
    elsewhere.position.partition = (partition_of(b"acme", 64) + 1) % 64;
    let refusal = check_place(&elsewhere, named, 64).unwrap_err();
    assert_eq!((refusal.reason, refusal.event_id), (Reason::WrongPartition, Some(event.event_id)));
    assert!(refusal.detail.contains("partitioner=murmur2_random"), "{refusal}");

    for (key, shown) in [(None, "no key"), (Some("Acme"), "`Acme`"), (Some(""), "``")] {
        let mut other = good.clone();
        other.key = key.map(Into::into);
        let refusal = check_place(&other, named, 1).unwrap_err();
        assert_eq!(refusal.reason, Reason::KeyMismatch);
        assert!(refusal.detail.contains(shown), "{refusal}");
    }
}
