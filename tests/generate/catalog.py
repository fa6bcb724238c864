"""One workspace, `catalog`: many resources of hardly two that share a name, some renamed.

event id      00000000-0000-4000-9000-<number as 12 hex digits>
occurred_at   2025-03-01T00:00:00Z + a second an event
"""
import json
from datetime import datetime, timedelta, timezone

START = datetime(2025, 3, 1, tzinfo=timezone.utc)
TYPES = ("source", "model", "segment", "destination")
SYLLABLES = ("an", "be", "cor", "da", "el", "fi", "gu", "ha", "in", "jo", "ka", "lu", "mi", "no", "or", "pe", "qui", "ri", "sa", "ti", "ul", "vo", "wy", "xe", "za",
             "é", "ß", "ö", "ñu", "жа", "по", "ри", "東", "京", "市", "서", "울", "ﬁ", "İ")
RENAMED = 0.15


def name_of(random):
    """Two or three words of two to four syllables, and now and then a number."""
    words = ["".join(random.choices(SYLLABLES, k=random.randint(2, 4))).capitalize() for _ in range(random.randint(2, 3))]
    return " ".join(words) + (f" {random.randint(1, 9_999)}" if random.random() < 0.3 else "")


def write_catalog(random, resources, out):
    """Writes an event for each resource and each new name as NDJSON."""
    number = 0
    for resource in range(resources):
        steps = [(resource, "created")]
        if random.random() < RENAMED:
            steps.append((random.randrange(resource + 1), "renamed"))
        for thing, verb in steps:
            kind = TYPES[thing % len(TYPES)]
            event = {
                "event_id": f"00000000-0000-4000-9000-{number:012x}", "workspace_id": "catalog", "action": f"{kind}.{verb}",
                "occurred_at": (START + timedelta(seconds=number)).isoformat(timespec="seconds").replace("+00:00", "Z"),
                "actor": {"kind": "user", "id": f"u{random.randrange(40)}", "name": "Ana"},
                "resources": [{"type": kind, "id": f"r{thing}", "name": name_of(random)}],
            }
            out.write(json.dumps(event, ensure_ascii=False) + "\n")
            number += 1
