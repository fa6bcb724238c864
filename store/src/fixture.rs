//! Records for this crate's tests: small vocabularies, so that ties, renames, repeated ids and
//! several resources happen all the time.

use annals_schemas::{
    Actor, ActorKind, Context, Event, Header, Instant, Kind, Outcome, Position, Principal, Record,
    Resource, TimestampType, WorkspaceId, encode_avro,
};
use uuid::{Builder, Uuid};

use crate::StoreOptions;

/// xorshift64*: repeatable from a printed seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()]
    }
}

pub(crate) const TYPES: [&str; 3] = ["segment", "source", "user"];
pub(crate) const NAMES: [&str; 8] =
    ["VIP EU", "vip  us", "Zoë's list", "Łódź", "東京リスト", "a_b", "50% off", "VIP"];
pub(crate) const ACTIONS: [&str; 6] = [
    "segment.created",
    "segment.updated",
    "source.deleted",
    "user.deleted",
    "segment.viewed",
    "sync.run",
];

pub(crate) fn workspace(number: u64) -> WorkspaceId {
    WorkspaceId::new(&format!("w{number}")).unwrap()
}

/// An event out of the small vocabularies.
pub(crate) fn event(dice: &mut Dice, id: u128) -> Event {
    let principal = |dice: &mut Dice| {
        let kind = dice.pick(&[ActorKind::User, ActorKind::User, ActorKind::ApiKey]);
        let id = Some(format!("u{}", dice.below(4)));
        Principal { kind, id, name: None, email: None }
    };
    let resource = |dice: &mut Dice| Resource {
        resource_type: dice.pick(&TYPES).to_owned(),
        id: format!("r{}", dice.below(5)),
        name: (dice.below(6) > 0).then(|| dice.pick(&NAMES).to_owned()),
    };
    let micros = 1_700_000_000_000_000 + i64::try_from(dice.below(40)).unwrap() * 1_000_000;
    Event {
        event_id: Uuid::from_u128(id),
        occurred_at: (dice.below(10) > 0).then(|| Instant::from_micros(micros).unwrap()),
        workspace_id: workspace(dice.below(3)),
        actor: Actor {
            on_behalf_of: (dice.below(5) == 0).then(|| principal(dice)),
            principal: principal(dice),
        },
        action: dice.pick(&ACTIONS).to_owned(),
        explicit_kind: (dice.below(8) == 0).then_some(Kind::Update),
        outcome: dice.pick(Outcome::ALL),
        resources: (0..dice.below(4)).map(|_| resource(dice)).collect(),
        context: Context::default(),
        changes: Vec::new(),
        description: None,
        metadata: None,
        producer: None,
    }
}

/// The record of an event at an offset of partition 0, on a clock of its own.
pub(crate) fn record(event: &Event, offset: u64) -> Record {
    Record {
        position: Position { partition: 0, offset },
        timestamp_ms: 1_700_000_020_000 + i64::try_from(offset).unwrap() * 10,
        timestamp_type: TimestampType::LogAppendTime,
        key: Some(event.workspace_id.as_str().to_owned().into()),
        value: Some(encode_avro(event).into()),
        headers: [Header::new("annals-schema", "1")].into(),
    }
}

/// The same person now under this name, now under that: what rows say of people changes.
fn name_people(dice: &mut Dice, event: &mut Event) {
    let Actor { principal, on_behalf_of } = &mut event.actor;
    for principal in std::iter::once(principal).chain(on_behalf_of) {
        let name = dice.pick(&[None, Some("Ana"), Some("Ana"), Some("Anna")]).map(str::to_owned);
        principal.email = name.as_ref().map(|name| format!("{name}@acme.test"));
        principal.name = name;
    }
}

/// A log of so many records: mostly events, some repeated, some conflicting, some garbage; offsets
/// have holes.
pub(crate) fn log(seed: u64, records: u64) -> Vec<Record> {
    log_with(seed, records, |_, _| {})
}

/// The same, of people whose names change.
pub(crate) fn people_log(seed: u64, records: u64) -> Vec<Record> {
    log_with(seed, records, name_people)
}

fn log_with(seed: u64, records: u64, alter: fn(&mut Dice, &mut Event)) -> Vec<Record> {
    let mut dice = Dice::new(seed);
    let mut offset = dice.below(3);
    let mut made: Vec<Event> = Vec::new();
    (0..records)
        .map(|number| {
            offset += 1 + dice.below(8) / 7;
            let again = !made.is_empty() && dice.below(10) == 0;
            let mut event = event(&mut dice, u128::from(number) + 1);
            alter(&mut dice, &mut event);
            if let Some(at) = event.occurred_at.filter(|_| number % 3 == 0) {
                let millis = u64::try_from(at.micros() / 1_000).unwrap();
                let rest = u128::from(number).to_le_bytes().first_chunk::<10>().copied().unwrap();
                event.event_id = Builder::from_unix_timestamp_millis(millis, &rest).into_uuid();
            }
            if again {
                let earlier = made[usize::try_from(dice.below(made.len() as u64)).unwrap()].clone();
                let conflict = dice.below(4) == 0;
                event = earlier;
                if conflict {
                    event.description = Some(format!("altered {number}"));
                }
            }
            made.push(event.clone());
            let mut record = record(&event, offset);
            let mut headers = record.headers.to_vec();
            if number % 4 > 0 {
                headers.insert(0, Header::new("content-type", "application/avro"));
            }
            if number % 16 == 5 {
                headers.push(Header { name: "traceparent".into(), value: None });
            }
            record.headers = headers.into();
            match dice.below(40) {
                0 => record.value = Some("garbage".into()),
                1 => record.key = Some("somebody else".into()),
                2 => record.key = None,
                3 => record.value = None,
                _ => {}
            }
            record
        })
        .collect()
}

pub(crate) fn random() -> [u8; 16] {
    Uuid::new_v4().into_bytes()
}

/// The usual bounds, at a moment of its own.
pub(crate) fn options() -> StoreOptions {
    let now = Instant::from_micros(1_800_000_000_000_000).unwrap();
    StoreOptions::new(random, std::sync::Arc::new(move || now))
}
