"""Annals: `annals import` and `annals up` with their defaults (reads recorded, embedded log), asked over HTTP on loopback.

The client is a plain keep-alive connection: an answer is there when its last byte is. Fifty resources are asked for in one request. Pages
far down are reached as a reader reaches them, by the cursors of the pages before. Names are searched with `name_scope=event`, the name that
an event bears: what a table's row holds. By default Annals finds a resource by its other names too, which nobody else here can answer.
"""
import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.parse
import uuid
from pathlib import Path

from side_by_side.connection import Connection
from side_by_side.question import COUNTED_TO, FACET_VALUES, PAGE_ROWS, start_of

FORMAT, IN_PROCESS = "ndjson", False
BINARY = Path(os.environ.get("ANNALS_BIN", Path(__file__).resolve().parents[2] / "target/release/annals"))
STORED = ("data/store", "data/index", "data/tiles")
LOG_STORED = ("data/log",)
# The binary refuses variables of its own that it does not know.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("ANNALS_")}
# The end of what was imported is in segments soon after the rest.
SEALING = {"ANNALS_STORAGE_SEAL_INTERVAL_SECONDS": "10"}
REMOVING = {"ANNALS_STORAGE_GRACE_SECONDS": "1"}
REMOVED_WITHIN = 65    # seconds: it looks once a minute
LARGEST_PAGE = 1_000


def load(place, rows):
    """Imports into the log; then the server folds and seals, until all is in segments."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    command = [BINARY, "import", "-", "--data", place / "data", "--historic", "--reject-file", place / "rejected"]
    done = subprocess.run(command, stdin=rows, stderr=subprocess.PIPE, text=True, check=False, env=ENVIRONMENT)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    with running(place, SEALING) as (address, token), contextlib.closing(connected(address, token)) as connection:
        while not all(partition["committed"] == partition["high_watermark"] for partition in partitions(connection)):
            time.sleep(0.2)
        # Tiles are made when they are first asked for, and belong to what evidence takes.
        while not connection.get("/v1/log/0/tile/0/000"):
            time.sleep(0.2)


def clear_away(place):
    """Removes what merges have replaced, which else stays for ten minutes."""
    with running(place, REMOVING):
        time.sleep(REMOVED_WITHIN)


def partitions(connection):
    return json.loads(connection.get("/v1/admin/accounting"))["partitions"]


@contextlib.contextmanager
def serve(place):
    """The server; yields what makes a connection."""
    with running(place) as (address, token):
        yield lambda: connected(address, token)


def prepare(connection, question):
    """Makes a question ready: what asks it (timed), and what makes rows of its answer."""
    base = f"/v1/workspaces/{question.workspace}"
    if question.what == "makers":
        types, ids = (sorted(set(parts)) for parts in zip(*question.resources))
        asked = urllib.parse.urlencode({"resource_type": types, "resource_id": ids, "limit": 1000}, doseq=True)
        request = connection.request(f"{base}/resources?{asked}")
        return lambda: connection.ask(request)[0], lambda body: makers(body, set(question.resources))
    path = PATHS[question.what](base, question)
    if question.skips and (cursor := cursor_of(connection, path, question)):
        path += f"&cursor={cursor}"
    request = connection.request(path)
    return lambda: connection.ask(request)[0], DECODE[question.what]


def record(connection, workspace):
    """Records one event; returns its id once it is acknowledged."""
    event_id = str(uuid.uuid4())
    body = {"event_id": event_id, "workspace_id": workspace, "action": "segment.updated", "actor": {"kind": "user", "id": "u1", "name": "Ana"},
            "resources": [{"type": "segment", "id": "s1", "name": "VIP"}]}
    status, text = connection.exchange(connection.request("/v1/events", body))[0]
    assert status == 202, text
    return event_id


# -- the server --

@contextlib.contextmanager
def running(place, variables=None):
    data = place / "data"
    with open(place / "up.log", "ab") as log:
        child = subprocess.Popen([BINARY, "up", "--data", data, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=log, text=True, env=ENVIRONMENT | (variables or {}))
    try:
        address = child.stdout.readline().split()[-1]
        scopes = [word for scope in ("read", "write", "verify", "admin") for word in ("--scope", f"audit:{scope}")]
        minted = subprocess.run([BINARY, "token", "--data", data, "--workspace", "*", "--ttl", "12h", *scopes], check=True, capture_output=True, text=True, env=ENVIRONMENT)
        yield address, minted.stdout.strip()
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()


def connected(address, token):
    parts = urllib.parse.urlsplit(address)
    return Connection(parts.hostname, parts.port, [("authorization", f"Bearer {token}")])


# -- the questions --

def filters(question):
    pairs = [("actor", actor) for actor in question.actors] + [("resource_type", kind) for kind in question.types]
    pairs += [("resource_name", question.name_typed), ("name_scope", "event")] if question.name_typed is not None else []
    pairs += [("from", question.since), ("to", question.until)]
    return [(name, value) for name, value in pairs if value is not None]


def path_of(route, question, **others):
    return f"{route}?{urllib.parse.urlencode(filters(question) + list(others.items()))}"


def history(base, question):
    kind, thing = (urllib.parse.quote(part, safe="") for part in question.resources[0])
    return f"{base}/resources/{kind}/{thing}/events?limit={PAGE_ROWS}"


def facet(question):
    return "actor" if question.types else "resource_type"


PATHS = {
    "page": lambda base, question: path_of(f"{base}/events", question, limit=PAGE_ROWS),
    "facets": lambda base, question: path_of(f"{base}/facets", question, by=facet(question), limit=FACET_VALUES),
    "count": lambda base, question: path_of(f"{base}/events", question, limit=1, count="bounded"),
    "history": history,
}


def cursor_of(connection, path, question):
    """The cursor of a page far down, found by walking there, outside of any timing. Walks of the same filter share their steps."""
    base = path.split("?")[0]
    total = json.loads(connection.get(path_of(base, question, limit=1, count="exact")))["total"]["value"]
    before = start_of(question.skipped, total)
    walked = connection.__dict__.setdefault("walked", {}).setdefault(path, {0: ""})
    at = max(place for place in walked if place <= before)
    while at < before:
        step = min(LARGEST_PAGE, before - at)
        cursor = f"&cursor={walked[at]}" if walked[at] else ""
        page = json.loads(connection.get(path_of(base, question, limit=step) + cursor))
        at += step
        walked[at] = page["page"]["next"]
    return walked[before]


def rows(body):
    return [row_of(row) for row in json.loads(body)["data"]] if body else []


def row_of(row):
    resource = row["resources"][0]
    return {"at": row["effective_at"], "seq": row["seq"], "event_id": row["event_id"], "action": row["action"], "actor_id": row["actor"]["id"],
            "actor_name": row["actor"]["name"], "resource_id": resource["id"], "resource_name": resource["name"]}


def counted(body):
    total = json.loads(body)["total"]
    assert total["relation"] == "eq" or total["value"] == COUNTED_TO, total
    return total["value"]


def makers(body, asked):
    who = lambda by: by and by["actor"]["id"]
    found = [[one["type"], one["id"], who(one["creator"]), who(one["last_editor"])] for one in json.loads(body)["data"]]
    return sorted(one for one in found if (one[0], one[1]) in asked)


DECODE = {
    "page": rows,
    "history": rows,
    "facets": lambda body: [[value["value"], value["count"]] for (values,) in [json.loads(body)["facets"].values()] for value in values],
    "count": counted,
}
