//! Persons who have been removed, whichever came first: what they did or their removal.

use annals_schemas::{Actor, ActorKind, Event, Kind, Principal, Resource};

use super::InMemory;
use crate::catalog::{Catalog, OrderKey};
use crate::fixture::{self, Dice};

fn event(actor: (ActorKind, &str), kind: Kind, resources: &[(&str, &str)]) -> Event {
    let (actor_kind, id) = actor;
    let principal = Principal { kind: actor_kind, id: Some(id.into()), name: None, email: None };
    let resource = |(resource_type, id): &(&str, &str)| Resource {
        resource_type: (*resource_type).into(),
        id: (*id).into(),
        name: None,
    };
    Event {
        actor: Actor { principal, on_behalf_of: None },
        explicit_kind: Some(kind),
        resources: resources.iter().map(resource).collect(),
        ..fixture::event(&mut Dice::new(1), 1)
    }
}

/// Records the events, sealing before the one with this number, and says who is former.
fn is_former(events: &[Event], sealed_before: usize, who: (ActorKind, &str)) -> bool {
    let mut catalog = Catalog::default();
    for (number, event) in events.iter().enumerate() {
        if number == sealed_before {
            let layer = InMemory::source(catalog.freeze().to_layer());
            catalog.set_layers(vec![layer], true).unwrap();
        }
        let key = OrderKey { effective_at: 0, seq: number as u64 };
        catalog.record(&event.into(), key).unwrap();
    }
    let view = catalog.view();
    let code = view.actor_code(who.0, Some(who.1)).unwrap().unwrap();
    view.actor(code).unwrap().former
}

#[test]
fn a_removed_person_is_former_in_either_order_and_whatever_the_sealing() {
    let (ann, admin) = ((ActorKind::User, "ann"), (ActorKind::User, "admin"));
    let acts = event(ann, Kind::Update, &[("segment", "s")]);
    let removal = event(admin, Kind::Delete, &[("user", "ann")]);
    let herself = event(ann, Kind::Delete, &[("user", "ann")]);
    for sealed_before in 0..3 {
        for events in [
            [acts.clone(), removal.clone()],
            [removal.clone(), acts.clone()],
            [herself.clone(), removal.clone()],
        ] {
            assert!(is_former(&events, sealed_before, ann), "{events:?} {sealed_before}");
        }
        assert!(!is_former(&[acts.clone(), removal.clone()], sealed_before, admin));
    }
}

#[test]
fn near_misses_do_not_make_a_person_former() {
    let (ann, admin) = ((ActorKind::User, "ann"), (ActorKind::User, "admin"));
    let acts = event(ann, Kind::Update, &[("segment", "s")]);
    let misses = [
        event(admin, Kind::Update, &[("user", "ann")]),
        event(admin, Kind::Delete, &[("member", "ann")]),
        event(admin, Kind::Delete, &[("user", "anna")]),
        event(admin, Kind::Delete, &[("segment", "s"), ("user", "ann")]),
    ];
    for miss in misses {
        assert!(!is_former(&[acts.clone(), miss.clone()], 1, ann), "{miss:?}");
        assert!(!is_former(&[miss.clone(), acts.clone()], 1, ann), "{miss:?}");
    }
    let key = (ActorKind::ApiKey, "ann");
    let events = [
        event(key, Kind::Update, &[("segment", "s")]),
        event(admin, Kind::Delete, &[("user", "ann")]),
    ];
    assert!(!is_former(&events, 1, key), "only persons are former");
}
