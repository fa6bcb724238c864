#!/usr/bin/env python3
"""Two builds of annals serving the same events at once, asked in turns: how much processor time a page and a row cost either.

usage: compare.py BEFORE AFTER --data DIR [--events N] [--seed N] [--rounds N] [--seconds N]

DIR is a data directory that nobody has open, with the N events of annals-bench. It stays as it is: each build serves a copy, in which files
that never change are links. On a noisy machine the ratio of one run is what to look at. Needs a release build of annals-bench, wrk and curl.
"""
import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from measure import Server, drive, export, generator, largest_workspaces, questions

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
    """What is asked of each server in each round; who begins takes turns as well."""
    taken = {name: [] for name in servers}
    for number in range(rounds):
        for name in sorted(servers, reverse=number % 2 == 1):
            taken[name].append(ask(servers[name]))
    return taken


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
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--seed", default="")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=3, help="of one turn")
    options = parser.parse_args()
    servers = {}
    with tempfile.TemporaryDirectory(dir=options.data.parent) as place:
        try:
            for name in ("before", "after"):
                copy(options.data, Path(place) / name)
                servers[name] = Server(Path(place) / name, getattr(options, name).resolve())
            workspaces = largest_workspaces(generator(options.events, options.seed))
            paths = Path(place) / "paths"
            paths.write_text("\n".join(questions(servers["after"], workspaces)) + "\n")
            in_turns(servers, 1, lambda server: drive(server, paths, 5))   # warms up
            print("| Processor time of the server, before → after | least | median | ratio, median of the rounds |\n|---|--:|--:|--:|")
            pages = in_turns(servers, options.rounds, lambda server: drive(server, paths, options.seconds)["cpu_micros"])
            line("a page of 50, the mixture, µs", pages)
            rows = in_turns(servers, max(options.rounds // 2, 1), lambda server: export_micros(server, workspaces[0]))
            line("a row of an NDJSON export, µs", rows)
        finally:
            for server in servers.values():
                server.stop()


if __name__ == "__main__":
    main()
