"""The harness's own parts: what it compares, what it reads from the wire, what it says first."""
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from argparse import Namespace
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from side_by_side import compare, contest, figures, run   # noqa: E402
from side_by_side.connection import Connection   # noqa: E402
from side_by_side.question import Question, start_of   # noqa: E402


def result(ours, theirs):
    """A run of two classes in which PostgreSQL is the only other one; microseconds."""
    def one(p50):
        classes = {name: {"p50": p50[name], "p95": p50[name] * 2, "p99": p50[name] * 3} for name in p50}
        return {"classes": classes, "cpu_s": 10, "stored_bytes": 1_000, "fresh_ms": {"p99": 1}, "mixed": {"pages_s": 100}}
    return {"events": 100, "contestants": {"annals": one(ours), "postgresql": one(theirs)}}


class Comparing(unittest.TestCase):
    def test_another_row_another_order_and_another_number_are_told(self):
        answers = {"a": {"x #0": [[1], [2]], "x #1": 7}, "b": {"x #0": [[2], [1]], "x #1": 8}}
        self.assertEqual(len(compare.differences(answers)), 2)
        self.assertIn("row 0: [1] and [2]", compare.differences(answers)[0])

    def test_a_missing_row_is_told(self):
        self.assertIn("2 and 1 rows", compare.differences({"a": {"x #0": [[1], [2]]}, "b": {"x #0": [[1]]}})[0])

    def test_what_is_the_same_is_no_difference(self):
        self.assertEqual(compare.differences({"a": {"x #0": [[1]]}, "b": {"x #0": [[1]]}}), [])

    def test_times_are_the_same_however_they_are_written(self):
        for text in ("2024-05-01T10:00:00.5Z", "2024-05-01 10:00:00.500000", "2024-05-01 10:00:00.500000+00"):
            self.assertEqual(contest.micros(text), "2024-05-01 10:00:00.500000")
        self.assertEqual(contest.micros("2024-05-01 10:00:00+00"), "2024-05-01 10:00:00.000000")

    def test_a_resource_that_nobody_made_or_changed_is_left_out(self):
        question = Question("makers", 0, "makers", "w")
        self.assertEqual(contest.comparable(question, [["t", "1", None, None], ["t", "2", "a", None]]), [["t", "2", "a", None]])


class Figures(unittest.TestCase):
    def test_where_another_one_is_faster_is_a_loss_and_the_worst_comes_first(self):
        found = result({"first page": 300, "five users": 900, "week": 100}, {"first page": 200, "five users": 300, "week": 200})
        self.assertEqual(figures.losses(found), ["five users", "first page"])

    def test_what_is_missed_stands_first(self):
        found = figures.targets(result({"first page": 300, "five users": 100}, {"first page": 200, "five users": 900}))
        reached = [one[3] for one in found]
        self.assertEqual(reached, sorted(reached))
        self.assertFalse(found[0][3])

    def test_a_page_far_down_is_nine_tenths_down_where_there_are_too_few_rows(self):
        self.assertEqual([start_of(500, 1_000), start_of(500, 100), start_of(500, 0)], [500, 90, 0])


class Resuming(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.place = Path(made.name) / "place"
        patched = mock.patch.object(run, "PLACE", self.place)
        patched.start()
        self.addCleanup(patched.stop)

    def begin(self, seed, resume):
        run.begin(10, Namespace(seed=seed, resume=resume))

    def test_a_step_that_was_done_is_not_done_again(self):
        self.begin(1, False)
        (self.place / "nobody.load.json").write_text('{"cpu_s": 7}')
        self.begin(1, True)
        self.assertEqual(run.load("nobody", 10, 1), {"cpu_s": 7})

    def test_a_load_whose_generator_failed_is_not_kept(self):
        self.begin(1, False)
        with mock.patch.object(run, "CONTEST", Path(__file__).with_name("machine.py")), self.assertRaises(SystemExit) as failed:
            run.step("load", "nobody", self.place, rows=lambda: subprocess.Popen(["false"], stdout=subprocess.PIPE))
        self.assertIn("the generator", str(failed.exception))
        self.assertFalse((self.place / "nobody.load.json").exists())

    def test_what_another_run_has_left_is_not_gone_on_with(self):
        self.begin(1, False)
        with self.assertRaises(SystemExit) as refused:
            self.begin(2, True)
        self.assertIn("another run", str(refused.exception))

    def test_a_run_begins_anew_unless_it_is_told_to_go_on(self):
        self.begin(1, False)
        (self.place / "nobody.load.json").write_text("{}")
        self.begin(1, False)
        self.assertFalse((self.place / "nobody.load.json").exists())


class Wire(unittest.TestCase):
    def test_answers_in_pieces_and_several_at_once_are_read_whole(self):
        answers = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}"
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                for byte in answers:
                    connection.sendall(bytes([byte]))
        thread = threading.Thread(target=serve)
        thread.start()
        connection = Connection(*listener.getsockname())
        self.assertEqual(connection.ask(connection.request("/a") + connection.request("/b"), 2), [b"hello", b""])
        connection.close()
        thread.join()
        listener.close()


if __name__ == "__main__":
    unittest.main()
