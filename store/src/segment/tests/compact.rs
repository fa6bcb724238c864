//! The compact form of a row: what comes back from it, and when it is not taken.

use annals_schemas::{EventHead, Header, Instant, Record, TimestampType, split_avro_event};
use uuid::Uuid;

use super::super::compact_row::{CompactRow, MARK};
use super::super::row_facts::RowFacts;
use super::super::{StoredRow, write_compact};
use crate::catalog::OrderKey;
use crate::fixture::{self, Dice};
use crate::fold::{FoldedRow, Status, effective};

/// A row of a record, and what columns and catalog would say of it.
fn folded(record: &Record, previous: Option<u64>) -> FoldedRow {
    let status = Status::Duplicate;
    FoldedRow {
        record: record.clone(),
        workspace: Some(0),
        previous,
        previous_of_key: previous.filter(|offset| offset % 3 > 0),
        status,
    }
}

fn facts(record: &Record) -> Option<RowFacts<'_>> {
    let (head, _) = split_avro_event(record.value.as_deref()?)?;
    let occurred = head.occurred_at.map(|at| Instant::from_micros(at).unwrap());
    let recorded = Instant::from_millis_clamped(record.timestamp_ms);
    let key = OrderKey { effective_at: effective(occurred, recorded).0.micros(), seq: 1 };
    let kind = head.explicit_kind.unwrap_or(annals_schemas::Kind::Other);
    let head = EventHead { event_id: Uuid::nil(), occurred_at: None, explicit_kind: None, ..head };
    Some(RowFacts { key, kind, head })
}

fn compact(row: &FoldedRow, facts: &RowFacts<'_>) -> Option<Vec<u8>> {
    let (mut scratch, mut out) = (Vec::new(), vec![7]);
    let event = row.record.value.as_deref().and_then(split_avro_event);
    let is_written = event.is_some_and(|(head, rest)| {
        write_compact(row, (&head, rest), facts, &mut scratch, &mut out)
    });
    assert_eq!(out[0], 7, "what stood there stays");
    if !is_written {
        assert_eq!(out.len(), 1, "nothing is left of a form that was not taken");
    }
    is_written.then(|| out[1..].to_vec())
}

#[test]
fn a_record_comes_back_byte_for_byte() {
    let mut taken = 0;
    for (number, record) in fixture::people_log(5, 600).iter().enumerate() {
        let previous = record.position.offset.checked_sub(1 + number as u64 % 2);
        let row = folded(record, previous);
        let Some(facts) = facts(record) else { continue };
        let Some(bytes) = compact(&row, &facts) else { continue };
        taken += 1;
        let read = CompactRow::read(&bytes).unwrap();
        assert_eq!(read.record(&facts, record.position.partition), *record);
        let (head, _) = split_avro_event(record.value.as_deref().unwrap()).unwrap();
        assert_eq!(read.event_id(facts.key.effective_at), head.event_id);
        let stored = StoredRow::read(&bytes).unwrap();
        assert_eq!((stored.previous, stored.previous_of_key), (row.previous, row.previous_of_key));
        assert_eq!(stored.offset, record.position.offset);
        assert!(stored.whole_record(0).is_none());
        for length in 0..bytes.len().min(40) {
            // Cut short it may be another row, but never a panic.
            let _ = CompactRow::read(&bytes[..length]);
        }
    }
    assert!(taken > 500, "{taken}");
}

#[test]
fn names_written_out_come_back_whatever_the_layer_says() {
    for record in &fixture::people_log(8, 300) {
        let Some(own) = facts(record) else { continue };
        let row = folded(record, None);
        let Some(bytes) = compact(&row, &own) else { continue };
        let mut others = own.clone();
        others.head.actor.name = Some(b"somebody renamed");
        let actor = Some((own.head.actor.name, own.head.actor.email));
        let mut mended = Vec::new();
        CompactRow::read(&bytes).unwrap().append_with(actor, None, &mut mended);
        let read = CompactRow::read(&mended).unwrap();
        assert_eq!(read.record(&others, 0), *record);
        assert_ne!(CompactRow::read(&bytes).unwrap().record(&others, 0), *record);
    }
}

#[test]
fn what_would_not_come_back_is_kept_whole() {
    let mut dice = Dice::new(3);
    let event = fixture::event(&mut dice, 77);
    let record = fixture::record(&event, 12);
    let own = facts(&record).unwrap();
    assert!(compact(&folded(&record, Some(11)), &own).is_some());
    let mut trailing = record.value.as_deref().unwrap().to_vec();
    trailing[3] ^= 1;
    let others = [
        Record { timestamp_type: TimestampType::CreateTime, ..record.clone() },
        Record { key: None, ..record.clone() },
        Record { key: Some("other".into()), ..record.clone() },
        Record { value: Some("{}".into()), ..record.clone() },
        Record { value: None, ..record.clone() },
        Record { value: Some(trailing.into()), ..record.clone() },
    ];
    for other in others {
        assert_eq!(compact(&folded(&other, Some(11)), &own), None, "{other:?}");
    }
    let mut wrong = own.clone();
    wrong.head.action = b"another.action";
    assert_eq!(compact(&folded(&record, Some(11)), &wrong), None);
    let headers = [Header { name: "x".into(), value: None }].into();
    let odd = Record { headers, ..record.clone() };
    let bytes = compact(&folded(&odd, None), &own).unwrap();
    assert_eq!(CompactRow::read(&bytes).unwrap().record(&own, 0), odd);
}

#[test]
fn a_compact_row_is_small() {
    let mut dice = Dice::new(9);
    let event = fixture::event(&mut dice, 5);
    let record = fixture::record(&event, 1_000_000);
    let bytes = compact(&folded(&record, Some(999_999)), &facts(&record).unwrap()).unwrap();
    assert_eq!(bytes[0], MARK);
    assert!(bytes.len() < record.value.as_deref().unwrap().len() / 2, "{}", bytes.len());
}
