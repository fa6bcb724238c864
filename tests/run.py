#!/usr/bin/env python3
"""Builds once and runs every suite; the last line is `N passed, N failed, N skipped`.

usage: run.py test [--only SUITES] [--skip SUITES]     run.py bench-path     run.py soak
       run.py bench [--events N,…] [--seed N] [--seconds N]
       run.py bench-store [--events N] [--resources N] [--ids v4|v7] [--seed N]
       run.py bench-api [--events N] [--seed N] [--seconds N]     run.py bench-ui [--events N]
       run.py bench-gateway [--seconds N]     run.py bench-emit [--events N]
       run.py bench-evidence [--events N] [--seed N]

A suite is skipped only if a person says so. An ignored test counts as skipped. Tasks share the two cores in two lanes,
except those that measure times: these run alone at the end.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench_api.measure import load, settle

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "target" / "test-logs"
PYTHON = ROOT / "target/tools/python/bin/python"
FEATURES = ["--workspace", "--locked", "--features", "annals/failpoints,annals-store/s3,annals-store/gcs,annals-store/azure,annals-store/faults"]
SUITES = ["tidy", "ui", "bench", "golden", "clients", "api", "e2e", "kafka", "crash", "browser"]
BENCH_WORKSPACE = "bulk-0"   # the one that tests/generate makes when there is to be one
ORACLE = ["generated::", "layouts::", "recorded::"]
LIMIT_SECONDS = 25 * 60
FULL_BYTES = 200 << 20   # so little left is none for a broker that starts
SOAK = {"TEST_ANNALS_QUERIES": "20000", "TEST_ANNALS_MUTATIONS": "1000", "TEST_ANNALS_CRASH_DIRECTORIES": "50", "TEST_ANNALS_FRESHNESS_SECONDS": "600",
        "TEST_ANNALS_BULK_EVENTS": "20000000", "TEST_ANNALS_RECORDER_KILLS": "500", "TEST_ANNALS_EMIT_CALLS": "10000000", "TEST_ANNALS_EXPORT_EVENTS": "5000000",
        "TEST_ANNALS_SCHEMATHESIS_EXAMPLES": "500", "TEST_ANNALS_BACKFILL_EVENTS": "20000000"}
RESULT = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.M)
# What the clients' own test tools say of each test: Node's, Python's, Go's.
PASSED = re.compile(r"^# pass (\d+)$|^Ran (\d+) tests? in|^--- PASS: ()", re.M)


class Task:
    """One command with a name, a suite and a log of its own."""

    def __init__(self, suite, name, command, directory=ROOT, environment=None, limit=LIMIT_SECONDS):
        self.suite, self.name, self.command, self.directory = suite, name, command, directory
        self.environment, self.limit = environment or {}, limit
        self.passed = self.failed = self.skipped = 0

    def run(self):
        """Runs to the end or the limit, counts, and reports in one piece."""
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / (re.sub(r"[^a-z0-9_-]+", "-", self.name.lower()) + ".log")
        started = time.monotonic()
        with open(log, "wb") as out:
            child = subprocess.Popen(self.command, cwd=self.directory, env=os.environ | self.environment, stdout=out,
                                     stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
            try:
                code = child.wait(self.limit)
            except subprocess.TimeoutExpired:
                child.kill()
                code = f"over {self.limit} s"
        self.count(code, log.read_text(errors="replace"))
        self.report(code, time.monotonic() - started, log)

    def count(self, code, text):
        """The harness's own counts where it prints some; otherwise the command is one test."""
        results = [tuple(map(int, found)) for found in RESULT.findall(text)]
        others = [int(found[1] or found[2] or 1) for found in PASSED.finditer(text)]
        self.passed, self.failed, self.skipped = (sum(column) for column in zip(*results)) if results else (sum(others) or int(code == 0), 0, 0)
        if code != 0 and self.failed == 0:
            self.failed = 1

    def report(self, code, seconds, log):
        verdict = "ok    " if self.failed == 0 else "FAILED"
        lines = [f"{verdict} {self.name}: {self.passed} passed, {self.failed} failed, {self.skipped} ignored ({seconds:.0f} s)"]
        text = log.read_text(errors="replace").replace("\\#", "#")   # TAP escapes it
        # The first figure of a test stands behind its name: the harness has not ended that line yet.
        lines += [line[line.index("    # "):].strip() for line in text.splitlines() if "    # " in line]
        if self.failed:
            lines += [f"--- {log.relative_to(ROOT)}, exit {code}", *text.splitlines()[-60:], "---"]
        say("\n".join(lines))


