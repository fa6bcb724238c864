//! A record as one line of JSON: its status and place, then the event's members as they came, or
//! why it was refused and its bytes.

use annals_schemas::{Instant, ObjectWriter, Record, Refusal};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::judge::{Judged, Outcome};

pub(super) fn write(judged: &Judged<'_>, out: &mut Vec<u8>) {
    let record = judged.record;
    let mut line = ObjectWriter::new(out);
    line.text("status", judged.status());
    let mut position = line.object("position");
    position.number("partition", record.position.partition);
    position.number("offset", record.position.offset);
    position.end();
    line.moment("recorded_at", Instant::from_millis_clamped(record.timestamp_ms));
    match &judged.outcome {
        Outcome::Visible(event) | Outcome::Duplicate(event) => event.write_members(&mut line),
        Outcome::Quarantined(refusal) => refused(record, refusal, &mut line),
    }
    line.end();
    out.push(b'\n');
}

/// Why, and the bytes of key, value and headers.
fn refused(record: &Record, refusal: &Refusal, line: &mut ObjectWriter<'_>) {
    let base64 = |bytes: Option<&[u8]>| bytes.map(|bytes| STANDARD.encode(bytes));
    line.text("reason", refusal.reason.as_str());
    line.text("detail", &refusal.detail);
    line.or_null("event_id", refusal.event_id.as_ref(), ObjectWriter::uuid);
    line.optional("key_base64", base64(record.key.as_deref()).as_deref());
    line.optional("bytes_base64", base64(record.value.as_deref()).as_deref());
    line.objects("headers", &*record.headers, |header, object| {
        object.text("name", &header.name);
        object.optional("value_base64", base64(header.value.as_deref()).as_deref());
    });
}
