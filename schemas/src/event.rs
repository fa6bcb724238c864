//! The validated immutable fact: who did what on what, when, with which outcome.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event_json::parse_document;
use crate::{Instant, Limits, SchemaViolation, WorkspaceId, json};

/// A validated event. Built by the decoders and `parse_event` only from input within the limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Identity within the workspace; a second record with it is a duplicate or a conflict.
    pub event_id: Uuid,
    /// The producer's clock, if it said.
    pub occurred_at: Option<Instant>,
    /// The isolation unit it belongs to; equals the record key.
    pub workspace_id: WorkspaceId,
    /// Who did it; kind `unknown` when nobody is known.
    pub actor: Actor,
    /// What was done, `noun.verb` by custom.
    pub action: Action,
    /// Explicit kind; `None` means derived from the action (see [`Event::kind`]).
    pub explicit_kind: Option<Kind>,
    /// How it ended; `unknown` if unsaid.
    pub outcome: Outcome,
    /// 0 to 32 resources; the first is the primary one.
    pub resources: Vec<Resource>,
    /// Where it came from.
    pub context: Context,
    /// Field-level changes.
    pub changes: Vec<Change>,
    /// Free text.
    pub description: Option<String>,
    /// Anything else, a JSON object.
    pub metadata: Option<JsonText>,
    /// The SDK's own counter: gaps show losses.
    pub producer: Option<ProducerStamp>,
}

/// JSON kept as text: valid JSON, within the depth limit, not necessarily canonical.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonText(String);

impl JsonText {
    /// Wraps text that the caller has checked to be JSON within the limits.
    pub(crate) fn new_checked(text: String) -> Self {
        Self(text)
    }

    /// Checks and wraps a JSON text, at most 32 levels deep; faults name places within it.
    pub fn parse(text: &str) -> Result<Self, SchemaViolation> {
        parse_document(text, Limits::HARD.depth).map(|node| Self(node.text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its canonical form (RFC 8785, integers of 64 bits kept exact).
    pub fn canonical(&self) -> Vec<u8> {
        let node = json::parse(&self.0, Limits::HARD.depth).expect("checked when it was made");
        let mut bytes = Vec::new();
        json::write_canonical(&node, &mut bytes);
        bytes
    }
}

/// An action key, 1 to 128 characters without control characters.
pub type Action = String;

macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every member, in the order of the Avro schema's symbols.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The name used on every wire and in every answer.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Place in [`ALL`](Self::ALL): what columns store.
            pub fn code(self) -> u32 {
                self as u32
            }

            /// The member at that place.
            pub fn from_code(code: u32) -> Option<Self> {
                Self::ALL.get(usize::try_from(code).ok()?).copied()
            }

            /// The member of that name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

closed_set! {
    /// What kind of actor acted.
    ActorKind {
        /// A person.
        User = "user",
        /// A key acting for a program.
        ApiKey = "api_key",
        /// One of the product's own services.
        Service = "service",
        /// The product itself.
        System = "system",
        /// Nobody is known.
        Unknown = "unknown",
    }
}

closed_set! {
    /// What an action does to its resource.
    Kind {
        /// Brings it into being.
        Create = "create",
        /// Looks at it.
        Read = "read",
        /// Changes it.
        Update = "update",
        /// Removes it.
        Delete = "delete",
        /// Anything else.
        Other = "other",
    }
}

closed_set! {
    /// How an action ended.
    Outcome {
        /// Done.
        Success = "success",
        /// Tried, failed.
        Failure = "failure",
        /// Refused.
        Denied = "denied",
        /// Unsaid.
        Unknown = "unknown",
    }
}

/// Who acted, and for whom if on another's behalf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The performer.
    pub principal: Principal,
    /// The person acted for (impersonation, support access); one level only.
    pub on_behalf_of: Option<Principal>,
}

/// A performer or the one performed for. Names and e-mails may be sealed: opaque, equal to self.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Which kind.
    pub kind: ActorKind,
    /// Stable id.
    pub id: Option<String>,
    /// Name at the time of the event.
    pub name: Option<String>,
    /// E-mail at the time of the event.
    pub email: Option<String>,
}

/// What was acted on. Type and id identify it; the name may change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resource {
    /// Kind of thing, such as `segment`. Never empty.
    pub resource_type: String,
    /// Stable id within the type. Never empty.
    pub id: String,
    /// Name at the time of the event.
    pub name: Option<String>,
}

/// Where an action came from. All free text: recorded "ips" are host names at times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Address or host name.
    pub ip: Option<String>,
    /// Client software.
    pub user_agent: Option<String>,
    /// The product's request id.
    pub request_id: Option<String>,
    /// W3C trace id.
    pub trace_id: Option<String>,
    /// Emitting service.
    pub service: Option<String>,
    /// How it got here; `import` for backfilled history.
    pub origin: Option<String>,
}

impl Context {
    /// Every member with its name, in the order of the event JSON.
    pub fn members(&self) -> [(&'static str, Option<&str>); 6] {
        self.view().members()
    }
}

/// One changed field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Dotted path or JSON pointer, as the producer names it.
    pub path: String,
    /// Value before; `None` if absent.
    pub before: Option<JsonText>,
    /// Value after; `None` if absent.
    pub after: Option<JsonText>,
}

/// Which SDK instance sent it, and its running number there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProducerStamp {
    /// Instance id.
    pub id: String,
    /// Running number, from 1.
    pub number: u64,
}

impl Actor {
    /// An actor of whom nothing is known.
    pub fn unknown() -> Self {
        let principal = Principal { kind: ActorKind::Unknown, id: None, name: None, email: None };
        Self { principal, on_behalf_of: None }
    }
}

impl Principal {
    /// A person of the product.
    pub fn user(id: impl Into<String>) -> Self {
        Self::of(ActorKind::User, id)
    }

    /// A key of the product's API.
    pub fn api_key(id: impl Into<String>) -> Self {
        Self::of(ActorKind::ApiKey, id)
    }

    /// One of the product's own services.
    pub fn service(id: impl Into<String>) -> Self {
        Self::of(ActorKind::Service, id)
    }

    fn of(kind: ActorKind, id: impl Into<String>) -> Self {
        Self { kind, id: Some(id.into()), name: None, email: None }
    }

    /// The same with a name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same with an e-mail address.
    #[must_use]
    pub fn email(self, email: impl Into<String>) -> Self {
        Self { email: Some(email.into()), ..self }
    }
}
