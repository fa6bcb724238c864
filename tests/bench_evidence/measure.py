#!/usr/bin/env python3
"""Replay, verify, rebuild and export of N made-up events, each by the command that an operator runs.

usage: measure.py [--events N] [--seed N]

Needs release builds of annals and annals-bench. Prints a table for docs/BENCHMARKS.md: events a second of processor time (user and
system, all threads of the command) and of wall clock. The data lies in target/bench-evidence and is removed. ANNALS_BIN names another binary.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ANNALS = Path(os.environ.pop("ANNALS_BIN", ROOT / "target/release/annals"))   # which refuses variables that it does not know
BENCH = ROOT / "target/release/annals-bench"
REPLAY_WANTED, VERIFY_WANTED = 300_000, 500_000
SHORT_TIMES, REPLAY_TIMES = 7, 5   # the first replay shares the disk with what the import left to write


def spent():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(what, events, wanted, *command, times=1, fresh=None):
    """Runs a command, and prints a row: what it did a second of one core, and of the clock. Of several times the median counts; what
    an earlier one wrote is removed first, as giving its pages back is not this one's work."""
    took = []
    for _ in range(times):
        if fresh:
            fresh.unlink(missing_ok=True)
        cpu, clock = spent(), time.monotonic()
        done = subprocess.run([ANNALS, *command], check=False, capture_output=True, text=True)
        took.append((spent() - cpu, time.monotonic() - clock))
        if done.returncode != 0:
            raise SystemExit(f"{what}: exit {done.returncode}: {done.stderr}")
    cpu, clock = map(statistics.median, zip(*took))
    rate = events / cpu
    verdict = "" if not wanted else "met" if rate >= wanted else "**missed**"
    print(f"| {what} | {events:,} | {cpu:.2f} s | {rate:,.0f} | {events / clock:,.0f} | {f'{wanted:,}' if wanted else ''} | {verdict} |", flush=True)


def load(data, options):
    """Generates into the embedded log, then seals and signs all of it."""
    generate = [BENCH, "events", "--events", str(options.events), *(["--seed", options.seed] if options.seed else [])]
    with subprocess.Popen(generate, stdout=subprocess.PIPE) as generator:
        subprocess.run([ANNALS, "import", "-", "--data", data, "--reject-file", data / "rejected"], stdin=generator.stdout, check=True,
                       stderr=subprocess.DEVNULL)


def largest_workspace(file):
    """Most rows of a replay, by workspace."""
    counts = {}
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            workspace = json.loads(line).get("workspace_id")
            counts[workspace] = counts.get(workspace, 0) + 1
    return max(counts.items(), key=lambda item: item[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", default="")
    options = parser.parse_args()
    directory = ROOT / "target/bench-evidence"
    shutil.rmtree(directory, ignore_errors=True)
    data, out = directory / "data", directory / "replay"
    data.mkdir(parents=True)
    try:
        load(data, options)
        print("| What | Events | Processor | Events/s of one core | Events/s of the clock | Wanted a core | |")
        print("|---|--:|--:|--:|--:|--:|---|")
        run("replay to NDJSON", options.events, REPLAY_WANTED, "replay", "--data", data, "--out", out, times=REPLAY_TIMES, fresh=out)
        workspace, rows = largest_workspace(out)
        run("replay to Avro", options.events, None, "replay", "--data", data, "--out", out, "--format", "avro", times=REPLAY_TIMES, fresh=out)
        run("replay to CSV", options.events, None, "replay", "--data", data, "--out", out, "--format", "csv", fresh=out)
        # The first one seals and signs what the log has.
        run(f"seal, sign and export of {workspace}", rows, None, "export", "--data", data, "--workspace", workspace, "--out", directory / "first")
        run(f"export of {workspace}", rows, None, "export", "--data", data, "--workspace", workspace, "--out", directory / "bundle")
        keys = subprocess.run([ANNALS, "keys", "show", "--data", data], check=True, capture_output=True, text=True).stdout
        (directory / "keys").write_text(keys)
        run("verify of the export", rows, VERIFY_WANTED, "verify", directory / "bundle", "--key", directory / "keys", times=SHORT_TIMES)
        run("verify of the store", options.events, VERIFY_WANTED, "verify", data, "--key", directory / "keys", times=SHORT_TIMES)
        run("reconcile", options.events, None, "reconcile", "--data", data)
        run("rebuild --check", options.events, None, "rebuild", "--check", "--data", data)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
