"""What was lost, by workspace, until it has been told there by an event."""

from __future__ import annotations

from dataclasses import dataclass

from .encoder import wire
from .event import uuid7

# The one action of Annals' own that a client sends.
ACTION = "annals.events_lost"
# Workspaces whose losses are tallied; of others they are only counted.
WORKSPACES_MAX = 1_000


@dataclass(frozen=True)
class Loss:
    """Events of one workspace, by the recorder's numbers and their own times."""

    events: int
    first_number: int
    last_number: int
    first_at: str | None
    last_at: str | None

    @classmethod
    def of(cls, number: int, at: str | None) -> Loss:
        """One event."""
        return cls(1, number, number, at, at)

    def __add__(self, other: Loss) -> Loss:
        first_at = [loss.first_at for loss in (self, other) if loss.first_at is not None]
        last_at = [loss.last_at for loss in (self, other) if loss.last_at is not None]
        return Loss(
            self.events + other.events,
            min(self.first_number, other.first_number),
            max(self.last_number, other.last_number),
            min(first_at, default=None),
            max(last_at, default=None),
        )

    def event(self, workspace: str, producer_id: str) -> bytes:
        """The event that tells of it, at the log's time."""
        metadata = {
            "producer_id": producer_id,
            "events": self.events,
            "first_number": self.first_number,
            "last_number": self.last_number,
            "first_at": self.first_at,
            "last_at": self.last_at,
        }
        members = {
            "event_id": str(uuid7()),
            "workspace_id": workspace,
            "actor": {"kind": "service", "id": "annals-recorder"},
            "action": ACTION,
            "outcome": "failure",
            "metadata": metadata,
        }
        return wire(members).encode()


class Losses:
    """Losses that nobody has been told of. Its user holds a lock."""

    def __init__(self) -> None:
        self._by_workspace: dict[str, Loss] = {}

    def add(self, workspace: str, loss: Loss) -> None:
        """Adds what was lost in a workspace."""
        known = self._by_workspace.get(workspace)
        if known is not None:
            self._by_workspace[workspace] = known + loss
        elif len(self._by_workspace) < WORKSPACES_MAX:
            self._by_workspace[workspace] = loss

    def __bool__(self) -> bool:
        return bool(self._by_workspace)

    def take(self) -> dict[str, Loss]:
        """Takes what there is to tell."""
        taken, self._by_workspace = self._by_workspace, {}
        return taken
