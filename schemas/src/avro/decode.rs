//! From Avro's single-object encoding to an event, whose texts stay where they are.

use smallvec::SmallVec;

use super::SINGLE_OBJECT_MARK;
use super::reader::{BrokenBytes, Reader};
use crate::event_ids::parse_event_id;
use crate::event_json::checked_json_text;
use crate::json::{Value, is_plain_object};
use crate::pointer::Path;
use crate::shape::{MAX_CHANGES, change_value_depth, check_count, metadata_depth};
use crate::text::{TextRule, check_workspace};
use crate::violation::{Fault, Faults};
use crate::{
    ActorKind, ChangeView, ContextView, EventView, Instant, JsonView, Kind, Limits, Outcome,
    PrincipalView, ProducerView, Reason, ResourceView, SchemaViolation,
};

/// The fingerprint and the body of a single-object encoding, or `None` if it is none.
pub(crate) fn split_single_object(bytes: &[u8]) -> Option<([u8; 8], &[u8])> {
    let (fingerprint, body) = bytes.strip_prefix(&SINGLE_OBJECT_MARK)?.split_first_chunk()?;
    Some((*fingerprint, body))
}

/// Whether bytes may follow those of schema v1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trailing {
    /// No: the writer's schema is v1.
    Refused,
    /// Yes: the fields of a later version.
    Ignored,
}

/// Reads the fields of schema v1, checks them against the limits, and lends their texts: the
/// workspace's id, and everything else.
pub(crate) fn lend_body<'a>(
    body: &'a [u8],
    trailing: Trailing,
    limits: &Limits,
) -> Result<(&'a str, EventView<'a>), SchemaViolation> {
    let (reader, faults) = (Reader::new(body), Faults::default());
    let mut decoder = Decoder { reader, limits, faults };
    let broken = match decoder.event() {
        Ok(event) if trailing == Trailing::Ignored || decoder.reader.is_at_end() => {
            return decoder.faults.result(event);
        }
        Ok(_) => decoder.reader.broken("bytes left over"),
        Err(Stop::Broken(broken)) => broken,
        Err(Stop::OverLimit) => return decoder.faults.result(None),
    };
    let event_id = decoder.faults.event_id;
    Err(SchemaViolation {
        event_id,
        ..SchemaViolation::whole(Reason::Malformed, broken.to_string())
    })
}

/// Why decoding cannot go on.
enum Stop {
    Broken(BrokenBytes),
    /// Too many items; noted.
    OverLimit,
}

impl From<BrokenBytes> for Stop {
    fn from(broken: BrokenBytes) -> Self {
        Self::Broken(broken)
    }
}

struct Decoder<'a, 'l> {
    reader: Reader<'a>,
    limits: &'l Limits,
    faults: Faults,
}

