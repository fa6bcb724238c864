//! Who acts in the demo's workspace.

use annals_schemas::{ActorKind, Principal};

/// A member of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Person {
    pub id: &'static str,
    pub name: &'static str,
    pub mail: &'static str,
    pub role: Role,
    pub ip: &'static str,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Admin,
    Editor,
    /// May look, and is denied the rest.
    Viewer,
}

const fn person(
    id: &'static str,
    name: &'static str,
    mail: &'static str,
    role: Role,
    ip: &'static str,
) -> Person {
    Person { id, name, mail, role, ip }
}

/// The team. The last one but two leaves during the story.
pub(super) const PEOPLE: [Person; 12] = [
    person("u1", "Ana Kovač", "ana@acme.test", Role::Admin, "203.0.113.7"),
    person("u2", "Bob Miller", "bob@acme.test", Role::Editor, "203.0.113.21"),
    person("u4", "Chidi Okafor", "chidi@acme.test", Role::Editor, "198.51.100.4"),
    person("u5", "Dana Levi", "dana@acme.test", Role::Editor, "203.0.113.7"),
    person("u6", "Emil Søndergaard", "emil@acme.test", Role::Editor, "198.51.100.88"),
    person("u7", "Fatima Zahra", "fatima@acme.test", Role::Editor, "192.0.2.15"),
    person("u8", "Giulia Conti", "giulia@acme.test", Role::Admin, "203.0.113.30"),
    person("u9", "Hiro 田中", "hiro@acme.test", Role::Editor, "192.0.2.201"),
    person("u10", "Ines Duarte", "ines@acme.test", Role::Editor, "198.51.100.4"),
    LEAVER,
    person("u11", "Jonas Weiß", "jonas@acme.test", Role::Viewer, "203.0.113.99"),
    person("u12", "Kiran Rao", "kiran@acme.test", Role::Viewer, "192.0.2.77"),
];

/// The person whose account is removed in the middle of the story.
pub(super) const LEAVER: Person =
    person("u3", "Zoë Laurent", "zoe@acme.test", Role::Editor, "198.51.100.61");

impl Person {
    /// This person as an actor.
    pub fn principal(&self) -> Principal {
        Principal {
            kind: ActorKind::User,
            id: Some(self.id.to_owned()),
            name: Some(self.name.to_owned()),
            email: Some(self.mail.to_owned()),
        }
    }
}

/// The key under which deployments run.
pub(super) fn ci_bot() -> Principal {
    named(ActorKind::ApiKey, "k1", "ci-bot")
}

/// The product's service that runs syncs.
pub(super) fn sync_engine() -> Principal {
    named(ActorKind::Service, "sync-engine", "Sync engine")
}

/// The product itself.
pub(super) fn system() -> Principal {
    named(ActorKind::System, "system", "System")
}

/// The vendor's support agent.
pub(super) fn support_agent() -> Principal {
    Principal {
        email: Some("sam@vendor.test".to_owned()),
        ..named(ActorKind::User, "support-17", "Sam (support)")
    }
}

fn named(kind: ActorKind, id: &str, name: &str) -> Principal {
    Principal { kind, id: Some(id.to_owned()), name: Some(name.to_owned()), email: None }
}
