"""A recorder for tests: keeps what is emitted, and is asked for what must have been."""

from __future__ import annotations

import itertools
import json
from typing import Any

from .actions import Actions
from .encoder import Encoder
from .event import Event


class TestRecorder:
    """Stands in for `Recorder` in a product's own tests. What `Recorder` would lose raises here."""

    __test__ = False  # pytest: no test of its own

    def __init__(self, *, service: str | None = None, actions: Actions | None = None) -> None:
        self._encoder = Encoder(actions, service, "test")
        self._numbers = itertools.count(1)
        # The events as they would be sent.
        self.events: list[dict[str, Any]] = []
        self.lost = 0

    @property
    def delivered(self) -> int:
        """Events so far."""
        return len(self.events)

    def emit(self, event: Event) -> None:
        """Keeps the event. Raises `Fault` for what cannot be recorded."""
        _, encoded = self._encoder.encode(event, next(self._numbers))
        self.events.append(json.loads(encoded))

    def expect_audit(
        self,
        action: str,
        *,
        workspace: str | None = None,
        actor: str | None = None,
        resource: tuple[str, str] | None = None,
        outcome: str | None = None,
    ) -> dict[str, Any]:
        """The first event of that action that is as told. Raises AssertionError without one."""
        for event in self.events:
            known = {
                "action": event["action"],
                "workspace": event["workspace_id"],
                "actor": event["actor"].get("id"),
                "outcome": event.get("outcome", "unknown"),
            }
            asked = {
                "action": action, "workspace": workspace, "actor": actor, "outcome": outcome
            }
            resources = [(on["type"], on["id"]) for on in event.get("resources", [])]
            is_it = all(value in (None, known[name]) for name, value in asked.items())
            if is_it and (resource is None or tuple(resource) in resources):
                return event
        told = ", ".join(event["action"] for event in self.events) or "nothing"
        raise AssertionError(f"no such event of {action}; recorded was: {told}")

    def expect_no_audit(self, action: str) -> None:
        """Raises AssertionError if there is an event of that action."""
        found = [event for event in self.events if event["action"] == action]
        assert not found, f"{len(found)} events of {action}"

    def clear(self) -> None:
        """Forgets what was emitted."""
        self.events.clear()

    def flush(self, timeout_seconds: float = 0) -> bool:
        """Nothing ever waits."""
        return True

    def close(self, timeout_seconds: float = 0) -> bool:
        """Nothing ever waits."""
        return True
