//! What happens in the demo's workspace, one step after the other.

use annals_schemas::{Actor, Event, Instant, Outcome, Resource};
use serde_json::json;

use super::draft::Draft;
use super::office::{create, delete, enable_or_disable, rename, update};
use super::people::{LEAVER, PEOPLE, Person, Role, ci_bot, support_agent, sync_engine, system};
use super::random::Random;
use super::world::{Noun, Thing, World};

/// One kind of step.
#[derive(Debug, Clone, Copy)]
enum Step {
    Sync,
    Update(Noun),
    Create(Noun),
    Rename(Noun),
    Delete(Noun),
    Switch,
    Login,
    Intrusion,
    Denial,
    Deployment,
    Refresh,
    Export,
    Support,
    RoleChange,
    BulkTag,
}

/// What happens at any time of day.
const NIGHT: &[(u64, Step)] =
    &[(30, Step::Sync), (5, Step::Refresh), (3, Step::Deployment), (1, Step::Intrusion)];

/// What happens in office hours.
const DAY: &[(u64, Step)] = &[
    (22, Step::Sync),
    (16, Step::Update(Noun::Segment)),
    (10, Step::Update(Noun::Model)),
    (5, Step::Update(Noun::Activation)),
    (4, Step::Update(Noun::Destination)),
    (3, Step::Update(Noun::Source)),
    (5, Step::Create(Noun::Segment)),
    (2, Step::Create(Noun::Activation)),
    (1, Step::Create(Noun::Model)),
    (1, Step::Create(Noun::Source)),
    (1, Step::Create(Noun::Destination)),
    (3, Step::Rename(Noun::Segment)),
    (1, Step::Rename(Noun::Model)),
    (3, Step::Delete(Noun::Segment)),
    (1, Step::Delete(Noun::Activation)),
    (1, Step::Delete(Noun::Model)),
    (5, Step::Switch),
    (12, Step::Login),
    (2, Step::Denial),
    (6, Step::Deployment),
    (4, Step::Refresh),
    (3, Step::Export),
    (2, Step::Support),
    (1, Step::RoleChange),
    (2, Step::BulkTag),
];

/// The workspace's state and the dice.
#[derive(Debug, Clone)]
pub(super) struct Story {
    world: World,
    random: Random,
    leaver_is_gone: bool,
    /// Syncs fail while it lasts.
    pub outage: bool,
}

impl Story {
    pub fn new(random: Random) -> Self {
        Self { world: World::default(), random, leaver_is_gone: false, outage: false }
    }

    /// From here on the dice are others, and so are the ids of things made.
    pub fn begin_run(&mut self, seed: u64) {
        self.outage = false;
        self.random = Random::new(seed);
        self.world.begin_run(self.random.hex(4));
    }

    /// The next thing that is set up at the beginning, if any is left.
    pub fn set_up(&mut self, at: Instant) -> Option<Event> {
        let noun = self.world.lacking()?;
        let founder = &PEOPLE[self.random.index(3)];
        create(noun, founder, &mut self.world, &mut self.random).at(at, &mut self.random)
    }

    /// The leaver's account is removed.
    pub fn part(&mut self, at: Instant) -> Option<Event> {
        self.leaver_is_gone = true;
        Draft::by_person(&PEOPLE[0], "user.deleted", &mut self.random)
            .on(user_resource(&LEAVER))
            .metadata(&json!({"reason": "left the company"}))
            .at(at, &mut self.random)
    }

    /// Something ordinary happens.
    pub fn step(&mut self, at: Instant, in_office_hours: bool) -> Option<Event> {
        let step = self.random.weighted(if in_office_hours { DAY } else { NIGHT });
        let person = self.somebody(|person| person.role != Role::Viewer);
        let (world, random) = (&mut self.world, &mut self.random);
        let draft = match step {
            Step::Sync => self.sync(),
            Step::Update(noun) => update(noun, &person, world, random),
            Step::Create(noun) => create(noun, &person, world, random),
            Step::Rename(noun) => rename(noun, &person, world, random),
            Step::Delete(noun) => delete(noun, &person, world, random),
            Step::Switch => enable_or_disable(&person, world, random),
            Step::Login => self.login(),
            Step::Intrusion => self.intrusion(),
            Step::Denial => self.denial(),
            Step::Deployment => self.deployment(),
            Step::Refresh => self.refresh(),
            Step::Export => self.export(&person),
            Step::Support => self.support(&person),
            Step::RoleChange => self.role_change(),
            Step::BulkTag => self.bulk_tag(&person),
        };
        draft.at(at, &mut self.random)
    }

    fn somebody(&mut self, wanted: impl Fn(&Person) -> bool) -> Person {
        let gone = self.leaver_is_gone;
        let present = |person: &&Person| wanted(person) && !(gone && **person == LEAVER);
        let people: Vec<Person> = PEOPLE.iter().filter(present).copied().collect();
        *self.random.pick(&people)
    }

