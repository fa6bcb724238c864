"""Takes events from the queue to the gateway, in order, until each is on the log or refused."""

from __future__ import annotations

import logging
import random
import time

from .gateway import Answer, Gateway
from .queue import Queue, Queued

logger = logging.getLogger("annals_client")

# Well within what a gateway takes.
BATCH_BYTES_MAX = 1 << 20
FIRST_PAUSE_SECONDS = 0.05
PAUSE_MAX_SECONDS = 5.0
# What goes wrong is logged at most this often; losses are counted all the same.
WARN_EVERY_SECONDS = 1.0


class Worker:
    """One batch at a time, so that events of one workspace keep their order."""

    def __init__(
        self, queue: Queue, gateway: Gateway, batch_events: int, producer_id: str
    ) -> None:
        self._queue, self._gateway = queue, gateway
        self._batch_events, self._producer_id = batch_events, producer_id
        self._pause = FIRST_PAUSE_SECONDS
        self._warned_at = float("-inf")

    def run(self) -> None:
        """Until the queue is closed and empty, or told to stop."""
        while not self._queue.is_stopped:
            batch, losses = self._queue.take(self._batch_events, BATCH_BYTES_MAX)
            if not batch and not losses:
                return
            telling = [
                Queued(workspace, loss.event(workspace, self._producer_id), loss, tells=True)
                for workspace, loss in losses.items()
            ]
            self._deliver(telling + batch)

    def _deliver(self, pending: list[Queued]) -> None:
        at_once = self._batch_events
        while pending and not self._queue.is_stopped:
            now, later = pending[:at_once], pending[at_once:]
            answer = self._gateway.post([queued.json for queued in now])
            if answer.is_too_much and len(now) > 1:
                at_once = max(1, len(now) // 2)
                continue
            again = self._settle(now, answer)
            pending = again + later
            if len(again) < len(now):
                self._pause = FIRST_PAUSE_SECONDS
            if again:
                self._back_off(answer)

    def _settle(self, batch: list[Queued], answer: Answer) -> list[Queued]:
        """Answers what has to go again."""
        if answer.is_too_much:
            self._refused(batch[0], answer.detail)
            return []
        if answer.items is None:
            return batch
        fates = list(zip(batch, answer.items))
        self._queue.settle([queued for queued, refusal in fates if refusal is None])
        for queued, refusal in fates:
            if refusal:
                self._refused(queued, refusal)
        return [queued for queued, refusal in fates if refusal == ""]

    def _refused(self, queued: Queued, detail: str) -> None:
        self._warn(f"an event is refused for good: lost ({detail})")
        self._queue.settle([queued], is_lost=True, is_refused=True)

    def _warn(self, message: str) -> None:
        if time.monotonic() < self._warned_at + WARN_EVERY_SECONDS:
            return
        self._warned_at = time.monotonic()
        try:
            logger.warning("%s", message)
        except Exception:
            pass  # a handler of the host's: this thread must live on

    def _back_off(self, answer: Answer) -> None:
        if self._pause == FIRST_PAUSE_SECONDS:
            self._warn(f"the gateway does not take events: they wait ({answer.detail})")
        # Between half and all of it, so that many clients do not come again at once.
        pause = self._pause * random.uniform(0.5, 1.0)
        self._pause = min(2 * self._pause, PAUSE_MAX_SECONDS)
        self._queue.pause(max(pause, answer.retry_after_seconds))
