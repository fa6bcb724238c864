//! Records whose schema a registry knows: what was ruled before them decides, for ever.

use annals_schemas::{
    FramedSchemas as _, Offset, Position, Reason, Record, SCHEMA_V1, SchemaId, SchemaReading,
    encode_avro, reframe_avro,
};

use super::harness::{LOG_ID, Setup, seal};
use crate::StoreError;
use crate::fixture::{self, Dice};
use crate::fold::{Counts, Decoded};
use crate::partition::{PartitionStore, Verdict};
use crate::rulings::{MAX_SCHEMAS, ResolvedSchema, Ruling, numbers, schema_path};
use crate::storage::{Boundary, Storage};

const SEVEN: SchemaId = SchemaId(7);

fn resolved(from: Offset) -> ResolvedSchema {
    ResolvedSchema::new(SEVEN, from, SCHEMA_V1.to_owned())
}

/// Events framed with this id from an offset on.
fn framed(offsets: std::ops::Range<Offset>, id: SchemaId) -> Vec<Record> {
    let mut dice = Dice::new(offsets.start + 1);
    let record = |offset: Offset| {
        let event = fixture::event(&mut dice, u128::from(offset) + 1);
        let value = reframe_avro(&encode_avro(&event), id).unwrap();
        let position = Position { partition: 0, offset };
        let record = fixture::record(&event, offset);
        Record { value: Some(value.into()), position, headers: [].into(), ..record }
    };
    offsets.map(record).collect()
}

fn fold(store: &PartitionStore, records: &[Record]) -> Vec<(Offset, Verdict)> {
    let schemas = store.schemas();
    let decode = |record: &Record| Decoded::with_schemas(record.clone(), &LOG_ID, 1, &*schemas);
    store.fold_verdicts(records.iter().map(decode)).unwrap()
}

fn is_refused(verdict: &Verdict, reason: Reason) -> bool {
    *verdict == Verdict::Quarantined(reason)
}

#[tokio::test]
async fn a_record_is_read_by_what_was_ruled_before_it() {
    let store = Setup::new(&Storage::memory()).open().await;
    let records = framed(0..12, SEVEN);
    assert_eq!(store.schemas().unresolved(&records[0]), None, "no registry counts");
    let verdicts = fold(&store, &records[..3]);
    assert!(verdicts.iter().all(|(_, verdict)| is_refused(verdict, Reason::UnknownFormat)));

    // From 3 on a registry counts. It knows nothing of the id, and from 6 on it does.
    store.rule(3, 6, Vec::new()).await.unwrap();
    assert_eq!(store.schemas().unresolved(&records[5]), None);
    assert_eq!(store.schemas().unresolved(&records[6]), Some(SEVEN));
    store.rule(6, 7, vec![resolved(6)]).await.unwrap();
    assert_eq!(store.schemas().unresolved(&records[11]), None, "it is known for good");
    let verdicts = fold(&store, &records[3..]);
    for (offset, verdict) in verdicts {
        match offset {
            3..6 => assert!(is_refused(&verdict, Reason::UnknownSchema), "{offset} {verdict}"),
            _ => assert!(matches!(verdict, Verdict::Visible { .. }), "{offset} {verdict}"),
        }
    }
}

