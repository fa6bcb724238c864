"""ClickHouse, in process (chdb): MergeTree in the order of a workspace's pages, projections for users, types and resources.

Tuned as its users would: low-cardinality columns, ZSTD on wide texts, an n-gram bloom filter on names in granules of 2,048 rows (pages are
small), projections ordered by user, by type and by resource, reading in order with early stop, OPTIMIZE FINAL after loading. Rows come as
JSONCompactEachRow, the leanest text it has.
"""
import contextlib
import json
import shutil
import time
import uuid

import chdb

from side_by_side.question import CHANGES, COLUMNS, COUNTED_TO, FACET_VALUES, PAGE_ROWS, start_of

FORMAT, IN_PROCESS = "csv", True
STORED = ("data",)
LOG_STORED = ()
KEPT = "workspace, seq, at, event_id, action, kind, outcome, actor_kind, actor_id, actor_name, on_behalf_of, resource_type, resource_id, " \
    "resource_name, name_folded, ip, request_id, metadata"
TABLE = """CREATE TABLE events (workspace UUID, seq UInt64 CODEC(T64, ZSTD), at DateTime64(6, 'UTC') CODEC(Delta, ZSTD), event_id UUID,
    action LowCardinality(String), kind LowCardinality(String), outcome LowCardinality(String), actor_kind LowCardinality(String), actor_id UUID,
    actor_name LowCardinality(String), on_behalf_of String CODEC(ZSTD), resource_type LowCardinality(String), resource_id UUID,
    resource_name String CODEC(ZSTD), name_folded String CODEC(ZSTD), ip LowCardinality(String), request_id String CODEC(ZSTD), metadata String CODEC(ZSTD),
    INDEX names name_folded TYPE ngrambf_v1(3, 16384, 3, 0) GRANULARITY 1,
    PROJECTION of_user (SELECT * ORDER BY workspace, actor_id, at, seq),
    PROJECTION of_type (SELECT * ORDER BY workspace, resource_type, at, seq),
    PROJECTION of_resource (SELECT workspace, resource_id, resource_type, at, seq, kind, actor_id ORDER BY workspace, resource_id, at, seq))
    ENGINE = MergeTree ORDER BY (workspace, at, seq) SETTINGS index_granularity = 2048, old_parts_lifetime = 1, cleanup_delay_period = 1, max_cleanup_delay_period = 2"""
SETTINGS = "optimize_read_in_order = 1, max_threads = 2, optimize_use_projections = 1, date_time_input_format = 'best_effort', " \
    "output_format_json_quote_64bit_integers = 0, date_time_output_format = 'iso'"


def load(place, rows):
    """INSERT from the stream of CSV, then one merge."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    connection = chdb.connect(str(place / "data"))
    connection.query(TABLE)
    source = f"file('/dev/fd/{rows.fileno()}', 'CSVWithNames', '{INPUT}')"
    connection.query(f"INSERT INTO events ({KEPT}) SELECT {KEPT} FROM {source} SETTINGS {SETTINGS}")
    connection.query("OPTIMIZE TABLE events FINAL")
    connection.close()


def clear_away(place):
    """Removes what the merge has replaced, which else stays for eight minutes."""
    with serve(place) as connect:
        deadline = time.monotonic() + 60
        while ask(connect(), "SELECT 1 FROM system.parts WHERE table = 'events' AND NOT active LIMIT 1") and time.monotonic() < deadline:
            time.sleep(1)


INPUT = ", ".join(f"{column} {'UUID' if column in ('workspace', 'event_id', 'actor_id', 'resource_id') else 'UInt64' if column == 'seq' else 'String'}"
                  for column in KEPT.split(", ")).replace("at String", "at DateTime64(6, ''UTC'')".replace("''", "\\'"))


@contextlib.contextmanager
def serve(place):
    """Opens it; yields what makes a connection."""
    connection = chdb.connect(str(place / "data"))
    try:
        yield lambda: connection
    finally:
        connection.close()


def prepare(connection, question):
    """Makes a question ready: what asks it (timed), and what makes rows of its answer."""
    sql = f"{SQL[question.what](question, after_of(connection, question))} SETTINGS {SETTINGS}"
    return lambda: ask(connection, sql), lambda answer: DECODE[question.what](listed_rows(answer))


def record(connection, workspace):
    """Records one event; returns its id once it is inserted."""
    event_id = str(uuid.uuid4())
    changed = KEPT.replace("event_id", f"toUUID('{event_id}')").replace("seq, at", "seq + 1, now64(6)")
    ask(connection, f"INSERT INTO events ({KEPT}) SELECT {changed} FROM events WHERE workspace = '{workspace}' ORDER BY at DESC, seq DESC LIMIT 1")
    return event_id


# -- the questions --

def ask(connection, sql):
    """The answer's bytes."""
    return connection.query(sql, "JSONCompactEachRow").bytes()


