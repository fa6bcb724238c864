"""PostgreSQL 15 (Debian): one table, an index for each filter, trigrams for names. Client: psycopg, at the level of libpq.

Tuned as its users would: COPY into the bare table and indexes afterwards, VACUUM ANALYZE, a quarter of the memory as
shared buffers, no JIT, costs of an SSD, `C` collation, ids as uuid. `pages` are covering where that is cheap: an index that
holds whole rows would double the table. Queries are routed by hand where the planner's own choice is many times slower:
several users or types are merged from one short index scan each (LATERAL), instead of sorting all that match. A search for a
name is planned for its own text each time, since the right plan depends on how frequent that is.
"""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid

import psycopg
from psycopg import pq

from side_by_side.question import CHANGES, COLUMNS, COUNTED_TO, FACET_VALUES, PAGE_ROWS, start_of

FORMAT, IN_PROCESS = "csv", False
BINARIES = "/usr/lib/postgresql/15/bin"
STORED = ("cluster/base",)
LOG_STORED = ("cluster/pg_wal",)
MEMORY_SHARE = 4
TABLE = """CREATE TABLE events (workspace uuid NOT NULL, seq bigint NOT NULL, at timestamptz NOT NULL, event_id uuid NOT NULL,
    action text NOT NULL, kind text NOT NULL, outcome text NOT NULL, actor_kind text NOT NULL, actor_id uuid, actor_name text,
    on_behalf_of jsonb, resource_type text, resource_id uuid, resource_name text, name_folded text, ip inet, request_id text, metadata jsonb)"""
INDEXES = (
    "CREATE UNIQUE INDEX ON events (event_id)",
    "CREATE INDEX ON events (workspace, at DESC, seq DESC)",
    "CREATE INDEX ON events (workspace, actor_id, at DESC, seq DESC)",
    "CREATE INDEX ON events (workspace, resource_type, at DESC, seq DESC)",
    "CREATE INDEX ON events (workspace, actor_id, resource_type, at DESC, seq DESC)",
    "CREATE INDEX ON events (workspace, resource_id, at DESC, seq DESC) INCLUDE (kind, actor_id, resource_type)",
    "CREATE INDEX ON events USING gin (workspace, name_folded gin_trgm_ops) WITH (fastupdate = off)",
)