impl<'a> Decoder<'a, '_> {
    /// The fields in the order of the schema; `None` if there is a fault at the workspace id.
    fn event(&mut self) -> Result<Option<(&'a str, EventView<'a>)>, Stop> {
        let root = Path::root("");
        self.faults.event_id = self.event_id(&root)?;
        let occurred_at = self.occurred_at(&root)?;
        let workspace_id = self.workspace_id(&root)?;
        let (actor, on_behalf_of) = self.actor(&root)?;
        let action = self.text("action", TextRule::action(self.limits), &root)?;
        let explicit_kind = self.kind()?;
        let outcome = Outcome::ALL[self.reader.index(Outcome::ALL.len(), "no such outcome")?];
        let resources = self.array("resources", self.limits.resources, &root, Self::resource)?;
        let (context, changes) =
            (self.context(&root)?, self.array("changes", MAX_CHANGES, &root, Self::change)?);
        let description = self.optional_text("description", TextRule::DESCRIPTION, &root)?;
        let (metadata, producer) = (self.metadata(&root)?, self.producer(&root)?);
        let event = EventView {
            event_id: self.faults.event_id.unwrap_or_default(),
            occurred_at,
            actor,
            on_behalf_of,
            action,
            explicit_kind,
            outcome,
            resources,
            context,
            changes,
            description,
            metadata,
            producer,
        };
        Ok(workspace_id.map(|workspace_id| (workspace_id, event)))
    }

    fn event_id(&mut self, path: &Path<'_>) -> Result<Option<uuid::Uuid>, Stop> {
        let id = parse_event_id(self.reader.text()?);
        if id.is_none() {
            self.faults.wrong(&path.member("event_id"), "not a UUID of 36 characters");
        }
        Ok(id)
    }

    fn occurred_at(&mut self, path: &Path<'_>) -> Result<Option<Instant>, Stop> {
        if !self.reader.is_present()? {
            return Ok(None);
        }
        let instant = Instant::from_micros(self.reader.long()?);
        if instant.is_none() {
            self.faults.wrong(&path.member("occurred_at"), "outside the years 0001 to 9999");
        }
        Ok(instant)
    }

    fn workspace_id(&mut self, path: &Path<'_>) -> Result<Option<&'a str>, Stop> {
        let text = self.reader.text()?;
        if let Err(fault) = check_workspace(text, self.limits) {
            self.faults.add(&path.member("workspace_id"), fault);
            return Ok(None);
        }
        Ok(Some(text))
    }

    /// Who acted, and for whom.
    fn actor(
        &mut self,
        path: &Path<'_>,
    ) -> Result<(PrincipalView<'a>, Option<PrincipalView<'a>>), Stop> {
        let path = path.member("actor");
        let principal = self.principal(&path)?;
        let on_behalf_of = match self.reader.is_present()? {
            true => Some(self.principal(&path.member("on_behalf_of"))?),
            false => None,
        };
        Ok((principal, on_behalf_of))
    }

    fn principal(&mut self, path: &Path<'_>) -> Result<PrincipalView<'a>, Stop> {
        let kind = self.reader.index(ActorKind::ALL.len(), "no such actor kind")?;
        Ok(PrincipalView {
            kind: ActorKind::ALL[kind],
            id: self.optional_text("id", TextRule::SHORT, path)?,
            name: self.optional_text("name", TextRule::name(self.limits), path)?,
            email: self.optional_text("email", TextRule::PERSONAL, path)?,
        })
    }

    fn kind(&mut self) -> Result<Option<Kind>, Stop> {
        if !self.reader.is_present()? {
            return Ok(None);
        }
        Ok(Some(Kind::ALL[self.reader.index(Kind::ALL.len(), "no such kind")?]))
    }

    fn resource(&mut self, path: &Path<'_>) -> Result<ResourceView<'a>, Stop> {
        Ok(ResourceView {
            resource_type: self.text("type", TextRule::IDENTIFIER, path)?,
            id: self.text("id", TextRule::IDENTIFIER, path)?,
            name: self.optional_text("name", TextRule::name(self.limits), path)?,
        })
    }

    fn context(&mut self, path: &Path<'_>) -> Result<ContextView<'a>, Stop> {
        if !self.reader.is_present()? {
            return Ok(ContextView::default());
        }
        let path = path.member("context");
        Ok(ContextView {
            ip: self.optional_text("ip", TextRule::PERSONAL, &path)?,
            user_agent: self.optional_text("user_agent", TextRule::USER_AGENT, &path)?,
            request_id: self.optional_text("request_id", TextRule::SHORT, &path)?,
            trace_id: self.optional_text("trace_id", TextRule::SHORT, &path)?,
            service: self.optional_text("service", TextRule::SHORT, &path)?,
            origin: self.optional_text("origin", TextRule::SHORT, &path)?,
        })
    }

    fn change(&mut self, path: &Path<'_>) -> Result<ChangeView<'a>, Stop> {
        Ok(ChangeView {
            path: self.text("path", TextRule::SHORT, path)?,
            before: self.change_value("before", path)?,
            after: self.change_value("after", path)?,
        })
    }

    fn change_value(&mut self, name: &str, path: &Path<'_>) -> Result<Option<JsonView<'a>>, Stop> {
        let Some(text) = self.reader.optional_text()? else { return Ok(None) };
        let depth = change_value_depth(self.limits);
        let node = checked_json_text(text, depth, &path.member(name), &mut self.faults);
        Ok(node.map(|node| JsonView::new_checked(node.text)))
    }

    /// An empty object counts as no metadata.
    fn metadata(&mut self, path: &Path<'_>) -> Result<Option<JsonView<'a>>, Stop> {
        let Some(text) = self.reader.optional_text()? else { return Ok(None) };
        let path = path.member("metadata");
        let depth = metadata_depth(self.limits);
        if is_plain_object(text.as_bytes(), depth) {
            return Ok(Some(JsonView::new_checked(text)));
        }
        let Some(node) = checked_json_text(text, depth, &path, &mut self.faults) else {
            return Ok(None);
        };
        match &node.value {
            Value::Null => Ok(None),
            Value::Object(members) if members.is_empty() => Ok(None),
            Value::Object(_) => Ok(Some(JsonView::new_checked(node.text))),
            other => {
                let detail = format!("expected an object, found {}", other.described());
                self.faults.wrong(&path, detail);
                Ok(None)
            }
        }
    }

    fn producer(&mut self, path: &Path<'_>) -> Result<Option<ProducerView<'a>>, Stop> {
        if !self.reader.is_present()? {
            return Ok(None);
        }
        let path = path.member("producer");
        let id = self.text("id", TextRule::IDENTIFIER, &path)?;
        let number = self.reader.long()?;
        if number < 1 {
            self.faults.wrong(&path.member("number"), "expected an integer from 1 to 2^63 - 1");
        }
        Ok(Some(ProducerView { id, number: number.unsigned_abs() }))
    }

    fn text(&mut self, name: &str, rule: TextRule, path: &Path<'_>) -> Result<&'a str, Stop> {
        let text = self.reader.text()?;
        self.check(rule.check(text), &path.member(name));
        Ok(text)
    }

    fn optional_text(
        &mut self,
        name: &str,
        rule: TextRule,
        path: &Path<'_>,
    ) -> Result<Option<&'a str>, Stop> {
        if self.reader.is_present()? { self.text(name, rule, path).map(Some) } else { Ok(None) }
    }

    fn array<T>(
        &mut self,
        name: &str,
        max: usize,
        path: &Path<'_>,
        item: impl Fn(&mut Self, &Path<'_>) -> Result<T, Stop>,
    ) -> Result<SmallVec<[T; 1]>, Stop> {
        let path = path.member(name);
        let mut items = SmallVec::new();
        let mut count = 0_usize;
        loop {
            let block = usize::try_from(self.reader.block_count()?).unwrap_or(usize::MAX);
            if block == 0 {
                return Ok(items);
            }
            // Items cost memory, so that counting on to name the real number is not worth it.
            if let Err(fault) = check_count(count.saturating_add(block), max, name) {
                self.faults.add(&path, fault);
                return Err(Stop::OverLimit);
            }
            for _ in 0..block {
                items.push(item(self, &path.index(count))?);
                count += 1;
            }
        }
    }

    fn check(&mut self, checked: Result<(), Fault>, path: &Path<'_>) {
        if let Err(fault) = checked {
            self.faults.add(path, fault);
        }
    }
}
