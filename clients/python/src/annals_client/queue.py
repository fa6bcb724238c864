"""Events that wait, bounded in number and in bytes, and what became of those that no longer do."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

from .losses import Loss, Losses


@dataclass(frozen=True)
class Queued:
    """An event on its way."""

    workspace: str
    json: bytes
    loss: Loss
    # Whether it tells of losses: then it is none of the host's events.
    tells: bool = False


class Queue:
    """Shared by the threads that emit and the one that sends. Nobody waits here but the latter,
    and who flushes."""

    def __init__(self, events_max: int, bytes_max: int, tell_every_seconds: float) -> None:
        self._events_max, self._bytes_max = events_max, bytes_max
        self._tell_every = tell_every_seconds
        self._told_at = float("-inf")
        self._changed = threading.Condition()
        self._waiting: deque[Queued] = deque()
        # Of those that wait and those that are on their way.
        self._bytes = self._queued = self._settled = 0
        self._losses = Losses()
        self._closed = self._stopped = self._ended = False
        self.lost = self.delivered = 0

    def offer(self, queued: Queued) -> bool:
        """Queues an event; False if there is no room, and then it is lost."""
        with self._changed:
            size = len(queued.json)
            fits = len(self._waiting) < self._events_max and self._bytes + size <= self._bytes_max
            if fits and not self._closed:
                self._waiting.append(queued)
                self._bytes += size
                self._queued += 1
                self._changed.notify_all()
                return True
            self._lose(queued.workspace, queued.loss)
            return False

    def lose(self, workspace: str, loss: Loss) -> None:
        """Counts an event that was never queued."""
        with self._changed:
            self._lose(workspace, loss)

    def take(self, events_max: int, bytes_max: int) -> tuple[list[Queued], dict[str, Loss]]:
        """The next events and the losses to tell before them; waits for either. Nothing: the end."""
        with self._changed:
            while not (self._waiting or self._tell_now() or self._closed):
                self._changed.wait(self._until_telling())
            told = self._losses.take() if self._tell_now() else {}
            if told:
                self._told_at = time.monotonic()
            batch: list[Queued] = []
            size = 0
            while self._waiting and len(batch) < events_max:
                size += len(self._waiting[0].json) + 1
                if batch and size > bytes_max:
                    break
                batch.append(self._waiting.popleft())
            return batch, told

    def settle(
        self, batch: list[Queued], *, is_lost: bool = False, is_refused: bool = False
    ) -> None:
        """Says what became of events that were taken."""
        with self._changed:
            if self._ended:
                return  # they are counted as lost already
            for queued in batch:
                if not queued.tells:
                    self._settled += 1
                    self._bytes -= len(queued.json)
                    self.delivered += not is_lost
                    self.lost += is_lost
                # A log that does not take the telling either would be told without end.
                if is_lost and not (queued.tells and is_refused):
                    self._losses.add(queued.workspace, queued.loss)
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Waits so long, or until the worker is to stop."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not self._stopped and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)

    @property
    def is_stopped(self) -> bool:
        """Whether the worker is to stop."""
        return self._stopped

    def wait_settled(self, seconds: float) -> bool:
        """Waits until all that is queued now is settled."""
        with self._changed:
            target = self._queued
            self._changed.wait_for(lambda: self._settled >= target or self._ended, seconds)
            return self._settled >= target

    def close(self) -> None:
        """Takes nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Gives up: what is not settled is lost, whether it reached the log or not."""
        with self._changed:
            self._closed = self._stopped = True
            if not self._ended:
                self.lost += self._queued - self._settled
                self._settled = self._queued
                self._waiting.clear()
            self._ended = True
            self._changed.notify_all()

    def _lose(self, workspace: str, loss: Loss) -> None:
        self.lost += loss.events
        self._losses.add(workspace, loss)
        self._changed.notify_all()

    def _tell_now(self) -> bool:
        return bool(self._losses) and (self._closed or self._until_telling() == 0)

    def _until_telling(self) -> float | None:
        if not self._losses:
            return None
        return max(0.0, self._told_at + self._tell_every - time.monotonic())
