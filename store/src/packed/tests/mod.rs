//! Every view against a plain collection, and against bytes that nobody wrote.

mod bits;
mod cursor;
mod damage;
mod frames;
mod key_table;
mod postings;
mod set;
