"""Random filter combinations: mostly values that occur together, some near misses, some nonsense."""
import unicodedata

from event import rfc3339
from query import Query

PUNCTUATION = ["a_b", "a-b", "v1.2", "50%", "C++", "foo*bar", '"quoted"', "\\", ":", "(", "AND", "?", "[a-z]", "/", "'", "%2F", "&", "+", "#", "."]
NEEDLES = ["東", "東京", "서울", "ж", "é", "ß", "STRASSE", "zoe", "Zoë", "ﬁ", "  ", " eu  news ", "x", "e", "𝒳", "🎉", "ا", "กข", "ı", "İ"]
ACTOR_KINDS = ["user", "api_key", "service", "system", "unknown"]
KINDS = ["create", "read", "update", "delete", "other"]
OUTCOMES = ["success", "failure", "denied", "unknown"]
DAY = 86_400_000_000


class Draw:
    """Draws queries for one workspace from a seeded generator."""

    def __init__(self, random, workspace):
        self.random, self.workspace = random, workspace

    def query(self):
        """One query. The five main filters are on or off with equal chance, the others more rarely."""
        on = self.random.getrandbits(5)
        anchor, resource = self.anchor(bool(on & 1), bool(on & 6), bool(on & 4))
        other = self.random.choice(self.workspace.events)
        pairs = []
        if on & 1:
            pairs += self.actors(anchor, other)
        if on & 2:
            pairs += self.types(resource, other)
        if on & 4:
            pairs += self.name(resource)
        pairs += self.times(anchor, bool(on & 8), bool(on & 16))
        pairs += self.rarer(anchor, other, resource, pairs)
        self.random.shuffle(pairs)
        return Query(pairs)

    def anchor(self, with_actor, with_resource, with_name):
        """An event to take values from, and one of its resources; one that has what the filters want, if luck has it."""
        for _ in range(12):
            event = self.random.choice(self.workspace.events)
            resource = self.random.choice(event.resources) if event.resources else None
            named = resource is not None and bool(resource[2])
            if (event.actor or not with_actor) and (resource or not with_resource) and (named or not with_name):
                break
        return event, resource

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def actors(self, anchor, other):
        ids = {event.actor for event in (anchor, other) if event.actor is not None}
        ids |= {event.actor for event in self.random.choices(self.workspace.events, k=self.random.choice((0, 0, 1, 3, 20))) if event.actor}
        if self.chance(8) or not ids:
            ids = {"nobody-by-this-id", "a,b", *(identity + "x" for identity in ids)}
        return [("actor", identity) for identity in sorted(ids) if 0 < len(identity) <= 256]

    def types(self, resource, other):
        kinds = {resource[0]} if resource and not self.chance(6) else set()
        kinds |= {kind for kind, _, _ in other.resources if self.chance(40)}
        return [("resource_type", kind) for kind in sorted(kinds or {"no such type"})]

    def name(self, resource):
        text = self.needle(resource)
        pairs = [("resource_name", text[:256])]
        if self.chance(30):
            pairs.append(("name_scope", self.random.choice(("ever", "event"))))
        if self.chance(45):
            pairs.append(("name_match", self.random.choice(("contains", "exact", "prefix"))))
        return pairs

    def needle(self, resource):
        """A name the resource bears or once bore, cut and changed; or something else altogether."""
        names = sorted(self.workspace.names.get(resource[:2], ())) if resource else []
        if not names or self.chance(12):
            return self.random.choice(PUNCTUATION + NEEDLES)
        name = self.random.choice(names)
        if not name:
            return " "
        how = self.random.randrange(10)
        if how < 4:
            start = self.random.randrange(len(name))
            return name[start:start + self.random.choice((1, 2, 3, 4, 6, 10))].replace("\0", "")
        if how == 4:
            return name
        if how == 5:
            return " ".join(reversed(name.split()))
        if how == 6:
            return name.upper()
        if how == 7:
            return "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
        if how == 8:
            return "  " + name[:max(1, len(name) // 2)] + "  "
        return name.replace("-", "_") + ("x" if self.chance(50) else "")

    def times(self, anchor, lower, upper):
        """Bounds near an event that exists, often exactly on one: `from` is inclusive, `to` is not."""
        pairs = []
        before, after = (self.random.choice((0, 1, 1000, DAY // 24, DAY, 30 * DAY, 400 * DAY, 4000 * DAY)) for _ in range(2))
        start, end = anchor.effective - before, anchor.effective + after + (0 if self.chance(20) else 1)
        if lower:
            pairs.append(("from", rfc3339(start)))
        if upper:
            pairs.append(("to", rfc3339(max(end, start + 1))))
        return pairs

    def rarer(self, anchor, other, resource, pairs):
        more = []
        if self.chance(12):
            more.append(("action", self.action(anchor)))
            if self.chance(40):
                more.append(("action", other.action))
        if self.chance(10):
            more += [("kind", kind) for kind in sorted({anchor.kind, self.random.choice(KINDS)})]
        if self.chance(8):
            more += [("outcome", value) for value in sorted({anchor.outcome, self.random.choice(OUTCOMES)})]
        if self.chance(6):
            more += [("actor_kind", kind) for kind in sorted({anchor.actor_kind, self.random.choice(ACTOR_KINDS)})]
        if self.chance(5) and (anchor.behalf or self.chance(20)):
            more.append(("on_behalf_of", anchor.behalf or "nobody"))
        if self.chance(10) and resource and [name for name, _ in pairs].count("resource_type") <= 1:
            # An id goes with one type: it means nothing without.
            pairs[:] = [pair for pair in pairs if pair[0] != "resource_type"]
            kind = resource[0] if self.chance(85) else "no such type"
            more += [("resource_type", kind), ("resource_id", resource[1])]
        return more

    def action(self, anchor):
        head, dot, _ = anchor.action.partition(".")
        return head + ".*" if dot and self.chance(50) else anchor.action
