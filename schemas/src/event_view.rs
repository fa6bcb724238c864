//! An event borrowed from wherever its texts stand: what is written on the way out, and not kept,
//! needs no texts of its own.
//!
//! Guarantees: a view says what the [`Event`] says that it was made of, or that
//! [`EventView::to_event`] makes of it.

use smallvec::SmallVec;
use uuid::Uuid;

use crate::{
    Actor, ActorKind, Change, Context, Event, HeadPrincipal, HeadResource, Instant, JsonText, Kind,
    Outcome, Principal, ProducerStamp, Resource, WorkspaceId, kind_of_action,
};

/// Everything of an [`Event`] but its workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventView<'a> {
    /// Identity.
    pub event_id: Uuid,
    /// The producer's clock, if it said.
    pub occurred_at: Option<Instant>,
    /// Who did it.
    pub actor: PrincipalView<'a>,
    /// For whom.
    pub on_behalf_of: Option<PrincipalView<'a>>,
    /// The action's key.
    pub action: &'a str,
    /// The kind, where the producer gave it.
    pub explicit_kind: Option<Kind>,
    /// How it ended.
    pub outcome: Outcome,
    /// What it was done to, the primary one first.
    pub resources: SmallVec<[ResourceView<'a>; 1]>,
    /// Where it came from.
    pub context: ContextView<'a>,
    /// What changed.
    pub changes: SmallVec<[ChangeView<'a>; 1]>,
    /// Free text.
    pub description: Option<&'a str>,
    /// Anything else, an object.
    pub metadata: Option<JsonView<'a>>,
    /// The SDK's own counter.
    pub producer: Option<ProducerView<'a>>,
}

/// A [`Principal`], borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrincipalView<'a> {
    /// Which kind.
    pub kind: ActorKind,
    /// Stable id.
    pub id: Option<&'a str>,
    /// Name at the time.
    pub name: Option<&'a str>,
    /// E-mail at the time.
    pub email: Option<&'a str>,
}

/// A [`Resource`], borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceView<'a> {
    /// Its type.
    pub resource_type: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its name at the time.
    pub name: Option<&'a str>,
}

/// A [`Context`], borrowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContextView<'a> {
    /// Address or host name.
    pub ip: Option<&'a str>,
    /// Client software.
    pub user_agent: Option<&'a str>,
    /// The product's request id.
    pub request_id: Option<&'a str>,
    /// W3C trace id.
    pub trace_id: Option<&'a str>,
    /// Emitting service.
    pub service: Option<&'a str>,
    /// How it got here.
    pub origin: Option<&'a str>,
}

/// A [`Change`], borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeView<'a> {
    /// Which field.
    pub path: &'a str,
    /// Its value before.
    pub before: Option<JsonView<'a>>,
    /// Its value after.
    pub after: Option<JsonView<'a>>,
}

/// A [`JsonText`], borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonView<'a>(&'a str);

/// A [`ProducerStamp`], borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerView<'a> {
    /// Instance id.
    pub id: &'a str,
    /// Running number, from 1.
    pub number: u64,
}

impl EventView<'_> {
    /// What [`Event::kind`] says.
    pub fn kind(&self) -> Kind {
        self.explicit_kind.unwrap_or_else(|| kind_of_action(self.action))
    }

    /// The event with texts of its own.
    pub fn to_event(&self, workspace_id: WorkspaceId) -> Event {
        let on_behalf_of = self.on_behalf_of.map(PrincipalView::to_principal);
        Event {
            event_id: self.event_id,
            occurred_at: self.occurred_at,
            workspace_id,
            actor: Actor { principal: self.actor.to_principal(), on_behalf_of },
            action: self.action.to_owned(),
            explicit_kind: self.explicit_kind,
            outcome: self.outcome,
            resources: self.resources.iter().copied().map(ResourceView::to_resource).collect(),
            context: self.context.to_context(),
            changes: self.changes.iter().copied().map(ChangeView::to_change).collect(),
            description: owned(self.description),
            metadata: self.metadata.map(JsonView::to_text),
            producer: self
                .producer
                .map(|ProducerView { id, number }| ProducerStamp { id: id.to_owned(), number }),
        }
    }
}

impl<'a> PrincipalView<'a> {
    /// `None` if a text is no UTF-8.
    pub(crate) fn of(head: HeadPrincipal<'a>) -> Option<Self> {
        let HeadPrincipal { kind, id, name, email } = head;
        Some(Self { kind, id: text(id)?, name: text(name)?, email: text(email)? })
    }

