//! What people do to things: make, change, rename, switch, remove.

use serde_json::{Value, json};

use super::draft::Draft;
use super::people::Person;
use super::random::Random;
use super::world::{Noun, World};

/// Fewer of a kind than this are never deleted further.
const KEPT_OF_EACH_KIND: usize = 3;

const COUNTRIES: [&str; 6] = ["FR", "DE", "ES", "IT", "PT", "JP"];

/// Creates, unless the workspace has enough: then it changes one.
pub(super) fn create(noun: Noun, person: &Person, world: &mut World, random: &mut Random) -> Draft {
    if !world.may_grow(noun) {
        return update(noun, person, world, random);
    }
    let thing = world.create(noun, random);
    Draft::by_person(person, &format!("{}.created", noun.as_str()), random)
        .on(thing.resource())
        .change("name", None, Some(json!(thing.name)))
}

pub(super) fn update(noun: Noun, person: &Person, world: &mut World, random: &mut Random) -> Draft {
    let thing = world.any(noun, random);
    let (path, before, after) = changed_field(noun, random);
    Draft::by_person(person, &format!("{}.updated", noun.as_str()), random)
        .on(thing.resource())
        .change(path, before, after)
}

pub(super) fn rename(noun: Noun, person: &Person, world: &mut World, random: &mut Random) -> Draft {
    let mut thing = world.any(noun, random);
    let before = thing.name.clone();
    let suffixes = [" EU", " v2", " (EMEA)", " – new", " 2026", " Straße"];
    thing.name = match suffixes.iter().find_map(|suffix| before.strip_suffix(suffix)) {
        Some(shorter) => shorter.to_owned(),
        None => format!("{before}{}", random.pick(&suffixes)),
    };
    world.rename(&thing.id, &thing.name);
    Draft::by_person(person, &format!("{}.renamed", noun.as_str()), random)
        .on(thing.resource())
        .change("name", Some(json!(before)), Some(json!(thing.name)))
}

/// Deletes, unless few are left: then it changes one.
pub(super) fn delete(noun: Noun, person: &Person, world: &mut World, random: &mut Random) -> Draft {
    if world.count(noun) <= KEPT_OF_EACH_KIND {
        return update(noun, person, world, random);
    }
    let thing = world.any(noun, random);
    world.remove(&thing.id);
    Draft::by_person(person, &format!("{}.deleted", noun.as_str()), random)
        .on(thing.resource())
        .change("name", Some(json!(thing.name)), None)
}

pub(super) fn enable_or_disable(person: &Person, world: &mut World, random: &mut Random) -> Draft {
    let enable = random.percent(60);
    let action = if enable { "activation.enabled" } else { "activation.disabled" };
    let activation = world.any(Noun::Activation, random);
    Draft::by_person(person, action, random).on(activation.resource()).change(
        "enabled",
        Some(json!(!enable)),
        Some(json!(enable)),
    )
}

/// A field that people change on such a thing, with its values before and after.
fn changed_field(noun: Noun, random: &mut Random) -> (&'static str, Option<Value>, Option<Value>) {
    let number = random.below(50) + 1;
    let (path, before, after) = match noun {
        Noun::Segment if random.percent(50) => {
            let first = random.index(COUNTRIES.len() - 2);
            ("filter.country", json!(COUNTRIES[first..=first]), json!(COUNTRIES[first..first + 3]))
        }
        Noun::Segment => ("filter.min_orders", json!(number), json!(number + 2)),
        Noun::Model => (
            "sql",
            json!(format!("select * from orders where amount > {number}")),
            json!(format!("select * from orders where amount >= {number} and not refunded")),
        ),
        Noun::Activation => {
            ("schedule.every_minutes", json!(60), json!(random.pick(&[5, 15, 30, 120])))
        }
        Noun::Destination => ("field_mapping.email", json!("email"), json!("email_sha256")),
        Noun::Source => ("connection.password", json!("••••"), json!("••••")),
    };
    (path, Some(before), Some(after))
}
