"""The default fixture: workspace `acme` with 10,000 events, `other` with the same people and names, and an oddly named one.

200 events of `acme` share one occurred_at to the microsecond. There are renames, deletions, several resources in one event, events
without actor, resource or time, clocks that run ahead, and, in `other`, the same event twice and one identity with two contents.
"""
import json
import uuid
from datetime import datetime, timedelta, timezone

from names import name

SPACE = uuid.UUID("0a3f6d0e-5a83-5b0b-9f5c-0d2b1c9c6b1e")
START = datetime(2025, 1, 6, 8, 0, tzinfo=timezone.utc)
TIE = "2025-05-05T05:05:05.050505Z"
TYPES = ("source", "model", "segment", "destination", "activation")
PEOPLE = [{"kind": "user", "id": "u1", "name": "Ana", "email": "ana@acme.test"}, {"kind": "user", "id": "u2", "name": "Bob", "email": "bob@acme.test"},
          {"kind": "user", "id": "u3", "name": "Zoë", "email": "zoe@acme.test"}, {"kind": "user", "id": "u4", "name": "Ana", "email": "ana.two@acme.test"},
          {"kind": "user", "id": "a,b", "name": "Comma"}]
OTHERS = [{"kind": "api_key", "id": "k1", "name": "ci-bot"}, {"kind": "system", "id": "system"}, {"kind": "service", "id": "sync-worker", "name": "Sync"},
          {"kind": "unknown"}, None]
VERBS = {"created": 12, "updated": 50, "renamed": 10, "deleted": 4, "viewed": 10, "sync_started": 8, "enabled": 6}
TIES = 200


class Story:
    """Writes one workspace's events in log order."""

    def __init__(self, random, workspace, total):
        self.random, self.workspace, self.total = random, workspace, total
        self.alive, self.written, self.now = [], 0, START
        self.ties = set(random.sample(range(total), TIES)) if total >= 10 * TIES else set()

    def events(self):
        """Yields `total` events."""
        while self.written < self.total:
            yield self.event()
            self.written += 1

    def event(self):
        number, random = self.written, self.random
        verb = "created" if len(self.alive) < 20 else random.choices(list(VERBS), VERBS.values())[0]
        event = {"event_id": str(uuid.uuid5(SPACE, f"{self.workspace}/{number}")), "workspace_id": self.workspace}
        self.put_time(event, number)
        self.put_actor(event, number)
        if number == self.total * 3 // 4:   # Zoë leaves; what she did stays
            event.update(action="user.deleted", resources=[{"type": "user", "id": "u3", "name": "Zoë"}])
        else:
            self.put_action(event, verb)
        if random.random() < 0.15:
            event["outcome"] = random.choice(("success", "failure", "denied", "unknown"))
        if random.random() < 0.5:
            event["context"] = {"ip": "203.0.113.7", "request_id": f"r-{random.randint(1, 3000)}", "trace_id": f"{random.getrandbits(40):032x}", "service": "app"}
        if random.random() < 0.2:
            event["metadata"] = {"n": number, "text": "ünï", "deep": {"list": [1, 2.5, None, True]}}
        return event

    def put_time(self, event, number):
        self.now += timedelta(microseconds=self.random.choice((0, 0, 1, 1000, 60_000_000, 2_000_000_000)))
        at = self.now
        if self.random.random() < 0.03:
            at -= timedelta(days=self.random.randint(1, 40))   # arrives late
        if number in self.ties:
            event["occurred_at"] = TIE
        elif number % 499 == 7:
            return                                              # no time: the log's is taken
        elif number % 499 == 8:
            event["occurred_at"] = self.random.choice(("9999-12-31T23:59:59.999999Z", "2091-01-01T00:00:00Z"))
        elif number % 2503 == 9:
            event["occurred_at"] = "1970-01-01T00:00:00Z"
        elif number % 50 == 10:                                 # the same moment, written with an offset
            event["occurred_at"] = at.astimezone(timezone(timedelta(hours=5, minutes=45))).isoformat(timespec="microseconds")
        else:
            event["occurred_at"] = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def put_actor(self, event, number):
        people = PEOPLE if number < self.total * 3 // 4 else [person for person in PEOPLE if person["id"] != "u3"]
        actor = self.random.choice(people) if self.random.random() < 0.75 else self.random.choice(OTHERS)
        if actor is None:
            return
        event["actor"] = dict(actor)
        if actor.get("id") == "u1" and self.random.random() < 0.1:
            event["actor"]["on_behalf_of"] = {"kind": "user", "id": "u2", "name": "Bob"}

    def put_action(self, event, verb):
        random = self.random
        if verb == "created":
            resource = {"type": random.choice(TYPES), "id": f"r{random.randint(1, 900)}", "name": name(random)}
            self.alive.append(resource)
        else:
            resource = random.choice(self.alive)
        if verb == "deleted":
            self.alive.remove(resource)
        event["action"] = f"{resource['type']}.{verb}"
        if verb == "renamed":
            before, resource["name"] = resource["name"], name(random)
            event["changes"] = [{"path": "name", "before": before, "after": resource["name"]}]
        touched = [resource] + random.sample(self.alive, min(len(self.alive), random.choice((0, 0, 0, 1, 2, 5))))
        if random.random() < 0.04:
            touched = []
        event["resources"] = [self.mention(item) for item in touched]
        if verb == "sync_started" and random.random() < 0.3:
            event["kind"] = "update"

    def mention(self, resource):
        """A resource as an event names it: at times without its name."""
        return {key: value for key, value in resource.items() if key != "name" or self.random.random() > 0.05}


def with_repeats(random, events):
    """The same events, some of them sent twice later on, some identities used again for another content."""
    sent = []
    for event in events:
        yield event
        sent.append(event)
        if random.random() < 0.02:
            yield random.choice(sent)
        if random.random() < 0.01:
            yield dict(random.choice(sent), action="conflict.made")


def fixture(random):
    """All events, the workspaces' ones interleaved, in the order of the log."""
    queues = [Story(random, "acme", 10_000).events(), with_repeats(random, Story(random, "other", 2_500).events()),
              Story(random, "Ünïted / 東京 %2F?", 400).events()]
    weights = [10_000, 2_600, 400]
    while queues:
        chosen = random.choices(range(len(queues)), weights)[0]
        event = next(queues[chosen], None)
        if event is None:
            del queues[chosen], weights[chosen]
        else:
            yield event


def write_fixture(random, out):
    """Writes the fixture as NDJSON."""
    for event in fixture(random):
        out.write(json.dumps(event, ensure_ascii=False) + "\n")
