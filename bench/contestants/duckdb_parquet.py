"""DuckDB, in process, on one sorted Parquet file: what a data team would put beside a log.

Tuned as its users would: sorted by workspace and time, newest last, ZSTD, row groups of 61,440 rows, so that the statistics of each let
most of the file be skipped; two threads, a quarter of the memory. There is no index for users or names: a scan is what it does.
"""
import contextlib
import os
import shutil
import uuid

import duckdb

from side_by_side.question import CHANGES, COLUMNS, COUNTED_TO, FACET_VALUES, PAGE_ROWS, start_of

FORMAT, IN_PROCESS = "csv", True
STORED = ("data",)
LOG_STORED = ()
ORDER = 'ORDER BY "at" DESC, seq DESC'
MICROS = "strftime(\"at\", '%Y-%m-%dT%H:%M:%S.%fZ')"
SHOWN = ", ".join(MICROS if column == "at" else f"{column}::VARCHAR" if column in ("workspace", "event_id", "actor_id", "resource_id") else column for column in COLUMNS)
TYPES = {"workspace": "UUID", "seq": "BIGINT", "at": "TIMESTAMP", "event_id": "UUID", "actor_id": "UUID", "resource_id": "UUID"}


def load(place, rows):
    """CSV in, sorted Parquet out."""
    shutil.rmtree(place, ignore_errors=True)
    (place / "data").mkdir(parents=True)
    connection = configured(place)
    names = COLUMNS[:14] + ["name_folded"] + COLUMNS[14:]
    columns = ", ".join(f"'{name}': '{TYPES.get(name, 'VARCHAR')}'" for name in names)
    connection.execute(
        f"COPY (SELECT * FROM read_csv('/dev/fd/{rows.fileno()}', header = true, auto_detect = false, quote = '\"', escape = '\"', columns = {{{columns}}}) "
        f"ORDER BY workspace, \"at\", seq) TO '{place}/data/events.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)")
    connection.close()


@contextlib.contextmanager
def serve(place):
    """Opens it; yields what makes a connection."""
    connection = configured(place)
    connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{place}/data/*.parquet')")
    try:
        yield connection.cursor
    finally:
        connection.close()


def prepare(connection, question):
    """Makes a question ready: what asks it (timed), and what makes rows of its answer."""
    sql, values = SQL[question.what](question, after_of(connection, question))
    return lambda: connection.execute(sql, values).fetchall(), DECODE[question.what]


def record(connection, workspace):
    """Records one event in a file of its own; returns its id once that is written."""
    event_id = str(uuid.uuid4())
    (directory,) = connection.execute("SELECT directory FROM place").fetchone()
    connection.execute(
        f"COPY (SELECT * REPLACE (seq + 1 AS seq, now()::TIMESTAMP AS \"at\", '{event_id}'::UUID AS event_id) FROM events WHERE workspace = ? {ORDER} LIMIT 1) "
        f"TO '{directory}/{event_id}.parquet' (FORMAT parquet)", [workspace])
    return event_id


def configured(place):
    connection = duckdb.connect()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 22
    connection.execute(f"SET threads = 2; SET memory_limit = '{memory}MB'; SET temp_directory = '{place}/temporary'; SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE place AS SELECT '{place}/data' AS directory")
    return connection


# -- the questions --

def conditions(question, after=None):
    found, values = ["workspace = ?::UUID"], [question.workspace]

    def add(condition, *given):
        found.append(condition)
        values.extend(given)
    if question.actors:
        add(f"actor_id IN ({', '.join(['?::UUID'] * len(question.actors))})", *question.actors)
    if question.types:
        add(f"resource_type IN ({', '.join('?' * len(question.types))})", *question.types)
    for word in (question.name_folded or "").split():
        add("contains(name_folded, ?)", word)
    if question.since:
        add('"at" >= ?::TIMESTAMP', question.since)
    if question.until:
        add('"at" < ?::TIMESTAMP', question.until)
    if after:
        # The first condition is what row groups are skipped by.
        add('"at" <= ?::TIMESTAMP AND ("at" < ?::TIMESTAMP OR seq < ?)', after[0], after[0], after[1])
    return " AND ".join(found), values


def page(question, after):
    where, values = conditions(question, after)
    return f"SELECT {SHOWN} FROM (SELECT * FROM events WHERE {where} {ORDER} LIMIT {PAGE_ROWS}) AS page {ORDER}", values


def facets(question, _):
    where, values = conditions(question)
    by = "resource_type" if not question.types else "actor_id::VARCHAR"
    return f"SELECT {by} AS value, count(*) FROM events WHERE {where} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {FACET_VALUES}", values


def count(question, _):
    where, values = conditions(question)
    return f"SELECT count(*) FROM (SELECT 1 FROM events WHERE {where} LIMIT {COUNTED_TO})", values


def history(question, _):
    where, values = conditions(question)
    kind, thing = question.resources[0]
    where += " AND resource_id = ?::UUID AND resource_type = ?"
    return f"SELECT {SHOWN} FROM (SELECT * FROM events WHERE {where} {ORDER} LIMIT {PAGE_ROWS}) AS page {ORDER}", [*values, thing, kind]


def makers(question, _):
    where, values = conditions(question)
    asked = ", ".join(["(?, ?::UUID)"] * len(question.resources))
    changes = ", ".join(f"'{change}'" for change in CHANGES)
    order = 'row("at", seq)'
    return (f"SELECT resource_type, resource_id::VARCHAR, arg_min(actor_id, {order}) FILTER (kind = 'create')::VARCHAR, "
            f"arg_max(actor_id, {order}) FILTER (kind IN ({changes}))::VARCHAR FROM events WHERE {where} AND (resource_type, resource_id) IN ({asked}) GROUP BY 1, 2",
            [*values, *(part for pair in question.resources for part in pair)])


SQL = {"page": page, "facets": facets, "count": count, "history": history, "makers": makers}


def after_of(connection, question):
    """The row that stands before a page far down: found with OFFSET, outside of any timing."""
    if not question.skips:
        return None
    where, values = conditions(question)
    skipped = start_of(question.skipped, connection.execute(f"SELECT count(*) FROM events WHERE {where}", values).fetchone()[0])
    if skipped == 0:
        return None
    return connection.execute(f"SELECT {MICROS}, seq FROM events WHERE {where} {ORDER} LIMIT 1 OFFSET {skipped - 1}", values).fetchone()


def rows(answer):
    return [dict(zip(COLUMNS, row)) for row in answer]


DECODE = {
    "page": rows,
    "history": rows,
    "facets": lambda answer: [list(row) for row in answer],
    "count": lambda answer: answer[0][0],
    "makers": lambda answer: sorted(list(row) for row in answer),
}
