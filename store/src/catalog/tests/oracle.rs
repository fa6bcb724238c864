//! A catalog in plain lists: states are looked up in the whole history each time.

use std::collections::BTreeMap;

use annals_schemas::{ActorKind, Event, Kind, Principal};

use crate::catalog::{
    CatalogView, Latest, Lengths, NameView, NamesView, OrderKey, ResourceState, ResourceView,
    SearchedName, TextsView,
};
use crate::codes::{EventCodes, ResourceCodes};
use crate::names::fold_name;

/// A list of distinct things in order of first sight.
#[derive(Debug, Clone)]
struct Numbered<T>(Vec<T>, BTreeMap<T, u32>);

impl<T: Ord + Clone> Numbered<T> {
    fn code(&mut self, thing: T) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap();
        let code = *self.1.entry(thing.clone()).or_insert(next);
        if code == next {
            self.0.push(thing);
        }
        code
    }

    fn len(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap()
    }
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self(Vec::new(), BTreeMap::new())
    }
}

/// A resource in an event.
#[derive(Debug, Clone)]
struct Mention {
    at: OrderKey,
    is_first: bool,
    kind: Kind,
    actor: u32,
    name: u32,
    is_named: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Oracle {
    actors: Numbered<(ActorKind, Option<String>)>,
    seen: BTreeMap<u32, (Option<String>, Option<String>, OrderKey)>,
    removed: Vec<String>,
    actions: Numbered<String>,
    types: Numbered<String>,
    resources: Numbered<(u32, String)>,
    mentions: BTreeMap<u32, Vec<Mention>>,
    names: Numbered<(u32, Option<String>)>,
    name_first: Vec<OrderKey>,
}

impl Oracle {
    pub(super) fn record(&mut self, event: &Event, at: OrderKey) -> EventCodes {
        let kind = event.kind();
        let actor = self.actor(&event.actor.principal, at);
        let on_behalf_of = event.actor.on_behalf_of.as_ref().map(|other| self.actor(other, at));
        let mut resources = Vec::new();
        for (place, named) in event.resources.iter().enumerate() {
            let resource_type = self.types.code(named.resource_type.clone());
            let resource = self.resources.code((resource_type, named.id.clone()));
            let name = self.names.code((resource, named.name.clone()));
            if name as usize == self.name_first.len() {
                self.name_first.push(at);
            }
            let is_named = named.name.is_some();
            let mention = Mention { at, is_first: place == 0, kind, actor, name, is_named };
            self.mentions.entry(resource).or_default().push(mention);
            resources.push(ResourceCodes { resource_type, resource, name });
            if place == 0 && kind == Kind::Delete && named.resource_type == "user" {
                self.removed.push(named.id.clone());
            }
        }
        let action = self.actions.code(event.action.clone());
        EventCodes {
            actor,
            on_behalf_of,
            action,
            kind,
            outcome: event.outcome,
            resources: resources.into(),
        }
    }

    fn actor(&mut self, principal: &Principal, at: OrderKey) -> u32 {
        let code = self.actors.code((principal.kind, principal.id.clone()));
        let seen = self.seen.entry(code).or_default();
        if seen.0.is_none() && seen.1.is_none() || at >= seen.2 {
            *seen = (principal.name.clone(), principal.email.clone(), at);
        }
        code
    }

    pub(super) fn lengths(&self) -> Lengths {
        Lengths {
            actors: self.actors.len(),
            actions: self.actions.len(),
            types: self.types.len(),
            resources: self.resources.len(),
            names: self.names.len(),
        }
    }

