//! Whatever is sealed, merged, stopped or repeated, the fold comes to the same.

mod bad_stores;
mod commit;
mod compacting;
mod faults;
mod folding;
mod harness;
mod offsets;
mod rulings;
mod seen;
