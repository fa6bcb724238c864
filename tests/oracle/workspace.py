"""The oracle's memory: events by workspace in log order, duplicates and conflicts taken out."""
import json

from event import Event, micros
from fold import fold


def read_input(path):
    """Workspaces by id, from event JSON, one event a line, in the order of the log."""
    workspaces = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            source = json.loads(line)
            name = source["workspace_id"]
            workspaces.setdefault(name, Workspace(name)).append(source)
    return workspaces


class Workspace:
    """One workspace's visible events and every name that a resource ever bore."""

    def __init__(self, name):
        self.name = name
        self.events = []
        self.resources = set()     # (type, id, name), of any event
        self.duplicates = self.conflicts = 0
        self.first = {}            # event id -> its content when first seen
        self.names = {}            # (type, id) -> set of names
        self.folded = {}           # name -> folded name

    def append(self, source):
        """The first event of an id is the visible one; the same again is a duplicate, another content a conflict."""
        event_id = source["event_id"].lower()
        content = json.dumps(source, sort_keys=True)
        if event_id in self.first:
            if self.first[event_id] == content:
                self.duplicates += 1
            else:
                self.conflicts += 1
            return
        self.first[event_id] = content
        event = Event(source, len(self.events) + 1)
        self.events.append(event)
        self.resources.update(event.resources)
        for kind, identity, name in event.resources:
            if name is not None:
                self.names.setdefault((kind, identity), set()).add(name)
                self.folded.setdefault(name, fold(name))

    def settle(self, rows):
        """Takes the log's clock from the rows that were read back and sorts newest first.

        Returns what is wrong with the rows themselves: events missing, unknown, numbered or timed otherwise.
        """
        wrong = []
        by_id = {row["event_id"]: row for row in rows}
        for event in self.events:
            row = by_id.pop(event.event_id, None)
            if row is None:
                wrong.append(f"{self.name}: {event.event_id} is missing")
                continue
            event.record(micros(row["recorded_at"]))
            if event.effective != micros(row["effective_at"]):
                wrong.append(f"{self.name}: {event.event_id} is effective at {row['effective_at']}, clock {event.clock}")
            if event.order != row["seq"]:
                wrong.append(f"{self.name}: {event.event_id} has seq {row['seq']}, is number {event.order} in the log")
        wrong += [f"{self.name}: {event_id} was never written" for event_id in by_id]
        if not wrong:
            self.events.sort(key=lambda event: (event.effective, event.order), reverse=True)
            if [event.event_id for event in self.events] != [row["event_id"] for row in rows]:
                wrong.append(f"{self.name}: the unfiltered walk is in another order")
        return wrong
