//! HTTP as every role serves it: request ids, security headers, a server with time limits.

mod cors;
mod rate_headers;
mod request_id;
mod security;
mod server;
mod trace_context;

pub use cors::AllowedOrigins;
pub use rate_headers::{admit_counted, rate_headers};
pub use request_id::{RequestId, request_id};
pub use security::{FrameAncestors, InvalidOrigin, SecurityHeaders};
pub use server::{PeerAddress, serve};
