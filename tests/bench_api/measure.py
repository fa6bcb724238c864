#!/usr/bin/env python3
"""Pages and exports of `annals up` with N events, asked for by processes of their own on loopback.

usage: measure.py [--events N] [--seed N] [--seconds N]

Needs release builds of annals and annals-bench, wrk and curl. Prints a table for docs/BENCHMARKS.md. The data lies in
target/bench-api and is removed.
"""
import argparse
import http.client
import json
import random
import shutil
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ANNALS, BENCH = ROOT / "target/release/annals", ROOT / "target/release/annals-bench"
LUA = Path(__file__).with_name("mixed.lua")
WORKSPACES = 20        # the largest ones are asked
PATHS = 2_000
CONNECTIONS = 16
PACED_CONNECTIONS = 128    # of the part at half the rate: each mostly waits, so that an answer that is late holds nobody else's question back
TICKS = 100            # of /proc/PID/stat in a second
SETTLED_WITHIN = 600   # seconds
RESTED_SECONDS = 5
IDLE_CPU_SECONDS = 0.05    # in a second
PAGES_WANTED, P99_WANTED_MS, EXPORT_WANTED = 3_000, 5.0, 300_000
PICKER_WORKSPACE, PICKER_USERS, PICKER_QUESTIONS, PICKER_WANTED_MS = "picker", 10_000, 1_000, 100.0
SYLLABLES = "an be cor da el fi gu ha in jo ka lu mi no or pe ri sa ti ul vo".split()


class Server:
    """`annals up` on a data directory."""

    def __init__(self, data, binary=ANNALS):
        command = [binary, "up", "--data", data, "--listen", "127.0.0.1:0"]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.child.stdout.readline().split()[-1]
        scopes = [word for scope in ("read", "export", "admin") for word in ("--scope", f"audit:{scope}")]
        minted = subprocess.run([binary, "token", "--data", data, "--workspace", "*", "--ttl", "12h", *scopes], check=True, capture_output=True, text=True)
        self.token = minted.stdout.strip()

    def get(self, path):
        request = urllib.request.Request(self.address + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def stat(self, file, name=None):
        text = Path(f"/proc/{self.child.pid}/{file}").read_text()
        if name is None:
            return text
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name}:"))

    def cpu_seconds(self):
        fields = self.stat("stat").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        self.child.terminate()
        self.child.wait()


def generator(events, seed):
    """The command that writes the events; the generator's own seed if none is given."""
    return [BENCH, "events", "--events", str(events), *(["--seed", seed] if seed else [])]


def largest_workspaces(generate):
    """The workspaces with the most of these events."""
    listed = subprocess.run([*generate, "--workspaces", str(WORKSPACES)], check=True, capture_output=True, text=True)
    return listed.stdout.split()


def picker_users():
    """Names of users, of a workspace that has many."""
    choose = random.Random(11)

    def word():
        return "".join(choose.choices(SYLLABLES, k=choose.randint(2, 4))).capitalize()
    return [f"{word()} {word()}" for _ in range(PICKER_USERS)]


def picker_events(users):
    """An event of each, as lines."""
    for number, name in enumerate(users):
        event = {
            "workspace_id": PICKER_WORKSPACE, "action": "segment.updated", "occurred_at": f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
            "actor": {"kind": "user", "id": f"user-{number}", "name": name, "email": f"{name.replace(' ', '.').lower()}@example.com"},
            "resources": [{"type": "segment", "id": str(number), "name": "Segment"}],
        }
        yield json.dumps(event) + "\n"


def load(data, events, generate):
    """Generates into the embedded log, then starts the server and waits until all are visible."""
    started = time.monotonic()
    with subprocess.Popen(generate, stdout=subprocess.PIPE) as generator:
        subprocess.run([ANNALS, "import", "-", "--data", data, "--reject-file", data / "rejected"], stdin=generator.stdout, check=True, stderr=subprocess.DEVNULL)
    lines = "".join(picker_events(picker_users())).encode()
    subprocess.run([ANNALS, "import", "-", "--data", data], input=lines, check=True, stderr=subprocess.DEVNULL)
    events += PICKER_USERS
    imported = time.monotonic()
    server = Server(data)
    while True:
        partitions = server.get("/v1/admin/accounting")["partitions"]
        visible = sum(partition["visible"] for partition in partitions)
        if visible + sum(p["duplicate"] + p["quarantined"] for p in partitions) >= events:
            break
        time.sleep(1)
    print(f"{visible:,} of {events:,} events visible: imported in {imported - started:.0f} s, projected in {time.monotonic() - imported:.0f} s")
    return server


