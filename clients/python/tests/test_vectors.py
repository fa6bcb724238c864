"""What all clients and the gateway agree on, byte for byte."""

import unittest

from annals_client.canonical import canonical
from annals_client.changes import changes_between
from annals_client.encoder import wire
from annals_client.paths import parts_of, path_of

from .vectors import built, vectors


class Vectors(unittest.TestCase):
    def test_every_vector_is_written_as_it_stands(self):
        self.assertGreater(len(vectors()), 20)
        for vector in vectors():
            with self.subTest(vector["name"]):
                self.assertEqual(wire(built(vector)), vector["json"])

    def test_every_path_reads_back_as_the_names_it_was_made_of(self):
        for name in ["plain", "with.dot", "a[0]", "a/b", "~", "", "ж", "~1", "a\n"]:
            self.assertEqual(parts_of(path_of(["outer", name])), ["outer", name])
        self.assertEqual(parts_of("rules[0]['a b'].value"), ["rules", "0", "a b", "value"])
        self.assertEqual(parts_of("half[open"), ["half[open"])

    def test_values_that_json_does_not_know_have_a_place_all_the_same(self):
        self.assertEqual(canonical([float("nan"), float("inf"), "a\ud800b"]), '[null,null,"a\ufffdb"]')
        self.assertEqual(canonical(2**64), "18446744073709552000")
        self.assertEqual(changes_between({"a": True}, {"a": 1})[0]["path"], "a")
