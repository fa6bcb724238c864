"""The vectors that all clients share: what goes in at the builder, what comes out on the wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from annals_client import Actions, Event, Principal

FILE = Path(__file__).resolve().parents[3] / "schemas" / "vectors" / "events.json"


def vectors() -> list[dict[str, Any]]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def built(vector: dict[str, Any]) -> dict[str, Any]:
    """The members of a vector's event, made by the builder and masked."""
    given = vector["input"]
    event = Event(given["workspace"], given["action"]).id(given["event_id"])
    for name in ("at", "outcome", "kind", "description", "metadata"):
        if name in given:
            getattr(event, name)(given[name])
    for name in ("by", "on_behalf_of"):
        if name in given:
            getattr(event, name)(Principal(**given[name]))
    for on in given.get("on", []):
        event.on(on["type"], on["id"], on.get("name"))
    event.context(**given.get("context", {}))
    if "before" in given:
        event.changed(given["before"], given["after"])
    assert not event.faults, event.faults
    members = event.members()
    if "producer" in given:
        members["producer"] = given["producer"]
    Actions(vector.get("actions", {})).mask(members)
    return members