    fn state(&self, resource: u32) -> ResourceState {
        let all = &self.mentions[&resource];
        let first: Vec<&Mention> = all.iter().filter(|mention| mention.is_first).collect();
        let named = |is_first: bool| {
            let named = all.iter().filter(|m| m.is_named && m.is_first == is_first);
            let greatest = named.clone().map(|mention| mention.at).max()?;
            let mention = named.into_iter().find(|mention| mention.at == greatest)?;
            Some(Latest { at: mention.at, value: mention.name })
        };
        let of = |kinds: &[Kind]| {
            let mut found: Vec<&Mention> = first.clone();
            found.retain(|mention| kinds.contains(&mention.kind));
            found.sort_by_key(|mention| mention.at);
            found
        };
        let by = |mention: &&Mention| Latest { at: mention.at, value: mention.actor };
        let changes = of(&[Kind::Create, Kind::Update, Kind::Delete]);
        let lives = of(&[Kind::Create, Kind::Delete]);
        let deleted = |m: &&Mention| Latest { at: m.at, value: m.kind == Kind::Delete };
        ResourceState {
            name: named(true),
            aside_name: named(false),
            deleted: lives.last().map(deleted),
            ever_deleted: !of(&[Kind::Delete]).is_empty(),
            creator: of(&[Kind::Create]).first().map(by),
            last_editor: changes.last().map(by),
            changes: u32::try_from(changes.len()).unwrap(),
            first: all.iter().map(|mention| mention.at).min().unwrap(),
            last: all.iter().map(|mention| mention.at).max().unwrap(),
            newest_name: all.iter().map(|mention| mention.name).max(),
        }
    }

    /// Asserts that a view says of everything what this says.
    pub(super) fn check(&self, view: CatalogView<'_>) {
        assert_eq!(view.lengths(), self.lengths());
        for (code, (kind, id)) in (0..).zip(&self.actors.0) {
            let actor = view.actor(code).unwrap();
            let (name, email, _) = &self.seen[&code];
            assert_eq!((actor.kind, actor.id), (*kind, id.as_deref()), "actor {code}");
            assert_eq!((actor.name, actor.email), (name.as_deref(), email.as_deref()), "{code}");
            let is_removed = id.as_ref().is_some_and(|id| self.removed.contains(id));
            assert_eq!(view.actor_kind(code).unwrap(), *kind);
            assert_eq!(view.formers(&[code]).unwrap(), [actor.former]);
            assert_eq!(actor.former, *kind == ActorKind::User && is_removed, "actor {code}");
            assert_eq!(view.actor_code(*kind, id.as_deref()).unwrap(), Some(code));
        }
        for (code, action) in (0..).zip(&self.actions.0) {
            assert_eq!(view.action(code).unwrap(), action);
            assert_eq!(view.action_code(action).unwrap(), Some(code));
        }
        for (code, text) in (0..).zip(&self.types.0) {
            assert_eq!(view.type_text(code).unwrap(), text);
            assert_eq!(view.type_code(text).unwrap(), Some(code));
        }
        for (code, (resource_type, id)) in (0..).zip(&self.resources.0) {
            let resource = view.resource(code).unwrap();
            assert_eq!((resource.resource_type, resource.id), (*resource_type, id.as_str()));
            assert_eq!(view.resource_code(*resource_type, id).unwrap(), Some(code));
            assert_eq!(view.resource_type(code).unwrap(), *resource_type);
            let state = self.state(code);
            assert_eq!(view.newest_name(code).unwrap(), state.newest_name);
            assert_eq!(view.present(code).unwrap(), state.present(), "resource {code}");
            assert_eq!(view.presents(&[code]).unwrap(), [state.present()], "resource {code}");
            assert_eq!(view.resource_state(code).unwrap(), state, "resource {code}");
        }
        self.check_names(view);
        self.check_together(view);
        self.check_ring(view);
        self.check_missing(view);
    }