def say(text):
    print(text, flush=True)


def build():
    """Builds everything once; returns the test binaries as (package directory, suite, binary)."""
    say("building")
    subprocess.run([ROOT / "tests/setup/ui"], check=True)
    started = time.monotonic()
    # All targets in one go: `build` and `test` one after the other may each choose their own features and compile twice.
    command = ["cargo", "build", *FEATURES, "--all-targets", "--message-format=json-render-diagnostics"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit("the build failed\n0 passed, 1 failed, 0 skipped")
    binaries = []
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and message.get("executable") and message["profile"]["test"]:
            package = Path(message["manifest_path"]).parent
            kinds = message["target"]["kind"]
            is_suite = package.name == "tests" and kinds == ["test"]
            binaries.append((package, message["target"]["name"] if is_suite else "unit", message["executable"], message["target"]["name"]))
    say(f"ok     build ({time.monotonic() - started:.0f} s)")
    return binaries


def test_tasks(binaries, chosen):
    """Tasks for two lanes, and those that must have the machine to themselves."""
    lanes, alone = [], []
    for package, suite, binary, target in binaries:
        environment = {"CARGO_MANIFEST_DIR": str(package), "ANNALS_BIN": str(ROOT / "target/debug/annals")}
        name = suite if suite != "unit" else f"unit {package.name}" + ("" if target.startswith("annals") else f" {target}")
        # Servers and brokers share the machine with the other lane: one test at a time in these.
        threads = ["--test-threads=1"] if suite in ("e2e", "kafka", "crash", "browser") else []
        if suite in ("e2e", "kafka"):
            # What is held against the oracle takes a third of `e2e`: in a task of its own the lanes end together.
            apart = ORACLE if suite == "e2e" else []
            skipped = [argument for module in ["freshness::", *apart] for argument in ("--skip", module)]
            lanes.append(Task(suite, name, [binary, *threads, *skipped], package, environment))
            if apart:
                lanes.append(Task(suite, f"{name} oracle", [binary, *threads, *apart], package, environment))
            alone.append(Task(suite, f"{name} freshness", [binary, *threads, "freshness::"], package, environment))
        else:
            lanes.append(Task(suite, name, [binary, *threads], package, environment))
    lanes.append(Task("unit", "documentation tests", ["cargo", "test", *FEATURES, "--doc"]))
    checks = [Task("format", "cargo fmt", ["cargo", "fmt", "--all", "--check"]),
              Task("lints", "cargo clippy", ["cargo", "clippy", *FEATURES, "--all-targets", "--", "-D", "warnings"])]
    checks.append(Task("ui", "page", ["npm", "run", "--prefix", "ui", "check"]))
    checks += client_tasks()
    # Contestants that every machine has: so that harness and questions keep their word.
    beside = [str(PYTHON), "bench/side_by_side/run.py", "--check", "--events", "20000", "--contestants", "annals,postgresql,duckdb_parquet"]
    built = {"ANNALS_BIN": str(ROOT / "target/debug/annals"), "SIDE_BY_SIDE_BENCH": str(ROOT / "target/debug/annals-bench"),
             "SIDE_BY_SIDE_PLACE": "target/side-by-side-check"}
    checks.append(Task("bench", "side by side", beside, environment=built))
    checks.append(Task("bench", "side by side, its own tests", [str(PYTHON), "-m", "unittest", "discover", "-s", "bench"]))
    if (ROOT / "deploy/check").exists():
        checks.append(Task("deploy", "deploy files", [str(ROOT / "deploy/check")]))
    return [task for task in checks + order(lanes) if task.suite in chosen], [task for task in alone if task.suite in chosen]


def client_tasks():
    """The packages under clients/: style and types, then their tests, against the binary itself."""
    environment = {"ANNALS_BIN": str(ROOT / "target/debug/annals"), "PATH": f"{os.environ['PATH']}:/usr/local/go/bin"}
    python = str(ROOT / "target/tools/clients-python/bin/python")
    commands = {"node": "npm run check",
                "python": f"{python} -m mypy --strict src && {python} -m unittest",
                "go": 'test -z "$(gofmt -l .)" && go vet ./... && go test -race -count=1 -v ./...'}
    return [Task("clients", f"clients {name}", ["bash", "-c", command], ROOT / "clients" / name, environment)
            for name, command in commands.items()]


def order(tasks):
    """The long ones first, so that the lanes end together."""
    long = ["crash", "e2e", "kafka", "browser", "api"]
    return sorted(tasks, key=lambda task: long.index(task.suite) if task.suite in long else len(long))


def run_lanes(tasks, lanes=2):
    waiting, lock = list(tasks), threading.Lock()

    def lane():
        while True:
            with lock:
                if not waiting:
                    return
                task = waiting.pop(0)
            task.run()
    threads = [threading.Thread(target=lane) for _ in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def summary(tasks, skipped_suites):
    for suite in skipped_suites:
        say(f"skipped suite {suite}")
    for task in tasks:
        if task.skipped:
            say(f"skipped {task.skipped} ignored tests of {task.name}")
    passed, failed = sum(task.passed for task in tasks), sum(task.failed for task in tasks)
    skipped = len(skipped_suites) + sum(task.skipped for task in tasks)
    say(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed == 0


class LeastFree(threading.Thread):
    """Watches what is left on the disks that suites write to: a full one fails tests that say nothing of it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.places = (ROOT, Path(tempfile.gettempdir()))
        self.bytes = self.now()

    def now(self):
        return min(shutil.disk_usage(place).free for place in self.places)

    def run(self):
        while True:
            self.bytes = min(self.bytes, self.now())
            time.sleep(2)

    def report(self):
        full = "; it was full, which fails tests" if self.bytes < FULL_BYTES else ""
        say(f"least free on the disks of {' and '.join(map(str, self.places))}: {self.bytes / 1e9:.1f} GB{full}")


def run_tests(options, soak):
    free = LeastFree()
    free.start()
    every = ["format", "lints", "unit", "deploy", *SUITES]
    only, skip = ([name for name in text.split(",") if name] for text in (options.only, options.skip))
    for name in only + skip:
        if name not in every:
            raise SystemExit(f"{name} is no suite; there are: {', '.join(every)}")
    chosen = [name for name in every if name in (only or every) and name not in skip]
    if soak:
        os.environ.update({name: value for name, value in SOAK.items() if name not in os.environ})
    binaries = build()
    lanes, alone = test_tasks(binaries, chosen)
    if soak:
        for task in lanes + alone:
            task.limit = 24 * 3600
    there = {task.suite for task in lanes + alone}
    absent = [suite for suite in chosen if suite not in there]   # a suite without a binary was not run: say so
    run_lanes(lanes)
    run_lanes(alone, 1)
    free.report()
    return summary(lanes + alone, skip + absent)


def bench_input():
    """The recorded events where they are, otherwise generated ones; says which."""
    file, recorded = ROOT / "target" / "bench-events.ndjson", ROOT.parent / "shared" / "data" / "to_annals.py"
    command = [str(recorded)] if recorded.exists() else ["tests/generate/generate.py", "bulk", "--events", "41286", "--workspaces", "250"]
    say(f"input: {'recorded' if recorded.exists() else 'generated, as ../shared is absent'}")
    with open(file, "wb") as out:
        subprocess.run([sys.executable, *command], cwd=ROOT, stdout=out, stderr=subprocess.DEVNULL, check=True)
    return file


def run_bench_path():
    """In-process figures, then the suites' own measurements with the release build, one after another."""
    if not release():
        return False
    say("in process, one core:")
    done = subprocess.run([str(ROOT / "target/release/annals-bench"), str(bench_input())], cwd=ROOT, check=False)
    if done.returncode != 0:
        return False
    say("what recording costs its host:")
    if subprocess.run([str(ROOT / "target/release/annals-bench"), "emit"], cwd=ROOT, check=False).returncode != 0:
        return False
    binaries = {suite: (package, binary) for package, suite, binary, _ in build()}
    tasks = []
    for suite, test in (("e2e", "recorded::every"), ("e2e", "bulk::"), ("e2e", "exports::"), ("e2e", "freshness::"), ("kafka", "recorded::every"), ("kafka", "freshness::")):
        package, binary = binaries[suite]
        environment = {"CARGO_MANIFEST_DIR": str(package), "ANNALS_BIN": str(ROOT / "target/release/annals")}
        tasks.append(Task(suite, f"{suite} {test}", [binary, "--test-threads=1", test], package, environment))
    run_lanes(tasks, 1)
    return summary(tasks, [])


def machine():
    """One line for docs/BENCHMARKS.md: what the figures were taken on, and of which commit."""
    def said(*command):
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    changed = " with changes" if said("git", "status", "--porcelain", "--untracked-files=no") else ""
    return (f"Machine: {os.cpu_count()} cores of {cpu[1] if cpu else os.uname().machine}, {memory:.0f} GiB, Linux {os.uname().release}, "
            f"{said('rustc', '--version')}. Commit `{said('git', 'rev-parse', '--short', 'HEAD')}`{changed}, release build, "
            f"{time.strftime('%Y-%m-%d')}; load {os.getloadavg()[0]:.1f} when it began.")


def release():
    """Builds what is measured, and says on what. Both at once: alone, each has other features of what they share."""
    if subprocess.run(["cargo", "build", "--release", "--locked", "-p", "annals", "-p", "annals-bench"], cwd=ROOT, check=False).returncode != 0:
        return False
    say(machine())
    return True


def measured(options, names, *command):
    """Runs a command with those of the options that were given."""
    given = [(f"--{name}", getattr(options, name)) for name in names]
    arguments = [word for name, value in given if value for word in (name, value)]
    return release() and subprocess.run([*command, *arguments], cwd=ROOT, check=False).returncode == 0


def run_bench(options):
    """Annals beside what a product team would pick instead."""
    return measured(options, ("events", "seed", "seconds"), PYTHON, "bench/side_by_side/run.py")


def run_bench_store(options):
    """The storage engine alone, in process; its stores lie in target/ and are removed."""
    command = (ROOT / "target/release/annals-bench", "store", "--within", ROOT / "target")
    return measured(options, ("events", "resources", "ids", "seed"), *command)


def run_bench_api(options):
    """The server at N events with a client of its own beside it; the data lies in target/ and is removed."""
    return measured(options, ("events", "seed", "seconds"), sys.executable, "tests/bench_api/measure.py")


def run_bench_evidence(options):
    """Replay, verify, rebuild and export, each as a command; the data lies in target/ and is removed."""
    return measured(options, ("events", "seed"), sys.executable, "tests/bench_evidence/measure.py")


def run_bench_emit(options):
    """What recording costs its host, in each state of the log; the data lies in target/ and is removed."""
    return release() and subprocess.run([ROOT / "tests/bench_emit/measure", "--calls", options.events or "10000000"], cwd=ROOT, check=False).returncode == 0


def run_bench_ui(options):
    """The page in a real browser, on one workspace with so many generated events."""
    if subprocess.run([ROOT / "tests/setup/ui"], check=False).returncode != 0 or not release():
        return False
    events = options.events or "10000000"
    with tempfile.TemporaryDirectory(dir=ROOT / "target") as data:
        generate = [sys.executable, str(ROOT / "tests/generate/generate.py"), "bulk", "--events", events, "--workspaces", "1"]
        server = load(Path(data), int(events), generate)
        try:
            settle(server)
            link = f"{server.address}/ui/#token={server.token}&workspace={BENCH_WORKSPACE}"
            return subprocess.run(["node", "tests/browser/bench.mjs", link], cwd=ROOT, check=False).returncode == 0
        finally:
            server.stop()


def run_bench_gateway(options):
    """What the gateway takes: a client of its own beside the server, on an embedded log that is removed."""
    client = ROOT / "target/tools/bin/bench-gateway"
    go = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/local/go/bin"}
    subprocess.run(["go", "build", "-o", client, "."], cwd=ROOT / "tests/bench_gateway", env=go, check=True)
    if not release():
        return False
    annals = ROOT / "target/release/annals"
    with tempfile.TemporaryDirectory(dir=ROOT / "target") as data:
        server = subprocess.Popen([annals, "up", "--data", data, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            address = server.stdout.readline().split()[-1]
            token = subprocess.run([annals, "token", "--data", data, "--workspace", "*", "--scope", "audit:write", "--ttl", "1h"],
                                   check=True, capture_output=True, text=True).stdout
            return subprocess.run([client, address, options.seconds or "20"], input=token, text=True, check=False).returncode == 0
        finally:
            server.terminate()
            server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("test", "bench", "bench-path", "bench-store", "bench-api", "bench-gateway", "bench-emit", "bench-evidence", "bench-ui",
                                         "soak"))
    parser.add_argument("--only", default="")
    parser.add_argument("--skip", default="")
    for name in ("events", "resources", "ids", "seed", "seconds"):
        parser.add_argument(f"--{name}", default="", help="of bench, bench-store, bench-api, bench-gateway, bench-emit, bench-evidence or bench-ui")
    options = parser.parse_args()
    runs = {"bench": lambda: run_bench(options), "bench-path": run_bench_path, "bench-store": lambda: run_bench_store(options), "bench-api": lambda: run_bench_api(options),
            "bench-gateway": lambda: run_bench_gateway(options), "bench-evidence": lambda: run_bench_evidence(options),
            "bench-emit": lambda: run_bench_emit(options), "bench-ui": lambda: run_bench_ui(options)}
    good = runs.get(options.what, lambda: run_tests(options, options.what == "soak"))()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
