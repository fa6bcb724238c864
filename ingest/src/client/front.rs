//! A recorder's records through the gateway: as batches that it takes, one after the other.

use annals_schemas::{Event, LogId, NewRecord, Position, Record, TimestampType, decode};

use super::{Fate, GatewayClient, PostError};
use crate::recorder::Outcome;

/// Events of one request: what every gateway takes, unless it was configured lower.
const BATCH_EVENTS: usize = 1_000;
/// Bytes of one request, with room for JSON that is longer than Avro.
const BATCH_BYTES: usize = 1 << 20;

impl GatewayClient {
    /// Takes records to the log: one outcome each, in order. After the first request that does not
    /// get through nothing more is sent, so that what goes again later keeps its order.
    pub(crate) async fn take(&self, records: &[NewRecord]) -> Vec<Outcome> {
        let events: Vec<_> = records.iter().map(event).collect();
        let mut outcomes = Vec::with_capacity(events.len());
        let mut at_once = BATCH_EVENTS;
        while let Some(rest) = events.get(outcomes.len()..).filter(|rest| !rest.is_empty()) {
            let Ok(_) = &rest[0] else {
                outcomes.push(Outcome::Never("the record holds no event".to_owned()));
                continue;
            };
            let (body, count) = lines(rest, at_once);
            match self.post_lines(body, count).await {
                Ok(fates) => {
                    outcomes.extend(fates.into_iter().map(Outcome::from));
                    let is_away = |outcome: &&Outcome| matches!(outcome, Outcome::Later(_));
                    if let Some(later) = outcomes.iter().find(is_away).cloned() {
                        outcomes.resize(events.len(), later);
                    }
                }
                Err(PostError::TooMuch { .. }) if count > 1 => at_once = count / 2,
                Err(PostError::TooMuch { detail }) => outcomes.push(Outcome::Never(detail)),
                Err(error) => {
                    let detail = error.to_string();
                    outcomes.resize(events.len(), Outcome::Later(detail));
                }
            }
        }
        outcomes
    }
}

impl From<Fate> for Outcome {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Taken => Self::Taken,
            Fate::Again => Self::Later("the log did not acknowledge".to_owned()),
            Fate::Refused(detail) => Self::Never(detail),
        }
    }
}

/// What a record of the recorder's own making holds.
fn event(record: &NewRecord) -> Result<Event, ()> {
    let NewRecord { key, value, headers } = record.clone();
    let position = Position { partition: 0, offset: 0 };
    let timestamp_type = TimestampType::LogAppendTime;
    let headers = headers.into();
    let record = Record { position, timestamp_ms: 0, timestamp_type, key, value, headers };
    decode(&record, &LogId([0; 16])).map_err(|_| ())
}

/// As many of the first events as go together, one a line, and how many those are.
fn lines(events: &[Result<Event, ()>], at_once: usize) -> (Vec<u8>, usize) {
    let (mut body, mut count) = (Vec::new(), 0);
    for event in events.iter().map_while(|event| event.as_ref().ok()).take(at_once) {
        let before = body.len();
        event.write_json(&mut body);
        body.push(b'\n');
        if count > 0 && body.len() > BATCH_BYTES {
            body.truncate(before);
            break;
        }
        count += 1;
    }
    (body, count)
}