    fn check_names(&self, view: CatalogView<'_>) {
        let mut newest = BTreeMap::new();
        let mut folded = Vec::new();
        let mut names = NamesView::new(view);
        for (code, (resource, text)) in (0..).zip(&self.names.0) {
            folded.push((code, fold_name(text.as_deref().unwrap_or_default())));
            let expected = NameView {
                resource: *resource,
                text: text.as_deref(),
                folded: &folded.last().unwrap().1,
                first: self.name_first[code as usize],
                previous: newest.insert(*resource, code),
            };
            assert_eq!(view.name(code).unwrap(), expected, "name {code}");
            assert_eq!(view.name_resource(code).unwrap(), *resource);
            assert_eq!(view.previous_name(code).unwrap(), expected.previous);
            let searched = SearchedName {
                resource: *resource,
                folded: expected.folded.as_bytes(),
                is_named: text.is_some(),
                first_seq: expected.first.seq,
            };
            assert_eq!(names.searched(code).unwrap(), searched);
            assert_eq!(names.resource(code).unwrap(), *resource);
            let resource_type = view.resource_type(*resource).unwrap();
            assert_eq!(names.resource_type(*resource).unwrap(), resource_type);
            assert_eq!(view.name_code(*resource, text.as_deref()).unwrap(), Some(code));
        }
        let len = self.names.len();
        for range in [0..len, len / 3..len - len / 4, len / 2..len / 2, 0..len + 9] {
            let here = || folded.iter().filter(|(code, _)| range.contains(code));
            let mut found = Vec::new();
            view.for_each_folded(range.clone(), &mut |code, text| {
                found.push((code, text.to_owned()));
            })
            .unwrap();
            assert_eq!(found, here().cloned().collect::<Vec<_>>(), "{range:?}");
            for part in ["v", "vip", "zoe's", "n1", "東", " ", "lodz", "nothing has it", ""] {
                let expected = here().filter(|(_, text)| text.contains(part));
                let expected: Vec<u32> = expected.map(|(code, _)| *code).collect();
                let found = view.names_containing(range.clone(), part).unwrap();
                assert_eq!(found, expected, "{part:?} in {range:?}");
            }
        }
    }

    /// What is read of many at a time is what is read of each.
    fn check_together(&self, view: CatalogView<'_>) {
        let Lengths { actors, actions, resources, names, .. } = self.lengths();
        let texts = TextsView::new(view);
        for code in 0..actors {
            let actor = view.actor(code).unwrap();
            assert_eq!(texts.actor(code).unwrap(), (actor.kind, actor.id.map(str::as_bytes)));
        }
        for code in 0..actions {
            assert_eq!(texts.action(code).unwrap(), view.action(code).unwrap().as_bytes());
        }
        let names: Vec<u32> = (0..names).rev().collect();
        let (bearers, found) = texts.resources(&names).unwrap();
        for ((name, bearer), found) in names.iter().zip(bearers).zip(found) {
            let (resource, text) = view.name_text(*name).unwrap();
            assert_eq!((bearer, found.name), (resource, text.map(str::as_bytes)), "name {name}");
            let ResourceView { resource_type, id } = view.resource(resource).unwrap();
            let resource_type = view.type_text(resource_type).unwrap();
            assert_eq!((found.resource_type, found.id), (resource_type.as_bytes(), id.as_bytes()));
            assert_eq!(texts.resource_of_name(*name).unwrap(), found);
        }
        let actors: Vec<u32> = (0..actors).rev().collect();
        let former = |code: &u32| view.actor(*code).unwrap().former;
        assert!(view.formers(&actors).unwrap().into_iter().eq(actors.iter().map(former)));
        let resources: Vec<u32> = (0..resources).rev().collect();
        let present = |code: &u32| view.present(*code).unwrap();
        assert!(view.presents(&resources).unwrap().into_iter().eq(resources.iter().map(present)));
    }

    /// The ring has the names of the sealed part, each resource's in a circle.
    fn check_ring(&self, view: CatalogView<'_>) {
        let ring = view.name_ring().unwrap();
        let mut of_resource: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (code, (resource, _)) in (0..ring.len()).zip(&self.names.0) {
            of_resource.entry(*resource).or_default().push(code);
        }
        for names in of_resource.values() {
            for name in names {
                let mut circle: Vec<u32> = ring.others(*name).chain([*name]).collect();
                circle.sort_unstable();
                assert_eq!(&circle, names);
            }
        }
        assert_eq!(ring.others(ring.len()).count(), 0);
    }

    fn check_missing(&self, view: CatalogView<'_>) {
        assert_eq!(view.actor_code(ActorKind::User, Some("nobody")).unwrap(), None);
        assert_eq!(view.action_code("nothing").unwrap(), None);
        assert_eq!(view.type_code("nothing").unwrap(), None);
        assert_eq!(view.resource_code(0, "nothing").unwrap(), None);
        assert_eq!(view.name_code(0, Some("nothing")).unwrap(), None);
        let lengths = view.lengths();
        assert!(view.actor(lengths.actors).is_err());
        assert!(view.action(lengths.actions).is_err());
        assert!(view.type_text(lengths.types).is_err());
        assert!(view.resource(lengths.resources).is_err());
        assert!(view.resource_state(lengths.resources).is_err());
        assert!(view.name(lengths.names).is_err());
    }
}
