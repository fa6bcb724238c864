#!/usr/bin/env python3
"""Entries, leaves and roots by docs/EVIDENCE.md, sharing no code with the store.

usage: entries.py --check FILE    recomputes every entry, leaf and root of schemas/vectors/entries.json
       entries.py --write FILE    writes the file (only ever needed for a new version of the entry)
"""
import hashlib
import json
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


def valid_key(key):
    if key is None:
        return False
    raw = bytes.fromhex(key)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return 1 <= len(raw) <= 128   # one partition: murmur2 always agrees


def document():
    leaves, items, previous, of_key = [], [], NONE, {}
    for record in RECORDS:
        key = record[1]
        last = of_key.get(key, NONE) if valid_key(key) else NONE
        data = entry(LOG_ID, 0, record, previous, last)
        leaf = hashlib.sha256(b"\x00" + data).digest()
        leaves.append(leaf)
        names = ("offset", "key", "value", "headers", "timestamp_ms", "timestamp_type")
        items.append({"record": dict(zip(names, record)), "entry": data.hex(), "leaf": leaf.hex(), "root": root(leaves).hex()})
        previous = record[0]
        if valid_key(key):
            of_key[key] = record[0]
    return {"version": 1, "log_id": LOG_ID.hex(), "partition": 0, "partitions": 1, "records": items}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("--check", "--write"):
        raise SystemExit(__doc__)
    if sys.argv[1] == "--write":
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            json.dump(document(), out, indent=1)
            out.write("\n")
        return
    with open(sys.argv[2], encoding="utf-8") as file:
        if json.load(file) != document():
            raise SystemExit(f"{sys.argv[2]} differs from docs/EVIDENCE.md as this script reads it")
    print(f"{len(RECORDS)} entries are right")


if __name__ == "__main__":
    main()
