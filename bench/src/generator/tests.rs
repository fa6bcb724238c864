//! What a plan promises of its events.

use std::collections::{HashMap, HashSet};

use annals_schemas::{Limits, encode_avro};

use super::{Generated, IdVersion, Plan, World};

fn world(seed: u64) -> World {
    World::new(Plan { events: 20_000, resources: 700, seed, ids: IdVersion::V7 })
}

fn share(events: &[Generated], of: impl Fn(&Generated) -> bool) -> f64 {
    events.iter().filter(|generated| of(generated)).count() as f64 / events.len() as f64
}

#[test]
fn a_seed_gives_the_same_events_and_another_seed_others() {
    let first: Vec<Generated> = world(1).events().take(500).collect();
    assert_eq!(world(1).events().take(500).collect::<Vec<_>>(), first);
    assert_ne!(world(2).events().take(500).collect::<Vec<_>>(), first);
}

#[test]
fn events_keep_the_contract_and_bear_their_own_ids() {
    let world = world(3);
    let mut ids = HashSet::new();
    for Generated { event, .. } in world.events().take(3_000) {
        assert_eq!(event.check(&Limits::GATEWAY), Ok(()));
        assert!(ids.insert(event.event_id));
    }
}

#[test]
fn the_shares_are_those_of_the_plan() {
    let world = world(4);
    let events: Vec<Generated> = world.events().collect();
    assert_eq!(events.len(), 20_000);
    let largest = share(&events, |g| g.event.workspace_id == world.largest().id);
    assert!((0.22..0.26).contains(&largest), "largest workspace {largest}");
    let several = share(&events, |g| g.event.resources.len() > 1);
    assert!((0.04..0.06).contains(&several), "several resources {several}");
    let on_behalf = share(&events, |g| g.event.actor.on_behalf_of.is_some());
    assert!((0.02..0.04).contains(&on_behalf), "on behalf of {on_behalf}");
    let actions: HashSet<&str> = events.iter().map(|g| g.event.action.as_str()).collect();
    assert_eq!(actions.len(), 77);
    let bytes: usize = events.iter().map(|g| encode_avro(&g.event).len()).sum();
    let each = bytes / events.len();
    assert!((400..460).contains(&each), "{each} bytes an event");
}

#[test]
fn the_log_never_goes_back_and_some_events_are_late() {
    let events: Vec<Generated> = world(5).events().collect();
    assert!(events.is_sorted_by_key(|generated| generated.recorded_ms));
    let late = share(&events, |generated| {
        let occurred = generated.event.occurred_at.unwrap().micros();
        generated.recorded_ms * 1_000 - occurred >= 300_000_000
    });
    assert!((0.015..0.025).contains(&late), "late {late}");
}

#[test]
fn names_are_of_the_length_and_the_letters_that_searches_need() {
    let mut names: HashMap<String, String> = HashMap::new();
    let world = world(6);
    for Generated { event, .. } in world.events() {
        for resource in event.resources {
            names.insert(resource.name.unwrap(), resource.id);
        }
    }
    let resources: HashSet<&String> = names.values().collect();
    let renames = names.len() as f64 / resources.len() as f64;
    assert!((1.2..1.35).contains(&renames), "{renames} names a resource");
    let bytes = names.keys().map(String::len).sum::<usize>() / names.len();
    assert!((29..39).contains(&bytes), "{bytes} bytes a name");
    for letter in ["e", "ж", "東", "ł", "🚀"] {
        assert!(names.keys().any(|name| name.to_lowercase().contains(letter)), "{letter}");
    }
}
