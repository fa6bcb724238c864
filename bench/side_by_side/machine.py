"""What figures were taken on: the machine, the commit, everybody's version."""
import os
import re
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def said(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False).stdout.strip()


def head(root):
    """The commit in full."""
    return said("git", "rev-parse", "HEAD", cwd=root)


def machine(root):
    """One line: processor, memory, system, commit, date, how busy it was."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    changed = " with changes" if said("git", "status", "--porcelain", "--untracked-files=no", cwd=root) else ""
    return (f"{os.cpu_count()} cores of {cpu[1] if cpu else os.uname().machine}, {memory:.0f} GiB, Linux {os.uname().release}; "
            f"commit `{said('git', 'rev-parse', '--short', 'HEAD', cwd=root)}`{changed}, {time.strftime('%Y-%m-%d')}; "
            f"load {os.getloadavg()[0]:.1f} at the end")


def versions():
    def package(name):
        try:
            return version(name)
        except PackageNotFoundError:
            return "absent"
    postgres = said("/usr/lib/postgresql/15/bin/postgres", "--version").removeprefix("postgres (PostgreSQL) ").split(" ")[0]
    return {"annals": "this commit", "postgresql": f"{postgres}, psycopg {package('psycopg')}", "clickhouse": f"chdb {package('chdb')}", "opensearch": "2.19.6",
            "duckdb_parquet": f"duckdb {package('duckdb')}"}
