//! Conditions on an event's context, which is in its record alone.
//!
//! There is no column and no list of request and trace ids: they are almost all different, and
//! asked for seldom. A record is tested as it is stored; only one whose bytes hold the text, or
//! that may spell it otherwise, is decoded.

use annals_schemas::{Event, LogId, Record};
use memchr::memmem;

use super::filter::Filter;
use super::row::event_of;
use crate::StoreError;

/// How Avro's single-object encoding begins: texts lie in it as they are.
const AVRO_MARK: [u8; 2] = [0xC3, 0x01];

/// A test of records.
pub(super) struct ContextTest<'f> {
    request_ids: Ids<'f>,
    trace_ids: Ids<'f>,
}

/// Texts of which one has to be found; none asks nothing.
struct Ids<'f> {
    texts: &'f [String],
    finders: Vec<memmem::Finder<'f>>,
}

impl<'f> ContextTest<'f> {
    /// What a filter asks of the context, if anything.
    pub(super) fn of(filter: &'f Filter) -> Option<Self> {
        let asks = !filter.request_ids.is_empty() || !filter.trace_ids.is_empty();
        asks.then(|| Self {
            request_ids: Ids::new(&filter.request_ids),
            trace_ids: Ids::new(&filter.trace_ids),
        })
    }

    /// The event of a visible record that satisfies it.
    pub(super) fn admit(
        &self,
        record: &Record,
        log_id: &LogId,
    ) -> Result<Option<Event>, StoreError> {
        let value = record.value.as_deref().unwrap_or_default();
        let is_plain = value.starts_with(&AVRO_MARK) && record.header("ce_specversion").is_none();
        if is_plain && !(self.request_ids.may_be_in(value) && self.trace_ids.may_be_in(value)) {
            return Ok(None);
        }
        let event = event_of(record, log_id)?;
        let context = &event.context;
        let is_admitted = self.request_ids.admit(context.request_id.as_deref())
            && self.trace_ids.admit(context.trace_id.as_deref());
        Ok(is_admitted.then_some(event))
    }
}

impl<'f> Ids<'f> {
    fn new(texts: &'f [String]) -> Self {
        Self { texts, finders: texts.iter().map(memmem::Finder::new).collect() }
    }

    fn may_be_in(&self, bytes: &[u8]) -> bool {
        self.texts.is_empty() || self.finders.iter().any(|finder| finder.find(bytes).is_some())
    }

    fn admit(&self, id: Option<&str>) -> bool {
        self.texts.is_empty() || id.is_some_and(|id| self.texts.iter().any(|text| text == id))
    }
}