/// What a schema is called in a ruling holds, whatever this program would say of its text.
#[tokio::test]
async fn a_later_version_and_a_schema_of_something_else() {
    let store = Setup::new(&Storage::memory()).open().await;
    let mut later: serde_json::Value = serde_json::from_str(SCHEMA_V1).unwrap();
    let field = serde_json::json!({"name": "x", "type": "long", "default": 0});
    later["fields"].as_array_mut().unwrap().push(field);
    let more = ResolvedSchema::new(SchemaId(8), 0, later.to_string());
    let other = ResolvedSchema::new(SchemaId(9), 0, "\"string\"".to_owned());
    assert_eq!(more.schema().reads, SchemaReading::EventV1AndMore);
    assert_eq!(other.schema().reads, SchemaReading::NoEvent);
    store.rule(0, 9, vec![resolved(0), more, other]).await.unwrap();
    let with = |records: Vec<Record>, tail: &[u8]| -> Vec<Record> {
        let longer = |record: Record| {
            let value = [record.value.as_deref().unwrap(), tail].concat();
            Record { value: Some(value.into()), ..record }
        };
        records.into_iter().map(longer).collect()
    };
    let mut records = with(framed(0..1, SEVEN), b"");
    records.extend(with(framed(1..2, SEVEN), b"\x02"));
    records.extend(with(framed(2..3, SchemaId(8)), b"\x02"));
    records.extend(framed(3..4, SchemaId(9)));
    records.extend(framed(4..5, SchemaId(10)));
    let cut = Record { value: Some(vec![0, 0, 0, 7].into()), ..framed(5..6, SEVEN).remove(0) };
    records.push(cut);
    let verdicts = fold(&store, &records);
    assert!(matches!(verdicts[0].1, Verdict::Visible { .. }));
    assert!(is_refused(&verdicts[1].1, Reason::Malformed), "{}", verdicts[1].1);
    assert!(matches!(verdicts[2].1, Verdict::Visible { .. }));
    assert!(is_refused(&verdicts[3].1, Reason::SchemaViolation), "{}", verdicts[3].1);
    assert!(is_refused(&verdicts[4].1, Reason::UnknownSchema), "{}", verdicts[4].1);
    assert!(is_refused(&verdicts[5].1, Reason::Malformed), "{}", verdicts[5].1);
}

#[tokio::test]
async fn a_framed_event_equals_the_same_in_another_form() {
    let store = Setup::new(&Storage::memory()).open().await;
    store.rule(0, 2, vec![resolved(0)]).await.unwrap();
    let first = framed(0..1, SEVEN).remove(0);
    let mut dice = Dice::new(1);
    let event = fixture::event(&mut dice, 1);
    let again =
        Record { position: Position { partition: 0, offset: 1 }, ..fixture::record(&event, 1) };
    let third = Record { position: Position { partition: 0, offset: 2 }, ..first.clone() };
    let verdicts = fold(&store, &[first, again, third]);
    assert!(matches!(verdicts[0].1, Verdict::Visible { .. }));
    assert_eq!(verdicts[1].1, Verdict::Duplicate);
    assert_eq!(verdicts[2].1, Verdict::Duplicate);
}

/// Rows follow from the log and the store alone: after each crash, whatever a registry says now.
#[tokio::test]
async fn a_crash_at_each_step_leads_to_the_same_rows() {
    let records = framed(0..40, SEVEN);
    let calm = Setup::new(&Storage::memory()).open().await;
    calm.rule(0, 20, Vec::new()).await.unwrap();
    calm.rule(20, 40, vec![resolved(20)]).await.unwrap();
    let expected = fold(&calm, &records);
    for boundary in [Boundary::SchemaStored, Boundary::RulingCreated] {
        let storage = Storage::memory();
        let store = Setup::new(&storage).open().await;
        store.rule(0, 20, Vec::new()).await.unwrap();
        fold(&store, &records[..20]);
        let crashing = Setup::crashing_at(&storage, boundary).open().await;
        let ruling = tokio::spawn(async move { crashing.rule(20, 40, vec![resolved(20)]).await });
        assert!(ruling.await.unwrap_err().is_panic(), "{boundary:?}");
        // A new process folds from the manifest, which is to say from the beginning.
        let store = Setup::new(&storage).open().await;
        assert_eq!(store.schemas().unresolved(&records[10]), None, "it was judged");
        let stands = boundary == Boundary::RulingCreated;
        assert_eq!(store.schemas().unresolved(&records[20]).is_none(), stands, "{boundary:?}");
        if !stands {
            store.rule(20, 40, vec![resolved(20)]).await.unwrap();
        }
        assert_eq!(fold(&store, &records), expected, "{boundary:?}");
    }
}

