"""One step of one contestant in a process of its own: what it costs is then that process's and its children's.

usage: contest.py load NAME PLACE                     rows on standard input
       contest.py answer NAME PLACE QUESTIONS         all answers
       contest.py time NAME PLACE QUESTIONS SECONDS   cold start, one connection, eight connections, freshness

QUESTIONS is a file of questions as `annals-bench events --questions` prints them. Prints one line of JSON.
"""
import dataclasses
import importlib
import json
import multiprocessing
import os
import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from side_by_side import question as questions   # noqa: E402
from side_by_side.process import PeakMemory, cpu_seconds, disk_bytes, evict   # noqa: E402

CONNECTIONS = 8
ROUNDS = (3, 50)          # over the instances of a class: at least, at most
CLASS_SECONDS = 4         # after the least rounds, until this time is up
PATIENCE_SECONDS = 10     # a class whose least rounds would take longer is measured by one, one whose first round does by that
FRESH_SAMPLES, FRESH_SECONDS, UNSEEN_SECONDS = 200, 30, 60
COLD_STARTS = 3


def load(contestant, place):
    """Loads and indexes. The generator's time is in the wall's figure alone, so is that of the client of a server."""
    client = set() if contestant.IN_PROCESS else {os.getpid()}
    with PeakMemory(os.getpid(), client) as memory:
        began, before = time.monotonic(), cpu_seconds(contestant.IN_PROCESS)
        contestant.load(place, sys.stdin.buffer)
        spent = cpu_seconds(contestant.IN_PROCESS) - before
    taken = time.monotonic() - began
    # Not part of loading: a later hour would find it done.
    getattr(contestant, "clear_away", lambda place: None)(place)
    stored = [place / one for one in contestant.STORED]
    log = [place / one for one in contestant.LOG_STORED]
    return {"wall_s": taken, "cpu_s": spent, "peak_bytes": memory.peak, "stored_bytes": disk_bytes(stored), "log_bytes": disk_bytes(log)}


def answer(contestant, place, asked):
    with contestant.serve(place) as connect:
        connection = connect()
        answers, ready = {}, {}
        for question in asked:
            ask, decode = prepared(contestant, connection, question, ready)
            answers[question.key] = comparable(question, decode(ask()))
        return answers


def prepared(contestant, connection, question, ready):
    """A question made ready; the same one once, since the way to a page far down is long."""
    key = repr(dataclasses.replace(question, instance=0))
    if key not in ready:
        ready[key] = contestant.prepare(connection, question)
    return ready[key]


def comparable(question, answer):
    """What has to be the same whoever answers."""
    if question.what in ("page", "history"):
        return [[micros(row["at"]) if name == "at" else str(row[name]) for name in questions.COMPARED] for row in answer]
    if question.what == "makers":
        return [row for row in answer if row[2] or row[3]]
    return answer


def micros(text):
    """A time of whichever way of writing, as its digits to the microsecond in UTC."""
    digits = text.replace("T", " ").removesuffix("Z").removesuffix("+00")
    whole, _, fraction = digits.partition(".")
    return f"{whole}.{fraction:0<6}"


def measure(contestant, place, asked, seconds):
    found = {"cold_ms": [cold_start(contestant, place, asked[0]) for _ in range(COLD_STARTS)]}
    with contestant.serve(place) as connect:
        if contestant.IN_PROCESS:
            found |= serving(contestant, connect, asked, seconds)
        else:
            # The clients are this process; the server is below it.
            with PeakMemory(os.getpid(), leave_out={os.getpid()}) as memory:
                found["classes"] = one_connection(contestant, connect(), asked, memory)
            found["peak_bytes"] = memory.peak
            found["mixed"] = mixed(contestant, connect, asked, seconds)
            found["fresh_ms"] = freshness(contestant, connect(), connect(), asked)
    return found


def serving(contestant, connect, asked, seconds):
    with PeakMemory(os.getpid()) as memory:
        classes = one_connection(contestant, connect(), asked, memory)
    mix = mixed_in_threads(contestant, connect, asked, seconds)
    return {"classes": classes, "peak_bytes": memory.peak, "mixed": mix, "fresh_ms": freshness(contestant, connect(), connect(), asked)}


