"""A real `annals up` to send to: started, stopped, started again where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Callable

_REPOSITORY = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("ANNALS_BIN") or str(_REPOSITORY / "target" / "debug" / "annals")


class AnnalsUp:
    """On a directory of its own; reads are not recorded, so that the log holds what was sent."""

    def __init__(self, **variables: str) -> None:
        self._directory = tempfile.TemporaryDirectory()
        self._data = str(Path(self._directory.name) / "data")
        # The binary refuses variables that it does not know.
        known = {name: value for name, value in os.environ.items() if name != "ANNALS_BIN"}
        self._environment = {**known, "ANNALS_AUTH_RECORD_READS": "false", **variables}
        self._listen = "127.0.0.1:0"
        self.start()

    def start(self) -> None:
        """Starts it, on the same port as before."""
        command = [BINARY, "up", "--data", self._data, "--listen", self._listen]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self._environment
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        assert "listening on " in line, line
        self.url = line.split("listening on ")[1].strip()
        self._listen = self.url.removeprefix("http://")

    def stop(self) -> None:
        """Ends it the way a crash would."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def freeze(self) -> None:
        """It takes connections, and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._process.send_signal(signal.SIGCONT)

    def token(self, workspace: str = "acme", *scopes: str) -> str:
        """A token; by default one that writes."""
        arguments = [word for scope in scopes or ("audit:write",) for word in ("--scope", scope)]
        command = [BINARY, "token", "--data", self._data, "--workspace", workspace, *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=self._environment
        ).stdout.strip()

    def rows(self, count: int, workspace: str = "acme", **filters: str) -> list[dict[str, Any]]:
        """So many rows, in the order in which they arrived, as soon as they are there."""
        rows = self.rows_until(lambda rows: len(rows) >= count, workspace, **filters)
        assert len(rows) == count, [row["action"] for row in rows]
        return rows

    def rows_until(
        self, are_enough: Callable[[list], bool], workspace: str = "acme", **filters: str
    ) -> list[dict[str, Any]]:
        """All rows once they are enough."""
        query = urllib.parse.urlencode({"limit": 1000, "after": "0", "wait": "1s", **filters})
        address = f"{self.url}/v1/workspaces/{workspace}/feed?{query}"
        token = self.token(workspace, "audit:read")
        deadline = time.monotonic() + 30
        while True:
            request = urllib.request.Request(address, headers={"authorization": f"Bearer {token}"})
            try:
                with urllib.request.urlopen(request) as answer:
                    rows = json.load(answer)["data"]
            except urllib.error.HTTPError as error:
                if error.code != 429:
                    raise
                rows = []
            if are_enough(rows):
                return rows
            assert time.monotonic() < deadline, [row["action"] for row in rows]
            time.sleep(0.05)

    def __enter__(self) -> AnnalsUp:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._directory.cleanup()
