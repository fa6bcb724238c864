"""What the oracle knows of an event: the fields that filters and order use, read from event JSON.

The rules are those of the written contract (event JSON, fold), worked out here a second time and by plain means, so
that an error in the product and one in the oracle are unlikely to be the same one.
"""
import re
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
AHEAD_MICROS = 10 * 60 * 1_000_000
KINDS = {
    "create": "create created add added insert import",
    "delete": "delete deleted remove removed destroy",
    "read": "get list describe read view viewed search",
    "update": "update updated rename renamed set put enable enabled disable disabled modify modified",
}
KIND_OF_WORD = {word: kind for kind, words in KINDS.items() for word in words.split()}


def micros(text):
    """RFC 3339 with a zone to microseconds since 1970, in whole numbers."""
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(microseconds=1)


def rfc3339(value):
    """Microseconds since 1970 to RFC 3339 in UTC."""
    return (EPOCH + timedelta(microseconds=value)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def words(text):
    """Splits at `_`, `:`, `-`, white space and CamelCase (`getHTTPStatus` is get, HTTP, Status)."""
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    text = re.sub(r"([A-Z])([A-Z][a-z])", r"\1 \2", text)
    return [word.lower() for word in re.split(r"[_:\-\s]+", text) if word]


def kind_of_action(action):
    """The first known word of the action's last part decides."""
    for word in words(action.rsplit(".", 1)[-1]):
        if word in KIND_OF_WORD:
            return KIND_OF_WORD[word]
    return "other"


def kind_of_actor(actor):
    """An actor with anything known about it and no kind is a user."""
    if actor.get("kind"):
        return actor["kind"]
    return "user" if any(actor.get(field) is not None for field in ("id", "name", "email")) else "unknown"


class Event:
    """One visible event of a workspace."""

    __slots__ = ("event_id", "order", "occurred", "recorded", "effective", "clock", "actor", "actor_kind", "behalf", "action",
                 "kind", "outcome", "resources")

    def __init__(self, source, order):
        actor = source.get("actor") or {}
        behalf = actor.get("on_behalf_of") or {}
        self.event_id = source["event_id"].lower()
        self.order = order
        self.occurred = micros(source["occurred_at"]) if source.get("occurred_at") else None
        self.recorded = self.effective = self.clock = None
        self.actor, self.actor_kind, self.behalf = actor.get("id"), kind_of_actor(actor), behalf.get("id")
        self.action = source["action"]
        self.kind = source.get("kind") or kind_of_action(self.action)
        self.outcome = source.get("outcome") or "unknown"
        self.resources = [(r["type"], r["id"], r.get("name")) for r in source.get("resources") or []]

    def record(self, recorded):
        """Takes the log's clock, from which the effective time follows."""
        self.recorded = recorded
        if self.occurred is None:
            self.effective, self.clock = recorded, "assigned"
        elif self.occurred > recorded + AHEAD_MICROS:
            self.effective, self.clock = recorded, "ahead"
        else:
            self.effective, self.clock = self.occurred, "producer"
