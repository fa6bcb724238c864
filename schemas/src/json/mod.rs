//! JSON read strictly: RFC 8259 with the rules of I-JSON (RFC 7493) that keep a text unambiguous.
//!
//! Guarantees: the same text is accepted or refused in the same way for ever, at a bounded depth;
//! member names do not repeat; every number fits a double; strings hold no lone surrogates. Nodes
//! keep the text they were read from, so that a part can be kept verbatim. A reader of our own,
//! because which records are visible (fold version 1) must not move with a library's version.
//! [`ObjectWriter`] writes.

mod canonical;
mod node;
mod number;
mod plain;
mod reader;
mod writer;

pub(crate) use canonical::{write_canonical, write_string};
pub(crate) use node::{Node, Value};
pub(crate) use plain::{is_plain_object, is_plain_value};
pub(crate) use reader::parse;
pub use writer::{ObjectWriter, write_objects};

#[cfg(test)]
mod tests;
