"""OpenSearch 2.19, one node on loopback, asked over HTTP: one index, sorted as pages are, a `wildcard` field for names.

Tuned as its users would: one shard and no replica, the index sorted by time so that pages end early, keywords instead of analysed
text, `date_nanos` for the microseconds, no refresh while loading, then one merge to one segment; a quarter of the memory as heap, hits not
counted unless asked for. The node runs from Maven's jars (tests/setup/opensearch): the same classes as the distribution, without its
security manager and plugins. JSON for its bulk route is made by the client, whose time is not counted.
"""
import contextlib
import csv
import io
import json
import os
import shutil
import socket
import subprocess
import time
import uuid
from pathlib import Path

from side_by_side.connection import Connection
from side_by_side.question import CHANGES, COLUMNS, COUNTED_TO, FACET_VALUES, PAGE_ROWS, start_of

FORMAT, IN_PROCESS = "csv", False
NODE = Path(__file__).resolve().parents[2] / "target/tools/opensearch"
STORED = ("home/data",)
LOG_STORED = ()
BULK_ROWS = 5_000
LARGEST_PAGE = 10_000
KEYWORDS = [column for column in COLUMNS if column not in ("seq", "at", "metadata", "on_behalf_of")]
INDEX = {
    "settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1", "codec": "best_compression",
                 "sort.field": ["at", "seq"], "sort.order": ["desc", "desc"], "translog.durability": "request"},
    "mappings": {"dynamic": False, "properties": {
        **{column: {"type": "keyword"} for column in KEYWORDS}, "seq": {"type": "long"}, "at": {"type": "date_nanos"},
        "event_id": {"type": "keyword", "doc_values": False}, "request_id": {"type": "keyword", "doc_values": False},
        "resource_name": {"type": "keyword", "index": False, "doc_values": False}, "name_folded": {"type": "wildcard"}}},
}
SORT = [{"at": "desc"}, {"seq": "desc"}]
BACK = [{"at": "asc"}, {"seq": "asc"}]


def load(place, rows):
    """Bulk requests, then one merge."""
    shutil.rmtree(place, ignore_errors=True)
    (place / "home/config").mkdir(parents=True)
    with node(place) as port, contextlib.closing(Connection("127.0.0.1", port)) as connection:
        connection.ask(connection.request("/events", INDEX, "PUT"))
        lines = csv.DictReader(io.TextIOWrapper(rows, encoding="utf-8", newline=""))
        batch = []
        for row in lines:
            batch.append(json.dumps(row, ensure_ascii=False))
            if len(batch) == BULK_ROWS:
                bulk(connection, batch)
                batch = []
        bulk(connection, batch)
        for path in ("/events/_refresh", "/events/_forcemerge?max_num_segments=1", "/events/_flush"):
            connection.ask(connection.request(path, b"", "POST"))
        connection.ask(connection.request("/events/_settings", {"index": {"refresh_interval": "1s"}}, "PUT"))


def bulk(connection, batch):
    if not batch:
        return
    text = "".join(f'{{"index":{{}}}}\n{line}\n' for line in batch).encode()
    (answer,) = connection.ask(connection.request("/events/_bulk?filter_path=errors", text, kind="application/x-ndjson"))
    assert json.loads(answer) == {"errors": False}, answer


@contextlib.contextmanager
def serve(place):
    """The node; yields what makes a connection."""
    with node(place) as port:
        yield lambda: Connection("127.0.0.1", port)


def prepare(connection, question):
    """Makes a question ready: what asks it (timed), and what makes rows of its answer."""
    request = searched(connection, BODY[question.what](question, after_of(connection, question)))
    return lambda: connection.ask(request)[0], DECODE[question.what]


def record(connection, workspace):
    """Records one event; returns its id once it is indexed, which is before it is visible."""
    event_id = str(uuid.uuid4())
    newest = found(connection, {"query": {"bool": {"filter": [{"term": {"workspace": workspace}}]}}, "size": 1, "sort": SORT})["hits"]["hits"][0]["_source"]
    now = time.time_ns() // 1_000
    changed = newest | {"event_id": event_id, "seq": int(newest["seq"]) + 1, "at": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now // 10**6))}.{now % 10**6:06d}Z"}
    status, text = connection.exchange(connection.request("/events/_doc", changed))[0]
    assert status == 201, text
    return event_id


# -- the node --

@contextlib.contextmanager
def node(place):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    heap = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 22
    command = ["java", f"-Xms{heap}m", f"-Xmx{heap}m", "-cp", f"{NODE}:{NODE}/lib/*", "OneNode", place / "home", str(port)]
    with open(place / "node.log", "ab") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, child)
        yield port
    finally:
        child.terminate()
        child.wait()


