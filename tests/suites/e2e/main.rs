//! Suite `e2e`: the whole path on the embedded log. Files in, pages out, by the real binary.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

mod auditors;
mod backup;
mod bad_input;
mod bad_store;
mod bulk;
mod commands;
mod cut_exports;
mod disk_full;
mod emit_calls;
mod evidence;
mod exchanged_rows;
mod exports;
mod freshness;
mod generated;
mod import;
mod import_table;
mod kept_heads;
mod layouts;
mod mutated_exports;
mod mutated_stores;
mod mutated_topics;
mod name_index;
mod nothing_else;
mod nothing_removes;
mod outbox;
mod rebuild;
mod recorded;
mod recorder;
mod replay;