def load(place, rows):
    """COPY, then indexes."""
    with initialised(place), server(place) as port, psycopg.connect(address(port), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION btree_gin")
        connection.execute(TABLE)
        with connection.cursor().copy("COPY events FROM STDIN (FORMAT csv, HEADER true)") as copy:
            while block := rows.read(1 << 20):
                copy.write(block)
        for index in INDEXES:
            connection.execute(index)
        connection.execute("VACUUM (ANALYZE, FREEZE) events")
        connection.execute("CHECKPOINT")


@contextlib.contextmanager
def serve(place):
    """The server; yields what makes a connection."""
    with server(place) as port:
        yield lambda: psycopg.connect(address(port), autocommit=True)


def prepare(connection, question):
    """Makes a question ready: what asks it (timed), and what makes rows of its answer."""
    text, values = SQL[question.what](question, after_of(connection, question))
    texts = [None if value is None else str(value).encode() for value in values]
    decode = DECODE[question.what]
    raw = connection.pgconn
    if question.name_folded is not None:
        return lambda: checked(raw.exec_params(text.encode(), texts)), decode
    name = f"q{abs(hash(text))}".encode()
    if name not in connection.__dict__.setdefault("statements", set()):
        checked(raw.prepare(name, text.encode()))
        connection.statements.add(name)
    return lambda: checked(raw.exec_prepared(name, texts)), decode


def record(connection, workspace):
    """Records one event; returns its id once that is committed."""
    event_id = uuid.uuid4()
    connection.execute(
        "INSERT INTO events SELECT workspace, seq + 1, now(), %s, action, kind, outcome, actor_kind, actor_id, actor_name, on_behalf_of, resource_type, "
        "resource_id, resource_name, name_folded, ip, request_id, metadata FROM events WHERE workspace = %s ORDER BY at DESC, seq DESC LIMIT 1",
        (event_id, workspace))
    return str(event_id)


# -- the server --

def address(port):
    return f"host=127.0.0.1 port={port} user=postgres dbname=postgres"


def as_somebody():
    """It does not run as root, and may not look into root's directories: to itself it is somebody else, to the system it stays root."""
    return ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []


@contextlib.contextmanager
def initialised(place):
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    command = [*as_somebody(), f"{BINARIES}/initdb", "-D", place / "cluster", "-U", "postgres", "--auth=trust", "--locale=C", "--encoding=UTF8"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    yield


def settings():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return {"shared_buffers": f"{memory // MEMORY_SHARE}MB", "effective_cache_size": f"{memory // 2}MB", "work_mem": "64MB",
            "maintenance_work_mem": "1GB", "max_wal_size": "8GB", "wal_level": "minimal", "max_wal_senders": "0", "wal_compression": "on",
            "checkpoint_timeout": "30min", "random_page_cost": "1.1", "effective_io_concurrency": "200", "jit": "off",
            "max_parallel_workers_per_gather": "2", "timezone": "UTC", "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}


@contextlib.contextmanager
def server(place):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = [word for name, value in settings().items() for word in ("-c", f"{name}={value}")]
    with open(place.with_suffix(".log"), "ab") as log:
        command = [*as_somebody(), f"{BINARIES}/postgres", "-D", place / "cluster", "-p", str(port), *given]
        child = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, child)
        yield port
    finally:
        child.send_signal(signal.SIGINT)   # ends connections; SIGTERM would wait for them
        child.wait()


def wait_for(port, child):
    for _ in range(3_000):
        try:
            return psycopg.connect(address(port)).close()
        except psycopg.OperationalError:
            if child.poll() is not None:
                raise
            time.sleep(0.01)
    raise TimeoutError("PostgreSQL does not answer")


# -- the questions --

class Values:
    """Numbers the parameters of a statement."""

    def __init__(self):
        self.all = []

    def put(self, value, kind):
        self.all.append(value)
        return f"${len(self.all)}::{kind}"


def conditions(question, values, after, with_lists=True):
    found = [f"workspace = {values.put(question.workspace, 'uuid')}"]
    if with_lists and question.actors:
        found.append(f"actor_id = ANY({values.put(listed(question.actors), 'uuid[]')})")
    if with_lists and question.types:
        found.append(f"resource_type = ANY({values.put(listed(question.types), 'text[]')})")
    for word in (question.name_folded or "").split():
        found.append(f"name_folded LIKE {values.put(pattern(word), 'text')}")
    if question.since:
        found.append(f"at >= {values.put(question.since, 'timestamptz')}")
    if question.until:
        found.append(f"at < {values.put(question.until, 'timestamptz')}")
    if after:
        found.append(f"(at, seq) < ({values.put(after[0], 'timestamptz')}, {values.put(after[1], 'bigint')})")
    return " AND ".join(found)


def listed(items):
    return "{" + ",".join(f'"{item}"' for item in items) + "}"


def pattern(word):
    return "%" + "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in word) + "%"


ORDER = "ORDER BY at DESC, seq DESC"
SHOWN = ", ".join(COLUMNS)


def page(question, after, shown=SHOWN, limit=PAGE_ROWS):
    values = Values()
    lists = [("actor_id", question.actors, "uuid[]"), ("resource_type", question.types, "text[]")]
    several = [(column, items, kind) for column, items, kind in lists if items]
    if question.name_folded is None and any(len(items) > 1 for _, items, _ in several):
        # One short scan of an index for each user, type or pair of them, merged.
        sources = ", ".join(f"unnest({values.put(listed(items), kind)}) AS of_{column}" for column, items, kind in several)
        each = " AND ".join(f"{column} = of_{column}" for column, _, _ in several)
        where = conditions(question, values, after, with_lists=False)
        inner = f"SELECT * FROM events WHERE {where} AND {each} {ORDER} LIMIT {limit}"
        return f"SELECT {shown} FROM {sources}, LATERAL ({inner}) AS one {ORDER} LIMIT {limit}", values.all
    single = [f"{column} = {values.put(items[0], kind[:-2])}" for column, items, kind in several if len(items) == 1]
    many = [f"{column} = ANY({values.put(listed(items), kind)})" for column, items, kind in several if len(items) > 1]
    where = " AND ".join([conditions(question, values, after, with_lists=False), *single, *many])
    return f"SELECT {shown} FROM events WHERE {where} {ORDER} LIMIT {limit}", values.all


def facets(question, _):
    values = Values()
    where = conditions(question, values, None)
    # A facet ignores its own filter; a name is nobody's.
    by = "resource_type" if not question.types else "actor_id"
    return (f"SELECT {by}, count(*) FROM events WHERE {where} GROUP BY 1 ORDER BY 2 DESC, {by}::text COLLATE \"C\" LIMIT {FACET_VALUES}", values.all)


def count(question, _):
    values = Values()
    where = conditions(question, values, None)
    return f"SELECT count(*) FROM (SELECT 1 FROM events WHERE {where} LIMIT {COUNTED_TO}) AS counted", values.all


def history(question, _):
    values = Values()
    kind, thing = question.resources[0]
    where = conditions(question, values, None)
    where += f" AND resource_id = {values.put(thing, 'uuid')} AND resource_type = {values.put(kind, 'text')}"
    return f"SELECT {SHOWN} FROM events WHERE {where} {ORDER} LIMIT {PAGE_ROWS}", values.all


def makers(question, _):
    values = Values()
    types, ids = zip(*question.resources)
    workspace = values.put(question.workspace, "uuid")
    pairs = f"unnest({values.put(listed(types), 'text[]')}, {values.put(listed(ids), 'uuid[]')}) AS asked(kind, thing)"
    of = f"workspace = {workspace} AND resource_id = thing AND resource_type = asked.kind AND"
    changes = "kind IN (" + ", ".join(f"'{change}'" for change in CHANGES) + ")"
    first = f"SELECT actor_id FROM events AS e WHERE {of} e.kind = 'create' ORDER BY at, seq LIMIT 1"
    last = f"SELECT actor_id FROM events AS e WHERE {of} e.{changes} {ORDER} LIMIT 1"
    return (f"SELECT asked.kind, thing, first.actor_id, last.actor_id FROM {pairs} LEFT JOIN LATERAL ({first}) AS first ON true "
            f"LEFT JOIN LATERAL ({last}) AS last ON true", values.all)


SQL = {"page": page, "facets": facets, "count": count, "history": history, "makers": makers}


def after_of(connection, question):
    """The row that stands before a page far down: found with OFFSET, outside of any timing."""
    if not question.skips:
        return None
    values = Values()
    where = conditions(question, values, None)
    matching = int(checked(connection.pgconn.exec_params(f"SELECT count(*) FROM events WHERE {where}".encode(), encoded(values))).get_value(0, 0))
    skipped = start_of(question.skipped, matching)
    if skipped == 0:
        return None
    text = f"SELECT at, seq FROM events WHERE {where} {ORDER} LIMIT 1 OFFSET {skipped - 1}"
    result = checked(connection.pgconn.exec_params(text.encode(), encoded(values)))
    return result.get_value(0, 0).decode(), result.get_value(0, 1).decode()


def encoded(values):
    return [str(value).encode() for value in values.all]


def checked(result):
    if result.status != pq.ExecStatus.TUPLES_OK and result.status != pq.ExecStatus.COMMAND_OK:
        raise RuntimeError(result.error_message.decode())
    return result


def tuples(result):
    text = lambda value: None if value is None else value.decode()
    return [[text(result.get_value(row, column)) for column in range(result.nfields)] for row in range(result.ntuples)]


DECODE = {
    "page": lambda result: [dict(zip(COLUMNS, row)) for row in tuples(result)],
    "history": lambda result: [dict(zip(COLUMNS, row)) for row in tuples(result)],
    "facets": lambda result: [[value, int(number)] for value, number in tuples(result)],
    "count": lambda result: int(tuples(result)[0][0]),
    "makers": lambda result: sorted(tuples(result)),
}
