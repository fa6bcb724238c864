//! The rows of a page, written as they are lent: the first member of its answer.

use std::collections::HashMap;

use annals_schemas::ObjectWriter;
use annals_store::RowView;

use super::row_text::RowText;

/// Room for a page of fifty rows.
const PAGE_BYTES: usize = 64 << 10;
/// Room for what fifty rows add to the bytes of a tag.
const CHANGING_BYTES: usize = 8 << 10;

/// The beginning of an answer: `data`, and what a tag has to know of it.
pub(crate) struct PageRows<'a> {
    text: RowText<'a>,
    /// What actions are called: a page has few.
    labels: HashMap<String, String>,
    is_empty: bool,
    out: Vec<u8>,
    /// For the tag, if there is to be one.
    changing: Option<Vec<u8>>,
}

impl<'a> PageRows<'a> {
    /// Of an answer without a tag.
    pub(crate) fn new(text: RowText<'a>) -> Self {
        let mut out = Vec::with_capacity(PAGE_BYTES);
        out.extend_from_slice(b"{\"data\":[");
        Self { text, labels: HashMap::new(), is_empty: true, out, changing: None }
    }

    /// Of an answer with one.
    pub(crate) fn tagged(text: RowText<'a>) -> Self {
        let mut changing = Vec::with_capacity(CHANGING_BYTES);
        changing.push(text.with_positions.into());
        Self { changing: Some(changing), ..Self::new(text) }
    }

    /// Appends the next row.
    pub(crate) fn push(&mut self, row: &RowView<'_>) {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        let action = row.event.action;
        if !self.labels.contains_key(action) {
            self.labels.insert(action.to_owned(), self.text.label(action));
        }
        let label = &self.labels[action];
        let mut object = ObjectWriter::new(&mut self.out);
        self.text.write_labelled(row, label, &mut object);
        object.end();
        if let Some(changing) = &mut self.changing {
            push_changing(row, label, changing);
        }
    }

    /// The answer as far as the rows go, which [`write_beside`](super::write_beside) ends; and what
    /// the rows of a page of another state would have other, for a tag: identities, and everything
    /// that does not follow from the events.
    pub(crate) fn end(mut self) -> (Vec<u8>, Vec<u8>) {
        self.out.push(b']');
        (self.out, self.changing.unwrap_or_default())
    }
}

/// Appends the event's identity, and everything of the row that does not follow from the event,
/// so that other rows have other bytes.
fn push_changing(row: &RowView<'_>, label: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(row.event.event_id.as_bytes());
    out.extend_from_slice(&row.seq.to_le_bytes());
    out.extend_from_slice(&row.recorded_at.micros().to_le_bytes());
    out.push(row.actor_former.into());
    out.push(row.on_behalf_of_former.into());
    push_text(Some(label), out);
    out.extend_from_slice(&(row.resources.len() as u64).to_le_bytes());
    for now in &row.resources {
        push_text(now.current_name, out);
        push_text(now.matched_name, out);
        out.push(now.deleted.into());
    }
}

/// Its length, which no absent one has, and the text.
fn push_text(text: Option<&str>, out: &mut Vec<u8>) {
    out.extend_from_slice(&text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
    out.extend_from_slice(text.unwrap_or_default().as_bytes());
}

#[cfg(test)]
mod tests {
    use annals_schemas::Labels;
    use annals_store::Row;
    use serde_json::json;

    use super::super::row_fixture::row;
    use super::super::write_beside;
    use super::*;

    fn page(labels: &Labels, rows: &[Row], with_positions: bool) -> (Vec<u8>, Vec<u8>) {
        let mut page = PageRows::tagged(RowText { labels, language: None, with_positions });
        rows.iter().for_each(|row| page.push(&row.view()));
        page.end()
    }

    #[test]
    fn what_stands_beside_rows_follows_them() {
        let labels = Labels::default();
        let (mut out, changing) = page(&labels, &[row(true), row(false)], false);
        assert!(!changing.is_empty());
        write_beside(&json!({"next": "x"}), &mut out);
        let text = RowText { labels: &labels, language: None, with_positions: false };
        let rows = [row(true), row(false)].map(|row| {
            let mut out = Vec::new();
            text.write(&row.view(), &mut out);
            String::from_utf8(out).unwrap()
        });
        let expected = format!("{{\"data\":[{}],\"next\":\"x\"}}", rows.join(","));
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let (mut none, _) = page(&labels, &[], false);
        write_beside(&json!({"next": null}), &mut none);
        assert_eq!(String::from_utf8(none).unwrap(), r#"{"data":[],"next":null}"#);
    }

    #[test]
    fn whatever_is_true_of_a_row_now_changes_its_tag() {
        let labels = Labels::default();
        let tagged = |change: fn(&mut Row)| {
            let mut row = row(true);
            change(&mut row);
            page(&labels, &[row], true).1
        };
        let same = tagged(|_| {});
        let changes: [fn(&mut Row); 6] = [
            |row| row.actor_former = false,
            |row| row.on_behalf_of_former = true,
            |row| row.resources[0].current_name = None,
            |row| row.resources[1].deleted = false,
            |row| row.resources[1].matched_name = None,
            |row| row.seq = 7,
        ];
        assert!(changes.into_iter().all(|change| tagged(change) != same));
        assert_eq!(tagged(|row| row.event.changes.clear()), same, "an event never changes");
    }
}
