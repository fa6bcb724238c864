#!/usr/bin/env python3
"""Annals and what a product team would pick instead: same machine, same events, same questions, one run.

usage: run.py [--events N[,N…]] [--seed S] [--contestants NAME,…] [--seconds S] [--check] [--resume]

For each number of events: every contestant loads the same stream; all answer the same 640 questions, which are compared row by row;
only then are they timed, one at a time. Results go to bench/results/N.json, from where report.py writes docs/BENCHMARKS.md and
docs/side-by-side.html. --check stops after the comparison and keeps nothing. A run that was cut goes on where it stopped with
--resume, if events, seed and commit are the same: ten million events take hours. ANNALS_BIN and SIDE_BY_SIDE_BENCH name other binaries,
SIDE_BY_SIDE_PLACE another place to work in.
"""
import argparse
import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


from side_by_side import compare, report   # noqa: E402
from side_by_side.machine import head, machine, versions   # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BENCH = Path(os.environ.get("SIDE_BY_SIDE_BENCH", ROOT / "target/release/annals-bench"))
PLACE = ROOT / os.environ.get("SIDE_BY_SIDE_PLACE", "target/side-by-side")
RESULTS = ROOT / "bench/results"
CONTESTANTS = ("annals", "postgresql", "clickhouse", "opensearch", "duckdb_parquet")
CONTEST = Path(__file__).with_name("contest.py")


def say(text):
    print(text, flush=True)


def stream(events, seed, wire):
    """The generator, writing to a pipe."""
    command = [BENCH, "events", "--first-resource", "--format", wire, "--events", str(events), "--seed", str(seed)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def step(what, name, place, *rest, rows=None):
    """One step of a contestant in a process of its own; what it says, which is kept beside the contestants until the run is over.
    `rows` starts the generator that feeds it."""
    kept = PLACE / f"{name}.{what}.json"
    if kept.exists():
        say(f"  {name}: {what} was done before")
        return json.loads(kept.read_text())
    began = time.monotonic()
    command = [sys.executable, CONTEST, what, name, place, *map(str, rest)]
    with rows() if rows else contextlib.nullcontext() as generator:
        done = subprocess.run(command, stdin=generator and generator.stdout, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{name}: {what} failed with {done.returncode}")
    if generator and generator.returncode != 0:
        raise SystemExit(f"the generator ended with {generator.returncode}")
    say(f"  {name}: {what} in {time.monotonic() - began:.0f} s")
    answer = done.stdout.splitlines()[-1]
    whole = kept.with_suffix(".new")
    whole.write_text(answer)
    whole.rename(kept)
    return json.loads(answer)


def begin(events, options):
    """The place to work in: empty, or as the same run has left it."""
    begun, this = PLACE / "run.json", {"events": events, "seed": options.seed, "commit": head(ROOT)}
    if options.resume and begun.exists():
        if (before := json.loads(begun.read_text())) != this:
            raise SystemExit(f"--resume: {PLACE} is of another run: {before}, not {this}")
        return
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    PLACE.chmod(0o755)
    begun.write_text(json.dumps(this))


def load(name, events, seed):
    def rows():
        return stream(events, seed, importlib.import_module(f"contestants.{name}").FORMAT)
    return step("load", name, PLACE / name, rows=rows)


def ask_for_questions(events, seed):
    file = PLACE / "questions.ndjson"
    with open(file, "wb") as out:
        subprocess.run([BENCH, "events", "--questions", "--events", str(events), "--seed", str(seed)], stdout=out, check=True)
    return file


def contest(events, options):
    """One size, all contestants; the results, or nothing if answers differ. What was made for it stays if it is cut."""
    say(f"{events:,} events, seed {options.seed}")
    begin(events, options)
    loaded = {name: load(name, events, options.seed) for name in options.contestants}
    questions = ask_for_questions(events, options.seed)
    answers = {name: step("answer", name, PLACE / name, questions) for name in options.contestants}
    differences = compare.differences(answers)
    for difference in differences[:20]:
        say(f"  DIFFERENT {difference}")
    say(f"  {compare.asked(answers)} questions, {len(options.contestants)} contestants, {len(differences)} different answers")
    timed = {} if differences or options.check else time_all(options, questions)
    if differences or options.check or len(timed) == len(options.contestants):   # else --resume times whoever was left out
        shutil.rmtree(PLACE, ignore_errors=True)
    if differences:
        return None
    if options.check:
        return {}
    found = {name: loaded[name] | {"load_peak_bytes": loaded[name]["peak_bytes"]} | timed[name] | {"version": versions()[name]} for name in timed}
    return {"events": events, "seed": options.seed, "machine": machine(ROOT), "contestants": found, "rows": compare.rows(answers)}


def time_all(options, questions):
    """Whoever fails is left out and told: an hour of the others' figures must not be lost with it."""
    timed = {}
    for name in options.contestants:
        try:
            timed[name] = step("time", name, PLACE / name, questions, options.seconds)
        except SystemExit as failed:
            say(f"  LEFT OUT {failed}")
    return timed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", default="10000000")
    parser.add_argument("--seed", type=int, default=20_261_123)
    parser.add_argument("--contestants", default=",".join(CONTESTANTS))
    parser.add_argument("--seconds", type=float, default=10, help="of the mixed load")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    options.contestants = options.contestants.split(",")
    for events in map(int, options.events.split(",")):
        found = contest(events, options)
        if found is None:
            return 1
        if found:
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / f"{events}.json").write_text(json.dumps(found, indent=1) + "\n")
            report.write()
            if len(found["contestants"]) < len(options.contestants):
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