def settle(server):
    """Waits until the server rests: seals, merges and names lag behind the events, and would be counted as what pages take."""
    until, rested = time.monotonic() + SETTLED_WITHIN, 0
    while rested < RESTED_SECONDS:
        if time.monotonic() > until:
            raise SystemExit(f"the server is still at work after {SETTLED_WITHIN} s")
        before = server.cpu_seconds()
        time.sleep(1)
        rested = rested + 1 if server.cpu_seconds() - before <= IDLE_CPU_SECONDS else 0


def questions(server, workspaces):
    """Mixed filters over the largest workspaces, of values that are there; cursors of deeper pages among them."""
    choose = random.Random(7)
    paths = []
    for workspace in workspaces:
        base = f"/v1/workspaces/{workspace}"
        facets = server.get(f"{base}/facets?by=actor,resource_type,action,kind&limit=100")["facets"]
        values = {name: [value["value"] for value in facets[name] if value["value"]] for name in facets}
        newest = server.get(f"{base}/events?limit=50")
        names = [resource["name"] for row in newest["data"] for resource in row["resources"] if resource["name"]]
        moments = sorted(row["effective_at"] for row in server.get(f"{base}/events?limit=1000")["data"])
        cursors = []
        while newest["page"]["next"] and len(cursors) < 20:
            cursors.append(newest["page"]["next"])
            newest = server.get(f"{base}/events?limit=50&cursor={cursors[-1]}")
        one = choose.choice
        makers = [
            lambda: {},
            lambda: {"cursor": one(cursors)} if cursors else {},
            lambda: {"actor": one(values["actor"])},
            lambda: {"actor": [one(values["actor"]) for _ in range(3)]},
            lambda: {"resource_type": one(values["resource_type"])},
            lambda: {"actor": one(values["actor"]), "resource_type": one(values["resource_type"])},
            lambda: {"action": one(values["action"]), "kind": one(values["kind"])},
            lambda: {"resource_name": one(one(names).split())},
            lambda: {"resource_name": one(names)[:3], "resource_type": one(values["resource_type"])},
            lambda: {"to": one(moments), "kind": one(values["kind"])},
        ]
        for number in range(PATHS // WORKSPACES):
            query = urllib.parse.urlencode(makers[number % len(makers)](), doseq=True)
            paths.append(f"{base}/events?limit=50&{query}".rstrip("&"))
    choose.shuffle(paths)
    return paths


def drive(server, paths, seconds, connections=CONNECTIONS, pause_ms=0):
    """What wrk says, with the CPU that the server took meanwhile. With a pause each connection waits so long on average between its questions."""
    before = server.cpu_seconds()
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s", "-s", LUA, server.address, "--", server.token, paths, str(pause_ms)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result = json.loads(said.splitlines()[-1])
    result["cpu_micros"] = (server.cpu_seconds() - before) * 1e6 / max(result["requests"], 1)
    result["rate"] = result["requests"] / (result["micros"] / 1e6)
    result["kib"] = result["bytes"] / max(result["requests"], 1) / 1024
    return result


def export(server, workspace, kind):
    """Rows a second of a whole workspace, and how much memory of its own the server added."""
    before, peak, over = server.stat("status", "RssAnon"), 0, threading.Event()

    def watch():
        nonlocal peak
        while not over.wait(0.05):
            peak = max(peak, server.stat("status", "RssAnon"))
    watcher = threading.Thread(target=watch)
    watcher.start()
    url = f"{server.address}/v1/workspaces/{workspace}/events/export?format={kind}"
    command = ["curl", "-sS", "--fail", "-o", "/dev/null", "-D", "-", "-w", "%{time_total} %{size_download}", "-H", f"Authorization: Bearer {server.token}", url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    over.set()
    watcher.join()
    seconds, size = map(float, said[-1].split())
    number = next(line.split()[1] for line in said if line.lower().startswith("annals-export-id:"))
    rows = server.get(f"/v1/workspaces/{workspace}/exports/{number}/manifest")["rows"]
    return {"rows": rows, "rate": rows / seconds, "mb": size / seconds / 1e6, "mib": max(peak - before, 0) / 1024}


def pick(server):
    """Milliseconds of each question of a picker, ascending: the first letters of names, over one connection."""
    choose, words = random.Random(12), [word for name in picker_users() for word in name.split()]
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"))
    spent = []
    for _ in range(PICKER_QUESTIONS):
        typed = choose.choice(words)[:choose.randint(0, 5)]
        started = time.monotonic()
        connection.request("GET", f"/v1/workspaces/{PICKER_WORKSPACE}/actors?q={typed}", headers={"Authorization": f"Bearer {server.token}"})
        answer = connection.getresponse()
        found = json.load(answer)
        spent.append((time.monotonic() - started) * 1e3)
        if answer.status != 200 or not found["data"]:
            raise SystemExit(f"the picker found nobody for {typed!r}: {answer.status} {found}")
    return sorted(spent)


def verdict(good):
    return "reached" if good else "**missed**"


def report(full, half, exports, picked):
    wanted = 150 + 2 * full["kib"]
    print(f"\n{PATHS:,} different questions, asked in turn again and again.")
    print("\n| Figure | Measured | Wanted |\n|---|--:|--:|")
    print(f"| pages of 50 a second, {CONNECTIONS} connections, mixed filters | {full['rate']:,.0f}; {full['kib']:.1f} KiB a page, p50 {full['p50_ms']:.2f} ms, p99 {full['p99_ms']:.2f} ms | {verdict(full['rate'] >= PAGES_WANTED)}: {PAGES_WANTED:,} |")
    print(f"| server CPU a page (user and kernel) | {full['cpu_micros']:.0f} µs | {verdict(full['cpu_micros'] <= wanted)}: 150 µs + 2 µs a KiB = {wanted:.0f} µs |")
    print(f"| the same at half that rate: {half['rate']:,.0f} a second, {PACED_CONNECTIONS} connections that pause | p50 {half['p50_ms']:.2f}, p90 {half['p90_ms']:.2f}, p99 {half['p99_ms']:.2f}, max {half['max_ms']:.1f} ms; {half['cpu_micros']:.0f} µs CPU | {verdict(half['p99_ms'] <= P99_WANTED_MS)}: p99 {P99_WANTED_MS:.0f} ms |")
    for kind, done in exports.items():
        target = f"{verdict(done['rate'] >= EXPORT_WANTED)}: {EXPORT_WANTED:,}" if kind == "ndjson" else ""
        print(f"| {kind} export of {done['rows']:,} rows | {done['rate']:,.0f} rows/s, {done['mb']:.0f} MB/s, {done['mib']:.0f} MiB more memory | {target} |")
    p50, p99, most = picked[len(picked) // 2], picked[len(picked) * 99 // 100], picked[-1]
    print(f"| a picker of {PICKER_USERS:,} users, 0 to 5 letters typed, one connection | p50 {p50:.1f}, p99 {p99:.1f}, max {most:.1f} ms | {verdict(most <= PICKER_WANTED_MS)}: {PICKER_WANTED_MS:.0f} ms |")
    for result in (full, half):
        if result["refused"] or result["failed"]:
            print(f"\nNot all went well: {result['refused']} refused, {result['failed']} failed of {result['requests']}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--seed", default="")
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    place = ROOT / "target/bench-api"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    server = None
    try:
        generate = generator(options.events, options.seed)
        server = load(place / "data", options.events, generate)
        settle(server)
        workspaces = largest_workspaces(generate)
        paths = place / "paths"
        paths.write_text("\n".join(questions(server, workspaces)) + "\n")
        drive(server, paths, 5)   # warms up
        full = drive(server, paths, options.seconds)
        pause_ms = round(PACED_CONNECTIONS / (full["rate"] / 2) * 1000)
        half = drive(server, paths, options.seconds, PACED_CONNECTIONS, pause_ms)
        exports = {kind: export(server, workspaces[0], kind) for kind in ("ndjson", "csv")}
        report(full, half, exports, pick(server))
        print(f"\nThe server's peak memory: {server.stat('status', 'VmHWM') / 1024:.0f} MiB, files it has mapped included.")
    finally:
        if server:
            server.stop()
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
