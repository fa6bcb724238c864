#!/usr/bin/env python3
"""Writes generated event JSON, one event a line, to standard output. The same arguments give the same bytes.

usage: generate.py fixture --seed S
       generate.py bulk --events N --workspaces W
       generate.py catalog --seed S --resources N
"""
import argparse
import random
import sys

from bulk import write_bulk
from catalog import write_catalog
from fixture import write_fixture


def main():
    parser = argparse.ArgumentParser()
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("fixture").add_argument("--seed", type=int, required=True)
    bulk = kinds.add_parser("bulk")
    bulk.add_argument("--events", type=int, required=True)
    bulk.add_argument("--workspaces", type=int, required=True)
    catalog = kinds.add_parser("catalog")
    catalog.add_argument("--seed", type=int, required=True)
    catalog.add_argument("--resources", type=int, required=True)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    if options.kind == "fixture":
        write_fixture(random.Random(options.seed), sys.stdout)
    elif options.kind == "catalog":
        write_catalog(random.Random(options.seed), options.resources, sys.stdout)
    else:
        write_bulk(options.events, options.workspaces, sys.stdout)


if __name__ == "__main__":
    main()
