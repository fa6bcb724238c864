#!/usr/bin/env python3
"""The brute-force oracle of the list call: Python's standard library only, none of the product's code.

usage: oracle.py --input events.ndjson --rows rows.ndjson --queries N --seed S --plan plan.ndjson

--input   the events in the order of the log, as they were given to the product
--rows    the unfiltered walk of every workspace, one row a line in the walk's order: workspace_id, event_id, seq,
          recorded_at, effective_at. Only `recorded_at` is believed (it is the log's clock); the rest is checked
--plan    written: one query a line with `workspace`, `query`, `limit` and the `ids` that the pages must hold, in order

Prints the distribution of the queries. Exits 1 if the rows are wrong or the queries are too easy to mean anything.
"""
import argparse
import json
import random
import sys

from draw import Draw
from workspace import read_input

MIN_WITH_HITS_PERCENT, MIN_OVER_PAGE_PERCENT, PAGE = 60, 20, 50
LARGE_ANSWER, MAX_LARGE_PERCENT, MAX_PAGES = 1_500, 2, 40


def read_rows(path):
    rows = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            rows.setdefault(row["workspace_id"], []).append(row)
    return rows


def settle(workspaces, rows):
    """Compares the unfiltered walks with the input; returns what is wrong."""
    wrong = [f"{name}: an unknown workspace was walked" for name in rows.keys() - workspaces.keys()]
    for name, workspace in workspaces.items():
        wrong += workspace.settle(rows.get(name, []))
    return wrong


def plan(workspaces, count, chooser):
    """Yields queries with their answers. Answers of thousands of rows stay rare: they cost time and show little."""
    order = sorted(workspaces.values(), key=lambda workspace: workspace.name)
    weights = [len(workspace.events) ** 0.7 for workspace in order]
    large = 0
    made = 0
    while made < count:
        workspace = chooser.choices(order, weights)[0]
        query = Draw(chooser, workspace).query()
        hits = query.answer(workspace)
        if len(hits) > LARGE_ANSWER:
            if large * 100 >= count * MAX_LARGE_PERCENT:
                continue
            large += 1
        made += 1
        yield workspace, query, hits, limit_for(len(hits), chooser)


def limit_for(hits, chooser):
    """A page size of 1 to 1000, small ones as likely as large ones, but not thousands of pages."""
    limit = min(1000, int(1000 ** chooser.random()) or 1)
    return max(limit, min(1000, hits // MAX_PAGES), 1)


def distribution(answers, used):
    """The lines to print, and whether the queries are hard enough."""
    total = len(answers)
    with_hits = sum(hits > 0 for hits in answers)
    over_page = sum(hits > PAGE for hits in answers)
    buckets = [("0", 0, 0), ("1", 1, 1), ("2-10", 2, 10), ("11-50", 11, 50), ("51-500", 51, 500), ("501+", 501, 10**9)]
    spread = ", ".join(f"{name}: {sum(low <= hits <= high for hits in answers)}" for name, low, high in buckets)
    lines = [f"{total} queries, {100 * with_hits / total:.1f} % with hits, {100 * over_page / total:.1f} % more than a page of {PAGE}",
             f"hits a query: {spread}",
             "filters used: " + ", ".join(f"{name} {count}" for name, count in sorted(used.items(), key=lambda item: -item[1]))]
    return lines, with_hits * 100 >= total * MIN_WITH_HITS_PERCENT and over_page * 100 >= total * MIN_OVER_PAGE_PERCENT


def main():
    parser = argparse.ArgumentParser()
    for option in ("input", "rows", "plan"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--queries", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    workspaces = read_input(options.input)
    wrong = settle(workspaces, read_rows(options.rows))
    if wrong:
        print(f"{len(wrong)} rows are wrong, the first ones:", *wrong[:20], sep="\n")
        return 1
    answers, used = [], {}
    with open(options.plan, "w", encoding="utf-8") as out:
        for workspace, query, hits, limit in plan(workspaces, options.queries, random.Random(options.seed)):
            answers.append(len(hits))
            for name in query.values:
                used[name] = used.get(name, 0) + 1
            line = {"workspace": workspace.name, "query": query.text(), "limit": limit, "ids": [event.event_id for event in hits]}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    lines, hard = distribution(answers, used)
    print(*lines, sep="\n")
    if not hard:
        print(f"too easy: at least {MIN_WITH_HITS_PERCENT} % must have hits, {MIN_OVER_PAGE_PERCENT} % more than a page")
    return 0 if hard else 1


if __name__ == "__main__":
    sys.exit(main())
