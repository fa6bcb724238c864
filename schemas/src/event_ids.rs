//! Identities of events whose producer gave none: derived, so that a rebuild gives them again.

use uuid::{Uuid, uuid};

use crate::{LogId, Position};

/// The name space of every derived event id. Fixed for ever.
pub const EVENT_ID_NAMESPACE: Uuid = uuid!("df5f9678-1472-42b7-b5f3-315d8b834cbe");

/// The id of an event on the log that names none: UUIDv5 over the log id (16 bytes), the partition
/// (4 bytes) and the offset (8 bytes), big-endian.
pub fn positional_event_id(log_id: &LogId, position: Position) -> Uuid {
    let mut name = [0; 28];
    name[..16].copy_from_slice(&log_id.0);
    name[16..20].copy_from_slice(&position.partition.to_be_bytes());
    name[20..].copy_from_slice(&position.offset.to_be_bytes());
    Uuid::new_v5(&EVENT_ID_NAMESPACE, &name)
}

/// The id of a `CloudEvents` event: its `id` if that is a UUID, else UUIDv5 over source, a zero
/// byte, and id. (`source` and `id` together identify such an event.)
pub fn cloud_event_id(source: &str, id: &str) -> Uuid {
    parse_event_id(id).unwrap_or_else(|| {
        let name = [source.as_bytes(), &[0], id.as_bytes()].concat();
        Uuid::new_v5(&EVENT_ID_NAMESPACE, &name)
    })
}

/// Reads a UUID in its usual form of 36 characters, any letter case; no braces, no `urn:`.
pub(crate) fn parse_event_id(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_are_fixed() {
        let log_id = LogId([0xab; 16]);
        let id = positional_event_id(&log_id, Position { partition: 3, offset: 12_345 });
        assert_eq!(id.to_string(), "7f11646c-f9ae-51c0-a70e-37d1f1c0dad4");
        let id = cloud_event_id("/segments", "17");
        assert_eq!(id.to_string(), "50ada049-6dd1-5ba1-b376-777590418abc");
        let given = "01890A5D-AC96-774B-BCCE-B302099A8057";
        assert_eq!(cloud_event_id("/segments", given).to_string(), given.to_lowercase());
    }

    #[test]
    fn only_the_usual_form_of_a_uuid_is_one() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(parse_event_id(id).map(|id| id.to_string()).as_deref(), Some(id));
        for other in ["01890a5dac96774bbcceb302099a8057", "{01890a5d-ac96-774b-bcce-b302099a8057}"]
        {
            assert_eq!(parse_event_id(other), None);
        }
    }
}