def cold_start(contestant, place, question):
    """Milliseconds from the start to the first page, nothing of it in the page cache."""
    evict([place / one for one in (*contestant.STORED, *contestant.LOG_STORED)])
    began = time.perf_counter()
    with contestant.serve(place) as connect:
        ask, _ = contestant.prepare(connect(), question)
        ask()
        return (time.perf_counter() - began) * 1e3


def one_connection(contestant, connection, asked, memory):
    classes, ready = {}, {}
    for question in asked:
        classes.setdefault(question.name, []).append(prepared(contestant, connection, question, ready)[0])
    return {name: percentiles(timed(asks, memory)) for name, asks in classes.items()}


def timed(asks, memory):
    """Microseconds of every question, each asked once before unless that alone took too long. Memory is looked at in that first round."""
    began = time.monotonic()
    first = one_round(asks)
    took = time.monotonic() - began
    if took > PATIENCE_SECONDS:
        return first
    least = 1 if took * ROUNDS[0] > PATIENCE_SECONDS else ROUNDS[0]
    taken = []
    with memory.still:
        began = time.monotonic()
        for number in range(ROUNDS[1]):
            if number >= least and time.monotonic() - began > CLASS_SECONDS:
                break
            taken += one_round(asks)
    return taken


def one_round(asks):
    taken = []
    for ask in asks:
        before = time.perf_counter_ns()
        ask()
        taken.append((time.perf_counter_ns() - before) / 1e3)
    return taken


def percentiles(taken):
    taken = sorted(taken)
    return {"n": len(taken), **{name: taken[min(len(taken) - 1, int(len(taken) * share))] for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1))}}


def pages(asked):
    """What the eight connections ask: every first page. The way to deep ones would be in the figure."""
    return [question for question in asked if question.what == "page" and not question.skips]


def drive(contestant, connection, asked, seconds, seed):
    """Microseconds of every page within so many seconds."""
    asks = [contestant.prepare(connection, question)[0] for question in asked]
    choose, taken = random.Random(seed), []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ask = choose.choice(asks)
        before = time.perf_counter_ns()
        ask()
        taken.append((time.perf_counter_ns() - before) / 1e3)
    return taken


def mixed(contestant, connect, asked, seconds):
    """Each connection is a process: clients must not wait for each other."""
    context = multiprocessing.get_context("fork")
    with context.Pool(CONNECTIONS, initializer=join, initargs=(contestant, connect, pages(asked), seconds)) as pool:
        return together(pool.map(visit, range(CONNECTIONS), chunksize=1), seconds)


def join(*given):
    global visitor
    visitor = given


def visit(seed):
    contestant, connect, asked, seconds = visitor
    return drive(contestant, connect(), asked, seconds, seed)


def mixed_in_threads(contestant, connect, asked, seconds):
    taken = [None] * CONNECTIONS

    def visit_in_thread(seed, connection):
        taken[seed] = drive(contestant, connection, pages(asked), seconds, seed)
    threads = [threading.Thread(target=visit_in_thread, args=(seed, connect())) for seed in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return together(taken, seconds)


def together(taken, seconds):
    every = [one for connection in taken for one in connection]
    return {"pages_s": len(every) / seconds, **percentiles(every)}


def freshness(contestant, writer, reader, asked):
    """Milliseconds from sending an event to the arrival of a page that shows it."""
    ask, decode = contestant.prepare(reader, asked[0])
    taken, until = [], time.monotonic() + FRESH_SECONDS
    while len(taken) < FRESH_SAMPLES and time.monotonic() < until:
        began = time.perf_counter()
        event_id = contestant.record(writer, asked[0].workspace)
        while event_id not in (row["event_id"] for row in decode(ask())):
            if time.perf_counter() - began > UNSEEN_SECONDS:
                raise TimeoutError(f"{event_id} does not become visible")
        taken.append((time.perf_counter() - began) * 1e3)
    return percentiles(taken)


def main():
    step, name, place, *rest = sys.argv[1:]
    contestant, place = importlib.import_module(f"contestants.{name}"), Path(place)
    if step == "load":
        found = load(contestant, place)
    else:
        asked = [questions.parse(json.loads(line)) for line in Path(rest[0]).read_text().splitlines()]
        found = answer(contestant, place, asked) if step == "answer" else measure(contestant, place, asked, float(rest[1]))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
