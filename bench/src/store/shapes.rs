//! The shapes of filters that pages are measured by.

use annals_schemas::{Kind, Outcome};
use annals_store::NameScope;

use super::needles::{ABSENT, any_name, part_of};
use super::question::Question;
use super::topics::{Shape, Topics};
use crate::generator::{TYPES, Timeline, Workspace, action};

/// Rows above the page that is called 10,000.
pub(super) const DEEP_ROWS: u64 = 500_000;
pub(super) const FIRST_PAGE: &str = "no filter, page 1";
pub(super) const DEEP_PAGE: &str = "no filter, page 10,000";
/// Twenty of them, whereas the two above are one page each: what is asked again lies in the
/// processor's caches.
const AROUND_DEEP_PAGE: &str = "no filter, pages around 10,000";
/// Small workspaces begin at this rank.
const SMALL: usize = 100;

/// All of them.
pub(super) fn all(topics: &Topics<'_>) -> Vec<Shape> {
    let mut shapes = plain(topics);
    shapes.extend(by_name(topics, "", NameScope::Ever));
    shapes.extend(by_name(topics, ", in the event", NameScope::Event));
    shapes.extend(by_name_and_user(topics));
    shapes.extend(by_time(topics));
    shapes.extend(small(topics));
    shapes
}

/// How many rows stand before the page far down: ten thousand pages, if there are as many.
pub(super) fn deep_rows(workspace: &Workspace) -> u64 {
    DEEP_ROWS.min(workspace.events / 10 * 9)
}

fn plain(topics: &Topics<'_>) -> Vec<Shape> {
    let all = || topics.all();
    let rows = topics.largest.events.max(1) as f64;
    let deep = 1.0 - deep_rows(topics.largest) as f64 / rows;
    vec![
        topics.shape(FIRST_PAGE, |_, _| all()),
        topics.shape(DEEP_PAGE, |_, _| all().older_than(Timeline::at(deep))),
        topics.shape(AROUND_DEEP_PAGE, |n, _| {
            all().older_than(Timeline::at(deep * (1.0 - n as f64 / 1_000.0)))
        }),
        topics.shape("user, common", |n, _| all().users([topics.busy(n)])),
        topics.shape("user, rarest", |n, _| all().users([topics.idle(n)])),
        topics.shape("5 users", |_, random| all().users(topics.users(5, random))),
        topics.shape("type, common", |n, _| all().types([n % 2])),
        topics.shape("type, rare", |n, _| all().types(Topics::rare_type(n))),
        topics.shape("rare user, rare type", |n, _| {
            all().users([topics.idle(n)]).types(Topics::rare_type(n))
        }),
        topics.shape("3 users, 3 types", |_, random| {
            all().users(topics.users(3, random)).types(Topics::types(3, random))
        }),
        topics.shape("on behalf of a common user", |n, _| {
            all().filtered(|filter| filter.on_behalf_of = vec![topics.busy(n)])
        }),
        topics.shape("outcome denied", |_, _| {
            all().filtered(|filter| filter.outcomes = vec![Outcome::Denied])
        }),
        topics.shape("kind delete", |_, _| {
            all().filtered(|filter| filter.kinds = vec![Kind::Delete])
        }),
        topics.shape("one action", |n, random| {
            let action = action(n % TYPES.len(), random.index(10));
            all().filtered(|filter| filter.actions = vec![action])
        }),
        topics.shape("resource id", |_, random| {
            let thing = topics.largest.thing(random.below(topics.largest.resources));
            all().types([thing.resource_type]).filtered(|filter| {
                filter.resource_ids = vec![thing.id];
            })
        }),
    ]
}

fn by_name(topics: &Topics<'_>, place: &str, scope: NameScope) -> Vec<Shape> {
    let needles = &topics.needles;
    let named = |texts: &[String], n| topics.named(texts, n, scope);
    let label = |what: &str| format!("name {what}{place}");
    vec![
        topics.shape(&label("'e'"), |_, _| topics.all().named("e", scope)),
        topics.shape(&label("'ж'"), |_, _| topics.all().named("ж", scope)),
        topics.shape(&label("2 letters, 1.7 %"), |n, _| named(&needles.two_letters, n)),
        topics.shape(&label("30 %"), |n, _| named(&needles.thirty_percent, n)),
        topics.shape(&label("1 %"), |n, _| named(&needles.one_percent, n)),
        topics.shape(&label("0.1 %"), |n, _| named(&needles.tenth_percent, n)),
        topics.shape(&label("of one resource"), |_, random| {
            topics.all().named(&any_name(topics.largest, random), scope)
        }),
        topics
            .shape(&label("of nothing"), |n, _| topics.all().named(&format!("{ABSENT}{n}"), scope)),
    ]
}

fn by_name_and_user(topics: &Topics<'_>) -> Vec<Shape> {
    let (needles, ever) = (&topics.needles, NameScope::Ever);
    vec![
        topics.shape("name 30 %, rarest user", |n, _| {
            topics.named(&needles.thirty_percent, n, ever).users([topics.idle(n)])
        }),
        topics.shape("name 1 %, rarest user", |n, _| {
            topics.named(&needles.one_percent, n, ever).users([topics.idle(n)])
        }),
        topics.shape("name 0.1 %, rare user, rare type", |n, _| {
            let question = topics.named(&needles.tenth_percent, n, ever);
            question.users([topics.idle(n)]).types(Topics::rare_type(n))
        }),
        topics.shape("name 'e', 2 users, 2 types", |_, random| {
            let question = topics.all().named("e", ever);
            question.users(topics.users(2, random)).types(Topics::types(2, random))
        }),
    ]
}

fn by_time(topics: &Topics<'_>) -> Vec<Shape> {
    let (needles, ever) = (&topics.needles, NameScope::Ever);
    let start = |n: usize| 0.05 + 0.045 * n as f64;
    vec![
        topics.shape("week", |n, _| topics.all().week(start(n))),
        topics.shape("week, rare type", |n, _| {
            topics.all().week(start(n)).types(Topics::rare_type(n))
        }),
        topics.shape("week, name 30 %", |n, _| {
            topics.named(&needles.thirty_percent, n, ever).week(start(n))
        }),
        topics
            .shape("week, name of nothing", |n, _| topics.all().named(ABSENT, ever).week(start(n))),
        topics.shape("week, 2 users, 2 types, name 1 %", |n, random| {
            let question = topics.named(&needles.one_percent, n, ever).week(start(n));
            question.users(topics.users(2, random)).types(Topics::types(2, random))
        }),
        topics.shape("year, common user, type, name 0.1 %", |n, _| {
            let question = topics.named(&needles.tenth_percent, n, ever).within(0.25, 0.75);
            question.users([topics.busy(n)]).types([n % 2])
        }),
        topics.shape("first hour, common user", |n, _| {
            topics.all().within(0.0, 1.0 / (731.0 * 24.0)).users([topics.busy(n)])
        }),
    ]
}

fn small(topics: &Topics<'_>) -> Vec<Shape> {
    let workspace = |n: usize| topics.world.workspace(SMALL + n);
    vec![
        topics.shape("small workspace, no filter", |n, _| Question::of(workspace(n))),
        topics.shape("small workspace, name of 3 letters", |n, random| {
            let text = part_of(&any_name(workspace(n), random), 3, random);
            let text = if text.trim().is_empty() { "e" } else { &text };
            Question::of(workspace(n)).named(text, NameScope::Ever)
        }),
        topics.shape("small workspace, common user", |n, _| {
            Question::of(workspace(n)).users([workspace(n).actor_id(0)])
        }),
    ]
}
