//! The 32 classes of questions that `make bench` asks every contestant, 20 of each, as JSON: what
//! is asked, without any contestant's language.
//!
//! Texts are there as typed and as Annals folds them: contestants compare folded names.

use annals_store::{Filter, NameScope, fold_name};
use serde_json::{Value, json};

use super::question::Question;
use super::shapes::DEEP_ROWS;
use super::topics::{INSTANCES, Shape, Topics};
use crate::generator::{Random, World};

/// Rows above page 100.
const PAGE_100: u64 = 99 * 50;
/// Resources whose creator and last editor are asked at once.
const RESOURCES: usize = 50;
/// Kind of number stream.
const HISTORY: u64 = 0x6869_7374;
const EVENT: NameScope = NameScope::Event;

/// All questions, class by class.
pub(crate) fn of(world: &World) -> Vec<Value> {
    let topics = Topics::new(world);
    let mut questions = Vec::new();
    let mut push = |shapes: Vec<Shape>, what: &str, skipped: u64| {
        for shape in shapes {
            let numbered = shape.questions.iter().enumerate();
            questions.extend(numbered.map(|(number, question)| {
                json!({
                    "class": shape.label, "instance": number, "what": what, "skipped": skipped,
                    "workspace": question.workspace.as_str(), "filter": filter(&question.filter),
                })
            }));
        }
    };
    push(pages(&topics), "page", 0);
    push(named_pages(&topics), "page", 0);
    push(deep(&topics, "page 100"), "page", PAGE_100);
    push(deep(&topics, "far down"), "page", DEEP_ROWS);
    push(facets(&topics), "facets", 0);
    push(counts(&topics), "count", 0);
    questions.extend(histories(&topics));
    questions
}

fn pages(topics: &Topics<'_>) -> Vec<Shape> {
    let all = || topics.all();
    let start = |n: usize| 0.05 + 0.045 * n as f64;
    vec![
        topics.shape("first page", |n, _| Question::of(topics.world.workspace(n))),
        topics.shape("frequent user", |n, _| all().users([topics.busy(n)])),
        topics.shape("rare user", |n, _| all().users([topics.idle(n)])),
        topics.shape("five users", |_, random| all().users(topics.users(5, random))),
        topics.shape("one type", |n, _| all().types([n % 12])),
        topics.shape("three types", |_, random| all().types(Topics::types(3, random))),
        topics.shape("users and types", |_, random| {
            all().users(topics.users(3, random)).types(Topics::types(3, random))
        }),
        topics.shape("rare user, rare type", |n, _| {
            all().users([topics.idle(n)]).types(Topics::rare_type(n))
        }),
        topics.shape("week", |n, _| all().week(start(n))),
        topics.shape("week, rare type", |n, _| all().week(start(n)).types(Topics::rare_type(n))),
    ]
}

fn named_pages(topics: &Topics<'_>) -> Vec<Shape> {
    let needles = &topics.needles;
    let letters = ["e", "a", "ж", "京", "0", "k", "ł", "🚀", "s", "z"];
    let accented = ["café", "Zürich", "ŁÓDŹ", "crème", "São", "hauptstrasse", "señal"];
    let common = |n: usize| topics.named(&needles.thirty_percent, n, EVENT);
    let start = |n: usize| 0.05 + 0.045 * n as f64;
    vec![
        topics.shape("name of 1 letter", |n, _| topics.all().named(letters[n % 10], EVENT)),
        topics.shape("name of 2 letters", |n, _| topics.named(&needles.two_letters, n, EVENT)),
        topics.shape("name of 3 letters", |n, _| topics.named(&needles.three_letters, n, EVENT)),
        topics.shape("word of a name", |n, _| topics.named(&needles.words, n, EVENT)),
        topics.shape("rare name", |n, _| topics.named(&needles.tenth_percent, n, EVENT)),
        topics.shape("no such name", |n, _| topics.all().named(&format!("qzxjq{n}"), EVENT)),
        topics.shape("accented name", |n, _| topics.all().named(accented[n % 7], EVENT)),
        topics.shape("name, user", |n, _| common(n).users([topics.busy(n)])),
        topics.shape("name, user, type", |n, _| common(n).users([topics.busy(n)]).types([n % 3])),
        topics.shape("name, user, type, range", |n, _| {
            common(n).users([topics.busy(n)]).types([n % 3]).within(start(n), start(n) + 0.1)
        }),
    ]
}

fn deep(topics: &Topics<'_>, place: &str) -> Vec<Shape> {
    vec![
        topics.shape(place, |_, _| topics.all()),
        topics
            .shape(&format!("{place} of a user"), |n, _| topics.all().users([topics.busy(n % 3)])),
        topics.shape(&format!("{place} of a name"), |n, _| {
            topics.named(&topics.needles.thirty_percent, n % 3, EVENT)
        }),
    ]
}

fn facets(topics: &Topics<'_>) -> Vec<Shape> {
    vec![
        topics.shape("facets of three users", |_, random| {
            topics.all().users(topics.users(3, random))
        }),
        topics.shape("facets under a name", |n, _| {
            topics.named(&topics.needles.thirty_percent, n, EVENT)
        }),
    ]
}

fn counts(topics: &Topics<'_>) -> Vec<Shape> {
    vec![
        topics.shape("count of users and types", |_, random| {
            topics.all().users(topics.users(3, random)).types(Topics::types(3, random))
        }),
        topics.shape("count of a name", |n, _| topics.named(&topics.needles.one_percent, n, EVENT)),
    ]
}

/// The history of a resource; who made and who last changed fifty of them.
fn histories(topics: &Topics<'_>) -> Vec<Value> {
    let largest = topics.largest;
    let things = |number: usize, count: usize| -> Vec<Value> {
        let mut random = Random::of(&[HISTORY, number as u64, count as u64]);
        let things = (0..count).map(|_| largest.thing(random.below(largest.resources)));
        let named = things.map(|thing| json!([thing.type_name(), thing.id]));
        named.collect()
    };
    let class = |label: &str, what: &str, count: usize| -> Vec<Value> {
        let one = |number: usize| {
            json!({
                "class": label, "instance": number, "what": what, "skipped": 0,
                "workspace": largest.id.as_str(), "filter": {}, "resources": things(number, count),
            })
        };
        (0..INSTANCES).map(one).collect()
    };
    let mut questions = class("history of a resource", "history", 1);
    questions.extend(class("makers of 50 resources", "makers", RESOURCES));
    questions
}

fn filter(filter: &Filter) -> Value {
    let name = filter.name.as_ref();
    json!({
        "actors": filter.actors, "types": filter.resource_types,
        "name": name.map(|name| &name.text), "folded": name.map(|name| fold_name(&name.text)),
        "from": filter.from.map(|from| from.to_string()),
        "to": filter.to.map(|to| to.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::generator::{IdVersion, Plan};

    #[test]
    fn there_are_32_classes_of_20_questions_and_they_follow_from_the_plan() {
        let plan = Plan { events: 30_000, resources: 1_000, seed: 5, ids: IdVersion::V7 };
        let questions = of(&World::new(plan));
        assert_eq!(of(&World::new(plan)), questions);
        let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
        for question in &questions {
            *classes.entry(question["class"].as_str().unwrap()).or_default() += 1;
        }
        assert_eq!(classes.len(), 32, "{classes:?}");
        assert!(classes.values().all(|count| *count == INSTANCES), "{classes:?}");
    }
}
