//! The events that scenarios look at. All lie in 2024: no machine's clock is behind them.

use serde_json::{Value, json};

#[expect(clippy::needless_pass_by_value, reason = "values are written where they are used")]
fn event(at: &str, action: &str, actor: Value, resources: Value) -> Value {
    json!({
        "workspace_id": "acme", "occurred_at": at, "action": action,
        "actor": actor, "resources": resources,
    })
}

fn user(id: &str, name: &str, email: &str) -> Value {
    json!({"kind": "user", "id": id, "name": name, "email": email})
}

fn ana() -> Value {
    user("u1", "Ana", "ana@acme.test")
}

fn bob() -> Value {
    user("u2", "Bob", "bob@acme.test")
}

fn resource(kind: &str, id: &str, name: &str) -> Value {
    json!({"type": kind, "id": id, "name": name})
}

/// Twelve actions with everything a row can show: each kind of actor, a rename, deletions, several
/// resources, none, a name that is missing, a failure, somebody on behalf of somebody else.
pub fn story() -> Vec<Value> {
    let minute = |minute: usize| format!("2024-05-01T10:{minute:02}:00.000123Z");
    let mut renamed =
        event("", "segment.renamed", ana(), json!([resource("segment", "s1", "VIP EU")]));
    renamed["changes"] = json!([{"path": "name", "before": "VIP", "after": "VIP EU"}]);
    renamed["kind"] = json!("update");
    let three = json!([
        resource("model", "m1", "Churn"),
        resource("segment", "s1", "VIP EU"),
        resource("destination", "d1", "Salesforce"),
    ]);
    let zoe = user("u3", "Zoë", "zoe@acme.test");
    let mut failed = event(
        "",
        "sync.failed",
        json!({"kind": "api_key", "id": "k1", "name": "ci-bot"}),
        json!([resource("destination", "d1", "Salesforce")]),
    );
    failed["outcome"] = json!("failure");
    let mut ana_for_bob = ana();
    ana_for_bob["on_behalf_of"] = bob();
    let other_ana = user("u4", "Ana", "ana.4@acme.test");
    let nameless = json!([{"type": "model", "id": "m-0123456789abcdef"}]);
    let mut events = vec![
        event("", "segment.created", ana(), json!([resource("segment", "s1", "VIP")])),
        renamed,
        event("", "source.created", bob(), json!([resource("source", "p1", "Postgres")])),
        event("", "source.deleted", bob(), json!([resource("source", "p1", "Postgres")])),
        event("", "model.updated", zoe, three),
        event("", "user.deleted", ana(), json!([resource("user", "u3", "Zoë")])),
        failed,
        event("", "report.sent", json!({"kind": "service", "id": "billing"}), json!([])),
        event("", "backup.done", json!({"kind": "system"}), nameless),
        event("", "login.failed", json!({"kind": "unknown"}), json!([])),
        event("", "segment.shared", ana_for_bob, json!([resource("segment", "s2", "Other")])),
        event("", "segment.copied", other_ana, json!([resource("segment", "s3", "Same")])),
    ];
    for (index, event) in events.iter_mut().enumerate() {
        event["occurred_at"] = json!(minute(index));
    }
    events
}

/// The story, then changes of texts and lists, and a source that another than its creator edited.
pub fn changes() -> Vec<Value> {
    let warehouse = || json!([resource("source", "p2", "Warehouse")]);
    let mut events = story();
    events.push(tuned());
    events.push(event("2024-05-01T10:13:00Z", "warehouse.created", bob(), warehouse()));
    events.push(event("2024-05-01T10:14:00Z", "warehouse.updated", ana(), warehouse()));
    events
}

