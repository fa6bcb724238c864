//! L8: who acted.

use serde_json::{Value, json};

use crate::server::{Server, numbered};

fn by(n: u64, actor: Value) -> Value {
    numbered(n, json!({"actor": actor}))
}

#[test]
fn a8_1_the_name_is_that_of_the_time() {
    let server = Server::with_events(&[
        by(1, json!({"kind": "user", "id": "u1", "name": "Ana", "email": "ana@acme.test"})),
        by(2, json!({"kind": "user", "id": "u1", "name": "Ana Smith", "email": "smith@acme.test"})),
    ]);
    let rows = server.rows("actor=u1");
    let names: Vec<_> = rows.iter().map(|row| row["actor"]["name"].clone()).collect();
    assert_eq!(names, ["Ana Smith", "Ana"]);
    assert!(
        rows.iter().all(|row| row["actor"]["id"] == "u1" && row["actor"]["status"] == "active")
    );
}

#[test]
fn a8_2_a_deleted_user_is_former_and_still_found() {
    let zoe = json!({"kind": "user", "id": "u3", "name": "Zoë"});
    let server = Server::with_events(&[
        by(1, zoe),
        numbered(
            2,
            json!({"action": "user.deleted", "actor": {"kind": "user", "id": "u1", "name": "Ana"},
            "resources": [{"type": "user", "id": "u3", "name": "Zoë"}]}),
        ),
    ]);
    let rows = server.rows("actor=u3");
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["actor"]["name"], &rows[0]["actor"]["status"]),
        (&json!("Zoë"), &json!("former"))
    );
    assert_eq!(server.rows("actor=u1")[0]["actor"]["status"], "active");
}

#[test]
fn a8_4_two_people_of_one_name_are_two() {
    let server = Server::with_events(&[
        by(1, json!({"kind": "user", "id": "u1", "name": "Ana", "email": "ana@acme.test"})),
        by(2, json!({"kind": "user", "id": "u4", "name": "Ana", "email": "ana.two@acme.test"})),
    ]);
    assert_eq!(server.numbers("actor=u1"), [1]);
    assert_eq!(server.numbers("actor=u4"), [2]);
    let emails: Vec<_> = server.rows("").iter().map(|row| row["actor"]["email"].clone()).collect();
    assert_eq!(emails, ["ana.two@acme.test", "ana@acme.test"]);
}

#[test]
fn a8_5_both_of_an_impersonation_are_shown_and_found() {
    let ana = json!({"kind": "user", "id": "u1", "name": "Ana",
        "on_behalf_of": {"kind": "user", "id": "u2", "name": "Bob"}});
    let bob = json!({"kind": "user", "id": "u2", "name": "Bob"});
    let server = Server::with_events(&[by(1, ana), by(2, bob)]);
    let row = server.rows("on_behalf_of=u2").remove(0);
    assert_eq!(row["actor"]["name"], "Ana");
    assert_eq!(row["actor"]["on_behalf_of"]["name"], "Bob");
    assert_eq!(row["metadata"]["n"], 1);
    assert_eq!(server.numbers("on_behalf_of=u2"), [1]);
    assert_eq!(server.numbers("actor=u2"), [2], "the performer only");
    assert_eq!(server.numbers("actor=u1&on_behalf_of=u2"), [1]);
    assert_eq!(server.numbers("on_behalf_of=u1"), [0; 0]);
}