def wait_for(port, child):
    for _ in range(1_200):
        try:
            with contextlib.closing(Connection("127.0.0.1", port)) as connection:
                connection.ask(connection.request("/_cluster/health?wait_for_status=yellow&timeout=60s"))
                return
        except (OSError, RuntimeError):
            if child.poll() is not None:
                raise
            time.sleep(0.05)
    raise TimeoutError("OpenSearch does not answer")


# -- the questions --

def searched(connection, body):
    return connection.request("/events/_search", body)


def found(connection, body):
    return json.loads(connection.ask(searched(connection, body))[0])


def filters(question):
    found = [{"term": {"workspace": question.workspace}}]
    found += [{"terms": {"actor_id": question.actors}}] if question.actors else []
    found += [{"terms": {"resource_type": question.types}}] if question.types else []
    for word in (question.name_folded or "").split():
        escaped = "".join(f"\\{letter}" if letter in "\\*?" else letter for letter in word)
        found.append({"wildcard": {"name_folded": {"value": f"*{escaped}*"}}})
    bounds = {name: value for name, value in (("gte", question.since), ("lt", question.until)) if value}
    found += [{"range": {"at": bounds}}] if bounds else []
    return {"bool": {"filter": found}}


def page(question, after):
    body = {"query": filters(question), "size": PAGE_ROWS, "sort": SORT, "track_total_hits": False}
    return body | ({"search_after": after} if after else {})


def facets(question, _):
    by = "actor_id" if question.types else "resource_type"
    terms = {"field": by, "size": FACET_VALUES, "order": [{"_count": "desc"}, {"_key": "asc"}]}
    return {"query": filters(question), "size": 0, "track_total_hits": False, "aggs": {"values": {"terms": terms}}}


def count(question, _):
    return {"query": filters(question), "size": 0, "track_total_hits": COUNTED_TO}


def history(question, _):
    body = page(question, None)
    kind, thing = question.resources[0]
    body["query"]["bool"]["filter"] += [{"term": {"resource_id": thing}}, {"term": {"resource_type": kind}}]
    return body


def makers(question, _):
    ids = [thing for _, thing in question.resources]
    query = filters(question)
    query["bool"]["filter"].append({"terms": {"resource_id": ids}})

    def one(kinds, sort):
        hit = {"top_hits": {"size": 1, "sort": sort, "_source": ["actor_id", "resource_type"]}}
        return {"filter": {"terms": {"kind": kinds}}, "aggs": {"one": hit}}
    each = {"first": one(["create"], BACK), "last": one(list(CHANGES), SORT)}
    return {"query": query, "size": 0, "track_total_hits": False, "aggs": {"things": {"terms": {"field": "resource_id", "size": len(ids)}, "aggs": each}}}


BODY = {"page": page, "facets": facets, "count": count, "history": history, "makers": makers}


def after_of(connection, question):
    """The place that stands before a page far down: found by walking there, outside of any timing. Nothing is fetched of the
    rows on the way, and times that were passed are left out, or the way to a page far down takes a quarter of an hour."""
    if not question.skips:
        return None
    counted = found(connection, {"query": filters(question), "size": 0, "track_total_hits": True})["hits"]["total"]["value"]
    before, after = start_of(question.skipped, counted), None
    while before > 0:
        step = min(LARGEST_PAGE, before)
        body = {"query": filters(question), "size": step, "sort": SORT, "track_total_hits": False, "stored_fields": "_none_"}
        if after:
            body["query"]["bool"]["filter"].append({"range": {"at": {"lte": moment(after[0])}}})
            body["search_after"] = after
        request = connection.request("/events/_search?filter_path=hits.hits.sort", body)
        after = json.loads(connection.ask(request)[0])["hits"]["hits"][-1]["sort"]
        before -= step
    return after


def moment(nanos):
    """A sort value of `at`, which is a number, as ranges take it."""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(nanos // 10**9))}.{nanos % 10**9:09d}Z"


def rows(body):
    return [hit["_source"] for hit in json.loads(body)["hits"]["hits"]]


def made(body):
    def who(part):
        hits = part["one"]["hits"]["hits"]
        return hits[0]["_source"] if hits else None
    things = []
    for bucket in json.loads(body)["aggregations"]["things"]["buckets"]:
        first, last = who(bucket["first"]), who(bucket["last"])
        kind = (first or last or {}).get("resource_type")
        things.append([kind, bucket["key"], first and first["actor_id"], last and last["actor_id"]])
    return sorted(thing for thing in things if thing[0])


DECODE = {
    "page": rows,
    "history": rows,
    "facets": lambda body: [[bucket["key"], bucket["doc_count"]] for bucket in json.loads(body)["aggregations"]["values"]["buckets"]],
    "count": lambda body: min(COUNTED_TO, json.loads(body)["hits"]["total"]["value"]),
    "makers": made,
}
