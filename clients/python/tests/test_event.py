"""The builder: what is no event is told at the recorder, and never raised into the host."""

import dataclasses
import datetime
import decimal
import enum
import unittest
import uuid

from annals_client import Actions, Event, Fault, InvalidActions, user
from annals_client.event import uuid7
from annals_client.testing import TestRecorder


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Segment:
    name: str
    colour: Colour
    made: datetime.date
    price: decimal.Decimal


def segment(name):
    return Segment(name, Colour.RED, datetime.date(2026, 1, 2), decimal.Decimal("1.50"))


class Building(unittest.TestCase):
    def test_states_may_be_what_programs_have(self):
        event = Event("acme", "segment.updated").changed(segment("VIP"), segment("VIP EU"))
        changes = event.members()["changes"]
        self.assertEqual(changes, [{"path": "name", "before": "VIP", "after": "VIP EU"}])
        made = Event("acme", "segment.created").changed(None, segment("a")).members()["changes"]
        values = {change["path"]: change["after"] for change in made}
        expected = {"name": "a", "colour": "red", "made": "2026-01-02", "price": "1.50"}
        self.assertEqual(values, expected)

    def test_later_changes_of_the_hosts_objects_do_no_harm(self):
        state = {"tags": ["a"]}
        event = Event("acme", "a.b").changed(None, state).metadata(state)
        state["tags"].append("b")
        members = event.members()
        self.assertEqual(members["changes"][0]["after"], ["a"])
        self.assertEqual(members["metadata"], {"tags": ["a"]})

    def test_what_is_no_event_is_told_and_not_raised(self):
        circle = {}
        circle["circle"] = circle
        faulty = [
            Event("acme", "a.b").metadata([1]),
            Event("acme", "a.b").metadata({"socket": object()}),
            Event("acme", "a.b").metadata(circle),
            Event("acme", "a.b").changed({1: 2}, None),
            Event("acme", "a.b").at(datetime.datetime(2026, 1, 1)),
            Event("acme", "a.b").at("2026-01-01"),
            Event("acme", "a.b").context(address="x"),
            Event("", "a.b"),
            Event("acme", None),
        ]
        for event in faulty:
            with self.subTest(event.faults), self.assertRaises(Fault):
                TestRecorder().emit(event)

    def test_ids_are_of_version_7_and_ascend(self):
        ids = [uuid7() for _ in range(1000)]
        self.assertEqual(len(set(ids)), 1000)
        self.assertTrue(all(id.version == 7 and id.variant == uuid.RFC_4122 for id in ids))
        self.assertLess(ids[0].int >> 80, (ids[-1].int >> 80) + 1)


class TheTestRecorder(unittest.TestCase):
    def test_it_is_asked_for_what_must_have_been_recorded(self):
        recorder = TestRecorder(actions=Actions({"source.updated": {"secret": ["password"]}}))
        event = Event("acme", "source.updated").by(user("u1")).on("source", "s1", "Postgres")
        recorder.emit(event.changed({"password": "old"}, {"password": "new"}))
        found = recorder.expect_audit(
            "source.updated", workspace="acme", actor="u1", resource=("source", "s1")
        )
        self.assertEqual(found["changes"][0]["after"], "••••")
        recorder.expect_no_audit("source.deleted")
        for wrong in ({"actor": "u2"}, {"resource": ("source", "s2")}, {"workspace": "other"}):
            with self.assertRaisesRegex(AssertionError, "recorded was: source.updated"):
                recorder.expect_audit("source.updated", **wrong)
        with self.assertRaises(AssertionError):
            recorder.expect_no_audit("source.updated")

    def test_a_wrong_actions_file_is_refused_at_the_start(self):
        for text in [
            "[]",
            "{",
            '{"a": 1}',
            '{"a": {"secrets": []}}',
            '{"a": {"secret": [""]}}',
            '{"a": {"secret": "password"}}',
            '{"a": {"aliases": ["b"]}, "b": {}}',
            '{"a": {"aliases": ["c"]}, "b": {"aliases": ["c"]}}',
        ]:
            with self.subTest(text), self.assertRaises(InvalidActions):
                Actions.parse(text)