    fn to_principal(self) -> Principal {
        let Self { kind, id, name, email } = self;
        Principal { kind, id: owned(id), name: owned(name), email: owned(email) }
    }
}

impl<'a> ResourceView<'a> {
    /// `None` if a text is no UTF-8.
    pub(crate) fn of(head: HeadResource<'a>) -> Option<Self> {
        let HeadResource { resource_type, id, name } = head;
        let (resource_type, id) = (text(Some(resource_type))??, text(Some(id))??);
        Some(Self { resource_type, id, name: text(name)? })
    }

    fn to_resource(self) -> Resource {
        let Self { resource_type, id, name } = self;
        Resource { resource_type: resource_type.to_owned(), id: id.to_owned(), name: owned(name) }
    }
}

impl<'a> ContextView<'a> {
    /// Every member with its name, in the order of the event JSON.
    pub fn members(&self) -> [(&'static str, Option<&'a str>); 6] {
        [
            ("ip", self.ip),
            ("user_agent", self.user_agent),
            ("request_id", self.request_id),
            ("trace_id", self.trace_id),
            ("service", self.service),
            ("origin", self.origin),
        ]
    }

    fn to_context(self) -> Context {
        Context {
            ip: owned(self.ip),
            user_agent: owned(self.user_agent),
            request_id: owned(self.request_id),
            trace_id: owned(self.trace_id),
            service: owned(self.service),
            origin: owned(self.origin),
        }
    }
}

impl ChangeView<'_> {
    fn to_change(self) -> Change {
        let Self { path, before, after } = self;
        let [before, after] = [before, after].map(|json| json.map(JsonView::to_text));
        Change { path: path.to_owned(), before, after }
    }
}

impl<'a> JsonView<'a> {
    /// Text that was found to be JSON within the limits.
    pub(crate) fn new_checked(text: &'a str) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &'a str {
        self.0
    }

    fn to_text(self) -> JsonText {
        JsonText::new_checked(self.0.to_owned())
    }
}

impl<'a> From<&'a Event> for EventView<'a> {
    fn from(event: &'a Event) -> Self {
        let stamp = |stamp: &'a ProducerStamp| ProducerView { id: &stamp.id, number: stamp.number };
        Self {
            event_id: event.event_id,
            occurred_at: event.occurred_at,
            actor: event.actor.principal.view(),
            on_behalf_of: event.actor.on_behalf_of.as_ref().map(Principal::view),
            action: &event.action,
            explicit_kind: event.explicit_kind,
            outcome: event.outcome,
            resources: event.resources.iter().map(Resource::view).collect(),
            context: event.context.view(),
            changes: event.changes.iter().map(Change::view).collect(),
            description: event.description.as_deref(),
            metadata: event.metadata.as_ref().map(JsonText::view),
            producer: event.producer.as_ref().map(stamp),
        }
    }
}

impl Principal {
    /// The same, borrowed.
    pub fn view(&self) -> PrincipalView<'_> {
        let Self { kind, id, name, email } = self;
        let [id, name, email] = [id, name, email].map(Option::as_deref);
        PrincipalView { kind: *kind, id, name, email }
    }
}

impl Resource {
    /// The same, borrowed.
    pub fn view(&self) -> ResourceView<'_> {
        let Self { resource_type, id, name } = self;
        ResourceView { resource_type, id, name: name.as_deref() }
    }
}

impl Context {
    /// The same, borrowed.
    pub fn view(&self) -> ContextView<'_> {
        ContextView {
            ip: self.ip.as_deref(),
            user_agent: self.user_agent.as_deref(),
            request_id: self.request_id.as_deref(),
            trace_id: self.trace_id.as_deref(),
            service: self.service.as_deref(),
            origin: self.origin.as_deref(),
        }
    }
}

impl Change {
    /// The same, borrowed.
    pub fn view(&self) -> ChangeView<'_> {
        let [before, after] = [&self.before, &self.after].map(|json| json.as_ref());
        ChangeView {
            path: &self.path,
            before: before.map(JsonText::view),
            after: after.map(JsonText::view),
        }
    }
}

impl JsonText {
    /// The same, borrowed.
    pub fn view(&self) -> JsonView<'_> {
        JsonView(self.as_str())
    }
}

/// Nothing if it is no UTF-8.
fn text(bytes: Option<&[u8]>) -> Option<Option<&str>> {
    bytes.map(str::from_utf8).transpose().ok()
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}
