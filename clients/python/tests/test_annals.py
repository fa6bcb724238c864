"""The recorder against a real `annals up`."""

import subprocess
import sys
import time
import unittest

from annals_client import Actions, Event, Recorder, user

from .annals_up import AnnalsUp
from .vectors import built, vectors

SECRET = Actions({"source.updated": {"secret": ["password"]}})


def emit(recorder, first, count):
    """How long each call took, in seconds."""
    times = []
    for number in range(first, first + count):
        event = Event("acme", f"count.n{number}").by(user("u1", name="Ana"))
        started = time.perf_counter()
        recorder.emit(event)
        times.append(time.perf_counter() - started)
    return sorted(times)


def told(rows):
    """How many losses rows tell of."""
    return sum(row["metadata"]["events"] for row in rows if row["action"] == "annals.events_lost")


class Annals(unittest.TestCase):
    def test_an_event_is_on_the_page_with_all_that_was_given(self):
        with AnnalsUp() as annals, Recorder(
            annals.url, annals.token, service="segments", actions=SECRET
        ) as recorder:
            event = (
                Event("acme", "source.updated")
                .by(user("u1", name="Ana", email="ana@acme.test"))
                .on("source", "s1", "Postgres")
                .outcome("success")
                .context(request_id="r-1")
                .changed({"password": "old", "host": "a"}, {"password": "new", "host": "b"})
            )
            recorder.emit(event)
            self.assertTrue(recorder.flush(20))
            self.assertEqual((recorder.delivered, recorder.lost), (1, 0))
            (row,) = annals.rows(1)
        self.assertEqual(row["event_id"], event.members()["event_id"])
        self.assertEqual(row["actor"]["name"], "Ana")
        self.assertEqual(row["context"]["service"], "segments")
        self.assertEqual(row["context"]["request_id"], "r-1")
        masked = {"path": "password", "before": "••••", "after": "••••"}
        changes = [{key: change[key] for key in masked} for change in row["changes"]]
        self.assertEqual(changes, [{"path": "host", "before": "a", "after": "b"}, masked])

    def test_the_gateway_takes_every_vector(self):
        with AnnalsUp() as annals, Recorder(annals.url, annals.token()) as recorder:
            for vector in vectors():
                event = Event("acme", "a.b")
                event._event = built(vector)
                recorder.emit(event)
            self.assertTrue(recorder.flush(20))
            self.assertEqual((recorder.delivered, recorder.lost), (len(vectors()), 0))

    def test_the_trace_id_of_the_current_span_goes_with_an_event(self):
        from opentelemetry.sdk.trace import TracerProvider

        tracer = TracerProvider().get_tracer("test")
        with AnnalsUp() as annals, Recorder(annals.url, annals.token()) as recorder:
            with tracer.start_as_current_span("request") as span:
                recorder.emit(Event("acme", "login"))
                trace_id = f"{span.get_span_context().trace_id:032x}"
            recorder.emit(Event("acme", "logout"))
            self.assertTrue(recorder.flush(20))
            rows = annals.rows(2)
            self.assertEqual(len(annals.rows(1, trace_id=trace_id)), 1)
        self.assertEqual([row["context"].get("trace_id") for row in rows], [trace_id, None])

    def test_a_server_that_goes_and_comes_again_loses_nothing_and_keeps_the_order(self):
        with AnnalsUp() as annals, Recorder(annals.url, annals.token()) as recorder:
            up = emit(recorder, 0, 300)
            self.assertTrue(recorder.flush(20))
            annals.stop()
            down = emit(recorder, 300, 300)
            self.assertFalse(recorder.flush(0.2))
            annals.start()
            self.assertTrue(recorder.flush(30))
            annals.freeze()
            silent = emit(recorder, 600, 300)
            annals.thaw()
            self.assertTrue(recorder.flush(30))
            self.assertEqual((recorder.delivered, recorder.lost), (900, 0))
            rows = annals.rows(900)
        self.assertEqual([row["action"] for row in rows], [f"count.n{n}" for n in range(900)])
        for name, times in (("up", up), ("away", down), ("silent", silent)):
            print(f"    # emit with the server {name}: p50 {times[150] * 1e6:.0f} µs, "
                  f"p99 {times[297] * 1e6:.0f} µs, max {times[-1] * 1e6:.0f} µs")
            self.assertLess(times[297], up[297] + 0.05, f"emit is slowed: {name}")

    def test_a_rate_limit_is_waited_for_and_losses_are_told(self):
        limits = {"ANNALS_LIMITS_REQUESTS_PER_MINUTE_PER_CALLER": "60"}
        with AnnalsUp(**limits) as annals, Recorder(
            annals.url, annals.token(), batch_events=1, queue_events=70, tell_every_seconds=0.1
        ) as recorder:
            # More requests than a minute has at once: 429 with Retry-After for the last ones.
            emit(recorder, 0, 200)
            lost = recorder.lost
            self.assertGreater(lost, 100)
            self.assertTrue(recorder.flush(60))
            self.assertEqual((recorder.delivered, recorder.lost), (200 - lost, lost))
            self.assertTrue(recorder.close(30))
            rows = annals.rows_until(lambda rows: told(rows) >= lost)
        self.assertEqual(told(rows), lost)

    def test_a_foreign_workspace_is_refused_and_does_not_hold_the_others_up(self):
        with AnnalsUp() as annals, Recorder(annals.url, annals.token()) as recorder:
            with self.assertLogs("annals_client", "WARNING") as logs:
                recorder.emit(Event("other", "a.b"))
                recorder.emit(Event("acme", "a.b"))
                self.assertTrue(recorder.close(20))
            self.assertEqual((recorder.delivered, recorder.lost), (1, 1))
            self.assertIn("not-found", logs.output[0])

    def test_what_was_emitted_last_is_sent_when_the_interpreter_exits(self):
        program = """
import sys
from annals_client import Event, Recorder
recorder = Recorder(sys.argv[1], sys.argv[2])
for number in range(100):
    recorder.emit(Event("acme", f"count.n{number}"))
"""
        with AnnalsUp() as annals:
            command = [sys.executable, "-c", program, annals.url, annals.token()]
            subprocess.run(command, check=True, timeout=60)
            self.assertEqual(len(annals.rows(100)), 100)
