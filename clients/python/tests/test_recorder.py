"""The recorder against a server that answers as it is told, to see what each answer leads to."""

import http.server
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import unittest

from annals_client import Event, Recorder


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers with the script's functions, one a request; the last one for all that follow."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        lines = self.rfile.read(int(self.headers["content-length"])).split(b"\n")
        events = [json.loads(line) for line in lines]
        server = self.server
        server.batches.append((time.monotonic(), events))
        answer = server.script.pop(0) if len(server.script) > 1 else server.script[0]
        status, headers, body = answer(events)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def taken(events):
    items = [{"event_id": event["event_id"], "status": "accepted"} for event in events]
    return 202, {}, json.dumps({"items": items}).encode()


def answered(status, body=b"", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda events: (status, named, body)


class Answers(unittest.TestCase):
    def serve(self, *script, **options):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        server.script, server.batches = list(script), []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        recorder = Recorder(f"http://127.0.0.1:{server.server_port}", "token", **options)
        self.addCleanup(recorder.close, 0)
        return server, recorder

    def emit(self, recorder, count, workspace="acme"):
        for number in range(count):
            recorder.emit(Event(workspace, f"count.n{number}"))

    def test_a_pause_that_is_asked_for_is_kept(self):
        server, recorder = self.serve(
            answered(503, b"{}", Retry_After="1"), answered(429, b"{}", Retry_After="1"), taken
        )
        self.emit(recorder, 1)
        self.assertTrue(recorder.flush(20))
        times = [at for at, _ in server.batches]
        self.assertEqual(len(times), 3)
        self.assertGreaterEqual(times[1] - times[0], 1)
        self.assertGreaterEqual(times[2] - times[1], 1)
        self.assertEqual((recorder.delivered, recorder.lost), (1, 0))

    def test_whatever_may_pass_is_tried_again_with_the_same_ids(self):
        odd = [
            answered(202, b'{"items": []}'),
            answered(200, b"<html>"),
            answered(202, b'{"items": [1]}'),
            answered(302, b"", location="http://127.0.0.1:1/"),
            answered(401, b'{"detail": "no"}'),
            answered(404),
            answered(500, b"oops"),
        ]
        server, recorder = self.serve(*odd, taken)
        self.emit(recorder, 1)
        self.assertTrue(recorder.flush(60))
        ids = {event["event_id"] for _, events in server.batches for event in events}
        self.assertEqual((len(server.batches), len(ids)), (len(odd) + 1, 1))
        self.assertEqual((recorder.delivered, recorder.lost), (1, 0))

    def test_only_what_the_log_did_not_take_goes_again(self):
        def partly(events):
            statuses = ["accepted", "rejected", "rejected", "duplicate"]
            items = [{"status": status} for status in statuses]
            items[1]["error"] = {"type": "log-unavailable", "detail": "no acknowledgement"}
            items[2]["error"] = {"type": "schema-violation", "detail": "bad", "errors": []}
            return 202, {}, json.dumps({"items": items}).encode()

        block = threading.Event()
        server, recorder = self.serve(
            lambda events: (block.wait(10), taken(events))[1], partly, taken
        )
        self.emit(recorder, 1, "first")
        while not server.batches:
            time.sleep(0.01)
        self.emit(recorder, 4)
        block.set()
        self.assertTrue(recorder.close(20))
        self.assertEqual((recorder.delivered, recorder.lost), (4, 1))
        actions = [[event["action"] for event in events] for _, events in server.batches]
        self.assertEqual(actions[1], ["count.n0", "count.n1", "count.n2", "count.n3"])
        self.assertEqual(actions[2], ["count.n1"])
        # What was refused is told.
        self.assertEqual(actions[3], ["annals.events_lost"])
        told = server.batches[3][1][0]["metadata"]
        self.assertEqual((told["events"], told["first_number"], told["last_number"]), (1, 4, 4))

    def test_a_batch_that_is_too_much_goes_in_halves_and_one_event_is_refused(self):
        def at_most_two(events):
            actions = [event["action"] for event in events]
            is_too_much = len(events) > 2 or actions == ["count.n5"]
            return (413, {}, b'{"detail": "too large"}') if is_too_much else taken(events)

        block = threading.Event()
        server, recorder = self.serve(
            lambda events: (block.wait(10), taken(events))[1], at_most_two
        )
        self.emit(recorder, 1, "first")
        while not server.batches:
            time.sleep(0.01)
        self.emit(recorder, 9)
        block.set()
        self.assertTrue(recorder.flush(20))
        delivered = [events for _, events in server.batches[1:] if len(events) <= 2]
        order = [event["action"] for events in delivered for event in events]
        for number in range(9):
            self.assertIn(f"count.n{number}", order)
        self.assertGreaterEqual(recorder.delivered, 9)
        self.assertEqual(recorder.lost, 10 - recorder.delivered)

    def test_what_finds_no_room_is_lost_counted_and_told(self):
        block = threading.Event()
        server, recorder = self.serve(
            lambda events: (block.wait(20), taken(events))[1], taken, queue_events=10
        )
        self.emit(recorder, 1, "first")
        while not server.batches:
            time.sleep(0.01)
        self.emit(recorder, 25)
        self.assertEqual(recorder.lost, 15)
        block.set()
        self.assertTrue(recorder.close(20))
        self.assertEqual((recorder.delivered, recorder.lost), (11, 15))
        told = [e for _, events in server.batches for e in events if "metadata" in e]
        self.assertEqual(len(told), 1)
        self.assertEqual(told[0]["workspace_id"], "acme")
        metadata = told[0]["metadata"]
        numbers = (metadata["events"], metadata["first_number"], metadata["last_number"])
        self.assertEqual(numbers, (15, 12, 26))
        self.assertLessEqual(metadata["first_at"], metadata["last_at"])

    def test_the_queue_is_bounded_in_bytes_too(self):
        block = threading.Event()
        server, recorder = self.serve(
            lambda events: (block.wait(20), taken(events))[1], taken, queue_bytes=100_000
        )
        for _ in range(20):
            recorder.emit(Event("acme", "a.b").metadata({"text": "x" * 10_000}))
        self.assertEqual(recorder.lost, 11)
        block.set()
        self.assertTrue(recorder.flush(20))
        self.assertEqual(recorder.delivered, 9)

    def test_a_log_handler_that_raises_is_not_felt(self):
        class Trap(logging.Handler):
            def emit(self, record):
                raise RuntimeError("a trap")

        trap = Trap()
        logging.getLogger("annals_client").addHandler(trap)
        self.addCleanup(logging.getLogger("annals_client").removeHandler, trap)
        _, recorder = self.serve(answered(500), taken)
        recorder.emit(Event("acme", "a.b").metadata([1]))
        self.emit(recorder, 1)
        self.assertTrue(recorder.flush(20))
        self.assertEqual((recorder.delivered, recorder.lost), (1, 1))

    def test_what_is_no_event_is_lost_and_told_and_not_raised(self):
        server, recorder = self.serve(taken)
        recorder.emit(Event("acme", "a.b").metadata({"socket": object()}))
        recorder.emit(Event("acme", "a.b").metadata({"text": "x" * 70_000}))
        recorder.emit(None)
        self.assertTrue(recorder.close(20))
        self.assertEqual((recorder.delivered, recorder.lost), (0, 3))
        told = [event["metadata"]["events"] for _, events in server.batches for event in events]
        self.assertEqual(sum(told), 2)


class Hosts(unittest.TestCase):
    def test_a_silent_gateway_is_not_felt_and_closing_keeps_its_deadline(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        recorder = Recorder(f"http://127.0.0.1:{silent.getsockname()[1]}", "token")
        started = time.monotonic()
        for number in range(2000):
            recorder.emit(Event("acme", f"count.n{number}"))
        self.assertLess(time.monotonic() - started, 5)
        self.assertFalse(recorder.flush(0.1))
        started = time.monotonic()
        self.assertFalse(recorder.close(0.3))
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual((recorder.delivered, recorder.lost), (0, 2000))

    def test_a_child_has_an_empty_queue_and_a_thread_of_its_own(self):
        program = """
import os, sys
from annals_client import Event, Recorder
recorder = Recorder("http://127.0.0.1:1", "token")
recorder.emit(Event("acme", "parent.emitted"))
child = os.fork()
if child == 0:
    recorder.emit(Event("acme", "child.emitted"))
    alive = recorder._thread is not None and recorder._thread.is_alive()
    recorder.close(0)
    os._exit(0 if (alive, recorder.lost) == (True, 1) else 1)
_, status = os.waitpid(child, 0)
recorder.close(0)
sys.exit(status or recorder.lost != 1)
"""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-c", program], env=environment, timeout=60)
        self.assertEqual(done.returncode, 0)
