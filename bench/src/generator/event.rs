//! The events themselves, one after another.

use annals_schemas::{Actor, Context, Event, Instant, JsonText, Outcome, Resource};
use uuid::{Builder, Uuid};

use super::resource_type::{TYPES, VERB_EXPONENT, action};
use super::zipf::Zipf;
use super::{IdVersion, Random, Timeline, Workspace, World};

const ON_BEHALF_SHARE: f64 = 0.03;
const SEVERAL_RESOURCES_SHARE: f64 = 0.05;
/// Kind of number stream.
const EVENT: u64 = 0x6576_656e;
const REGIONS: [&str; 4] = ["eu-central", "eu-west", "us-east", "ap-south"];
const FIELDS: [&str; 8] =
    ["name", "rules", "owner", "status", "schedule", "audience", "tags", "limits"];

/// An event, and when the log takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Generated {
    /// The event, within the contract's limits.
    pub(crate) event: Event,
    /// Milliseconds since 1970, never decreasing.
    pub(crate) recorded_ms: i64,
}

/// The iterator of a plan's events.
#[derive(Debug)]
pub(crate) struct Events<'a> {
    world: &'a World,
    verbs: Vec<Zipf>,
    next: u64,
}

impl<'a> Events<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        let verbs = TYPES.iter().map(|(_, verbs)| Zipf::new(*verbs, VERB_EXPONENT)).collect();
        Self { world, verbs, next: 0 }
    }

    fn event(&self, number: u64) -> Generated {
        let plan = self.world.plan;
        let mut random = Random::of(&[plan.seed, EVENT, number]);
        let workspace = &self.world.workspaces[self.world.sizes.pick(&mut random)];
        let passed = number as f64 / plan.events as f64;
        let recorded_ms = self.world.timeline().recorded_ms(number);
        let occurred_at = Timeline::occurred_at(recorded_ms, &mut random);
        let (resource_type, resources) = resources(workspace, passed, &mut random);
        let actor = workspace.actors.pick(&mut random);
        let verb = self.verbs[resource_type].pick(&mut random);
        let event = Event {
            event_id: event_id(plan.ids, occurred_at, &mut random),
            occurred_at: Some(occurred_at),
            workspace_id: workspace.id.clone(),
            actor: acting(workspace, actor, &mut random),
            action: action(resource_type, verb),
            explicit_kind: None,
            outcome: outcome(&mut random),
            resources,
            context: context(actor, &mut random),
            changes: Vec::new(),
            description: None,
            metadata: Some(metadata(&mut random)),
            producer: None,
        };
        Generated { event, recorded_ms }
    }
}

impl Iterator for Events<'_> {
    type Item = Generated;

    fn next(&mut self) -> Option<Generated> {
        let number = self.next;
        (number < self.world.plan.events).then(|| {
            self.next += 1;
            self.event(number)
        })
    }
}

fn event_id(version: IdVersion, at: Instant, random: &mut Random) -> Uuid {
    let bytes = random.bytes();
    match version {
        IdVersion::V4 => Builder::from_random_bytes(bytes).into_uuid(),
        IdVersion::V7 => {
            let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0);
            let mut rest = [0; 10];
            rest.copy_from_slice(&bytes[..10]);
            Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
        }
    }
}

/// The primary resource's type, and all resources.
fn resources(workspace: &Workspace, passed: f64, random: &mut Random) -> (usize, Vec<Resource>) {
    let (resource_type, first) =
        workspace.resource(workspace.pick_resource(passed, random), passed);
    let mut resources = vec![first];
    if random.chance(SEVERAL_RESOURCES_SHARE) {
        for _ in 0..1 + random.below(4) {
            resources.push(workspace.resource(workspace.pick_resource(passed, random), passed).1);
        }
    }
    (resource_type, resources)
}

fn acting(workspace: &Workspace, rank: usize, random: &mut Random) -> Actor {
    let on_behalf_of = random
        .chance(ON_BEHALF_SHARE)
        .then(|| workspace.actor(workspace.actors.pick(random)))
        .filter(|other| other.id != workspace.actor(rank).id);
    Actor { principal: workspace.actor(rank), on_behalf_of }
}

fn outcome(random: &mut Random) -> Outcome {
    match random.below(100) {
        0..94 => Outcome::Success,
        94..97 => Outcome::Failure,
        97..99 => Outcome::Denied,
        _ => Outcome::Unknown,
    }
}

fn context(actor: usize, random: &mut Random) -> Context {
    let ip = format!("10.{}.{}.{}", actor >> 8 & 0xff, actor & 0xff, random.below(4));
    Context {
        ip: Some(ip),
        request_id: Some(format!("{:016x}", random.bits())),
        ..Context::default()
    }
}

/// About 150 bytes, of which a random id is the part that no codec shortens.
fn metadata(random: &mut Random) -> JsonText {
    let text = format!(
        "{{\"request_id\":\"req_{:016x}\",\"source\":\"web\",\"client\":\"dashboard 4.{}.{}\",\
         \"region\":\"{}\",\"changed\":[\"{}\",\"{}\"],\"duration_ms\":{}}}",
        random.bits(),
        random.below(12),
        random.below(4),
        random.pick(&REGIONS),
        random.pick(&FIELDS),
        random.pick(&FIELDS),
        2 + random.below(900),
    );
    JsonText::parse(&text).expect("the text above is JSON")
}
