//! Rows as CSV: RFC 4180, UTF-8 without a byte order mark, CRLF, one row an event.
//!
//! A cell that a spreadsheet would take for a formula is preceded by an apostrophe (OWASP ASVS
//! 1.2.10). Such cells are not what was recorded; NDJSON is.

use annals_schemas::{ChangeView, Instant, ObjectWriter, write_objects};
use annals_store::RowView;
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

use crate::shapes::{RowText, resources, write_resource};

/// The columns, without the one that `tz` appends.
const COLUMNS: [&str; 24] = [
    "event_id",
    "seq",
    "occurred_at",
    "recorded_at",
    "action",
    "action_label",
    "kind",
    "outcome",
    "actor_kind",
    "actor_id",
    "actor_name",
    "actor_email",
    "on_behalf_of_id",
    "resource_type",
    "resource_id",
    "resource_name",
    "resources_json",
    "changes_json",
    "ip",
    "user_agent",
    "request_id",
    "trace_id",
    "description",
    "metadata_json",
];
const LOCAL_COLUMN: &str = "occurred_at_local";
/// What makes a spreadsheet compute; the wide forms do where those are typed.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\0'];

/// The first line.
pub(super) fn write_header(zone: Option<Tz>, out: &mut Vec<u8>) {
    out.extend_from_slice(COLUMNS.join(",").as_bytes());
    if zone.is_some() {
        out.push(b',');
        out.extend_from_slice(LOCAL_COLUMN.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// One line; the zone is that of the local time.
pub(super) fn write_row(row: &RowView<'_>, text: RowText<'_>, zone: Option<Tz>, out: &mut Vec<u8>) {
    let event = &row.event;
    let (principal, context) = (&event.actor, &event.context);
    let first = event.resources.first();
    let moment = |at: Instant| at.to_string();
    let cells: [&str; COLUMNS.len()] = [
        &event.event_id.to_string(),
        &row.seq.to_string(),
        &event.occurred_at.map(moment).unwrap_or_default(),
        &moment(row.recorded_at),
        event.action,
        &text.label(event.action),
        event.kind().as_str(),
        event.outcome.as_str(),
        principal.kind.as_str(),
        principal.id.unwrap_or_default(),
        principal.name.unwrap_or_default(),
        principal.email.unwrap_or_default(),
        event.on_behalf_of.and_then(|other| other.id).unwrap_or_default(),
        first.map_or("", |resource| resource.resource_type),
        first.map_or("", |resource| resource.id),
        first.and_then(|resource| resource.name).unwrap_or_default(),
        &json(resources(row), write_resource),
        &json(event.changes.iter().copied(), ChangeView::write_members),
        context.ip.unwrap_or_default(),
        context.user_agent.unwrap_or_default(),
        context.request_id.unwrap_or_default(),
        context.trace_id.unwrap_or_default(),
        event.description.unwrap_or_default(),
        event.metadata.map_or("{}", |metadata| metadata.as_str().trim()),
    ];
    cells.iter().for_each(|cell| write_csv_cell(cell, out));
    if let Some(zone) = zone {
        write_csv_cell(&event.occurred_at.map(|at| local(at, zone)).unwrap_or_default(), out);
    }
    // The last cell's comma.
    out.pop();
    out.extend_from_slice(b"\r\n");
}

/// An array of objects.
fn json<T>(
    items: impl IntoIterator<Item = T>,
    write: impl FnMut(T, &mut ObjectWriter<'_>),
) -> String {
    let mut out = Vec::new();
    write_objects(items, write, &mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

fn local(at: Instant, zone: Tz) -> String {
    let utc = DateTime::<Utc>::from_timestamp_micros(at.micros()).unwrap_or_default();
    utc.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Micros, false)
}

/// Writes a cell and a comma. Readers that part cells at semicolons or tabs as well find each cell
/// whole; spreadsheets offer to.
pub fn write_csv_cell(text: &str, out: &mut Vec<u8>) {
    let is_plain = |byte: u8| !matches!(byte, b',' | b';' | b'\t' | b'"' | b'\r' | b'\n');
    let escaped = is_formula(text);
    if text.bytes().all(is_plain) && !text.starts_with(' ') && !text.ends_with(' ') {
        out.extend_from_slice(if escaped { b"'" } else { b"" });
        out.extend_from_slice(text.as_bytes());
    } else {
        out.extend_from_slice(if escaped { b"\"'" } else { b"\"" });
        for (index, part) in text.split('"').enumerate() {
            out.extend_from_slice(if index > 0 { b"\"\"" } else { b"" });
            out.extend_from_slice(part.as_bytes());
        }
        out.push(b'"');
    }
    out.push(b',');
}

/// Also after quotes and line ends, which careless readers drop.
fn is_formula(text: &str) -> bool {
    text.starts_with(FORMULA) || text.trim_start_matches(['"', '\n']).starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut out = Vec::new();
        write_csv_cell(text, &mut out);
        assert_eq!(out.pop(), Some(b','));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cases = [
            ("", ""),
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            (" spaced ", "\" spaced \""),
            ("Zoë 東京", "Zoë 東京"),
            ("a;=1+1", "\"a;=1+1\""),
            ("a\t=1+1", "\"a\t=1+1\""),
        ];
        for (text, expected) in cases {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_a_spreadsheet_would_compute_is_preceded_by_an_apostrophe() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@sum", "'@sum"),
            ("＝1", "'＝1"),
            ("\tx", "\"'\tx\""),
            ("\rx", "\"'\rx\""),
            ("\0x", "'\0x"),
            ("\"=1", "\"'\"\"=1\""),
            ("\n=1", "\"'\n=1\""),
            ("=1,2", "\"'=1,2\""),
            ("a=1", "a=1"),
            ("1-1", "1-1"),
        ];
        for (text, expected) in cases {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_local_time_tells_the_repeated_hour_apart() {
        let at = |text| Instant::parse(text).unwrap();
        let paris = chrono_tz::Europe::Paris;
        let first = local(at("2026-10-25T00:30:00Z"), paris);
        let second = local(at("2026-10-25T01:30:00.000123Z"), paris);
        assert_eq!(first, "2026-10-25T02:30:00.000000+02:00");
        assert_eq!(second, "2026-10-25T02:30:00.000123+01:00");
    }
}
