//! From an [`Event`] to Avro's single-object encoding.

use super::{FINGERPRINT_V1, SINGLE_OBJECT_MARK};
use crate::{
    Change, Context, Event, EventHead, HeadPrincipal, HeadResource, JsonText, ProducerStamp,
};

/// The event in Avro's single-object encoding: `C3 01`, the schema's fingerprint, the body.
///
/// The same event always gives the same bytes. Limits are not checked (see [`Event::check`]).
pub fn encode_avro(event: &Event) -> Vec<u8> {
    let mut writer = Writer { bytes: Vec::with_capacity(512) };
    writer.bytes.extend_from_slice(&SINGLE_OBJECT_MARK);
    writer.bytes.extend_from_slice(&FINGERPRINT_V1);
    writer.event(event);
    writer.bytes
}

/// Appends Avro's primitive encodings.
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    /// The fields up to the resources, in the order of the schema.
    pub(super) fn head(&mut self, head: &EventHead<'_>) {
        self.text(head.event_id.hyphenated().encode_lower(&mut [0; 36]));
        self.optional(head.occurred_at, Self::long);
        self.bytes(head.workspace_id);
        self.principal(&head.actor);
        self.optional(head.on_behalf_of.as_ref(), Self::principal);
        self.bytes(head.action);
        self.optional(head.explicit_kind, |w, kind| w.long(kind as i64));
        self.long(head.outcome as i64);
        self.array(&head.resources, Self::resource);
    }

    fn principal(&mut self, principal: &HeadPrincipal<'_>) {
        self.long(principal.kind as i64);
        for text in [principal.id, principal.name, principal.email] {
            self.optional(text, Self::bytes);
        }
    }

    fn resource(&mut self, resource: &HeadResource<'_>) {
        self.bytes(resource.resource_type);
        self.bytes(resource.id);
        self.optional(resource.name, Self::bytes);
    }

    /// The fields in the order of the schema.
    fn event(&mut self, event: &Event) {
        self.head(&event.into());
        let context = Some(&event.context).filter(|context| **context != Context::default());
        self.optional(context, Self::context);
        self.array(&event.changes, Self::change);
        self.optional(event.description.as_deref(), Self::text);
        self.optional(event.metadata.as_ref(), Self::json_text);
        self.optional(event.producer.as_ref(), Self::producer);
    }

    fn context(&mut self, context: &Context) {
        let Context { ip, user_agent, request_id, trace_id, service, origin } = context;
        for text in [ip, user_agent, request_id, trace_id, service, origin] {
            self.optional(text.as_deref(), Self::text);
        }
    }

    fn change(&mut self, change: &Change) {
        self.text(&change.path);
        self.optional(change.before.as_ref(), Self::json_text);
        self.optional(change.after.as_ref(), Self::json_text);
    }

    fn producer(&mut self, producer: &ProducerStamp) {
        self.text(&producer.id);
        self.long(producer.number.cast_signed());
    }

    fn json_text(&mut self, text: &JsonText) {
        self.text(text.as_str());
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl Fn(&mut Self, T)) {
        match value {
            None => self.long(0),
            Some(value) => {
                self.long(1);
                write(self, value);
            }
        }
    }

    fn array<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        if !items.is_empty() {
            self.length(items.len());
            items.iter().for_each(|item| write(self, item));
        }
        self.long(0);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn length(&mut self, length: usize) {
        self.long(i64::try_from(length).unwrap_or(i64::MAX));
    }

    fn long(&mut self, value: i64) {
        let mut rest = (value << 1 ^ value >> 63).cast_unsigned();
        while rest >= 0x80 {
            self.bytes.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest.to_le_bytes()[0]);
    }
}
