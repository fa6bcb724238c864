//! HTTP as every role serves it: request ids, security headers, a server with time limits.

mod request_id;
mod security;
mod server;

pub use request_id::{RequestId, request_id};
pub use security::{FrameAncestors, InvalidOrigin, SecurityHeaders};
pub use server::{PeerAddress, serve};
