"""Millions of plain events, streamed. Everything about event `i` follows from `i`, so that a reader can check without a list.

event id      00000000-0000-4000-8000-<i as 12 hex digits>
workspace     bulk-<w>; `w` falls off like a harmonic series, see `workspace_of`
occurred_at   2025-01-01T00:00:00Z + i // 4 milliseconds: four events of one moment in a row
"""
from datetime import datetime, timedelta, timezone

START = datetime(2025, 1, 1, tzinfo=timezone.utc)
TYPES = ("source", "model", "segment", "destination", "activation")
VERBS = ("created", "updated", "updated", "renamed", "deleted", "viewed")
MASK = (1 << 64) - 1


def mixed(number):
    """SplitMix64's output for a number: the readers of this data compute the same."""
    number = (number + 0x9E3779B97F4A7C15) & MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)


def workspace_of(bits, workspaces):
    """Half of the events go to the first eighth of the workspaces, and so on three times."""
    span = workspaces
    for shift in (0, 1, 2):
        if (bits >> shift) & 1:
            span = max(1, span // 8)
    return (bits >> 8) % span


def write_bulk(count, workspaces, out):
    """Writes `count` events as NDJSON."""
    second, prefix, lines = -1, "", []
    for i in range(count):
        bits = mixed(i)
        millis = i // 4
        if millis // 1000 != second:
            second = millis // 1000
            prefix = (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")
        kind = TYPES[(bits >> 16) % 5]
        thing = (bits >> 20) % 300
        lines.append(
            f'{{"event_id":"00000000-0000-4000-8000-{i:012x}","workspace_id":"bulk-{workspace_of(bits, workspaces)}",'
            f'"occurred_at":"{prefix}.{millis % 1000:03d}Z","actor":{{"kind":"user","id":"u{(bits >> 34) % 500}","name":"User {(bits >> 34) % 500}"}},'
            f'"action":"{kind}.{VERBS[(bits >> 44) % 6]}","resources":[{{"type":"{kind}","id":"r{thing}","name":"{kind} {thing * 7919 % 10007} of {thing % 17}"}}],'
            f'"context":{{"request_id":"{bits:016x}","service":"app"}},"metadata":{{"n":{i}}}}}\n')
        if len(lines) == 10_000:
            out.write("".join(lines))
            lines.clear()
    out.write("".join(lines))
