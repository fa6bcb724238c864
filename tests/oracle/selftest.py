#!/usr/bin/env python3
"""Worked cases for the oracle itself: an oracle that is wrong would bless a wrong product."""
import unittest

from event import Event, kind_of_action, micros, rfc3339
from fold import CASES, matches
from oracle import distribution
from query import Query
from workspace import Workspace

T = "2025-06-01T12:00:00.000000Z"


def source(number, resources=(), **fields):
    base = {"event_id": f"00000000-0000-4000-8000-{number:012d}", "workspace_id": "w", "action": "segment.updated", "occurred_at": T,
            "resources": [dict(zip(("type", "id", "name"), resource)) for resource in resources]}
    return base | fields


def workspace(*sources):
    made = Workspace("w")
    for item in sources:
        made.append(item)
    for event in made.events:
        event.record(micros("2025-06-01T12:00:01Z"))
    made.events.sort(key=lambda event: (event.effective, event.order), reverse=True)
    return made


def ids(made, *pairs):
    return [int(event.event_id[-12:]) for event in Query(list(pairs)).answer(made)]


class Times(unittest.TestCase):
    def test_clock_rules(self):
        event = Event(source(1, occurred_at=None), 1)
        event.record(5)
        self.assertEqual((event.effective, event.clock), (5, "assigned"))
        recorded = micros(T)
        for late, clock in ((600_000_000, "producer"), (600_000_001, "ahead")):
            event = Event(source(1, occurred_at=rfc3339(recorded + late)), 1)
            event.record(recorded)
            self.assertEqual(event.clock, clock)
            self.assertEqual(event.effective, recorded if clock == "ahead" else recorded + late)

    def test_microseconds_survive(self):
        self.assertEqual(rfc3339(micros("9999-12-31T23:59:59.999999Z")), "9999-12-31T23:59:59.999999Z")
        self.assertEqual(micros("1970-01-01T01:00:00.000001+01:00"), 1)

    def test_ties_go_by_number_and_bounds_are_half_open(self):
        made = workspace(source(1), source(2), source(3, occurred_at="2025-06-01T12:00:00.000001Z"))
        self.assertEqual(ids(made), [3, 2, 1])
        self.assertEqual(ids(made, ("from", T), ("to", "2025-06-01T12:00:00.000001Z")), [2, 1])
        self.assertEqual(ids(made, ("from", "2025-06-01T12:00:00.000001Z")), [3])


class Kinds(unittest.TestCase):
    def test_table(self):
        for action, kind in (("segment.updated", "update"), ("s3.GetBucketAcl", "read"), ("user:role_added", "create"), ("a.b", "other"),
                             ("iam.removeUser", "delete"), ("created.thing", "other"), ("x.not-listed", "other"), ("HTTPDelete", "delete")):
            self.assertEqual(kind_of_action(action), kind, action)


class Names(unittest.TestCase):
    def test_fold(self):
        for name, text, expected in CASES:
            self.assertEqual(matches(name, text), expected, (name, text))

    def test_scope_ever_finds_the_history_and_scope_event_does_not(self):
        made = workspace(source(1, [("segment", "s1", "VIP")]), source(2, [("segment", "s1", "Gold")]), source(3, [("segment", "s1")]),
                         source(4, [("model", "s1", "Other")]))
        self.assertEqual(ids(made, ("resource_name", "vip")), [3, 2, 1])
        self.assertEqual(ids(made, ("resource_name", "vip"), ("name_scope", "event")), [1])

    def test_parts_must_be_in_one_name(self):
        made = workspace(source(1, [("segment", "s1", "Data Lake"), ("model", "m1", "Pipe")]), source(2, [("segment", "s2", "pipe of data")]))
        self.assertEqual(ids(made, ("resource_name", "data pipe")), [2])

    def test_exact_and_prefix_take_the_whole_name(self):
        made = workspace(source(1, [("segment", "s1", "Data Pipe")]), source(2, [("segment", "s2", "data pipe 2")]), source(3, [("segment", "s3", "a data pipe")]))
        self.assertEqual(ids(made, ("resource_name", "DATA  PIPE"), ("name_match", "exact")), [1])
        self.assertEqual(ids(made, ("resource_name", "data pi"), ("name_match", "prefix")), [2, 1])

    def test_blank_is_no_filter(self):
        made = workspace(source(1), source(2, [("segment", "s1", "x")]))
        self.assertEqual(ids(made, ("resource_name", " \t")), [2, 1])


class Combinations(unittest.TestCase):
    def test_type_id_and_name_hold_on_one_resource(self):
        made = workspace(source(1, [("segment", "a", "One"), ("model", "b", "Two")]))
        self.assertEqual(ids(made, ("resource_type", "segment"), ("resource_name", "two")), [])
        self.assertEqual(ids(made, ("resource_type", "model"), ("resource_id", "a")), [])
        self.assertEqual(ids(made, ("resource_type", "model"), ("resource_id", "b"), ("resource_name", "two")), [1])

    def test_values_are_ored_and_parameters_anded(self):
        made = workspace(source(1, actor={"id": "u1"}), source(2, actor={"id": "u2"}, outcome="denied"), source(3, actor={"kind": "system"}))
        self.assertEqual(ids(made, ("actor", "u1"), ("actor", "u2")), [2, 1])
        self.assertEqual(ids(made, ("actor", "u1"), ("actor", "u2"), ("outcome", "denied")), [2])
        self.assertEqual(ids(made, ("actor_kind", "user")), [2, 1])
        self.assertEqual(ids(made, ("action", "segment.*")), [3, 2, 1])
        self.assertEqual(ids(made, ("action", "segment")), [])

    def test_duplicates_and_conflicts_are_not_shown(self):
        made = workspace(source(1), source(1), source(1, action="other.thing"), source(2))
        self.assertEqual((ids(made), made.duplicates, made.conflicts), ([2, 1], 1, 1))


class Rows(unittest.TestCase):
    def settle(self, change):
        made = Workspace("w")
        for number in (1, 2):
            made.append(source(number))
        rows = [{"event_id": source(number)["event_id"], "seq": number, "recorded_at": T, "effective_at": T} for number in (2, 1)]
        change(rows)
        return made.settle(rows)

    def test_wrong_rows_are_told(self):
        self.assertEqual(self.settle(lambda rows: None), [])
        for change in (lambda rows: rows.pop(), lambda rows: rows.reverse(), lambda rows: rows[0].update(seq=7),
                       lambda rows: rows[0].update(effective_at="2025-06-01T12:00:00.000001Z"), lambda rows: rows.append(dict(rows[0], event_id="x"))):
            self.assertTrue(self.settle(change))

    def test_easy_queries_are_refused(self):
        self.assertTrue(distribution([0] * 40 + [51] * 60, {})[1])
        self.assertFalse(distribution([0] * 41 + [51] * 59, {})[1])
        self.assertFalse(distribution([0] * 40 + [50] * 41 + [51] * 19, {})[1])


if __name__ == "__main__":
    unittest.main()