    fn sync(&mut self) -> Draft {
        let (world, random) = (&mut self.world, &mut self.random);
        let connection = world.connection(random);
        let failed = random.percent(if self.outage { 70 } else { 4 });
        let rows = random.below(90_000) + 120;
        let action = if failed { "activation.sync_failed" } else { "activation.sync_completed" };
        let draft = Draft::by(sync_engine(), action, "sync-engine", random);
        let draft = connection.iter().map(Thing::resource).fold(draft, Draft::on);
        if failed {
            let metadata = json!({"rows": 0, "error": "destination answered 503", "attempt": 3});
            draft.outcome(Outcome::Failure).metadata(&metadata)
        } else {
            draft.metadata(&json!({"rows": rows, "duration_ms": rows / 7 + 900}))
        }
    }

    fn login(&mut self) -> Draft {
        let person = self.somebody(|_| true);
        Draft::by_person(&person, "user.logged_in", &mut self.random).on(user_resource(&person))
    }

    /// Somebody unknown tries passwords.
    fn intrusion(&mut self) -> Draft {
        let person = self.somebody(|person| person.role == Role::Admin);
        let ip = format!("198.18.{}.{}", self.random.below(256), self.random.below(256));
        let nobody = Actor::unknown().principal;
        Draft::by(nobody, "user.login_rejected", "identity", &mut self.random)
            .on(user_resource(&person))
            .with_ip(&ip)
            .outcome(Outcome::Denied)
    }

    fn denial(&mut self) -> Draft {
        let person = self.somebody(|person| person.role == Role::Viewer);
        let (world, random) = (&mut self.world, &mut self.random);
        let (noun, action) = *random.pick(&[
            (Noun::Segment, "segment.deleted"),
            (Noun::Destination, "destination.updated"),
            (Noun::Source, "source.credentials_viewed"),
        ]);
        Draft::by_person(&person, action, random)
            .on(world.any(noun, random).resource())
            .outcome(Outcome::Denied)
            .metadata(&json!({"missing_permission": format!("{}:write", noun.as_str())}))
    }

    fn deployment(&mut self) -> Draft {
        let (world, random) = (&mut self.world, &mut self.random);
        let [before, after] = [random.hex(7), random.hex(7)];
        let draft = Draft::by(ci_bot(), "model.definition_updated", "public-api", random)
            .on(world.any(Noun::Model, random).resource())
            .with_ip("192.0.2.250")
            .change("git_sha", Some(json!(before)), Some(json!(after)));
        if random.percent(6) {
            return draft.outcome(Outcome::Failure).metadata(&json!({"error": "tests failed"}));
        }
        draft
    }

    fn refresh(&mut self) -> Draft {
        let (world, random) = (&mut self.world, &mut self.random);
        let columns = random.below(40) + 8;
        Draft::by(system(), "source.schema_refreshed", "scheduler", random)
            .on(world.any(Noun::Source, random).resource())
            .metadata(&json!({"tables": columns / 4 + 1, "columns": columns}))
    }

    fn export(&mut self, person: &Person) -> Draft {
        let (world, random) = (&mut self.world, &mut self.random);
        let rows = random.below(20_000);
        Draft::by_person(person, "segment.exported", random)
            .on(world.any(Noun::Segment, random).resource())
            .metadata(&json!({"format": "csv", "rows": rows}))
    }

    fn support(&mut self, person: &Person) -> Draft {
        let (world, random) = (&mut self.world, &mut self.random);
        let action = *random.pick(&["activation.updated", "activation.viewed", "source.viewed"]);
        let noun = if action.starts_with("source") { Noun::Source } else { Noun::Activation };
        let draft = Draft::by(support_agent(), action, "web-app", random)
            .on_behalf_of(person)
            .on(world.any(noun, random).resource())
            .with_ip("192.0.2.10")
            .metadata(&json!({"ticket": format!("T-{}", random.below(9_000) + 1_000)}));
        if action.ends_with("updated") {
            draft.change("retry_limit", Some(json!(3)), Some(json!(5)))
        } else {
            draft
        }
    }

    fn role_change(&mut self) -> Draft {
        let admin = self.somebody(|person| person.role == Role::Admin);
        let other = self.somebody(|person| person.id != admin.id);
        let [before, after] =
            if self.random.percent(50) { ["viewer", "editor"] } else { ["editor", "viewer"] };
        Draft::by_person(&admin, "user.role_updated", &mut self.random)
            .on(user_resource(&other))
            .change("role", Some(json!(before)), Some(json!(after)))
    }

    /// Several segments at once.
    fn bulk_tag(&mut self, person: &Person) -> Draft {
        let (world, random) = (&mut self.world, &mut self.random);
        let count = random.below(4) + 2;
        let mut draft = Draft::by_person(person, "segment.tags_updated", random);
        let mut tagged: Vec<String> = Vec::new();
        for _ in 0..count {
            let segment = world.any(Noun::Segment, random);
            if !tagged.contains(&segment.id) {
                draft = draft.on(segment.resource());
                tagged.push(segment.id);
            }
        }
        draft.change("tags", Some(json!([])), Some(json!(["q4"])))
    }
}

fn user_resource(person: &Person) -> Resource {
    Resource {
        resource_type: "user".to_owned(),
        id: person.id.to_owned(),
        name: Some(person.name.to_owned()),
    }
}
