#!/usr/bin/env python3
"""Two builds of annals serving the same events at once, asked in turns: how much processor time a page and a row cost either.

usage: compare.py BEFORE AFTER --data DIR [--data-after DIR] [--events N] [--seed N] [--rounds N] [--seconds N]

DIR is a data directory that nobody has open, with the N events of annals-bench. It stays as it is: each build serves copies, in which files
that never change are links. A build that writes another store can be given one of its own, on the same file system and with the same
secrets, as cursors go to all. Each build serves twice, before, after, after, before: of one build the server started last has been seen to
take 1.08 of the time. On a noisy machine the ratio of one run is what to look at. Needs a release build of annals-bench, wrk and curl.
"""
import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from measure import Server, drive, export, generator, largest_workspaces, questions, settle

LARGE_BYTES = 1 << 20    # smaller files are copied


def copy(data, to):
    """A copy of a data directory: large files but the newest of each directory are written once, and are links."""
    for folder, _, names in os.walk(data):
        below = to / Path(folder).relative_to(data)
        below.mkdir(parents=True)
        files = [Path(folder) / name for name in names]
        newest = {max((file for file in files if file.suffix == suffix), default=None) for suffix in (".log", ".index")}
        for file in files:
            if file.stat().st_size >= LARGE_BYTES and file not in newest:
                os.link(file, below / file.name)
            else:
                shutil.copy2(file, below / file.name)


def in_turns(servers, rounds, ask):
    """What is asked of each server in each round, a mean of each build's; who begins takes turns as well."""
    taken = {name: [] for name, _ in servers}
    for number in range(rounds):
        round_taken = {name: [] for name in taken}
        for name, server in servers[::-1 if number % 2 else 1]:
            round_taken[name].append(ask(server))
        for name, figures in round_taken.items():
            taken[name].append(statistics.mean(figures))
    return taken


def page_micros(server, paths, seconds):
    """Processor time of a page of the mixture. A refusal costs less than a page: there must be none."""
    result = drive(server, paths, seconds)
    if result["refused"] or result["failed"]:
        raise SystemExit(f"{result['refused']} refused, {result['failed']} failed of {result['requests']} pages: do the two directories share their secrets?")
    return result["cpu_micros"]


def line(what, taken):
    ratios = [after / before for before, after in zip(taken["before"], taken["after"])]
    print(f"| {what} | {min(taken['before']):.4g} → {min(taken['after']):.4g} | {statistics.median(taken['before']):.4g} → {statistics.median(taken['after']):.4g} | {statistics.median(ratios):.3f} |", flush=True)


def export_micros(server, workspace):
    """Processor time of a row of a whole export."""
    before = server.cpu_seconds()
    rows = export(server, workspace, "ndjson")["rows"]
    return (server.cpu_seconds() - before) * 1e6 / rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--data-after", type=Path, help="of AFTER, where that is another")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--seed", default="")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=3, help="of one turn")
    options = parser.parse_args()
    builds = {"before": (options.before, options.data), "after": (options.after, options.data_after or options.data)}
    servers = []
    with tempfile.TemporaryDirectory(dir=options.data.parent) as place:
        try:
            for number, name in enumerate(("before", "after", "after", "before")):
                binary, data = builds[name]
                copy(data, Path(place) / str(number))
                servers.append((name, Server(Path(place) / str(number), binary.resolve())))
            for _, server in servers:
                settle(server)
            workspaces = largest_workspaces(generator(options.events, options.seed))
            paths = Path(place) / "paths"
            paths.write_text("\n".join(questions(servers[0][1], workspaces)) + "\n")
            for _, server in servers:
                drive(server, paths, 5)   # warms up
            print("| Processor time of the server, before → after | least | median | ratio, median of the rounds |\n|---|--:|--:|--:|")
            pages = in_turns(servers, options.rounds, lambda server: page_micros(server, paths, options.seconds))
            line("a page of 50, the mixture, µs", pages)
            rows = in_turns(servers, max(options.rounds // 2, 1), lambda server: export_micros(server, workspaces[0]))
            line("a row of an NDJSON export, µs", rows)
        finally:
            for _, server in servers:
                server.stop()


if __name__ == "__main__":
    main()
