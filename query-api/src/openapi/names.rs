//! Closed sets of values, by their names on the wire, as the document draws them.

use annals_schemas::{ActorKind, Kind, Outcome, Reason};
use annals_service::openapi::one_of;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $names:expr;)+) => {
        $($(#[$doc])* pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                one_of($names).into()
            }
        }

        impl ToSchema for $name {})+
    };
}

names! {
    /// Kinds of actors.
    ActorKindName = ActorKind::NAMES;
    /// Whether somebody is still there.
    StatusName = &["active", "former"];
    /// Kinds of actions.
    KindName = Kind::NAMES;
    /// Outcomes.
    OutcomeName = Outcome::NAMES;
    /// Whose clock an event's time is of.
    ClockName = &["producer", "assigned", "ahead"];
    /// Which names count.
    NameScopeName = &["ever", "event"];
    /// How names match.
    NameMatchName = &["contains", "exact", "prefix"];
    /// Whether and how far rows are counted.
    CountName = &["none", "bounded", "exact"];
    /// Whether a count is all there are, or the least.
    RelationName = &["eq", "gte"];
    /// How rows are written.
    FormatName = &["csv", "ndjson"];
    /// Lengths of buckets.
    BucketName = &["hour", "day", "week"];
    /// What buckets are told apart by.
    HistogramByName = &["kind", "outcome"];
    /// Why a record is no event.
    ReasonName = &Reason::ALL.iter().map(|reason| reason.as_str()).collect::<Vec<_>>();
    /// Operations of a patch.
    OperationName = &["add", "remove", "replace"];
    /// How a partition is doing.
    PartitionStatusName = &["catching-up", "live", "retrying", "halted"];
}
