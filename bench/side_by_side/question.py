"""Questions as `annals-bench events --questions` prints them, without any contestant's language."""
import json
import subprocess
from dataclasses import dataclass, field

PAGE_ROWS = 50
FACET_VALUES = 100
COUNTED_TO = 10_000
CHANGES = ("create", "update", "delete")
# What a row of a page is held against other contestants' by.
COMPARED = ("at", "seq", "event_id", "action", "actor_id", "actor_name", "resource_id", "resource_name")
COLUMNS = ("workspace seq at event_id action kind outcome actor_kind actor_id actor_name on_behalf_of "
           "resource_type resource_id resource_name ip request_id metadata").split()


@dataclass
class Question:
    """One question: `what` is page, facets, count, history or makers; `skipped` rows stand before the page."""
    name: str
    instance: int
    what: str
    workspace: str
    skipped: int = 0
    actors: list = field(default_factory=list)
    types: list = field(default_factory=list)
    name_typed: str = None
    name_folded: str = None
    since: str = None
    until: str = None
    resources: list = field(default_factory=list)

    @property
    def key(self):
        return f"{self.name} #{self.instance}"

    @property
    def skips(self):
        return self.skipped > 0


def read(bench, events, seed):
    """All questions about so many events."""
    command = [bench, "events", "--questions", "--events", str(events), "--seed", str(seed)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [parse(json.loads(line)) for line in lines]


def parse(line):
    given = line["filter"]
    return Question(name=line["class"], instance=line["instance"], what=line["what"], workspace=line["workspace"],
                    skipped=line["skipped"], actors=sorted(set(given.get("actors", []))), types=sorted(set(given.get("types", []))),
                    name_typed=given.get("name"), name_folded=given.get("folded"), since=given.get("from"),
                    until=given.get("to"), resources=list(dict.fromkeys(tuple(pair) for pair in line.get("resources", []))))


def start_of(skipped, matching):
    """How many rows stand before a page far down: nine tenths of those that match, where there are not enough."""
    return min(skipped, matching * 9 // 10)
