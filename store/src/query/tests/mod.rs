//! Every driver, page size, direction and snapshot against a brute-force answer.

mod context;
mod drivers;
mod feed;
mod kept_matches;
mod names;
mod oracle;
mod pages;
mod reader;
mod rows;
mod tallies;
mod work;
mod world;
