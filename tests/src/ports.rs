//! Ports for servers that must be told theirs before they start. Compiled by path into the store's
//! own suites, too.

use std::hash::{BuildHasher as _, RandomState};
use std::net::TcpListener;
use std::sync::LazyLock;

use parking_lot::Mutex;

/// Below the ports that Linux gives to outgoing connections (32768 to 60999): one of those could be
/// taken by anybody's request between looking here and the server's own bind.
const FIRST: u16 = 20_000;
/// How many ports are looked at.
const SPAN: u16 = 12_000;

/// The first of `count` ports in a row that are free on loopback, and that no other test of this
/// process was given.
///
/// # Panics
/// When the machine has no such ports left.
pub fn free(count: u16) -> u16 {
    // Another process begins elsewhere.
    static NEXT: LazyLock<Mutex<u16>> = LazyLock::new(|| {
        let chance = RandomState::new().hash_one(std::process::id());
        Mutex::new(u16::try_from(chance % u64::from(SPAN)).expect("less than the span"))
    });
    let mut next = NEXT.lock();
    let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    for _ in 0..SPAN {
        let first = FIRST + *next;
        *next = (*next + count) % SPAN;
        if (first..first + count).all(is_free) {
            return first;
        }
    }
    panic!("of the ports from {FIRST} to {} no {count} in a row are free", FIRST + SPAN);
}
