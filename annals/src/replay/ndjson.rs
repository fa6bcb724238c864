//! A record as one line of JSON: its status and place, then the event's members as they came, or
//! why it was refused and its bytes.

use annals_schemas::{Instant, Refusal};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::judge::{Judged, Outcome};

pub(super) fn write(judged: &Judged<'_>, out: &mut Vec<u8>) {
    use std::io::Write as _;
    let record = judged.record;
    let (partition, offset) = (record.position.partition, record.position.offset);
    let recorded_at = Instant::from_millis_clamped(record.timestamp_ms);
    let status = judged.status();
    write!(
        out,
        "{{\"status\":\"{status}\",\"position\":{{\"partition\":{partition},\"offset\":{offset}}},\
         \"recorded_at\":\"{recorded_at}\","
    )
    .expect("memory takes everything");
    // The members follow without the brace that opens an object of their own.
    let at = out.len();
    match &judged.outcome {
        Outcome::Visible(event) | Outcome::Duplicate(event) => event.write_json(out),
        Outcome::Quarantined(refusal) => {
            serde_json::to_writer(&mut *out, &refused(judged, refusal)).expect("plain data");
        }
    }
    out.remove(at);
    out.push(b'\n');
}

fn refused(judged: &Judged<'_>, refusal: &Refusal) -> Value {
    let record = judged.record;
    let base64 = |bytes: Option<&[u8]>| bytes.map(|bytes| STANDARD.encode(bytes));
    let headers = record.headers.iter().map(
        |header| json!({"name": header.name, "value_base64": base64(header.value.as_deref())}),
    );
    json!({
        "reason": refusal.reason.as_str(),
        "detail": refusal.detail,
        "event_id": refusal.event_id,
        "key_base64": base64(record.key.as_deref()),
        "bytes_base64": base64(record.value.as_deref()),
        "headers": headers.collect::<Vec<_>>(),
    })
}
