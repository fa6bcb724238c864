"""From an event to the bytes that are sent: stamped, masked, within its limit of size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .actions import Actions
from .canonical import canonical
from .event import Event, Fault, now, uuid7
from .trace import current_trace_id

# What a gateway takes by default.
EVENT_BYTES_MAX = 64 * 1024
# In the order of the Avro schema: all clients write the same bytes.
_ORDER = (
    "event_id",
    "occurred_at",
    "workspace_id",
    "actor",
    "action",
    "kind",
    "outcome",
    "resources",
    "context",
    "changes",
    "description",
    "metadata",
    "producer",
)
_PRINCIPAL = ("kind", "id", "name", "email", "on_behalf_of")
_PARTS = {
    "actor": _PRINCIPAL,
    "on_behalf_of": _PRINCIPAL,
    "resources": ("type", "id", "name"),
    "context": ("ip", "user_agent", "request_id", "trace_id", "service", "origin"),
    "changes": ("path", "before", "after"),
    "producer": ("id", "number"),
}


@dataclass(frozen=True)
class Encoder:
    """What every event of a recorder gets."""

    actions: Actions | None
    service: str | None
    # This instance, in `producer.id`.
    producer_id: str

    def encode(self, event: Event, number: int) -> tuple[dict[str, Any], bytes]:
        """The event's members and its JSON. Raises `Fault` for what cannot be recorded."""
        if event.faults:
            raise Fault("; ".join(event.faults))
        members = event.members()
        members.setdefault("occurred_at", now())
        context = members.get("context", {})
        found = {"service": self.service, "trace_id": current_trace_id()}
        known = {name: value for name, value in found.items() if value is not None}
        if known.keys() | context.keys():
            members["context"] = known | context
        members["producer"] = {"id": self.producer_id, "number": number}
        if self.actions is not None:
            self.actions.mask(members)
        encoded = wire(members).encode()
        if len(encoded) > EVENT_BYTES_MAX:
            raise Fault(f"the event has {len(encoded)} bytes, the limit is {EVENT_BYTES_MAX}")
        return members, encoded


def wire(members: dict[str, Any]) -> str:
    """The JSON of an event: members in the order of the schema, what is not given left out."""
    return _object(members, _ORDER)


def fresh_producer_id() -> str:
    """The id of a recorder that starts."""
    return str(uuid7())


def _object(members: dict[str, Any], order: tuple[str, ...]) -> str:
    there = (name for name in order if name in members)
    return "{" + ",".join(f'"{name}":{_member(name, members[name])}' for name in there) + "}"


def _member(name: str, value: Any) -> str:
    order = _PARTS.get(name)
    if order is None:
        return canonical(value)
    if isinstance(value, list):
        return "[" + ",".join(_object(item, order) for item in value) + "]"
    return _object(value, order)
