"""An event put together step by step: who did what, on what."""

from __future__ import annotations

import datetime
import os
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

from .changes import changes_between
from .plain import plain

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_CONTEXT = ("ip", "user_agent", "request_id", "trace_id", "service", "origin")


class Fault(ValueError):
    """What of an event cannot be recorded."""


@dataclass(frozen=True)
class Principal:
    """Who acted, or for whom: `user`, `api_key`, `service`, `system` or `unknown`."""

    kind: str
    id: str | None = None
    name: str | None = None
    email: str | None = None

    def members(self) -> dict[str, Any]:
        """In the order of the schema; what is not known is left out."""
        named = {"kind": self.kind, "id": self.id, "name": self.name, "email": self.email}
        return {name: str(value) for name, value in named.items() if value is not None}


def user(id: str, *, name: str | None = None, email: str | None = None) -> Principal:
    """A person."""
    return Principal("user", id, name, email)


def api_key(id: str, *, name: str | None = None) -> Principal:
    """A key acting for a program."""
    return Principal("api_key", id, name)


def service(id: str, *, name: str | None = None) -> Principal:
    """One of the product's own services."""
    return Principal("service", id, name)


def system(*, name: str | None = None) -> Principal:
    """The product itself."""
    return Principal("system", None, name)


class Event:
    """Builds an event, with a fresh id (UUIDv7) and of an unknown actor.

    No step raises: what cannot be recorded is kept as a fault, which `Recorder.emit` counts as a
    loss and tells of, and the test recorder raises.
    """

    def __init__(self, workspace: str, action: str) -> None:
        self.faults: list[str] = []
        self._event: dict[str, Any] = {
            "event_id": str(uuid7()),
            "workspace_id": self._text("workspace", workspace),
            "actor": {"kind": "unknown"},
            "action": self._text("action", action),
        }

    def id(self, event_id: str | uuid.UUID) -> Event:
        """An id of one's own: of two events with the same id and content one is shown."""
        self._event["event_id"] = str(event_id)
        return self

    def at(self, at: datetime.datetime | str) -> Event:
        """When it happened, with a zone; a text is RFC 3339. Otherwise it is the time when it is emitted."""
        try:
            moment = parsed(at) if isinstance(at, str) else at
            if moment.tzinfo is None:
                raise ValueError("it has no zone")
            self._event["occurred_at"] = rfc3339(moment)
        except (AttributeError, OverflowError, TypeError, ValueError) as error:
            self.faults.append(f"at: no time: {error}")
        return self

    def by(self, principal: Principal) -> Event:
        """Who did it."""
        behalf = self._event["actor"].get("on_behalf_of")
        self._event["actor"] = principal.members()
        return self if behalf is None else self._behalf(behalf)

    def on_behalf_of(self, principal: Principal) -> Event:
        """For whom it was done."""
        return self._behalf(principal.members())

    def on(self, type: str, id: str, name: str | None = None) -> Event:
        """A resource it was done on; the first is the one that counts as changed."""
        resource = {"type": self._text("resource type", type), "id": str(id)}
        named = {} if name is None else {"name": str(name)}
        self._event.setdefault("resources", []).append(resource | named)
        return self

    def kind(self, kind: str) -> Event:
        """`create`, `read`, `update`, `delete` or `other`, where the action does not tell."""
        self._event["kind"] = kind
        return self

    def outcome(self, outcome: str) -> Event:
        """`success`, `failure` or `denied`."""
        if outcome != "unknown":
            self._event["outcome"] = outcome
        return self

    def context(self, **context: str | None) -> Event:
        """Where it came from: ip, user_agent, request_id, trace_id, service, origin."""
        for name, value in context.items():
            if name not in _CONTEXT:
                self.faults.append(f"context: there is no {name}")
            elif value is not None:
                self._event.setdefault("context", {})[name] = str(value)
        return self

    def description(self, description: str) -> Event:
        """A sentence for people."""
        self._event["description"] = self._text("description", description)
        return self

    def changed(self, before: Any, after: Any) -> Event:
        """The fields in which two states of the resource differ, with their values; None is none.

        What the states may be: dictionaries, dataclasses, pydantic models, and what these hold.
        """
        try:
            changes = changes_between(plain(before), plain(after))
        except Exception as error:  # objects of the host: anything may come of them
            self.faults.append(f"changed: {error}")
        else:
            if changes:
                self._event.setdefault("changes", []).extend(changes)
        return self

    def metadata(self, metadata: Any) -> Event:
        """Anything else, as an object."""
        try:
            value = plain(metadata)
        except Exception as error:
            self.faults.append(f"metadata: {error}")
            return self
        if not isinstance(value, dict):
            self.faults.append("metadata: it must be an object")
        elif value:
            self._event["metadata"] = value
        return self

    def members(self) -> dict[str, Any]:
        """What was given, by the names of the event JSON. A copy as deep as it is changed."""
        changes = [dict(change) for change in self._event.get("changes", [])]
        copied = {"changes": changes} if changes else {}
        context = {"context": dict(self._event["context"])} if "context" in self._event else {}
        return {**self._event, **copied, **context}

    def _behalf(self, members: dict[str, Any]) -> Event:
        self._event["actor"]["on_behalf_of"] = members
        return self

    def _text(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            self.faults.append(f"{name}: a text that is not empty is needed")
        return str(value)


def uuid7() -> uuid.UUID:
    """A fresh UUID of version 7 (RFC 9562 section 5.7): milliseconds, then random bits."""
    random = int.from_bytes(os.urandom(10), "big")
    high, low = random >> 64 & 0xFFF, random & (1 << 62) - 1
    millis = time.time_ns() // 1_000_000
    return uuid.UUID(int=millis << 80 | 7 << 76 | high << 64 | 2 << 62 | low)


def now() -> str:
    """The present time as events carry it."""
    return rfc3339(datetime.datetime.now(datetime.timezone.utc))


def parsed(text: str) -> datetime.datetime:
    """The time that a text of RFC 3339 tells. Digits beyond microseconds are cut."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError("it is no RFC 3339 with a zone")
    date, clock, fraction, zone = found.groups()
    zone = "+00:00" if zone in "Zz" else zone
    fraction = (fraction or "")[:6].ljust(6, "0")
    return datetime.datetime.fromisoformat(f"{date}T{clock}.{fraction}{zone}")


def rfc3339(at: datetime.datetime) -> str:
    """A time in UTC, to the microsecond."""
    utc = at.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"