/// Changes of a list, of a text and of a long one, with where the request came from.
fn tuned() -> Value {
    let tuned = json!([resource("segment", "s4", "Tuned")]);
    let mut event = event("2024-05-01T10:12:00.000123Z", "segment.tuned", ana(), tuned);
    event["kind"] = json!("update");
    event["changes"] = json!([
        {"path": "filter.country", "before": ["FR", "IT"], "after": ["FR", "DE"]},
        {"path": "note", "before": "old", "after": "new"},
        {"path": "sql", "before": "a ".repeat(200), "after": "b ".repeat(200)},
    ]);
    event["context"] = json!({"ip": "203.0.113.7", "request_id": "req-77"});
    event
}

/// So many actions, a second apart, by three users in turn.
pub fn many(count: usize) -> Vec<Value> {
    let one = |index: usize| {
        let at =
            format!("2024-05-01T{:02}:{:02}:{:02}Z", index / 3600, index / 60 % 60, index % 60);
        let actor = user(&format!("u{}", index % 3), &format!("User {}", index % 3), "u@acme.test");
        event(&at, "segment.updated", actor, json!([resource("segment", "s1", "VIP")]))
    };
    (0..count).map(one).collect()
}

/// So many changes of one field of one segment, a second apart.
pub fn steps(count: usize) -> Vec<Value> {
    let mut events = many(count);
    for (index, event) in events.iter_mut().enumerate() {
        let before = if index == 0 { Value::Null } else { json!(index) };
        event["changes"] = json!([{"path": "step", "before": before, "after": index + 1}]);
    }
    events
}

/// Around both changes of the clock in Paris in 2024, and one summer evening.
pub fn edges_of_summer_time() -> Vec<Value> {
    let times = [
        "2024-10-27T00:30:00.000123Z",
        "2024-10-27T01:30:00.000123Z",
        "2024-03-31T00:59:59Z",
        "2024-03-31T01:00:00Z",
        "2024-06-30T18:30:00Z",
    ];
    let one =
        |at: &str| event(at, "segment.updated", ana(), json!([resource("segment", "s1", "VIP")]));
    times.map(one).into()
}

/// Names that would run, break out or disappear if a page took them for more than text.
const PAYLOADS: [&str; 25] = [
    "<script>window.stolen=1</script>",
    "<img src=x onerror=\"window.stolen=1\">",
    "<svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "<iframe srcdoc='<script>parent.stolen=1</script>'></iframe>",
    "<style>*{display:none}</style>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<details open ontoggle=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<base href=\"http://127.0.0.1:1/\">",
    "<meta http-equiv=refresh content=\"0;url=http://127.0.0.1:1/\">",
    "</td></tr></table><script>alert(1)</script>",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<!--<img src=x onerror=alert(1)>-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "__proto__",
    "constructor",
    "=cmd|' /C calc'!A0",
    "قائمة العملاء",
    "null",
    "東京リスト",
];

/// What may stand around such a name: breaks out, turns its direction, rings, is long.
fn wrapped(payload: &str) -> [String; 8] {
    [
        payload.to_owned(),
        format!("\">{payload}"),
        format!("</script>{payload}"),
        format!("\u{202e}{payload}"),
        format!("{payload}\u{7}\u{1b}[31m"),
        format!("👩‍👩‍👧‍👦 a\u{301}\u{301}\u{301} {payload}"),
        format!("{payload}\n\t{payload}"),
        format!("{payload}{}", "m".repeat(1_000 - payload.chars().count())),
    ]
}

/// Two hundred hostile names of resources and users; the payload alone is also type, id, e-mail,
/// action, and value of a change.
pub fn hostile() -> Vec<Value> {
    let names = PAYLOADS.iter().flat_map(|payload| wrapped(payload).map(|name| (payload, name)));
    let one = |(index, (payload, name)): (usize, (&&str, String))| {
        let at = format!("2024-05-01T10:{:02}:{:02}Z", index / 60, index % 60);
        let actor = json!({"kind": "user", "id": payload, "name": name, "email": payload});
        let mut event = event(&at, payload, actor, json!([resource(payload, payload, &name)]));
        event["changes"] = json!([{"path": payload, "before": name, "after": [payload]}]);
        event["metadata"] = json!({*payload: name});
        event
    };
    names.enumerate().map(one).collect()
}