def listed_rows(answer):
    return [json.loads(line) for line in answer.splitlines()]


def quoted(value):
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def listed(items):
    return ", ".join(quoted(item) for item in items)


def conditions(question, after=None):
    found = [f"workspace = {quoted(question.workspace)}"]
    if question.actors:
        found.append(f"actor_id IN ({listed(question.actors)})")
    if question.types:
        found.append(f"resource_type IN ({listed(question.types)})")
    for word in (question.name_folded or "").split():
        escaped = "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in word)
        found.append(f"name_folded LIKE {quoted('%' + escaped + '%')}")
    if question.since:
        found.append(f"at >= toDateTime64({quoted(question.since)}, 6, 'UTC')")
    if question.until:
        found.append(f"at < toDateTime64({quoted(question.until)}, 6, 'UTC')")
    if after:
        # The first condition is what the order of the table is used for.
        found.append(f"at <= toDateTime64({quoted(after[0])}, 6, 'UTC') AND (at, seq) < (toDateTime64({quoted(after[0])}, 6, 'UTC'), {after[1]})")
    return " AND ".join(found)


ORDER = "ORDER BY at DESC, seq DESC"
TEXTS = ", ".join(f"toString({column})" if column in ("workspace", "event_id", "actor_id", "resource_id", "at") else column for column in COLUMNS)


def page(question, after):
    return f"SELECT {TEXTS} FROM events WHERE {conditions(question, after)} {ORDER} LIMIT {PAGE_ROWS}"


def facets(question, _):
    by = "resource_type" if not question.types else "toString(actor_id)"
    return f"SELECT {by} AS value, count() AS number FROM events WHERE {conditions(question)} GROUP BY value ORDER BY number DESC, value LIMIT {FACET_VALUES}"


def count(question, _):
    return f"SELECT count() FROM (SELECT 1 FROM events WHERE {conditions(question)} LIMIT {COUNTED_TO})"


def history(question, _):
    kind, thing = question.resources[0]
    where = f"{conditions(question)} AND resource_id = {quoted(thing)} AND resource_type = {quoted(kind)}"
    return f"SELECT {TEXTS} FROM events WHERE {where} {ORDER} LIMIT {PAGE_ROWS}"


def makers(question, _):
    asked = ", ".join(f"({quoted(kind)}, toUUID({quoted(thing)}))" for kind, thing in question.resources)
    # The earliest creation and the latest change of each; nothing where there was none.
    first = "argMinIf(actor_id, (at, seq), kind = 'create')"
    last = f"argMaxIf(actor_id, (at, seq), kind IN ({listed(CHANGES)}))"
    return (f"SELECT resource_type, toString(resource_id), if(countIf(kind = 'create') = 0, NULL, toString({first})), "
            f"if(countIf(kind IN ({listed(CHANGES)})) = 0, NULL, toString({last})) FROM events WHERE workspace = {quoted(question.workspace)} "
            f"AND resource_id IN ({listed(thing for _, thing in question.resources)}) AND (resource_type, resource_id) IN ({asked}) GROUP BY resource_type, resource_id")


SQL = {"page": page, "facets": facets, "count": count, "history": history, "makers": makers}


def after_of(connection, question):
    """The row that stands before a page far down: found with OFFSET, outside of any timing."""
    if not question.skips:
        return None
    where = conditions(question)
    skipped = start_of(question.skipped, int(listed_rows(ask(connection, f"SELECT count() FROM events WHERE {where}"))[0][0]))
    if skipped == 0:
        return None
    return listed_rows(ask(connection, f"SELECT toString(at), seq FROM events WHERE {where} {ORDER} LIMIT 1 OFFSET {skipped - 1}"))[0]


def rows(answer):
    return [dict(zip(COLUMNS, row)) for row in answer]


DECODE = {
    "page": rows,
    "history": rows,
    "facets": lambda answer: [[value, int(number)] for value, number in answer],
    "count": lambda answer: int(answer[0][0]),
    "makers": lambda answer: sorted(list(row) for row in answer),
}
