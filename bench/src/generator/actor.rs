//! Who acts: mostly people, some keys, services and the system itself.

use annals_schemas::{ActorKind, Principal};
use uuid::Builder;

use super::{Random, Workspace};

const FIRST_NAMES: [&str; 24] = [
    "Anna",
    "Ben",
    "Carla",
    "Dmitri",
    "Eva",
    "Farid",
    "Grace",
    "Hiro",
    "Ines",
    "Jan",
    "Kateřina",
    "Luis",
    "Mei",
    "Noah",
    "Olga",
    "Petr",
    "Quentin",
    "Rosa",
    "Søren",
    "Tereza",
    "Uma",
    "Viktor",
    "Wanda",
    "Zoë",
];
const LAST_NAMES: [&str; 24] = [
    "Almeida", "Baker", "Chen", "Dvořák", "Eriksen", "Fischer", "García", "Horák", "Ivanova",
    "Jensen", "Kowalski", "Lopez", "Müller", "Novák", "Okafor", "Petrov", "Quinn", "Rossi",
    "Svoboda", "Tanaka", "Urban", "Vega", "Weber", "Yilmaz",
];
/// Kind of number stream.
const ACTOR: u64 = 0x6163_746f;

impl Workspace {
    /// The actor of this rank, the most active being 0.
    pub(crate) fn actor(&self, rank: usize) -> Principal {
        let mut random = Random::of(&[self.seed, ACTOR, rank as u64]);
        let id = Builder::from_random_bytes(random.bytes()).into_uuid().to_string();
        let kind = match random.below(100) {
            0..90 => ActorKind::User,
            90..95 => ActorKind::ApiKey,
            95..98 => ActorKind::Service,
            _ => ActorKind::System,
        };
        let (first, last) = (random.pick(&FIRST_NAMES), random.pick(&LAST_NAMES));
        let name = match kind {
            ActorKind::User => format!("{first} {last}"),
            other => format!("{}-{rank}", other.as_str()),
        };
        Principal { kind, id: Some(id), name: Some(name), email: None }
    }

    /// The id of the actor of this rank.
    pub(crate) fn actor_id(&self, rank: usize) -> String {
        self.actor(rank).id.unwrap_or_default()
    }
}
