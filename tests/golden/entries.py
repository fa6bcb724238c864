#!/usr/bin/env python3
"""Entries, leaves and roots by docs/EVIDENCE.md, sharing no code with the store.

usage: entries.py --check FILE    recomputes every entry, leaf and root of schemas/vectors/entries.json, or of entries_of_many.json:
                                  one partition of a log with several, where the chains of keys hang on murmur2
       entries.py --write FILE    writes the file (only ever needed for a new version of the entry)
"""
import hashlib
import json
import os
import struct
import sys

LOG_ID = bytes(range(16))
NONE = 2**64 - 1
RECORDS = [  # offset, key, value, headers, timestamp ms, type; hexadecimal or None
    (0, b"acme".hex(), b"{}".hex(), [["content-type", b"application/json".hex()]], 1792888200123, "log-append"),
    (1, b"acme".hex(), None, [], 1792888200123, "log-append"),
    (4, None, b"".hex(), [["a", None], ["a", ""]], 0, "log-append"),
    (5, b"other".hex(), b"\x00\xff".hex(), [["", b"x".hex()]], -1, "create"),
    (6, b"acme".hex(), b"again".hex(), [], 1792888200999, "log-append"),
    (2**40, b"".hex(), b"v".hex(), [["n" * 300, b"h".hex() * 300]], 2**62, "log-append"),
]
# Of partition 3 of 5: keys that belong there and keys that do not, each twice; at the bounds of a key's length; no UTF-8.
HERE, ELSEWHERE, LONGEST, TOO_LONG, NO_TEXT = "acme", "other", "w" * 125 + "-15", "w" * 126 + "-14", b"\xff\xfe-3"
MANY = [(offset, key if isinstance(key, bytes) else key.encode(), b"%d" % offset) for offset, key in enumerate(
    (HERE, ELSEWHERE, HERE, ELSEWHERE, LONGEST, TOO_LONG, LONGEST, TOO_LONG, NO_TEXT, NO_TEXT, HERE), 7)]
MANY = [(offset, key.hex(), value.hex(), [], 1792888200000 + offset, "log-append") for offset, key, value in MANY]
LOGS = {"entries.json": (RECORDS, 0, 1), "entries_of_many.json": (MANY, 3, 5)}


def digest(text):
    return bytes(32) if text is None else hashlib.sha256(bytes.fromhex(text)).digest()


def headers_digest(headers):
    out = struct.pack(">I", len(headers))
    for name, value in headers:
        raw = bytes.fromhex(value or "")
        name = name.encode()
        out += struct.pack(">I", len(name)) + name + bytes([value is not None]) + struct.pack(">I", len(raw)) + raw
    return hashlib.sha256(out).digest()


def entry(log_id, partition, record, previous, previous_of_key):
    offset, key, value, headers, timestamp, kind = record
    flags = (key is None) | (value is None) << 1
    return (b"\x01" + log_id + struct.pack(">IQQQqBB", partition, offset, previous, previous_of_key, timestamp,
                                           kind == "log-append", flags)
            + digest(key) + digest(value) + headers_digest(headers))


def root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def murmur2(data):
    """Kafka's, 32 bits."""
    mask, m = 0xffffffff, 0x5bd1e995
    h = 0x9747b28c ^ len(data)
    for at in range(0, len(data) - len(data) % 4, 4):
        k = int.from_bytes(data[at:at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    rest = data[len(data) - len(data) % 4:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def valid_key(key, partition, partitions):
    if key is None:
        return False
    raw = bytes.fromhex(key)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return 1 <= len(raw) <= 128 and (murmur2(raw) & 0x7fffffff) % partitions == partition


def document(records, partition, partitions):
    leaves, items, previous, of_key = [], [], NONE, {}
    for record in records:
        key = record[1]
        valid = valid_key(key, partition, partitions)
        data = entry(LOG_ID, partition, record, previous, of_key.get(key, NONE) if valid else NONE)
        leaf = hashlib.sha256(b"\x00" + data).digest()
        leaves.append(leaf)
        names = ("offset", "key", "value", "headers", "timestamp_ms", "timestamp_type")
        items.append({"record": dict(zip(names, record)), "entry": data.hex(), "leaf": leaf.hex(), "root": root(leaves).hex()})
        previous = record[0]
        if valid:
            of_key[key] = record[0]
    return {"version": 1, "log_id": LOG_ID.hex(), "partition": partition, "partitions": partitions, "records": items}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("--check", "--write"):
        raise SystemExit(__doc__)
    made = document(*LOGS[os.path.basename(sys.argv[2])])
    if sys.argv[1] == "--write":
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            json.dump(made, out, indent=1)
            out.write("\n")
        return
    with open(sys.argv[2], encoding="utf-8") as file:
        if json.load(file) != made:
            raise SystemExit(f"{sys.argv[2]} differs from docs/EVIDENCE.md as this script reads it")
    print(f"{len(made['records'])} entries are right")


if __name__ == "__main__":
    main()
