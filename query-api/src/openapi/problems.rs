//! The problems that routes answer with, as the document draws them.

use std::collections::BTreeMap;

use annals_service::openapi::problems;
use annals_service::problem::ProblemKind;
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

/// Sets of problems by name.
macro_rules! sets {
    ($($(#[$doc:meta])* $name:ident { $($kind:ident),+ $(,)? })+) => {
        $($(#[$doc])* pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                problems(&[$(ProblemKind::$kind),+])
            }
        })+
    };
}

sets! {
    /// What every read may be answered with.
    ReadProblems {
        InvalidParameter, CursorMismatch, Unauthenticated, Forbidden, NotFound, CursorExpired,
        RateLimited, Behind, LogUnavailable, Timeout,
    }
    /// What a route with a small body may be answered with besides.
    BodyProblems { PayloadTooLarge }
    /// What administrators may be answered with who make tokens and keys.
    AdministrationProblems {
        InvalidParameter, Unauthenticated, Forbidden, NotFound, PayloadTooLarge, RateLimited,
        Timeout,
    }
    /// What a route without a token may be answered with.
    TicketProblems { InvalidParameter, NotFound, RateLimited, Behind }
}