#[tokio::test]
async fn the_manifest_names_schemas_and_their_loss_is_damage() {
    let storage = Storage::memory();
    let store = Setup::new(&storage).open().await;
    store.rule(0, 10, vec![resolved(0)]).await.unwrap();
    store
        .rule(10, 30, vec![ResolvedSchema::new(SchemaId(8), 20, "\"string\"".into())])
        .await
        .unwrap();
    fold(&store, &framed(0..10, SEVEN));
    seal(&store).await.unwrap();
    let path = "partitions/0/manifests/00000000000000000000.json";
    let manifest = storage.get(path).await.unwrap().unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let known = resolved(0).schema().clone();
    let expected = serde_json::json!([{
        "id": 7, "from": 0, "sha256": known.sha256, "reads": "event-v1",
    }]);
    assert_eq!(manifest["schemas"], expected, "the other one counts beyond its end");
    let text = storage.get(&schema_path(&known)).await.unwrap().unwrap();
    assert_eq!(text, SCHEMA_V1.as_bytes());
    let reopened = Setup::new(&storage).open().await;
    assert_eq!(reopened.schemas(), store.schemas());

    let newest = Ruling::path(0, 1);
    storage.delete(&newest).await.unwrap();
    assert!(Setup::new(&storage).try_open(0).await.is_ok(), "the one before names it as well");
    storage.delete(&Ruling::path(0, 0)).await.unwrap();
    let lost = Setup::new(&storage).try_open(0).await.err().unwrap();
    assert!(lost.to_string().contains("it names schema 7"), "{lost}");
}

#[tokio::test]
async fn of_two_writers_one_rules() {
    let storage = Storage::memory();
    let (one, other) = (Setup::new(&storage).open().await, Setup::new(&storage).open().await);
    one.rule(0, 5, Vec::new()).await.unwrap();
    let late = other.rule(0, 5, vec![resolved(0)]).await.unwrap_err();
    assert!(matches!(late, StoreError::Superseded { number: 0, .. }), "{late}");
    other.reopen().await.unwrap();
    assert_eq!(other.schemas(), one.schemas());
    let records = framed(0..5, SEVEN);
    assert_eq!(fold(&one, &records), fold(&other, &records));
    // The same ruling twice is one.
    let third = Setup::new(&storage).open().await;
    other.rule(5, 6, vec![resolved(5)]).await.unwrap();
    third.rule(5, 6, vec![resolved(5)]).await.unwrap();
    assert_eq!(third.schemas(), other.schemas());
}

/// One that slept finds a number free that was removed since.
#[tokio::test]
async fn a_writer_that_slept_adds_nothing() {
    let storage = Storage::memory();
    let (awake, asleep) = (Setup::new(&storage).open().await, Setup::new(&storage).open().await);
    for end in 1..30 {
        awake.rule(0, end, Vec::new()).await.unwrap();
    }
    let there = numbers(&storage, 0).await.unwrap();
    assert_eq!(there, (20..29).collect::<Vec<_>>(), "the newest and a few before it");
    let late = asleep.rule(0, 99, Vec::new()).await.unwrap_err();
    assert!(matches!(late, StoreError::Superseded { .. }), "{late}");
    asleep.reopen().await.unwrap();
    assert_eq!(asleep.schemas(), awake.schemas());
}

#[tokio::test]
async fn beyond_the_limit_ids_are_unknown() {
    let store = Setup::new(&Storage::memory()).open().await;
    let limit = u32::try_from(MAX_SCHEMAS).unwrap();
    let many = (0..limit + 3).map(|id| ResolvedSchema::new(SchemaId(id), 0, format!("{id}")));
    store.rule(0, 1, many.collect()).await.unwrap();
    let schemas = store.schemas();
    assert_eq!(schemas.all().len(), MAX_SCHEMAS);
    assert_eq!(schemas.find(SchemaId(3), 0), Some(SchemaReading::NoEvent));
    assert_eq!(schemas.find(SchemaId(limit), 0), None);
}

#[tokio::test]
async fn a_changed_byte_of_a_ruling_is_found() {
    let storage = Storage::memory();
    let store = Setup::new(&storage).open().await;
    store.rule(3, 10, vec![resolved(4)]).await.unwrap();
    let path = Ruling::path(0, 0);
    let bytes = storage.get(&path).await.unwrap().unwrap();
    assert!(Ruling::read(0, 0, &bytes).is_ok());
    for at in 0..bytes.len() {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1;
        assert!(Ruling::read(0, 0, &changed).is_err(), "byte {at}");
    }
    assert!(Ruling::read(1, 0, &bytes).is_err() && Ruling::read(0, 1, &bytes).is_err());
    assert_eq!(store.accounting().counts, Counts::default());
}
