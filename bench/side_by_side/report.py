#!/usr/bin/env python3
"""Writes what bench/results/*.json say into docs/BENCHMARKS.md, between its marks, and plots them in docs/side-by-side.html.

usage: report.py
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from side_by_side import figures, plot   # noqa: E402
from side_by_side.figures import OURS, number   # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
RESULTS, PAGE, PLOT = ROOT / "bench/results", ROOT / "docs/BENCHMARKS.md", ROOT / "docs/side-by-side.html"
BEGIN, END = "<!-- side by side: written by bench/side_by_side/report.py -->", "<!-- side by side: end -->"


def results():
    """All sizes that were run, the smallest first."""
    found = [json.loads(file.read_text()) for file in RESULTS.glob("*.json")]
    return sorted(found, key=lambda result: result["events"])


HOW = """\
Annals is asked over HTTP, the others through their native clients; how each is tuned stands at the top of its file in `bench/contestants/`. Names are
those that the events bear (`name_scope=event`), as no other one follows a resource through its names. All answer the same 640 questions alike, row by row,
before any is timed. Plots: [side-by-side.html](side-by-side.html)."""


def section(found):
    """The largest run first; how each contestant grows stands between it and the smaller ones."""
    *smaller, largest = found
    parts = [HOW, *run(largest)]
    if smaller:
        parts.append(growth(found))
    for result in reversed(smaller):
        parts += run(result)
    return "\n\n".join(parts)


def run(result):
    return [f"### {result['events']:,} events", head(result), lost(result), targets(result), latencies(result), costs(result)]


def head(result):
    versions = "; ".join(f"{name} {result['contestants'][key]['version']}" for key, name in figures.names(result).items() if key != OURS)
    return f"Seed {result['seed']}. {result['machine']}. {versions}."


def lost(result):
    found = figures.losses(result)
    if not found:
        return "**Where Annals loses**: in no class."
    lines = [f"- {name}: {figures.latency(result, OURS, name):.2f} ms; {figures.NAMES[other]} {figures.latency(result, other, name):.2f} ms, "
             f"{1 / figures.ratio(result, name):.1f} × faster" for name in found for other in [figures.best(result, name)]]
    return "**Where Annals loses**, p50:\n\n" + "\n".join(lines)


def targets(result):
    lines = [f"| {what} | {measured} | {'reached' if reached else '**missed**'}: {wanted} |" for what, measured, wanted, reached in figures.targets(result)]
    return "| Figure | Measured | Wanted |\n|---|--:|--:|\n" + "\n".join(lines)


def latencies(result):
    known = figures.names(result)
    lines = ["| One connection, warm; ms, p50 / p95 | rows | " + " | ".join(known.values()) + " | best other ÷ Annals, p50 | p95 |",
             "|---|--:|" + "--:|" * (len(known) + 2)]
    for name in figures.classes(result):
        cells = [f"{number(figures.latency(result, one, name))} / {number(figures.latency(result, one, name, 'p95'))}" for one in known]
        ratios = [f"{figures.ratio(result, name, which):.1f}" for which in ("p50", "p95")]
        lines.append(f"| {name} | {result['rows'][name]:,.0f} | " + " | ".join(cells + ratios) + " |")
    return "\n".join(lines)


COSTS = (
    ("load and index, events a CPU second", lambda result, one: number(figures.per_cpu_second(result, one))),
    ("the same, seconds on the clock", lambda result, one: number(result["contestants"][one]["wall_s"])),
    ("bytes an event on disk", lambda result, one: number(figures.bytes_per_event(result, one))),
    ("the log beside it, bytes an event", lambda result, one: number(result["contestants"][one]["log_bytes"] / result["events"]) if result["contestants"][one]["log_bytes"] else "–"),
    ("peak memory while loading / asked, MiB", lambda result, one: " / ".join(number(result["contestants"][one][key] / 2**20) for key in ("load_peak_bytes", "peak_bytes"))),
    ("pages a second, 8 connections mixed", lambda result, one: number(result["contestants"][one]["mixed"]["pages_s"])),
    ("the same, p50 / p99 ms", lambda result, one: " / ".join(number(result["contestants"][one]["mixed"][key] / 1e3) for key in ("p50", "p99"))),
    ("freshness, p50 / p99 ms", lambda result, one: " / ".join(number(result["contestants"][one]["fresh_ms"][key]) for key in ("p50", "p99"))),
    ("cold start to the first page, ms", lambda result, one: number(sorted(result["contestants"][one]["cold_ms"])[1])),
)


def costs(result):
    known = figures.names(result)
    lines = ["| | " + " | ".join(known.values()) + " |", "|---|" + "--:|" * len(known)]
    lines += [f"| {what} | " + " | ".join(of(result, one) for one in known) + " |" for what, of in COSTS]
    return "\n".join(lines)


def growth(found):
    """How each grows: the median class, the worst p99, bytes, and the rate of loading."""
    lines = ["### How they grow\n\n| | " + " | ".join(f"{result['events']:,} events" for result in found) + " |", "|---|" + "--:|" * len(found)]
    known = {one: name for result in reversed(found) for one, name in figures.names(result).items()}
    for one, name in known.items():
        def cells(of):
            return " | ".join(number(of(result)) if one in result["contestants"] else "–" for result in found)
        lines.append(f"| {name}: p50 of the median class, ms | " + cells(lambda result: median_class(result, one)) + " |")
        lines.append(f"| {name}: worst p99 of a class, ms | " + cells(lambda result: max(figures.latency(result, one, each, 'p99') for each in figures.classes(result))) + " |")
        lines.append(f"| {name}: bytes an event | " + cells(lambda result: figures.bytes_per_event(result, one)) + " |")
        lines.append(f"| {name}: events a CPU second | " + cells(lambda result: figures.per_cpu_second(result, one)) + " |")
    return "\n".join(lines)


def median_class(result, one):
    sorted_ms = sorted(figures.latency(result, one, name) for name in figures.classes(result))
    return sorted_ms[len(sorted_ms) // 2]


def write():
    found = results()
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{section(found)}\n\n{END}{after}")
    PLOT.write_text(plot.page(found))
    print(f"{PAGE.relative_to(ROOT)} and {PLOT.relative_to(ROOT)} say what {len(found)} runs gave")


if __name__ == "__main__":
    write()
