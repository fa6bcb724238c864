//! The story holds together.

use std::collections::{BTreeMap, BTreeSet};

use annals_schemas::{ActorKind, Event, Instant, Kind, Limits, Outcome};

use super::*;

fn now() -> Instant {
    Instant::parse("2026-10-25T01:30:00Z").unwrap()
}

fn history() -> Vec<Event> {
    DemoHistory::new(7, now()).collect()
}

#[test]
fn a_seed_gives_one_history() {
    let first = history();
    assert_eq!(first.len(), 2_000);
    assert_eq!(first, history());
    assert_ne!(first, DemoHistory::new(8, now()).collect::<Vec<_>>());
    let traffic = |_| {
        let mut traffic = DemoTraffic::new(7, now());
        (0..100).map(|_| traffic.next_event(now()).unwrap().to_json()).collect::<Vec<_>>()
    };
    assert_eq!(traffic(0), traffic(1));
}

#[test]
fn the_story_is_the_same_whenever_it_is_told() {
    let told = |now: Instant| {
        let what = |e: Event| (e.action, e.resources, e.actor, e.outcome);
        DemoHistory::new(7, now).map(what).collect::<Vec<_>>()
    };
    assert_eq!(told(now()), told(now().plus_micros(1_234_567_890_123)));
}

#[test]
fn every_event_is_valid_unique_and_in_order() {
    let events = history();
    let mut ids = BTreeSet::new();
    for pair in events.windows(2) {
        assert!(pair[0].occurred_at <= pair[1].occurred_at);
    }
    for event in &events {
        assert_eq!(event.check(&Limits::GATEWAY), Ok(()));
        assert!(event.occurred_at.unwrap() <= now());
        assert!(ids.insert(event.event_id));
        assert_eq!(event.workspace_id.as_str(), DEMO_WORKSPACE);
    }
}

#[test]
fn nothing_happens_to_things_before_their_creation_or_after_their_deletion() {
    let mut alive: BTreeMap<(String, String), bool> = BTreeMap::new();
    for event in history().iter().filter(|event| event.outcome != Outcome::Denied) {
        for resource in event.resources.iter().filter(|r| r.resource_type != "user") {
            let key = (resource.resource_type.clone(), resource.id.clone());
            match event.kind() {
                Kind::Create => assert_eq!(alive.insert(key, true), None, "{event:?}"),
                Kind::Delete => assert_eq!(alive.insert(key, false), Some(true), "{event:?}"),
                _ => assert_eq!(alive.get(&key), Some(&true), "{event:?}"),
            }
        }
    }
}

#[test]
fn the_history_has_everything_a_page_shows() {
    let events = history();
    let count = |wanted: &dyn Fn(&Event) -> bool| events.iter().filter(|e| wanted(e)).count();
    for kind in ActorKind::ALL {
        assert!(count(&|e| e.actor.principal.kind == *kind) > 0, "{kind:?}");
    }
    for kind in Kind::ALL {
        assert!(count(&|e| e.kind() == *kind) > 10, "{kind:?}");
    }
    assert!(count(&|e| e.outcome == Outcome::Failure) > 20);
    assert!(count(&|e| e.outcome == Outcome::Denied) > 20);
    assert!(count(&|e| e.actor.on_behalf_of.is_some()) > 10);
    assert!(count(&|e| e.resources.len() > 1) > 200);
    assert!(count(&|e| e.action.ends_with(".renamed")) > 30);
    assert!(count(&|e| e.action.ends_with(".deleted") && e.outcome == Outcome::Success) > 30);
    let people: BTreeSet<_> =
        events.iter().filter_map(|e| e.actor.principal.email.clone()).collect();
    assert_eq!(people.len(), 13, "{people:?}");
}

#[test]
fn a_removed_person_acts_no_more() {
    let events = history();
    let removed = |e: &Event| e.action == "user.deleted" && e.resources[0].id == "u3";
    let parting = events.iter().position(removed).unwrap();
    let by_leaver = |e: &Event| e.actor.principal.id.as_deref() == Some("u3");
    assert!(events[..parting].iter().any(by_leaver));
    assert!(!events[parting..].iter().any(by_leaver));
    let mut traffic = DemoTraffic::new(7, now());
    assert!(!(0..500).filter_map(|_| traffic.next_event(now())).any(|e| by_leaver(&e)));
}
