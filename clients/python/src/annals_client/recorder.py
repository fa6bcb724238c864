"""The recorder: hands events to a thread of its own, which takes them to the gateway.

`emit` never waits for the network or for room, and never raises. What is lost is counted, shows as
a gap in the events' own numbers, and is told by an event `annals.events_lost`.
"""

from __future__ import annotations

import atexit
import itertools
import os
import threading
import time
import weakref

from .actions import Actions
from .encoder import Encoder, fresh_producer_id
from .event import Event, now
from .gateway import Gateway, Token
from .losses import Loss
from .queue import Queue, Queued
from .worker import WARN_EVERY_SECONDS, Worker, logger

CLOSE_SECONDS = 5.0


class Recorder:
    """Records events through the gateway at `url`. One a process is enough; threads share it.

    `token` is an API key or a function that gives one; `actions` says which fields are secret;
    `service` goes into every event that names none. After `fork` the child has an empty queue and
    a thread of its own; what waited is the parent's.
    """

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        service: str | None = None,
        actions: Actions | None = None,
        queue_events: int = 10_000,
        queue_bytes: int = 16 << 20,
        batch_events: int = 500,
        tell_every_seconds: float = 1.0,
        timeout_seconds: float = 10.0,
    ) -> None:
        self._gateway = (url, token, timeout_seconds)
        self._encoding = (actions, service)
        self._bounds = (queue_events, queue_bytes, tell_every_seconds)
        self._batch_events = min(max(batch_events, 1), 1_000)
        self._warned_at = float("-inf")
        self._begin()
        _recorders.add(self)

    def emit(self, event: Event) -> None:
        """Queues the event, stamped with a number, the time, the service and the trace id."""
        number = next(self._numbers)
        try:
            members, encoded = self._encoder.encode(event, number)
            loss = Loss.of(number, members["occurred_at"])
            self._queue.offer(Queued(members["workspace_id"], encoded, loss))
        except Exception as error:  # whatever it is, the host must not feel it
            self._refuse(event, number, error)
        if self._thread is None:
            self._start()

    @property
    def lost(self) -> int:
        """Events lost so far: no room, refused for good, or not delivered when it was closed."""
        return self._queue.lost

    @property
    def delivered(self) -> int:
        """Events that the log has acknowledged."""
        return self._queue.delivered

    def flush(self, timeout_seconds: float = CLOSE_SECONDS) -> bool:
        """Waits until all that was emitted before is on the log or lost; whether it is in time."""
        return self._queue.wait_settled(timeout_seconds)

    def close(self, timeout_seconds: float = CLOSE_SECONDS) -> bool:
        """Flushes, tells of losses, and ends; what is not delivered in time is lost.

        Happens by itself when the interpreter exits.
        """
        self._queue.close()
        if self._thread is not None:
            self._thread.join(timeout_seconds)
        is_done = self._queue.wait_settled(0)
        self._queue.stop()
        return is_done

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> None:
        self._id = fresh_producer_id()
        self._encoder = Encoder(*self._encoding, self._id)
        self._numbers = itertools.count(1)
        self._queue = Queue(*self._bounds)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def _start(self) -> None:
        # Not before the first event: a server that forks its workers needs no thread itself.
        with self._starting:
            if self._thread is not None:
                return
            worker = Worker(
                self._queue, Gateway(*self._gateway), self._batch_events, self._id
            )
            thread = threading.Thread(target=worker.run, name="annals-recorder", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the next event tries again
                logger.warning("the recorder gets no thread: %s", error)
            else:
                self._thread = thread

    def _refuse(self, event: Event, number: int, error: Exception) -> None:
        try:
            if time.monotonic() >= self._warned_at + WARN_EVERY_SECONDS:
                self._warned_at = time.monotonic()
                logger.warning("an emitted event is none: lost (%s)", error)
            workspace = str(event.members()["workspace_id"])
            self._queue.lose(workspace, Loss.of(number, now()))
        except Exception:  # not even an event: nobody can be told of it
            self._queue.lost += 1


_recorders: weakref.WeakSet[Recorder] = weakref.WeakSet()


def _close_all() -> None:
    deadline = time.monotonic() + CLOSE_SECONDS
    for recorder in list(_recorders):
        recorder.close(max(0.0, deadline - time.monotonic()))


def _begin_anew() -> None:
    for recorder in list(_recorders):
        recorder._begin()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
