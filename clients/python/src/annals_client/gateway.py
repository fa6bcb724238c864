"""The HTTP gateway: one request a batch, and what its answer means for each event."""

from __future__ import annotations

import encodings.idna  # noqa: F401  # sockets load it late, which fails while the interpreter ends
import json
from dataclasses import dataclass
from typing import Any, Callable, Union

import urllib3

PATH = "/v1/events:batch"
# A pause that a server asks for is kept up to this long.
RETRY_AFTER_MAX_SECONDS = 60.0
# Batches that are refused whole: one event of it may be at fault, or its size.
_TOO_MUCH = {400, 413, 422}

Token = Union[str, Callable[[], str]]


@dataclass(frozen=True)
class Answer:
    """What became of a batch."""

    # Of each event, in order: None once it is on the log, "" if it is to go again, else why it is
    # refused for good. None altogether: all go again.
    items: list[str | None] | None = None
    # Whether the batch is refused as a whole, and may pass in parts.
    is_too_much: bool = False
    # Why events go again, or are refused.
    detail: str = ""
    # How long the server asks to be left alone.
    retry_after_seconds: float = 0.0


class Gateway:
    """Sends batches, one at a time."""

    def __init__(self, url: str, token: Token, timeout_seconds: float) -> None:
        self._url = url.rstrip("/") + PATH
        self._token = token
        timeout = urllib3.Timeout(connect=min(timeout_seconds, 5.0), read=timeout_seconds)
        # Retries are ours; a redirect could carry the token elsewhere.
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=1, timeout=timeout, retries=False)

    def post(self, events: list[bytes]) -> Answer:
        """Sends events; never raises."""
        try:
            token = self._token() if callable(self._token) else self._token
            headers = {
                "authorization": f"Bearer {token}",
                "content-type": "application/x-ndjson",
                "user-agent": "annals-client-python",
            }
            body = b"\n".join(events)
            answer = self._pool.request(
                "POST", self._url, body=body, headers=headers, redirect=False
            )
            return read(answer.status, answer.headers.get("retry-after"), answer.data, len(events))
        except Exception as error:  # also of a token function: the worker must live on
            return Answer(detail=f"{type(error).__name__}: {error}")


def read(status: int, retry_after: str | None, body: bytes, events: int) -> Answer:
    """What an answer means."""
    if status in (200, 202):
        items = _items(body)
        if items is not None and len(items) == events:
            return Answer(items=[_fate(item) for item in items], detail=_first_detail(items))
        return Answer(detail=f"an answer that is not understood, status {status}")
    said = _said(body)
    detail = f"status {status}{': ' if said else ''}{said}"
    if status in _TOO_MUCH:
        return Answer(is_too_much=True, detail=detail)
    return Answer(detail=detail, retry_after_seconds=_seconds(retry_after))


def _items(body: bytes) -> list[dict[str, Any]] | None:
    try:
        items = json.loads(body)["items"]
    except (ValueError, KeyError, TypeError):
        return None
    known = isinstance(items, list) and all(isinstance(item, dict) for item in items)
    return items if known else None


def _fate(item: dict[str, Any]) -> str | None:
    if item.get("status") in ("accepted", "duplicate"):
        return None
    error = item.get("error") or {}
    # The log did not acknowledge it this time: no fault of the event.
    if error.get("type") == "log-unavailable":
        return ""
    faults = error.get("errors") or []
    told = "; ".join(f"{fault.get('pointer', '')} {fault.get('detail', '')}" for fault in faults)
    return f"{error.get('type', 'rejected')}: {told or error.get('detail', '')}"


def _first_detail(items: list[dict[str, Any]]) -> str:
    fates = (_fate(item) for item in items)
    return next((fate or "the log did not acknowledge" for fate in fates if fate is not None), "")


def _said(body: bytes) -> str:
    try:
        problem = json.loads(body)
        return str(problem.get("detail") or problem.get("title") or "")
    except (ValueError, AttributeError):
        return ""


def _seconds(retry_after: str | None) -> float:
    try:
        return min(max(float(retry_after or 0), 0.0), RETRY_AFTER_MAX_SECONDS)
    except ValueError:
        return 0.0
