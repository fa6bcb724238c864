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

/// Names that would run, break out or disappear if a page took them for more than text; each as a
/// resource's name and type, as a user's name and e-mail, and as an action.
pub fn hostile() -> Vec<Value> {
    let payloads = [
        "<script>window.stolen=1</script>",
        "<img src=x onerror=\"window.stolen=1\">",
        "<svg/onload=alert(1)>",
        "\"><script>alert(1)</script>",
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
        "\u{202e}gpj.exe",
        "قائمة العملاء",
        "👩‍👩‍👧‍👦 family",
        "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
        "null",
        "undefined",
        "東京リスト",
    ];
    let one = |(index, payload): (usize, &&str)| {
        let at = format!("2024-05-01T10:00:{index:02}Z");
        let actor = json!({"kind": "user", "id": payload, "name": payload, "email": payload});
        event(&at, payload, actor, json!([resource(payload, payload, payload)]))
    };
    payloads.iter().enumerate().map(one).collect()
}
