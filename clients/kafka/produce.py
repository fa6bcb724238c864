"""Writes events to Annals' topic with the platform's own Kafka client and the Avro schema.

usage: produce.py BROKERS TOPIC < EVENTS.ndjson

An example to take from: confluent-kafka and fastavro, and the five rules of docs/CLIENTS.md.
"""

from __future__ import annotations

import datetime
import io
import json
import sys
from pathlib import Path
from typing import Any

import fastavro
from confluent_kafka import KafkaError, Message, Producer

FILE = Path(__file__).resolve().parents[2] / "schemas/avro/audit_event/v1.avsc"
SCHEMA = fastavro.parse_schema(json.loads(FILE.read_text()))
# Avro single-object: a marker, and the fingerprint of version 1.
HEAD = bytes.fromhex("c301" "ef7ddc850244107b")


def producer(brokers: str) -> Producer:
    """A producer that loses nothing it was given, as long as it is flushed."""
    return Producer(
        {
            "bootstrap.servers": brokers,
            "acks": "all",
            "enable.idempotence": True,
            "partitioner": "murmur2_random",  # Java's: librdkafka's own is another
            "queue.buffering.max.kbytes": 16 * 1024,
            "linger.ms": 5,
        }
    )


def avro(event: dict[str, Any]) -> bytes:
    """The value of an event's record. The event is event JSON with an `event_id`."""
    text = lambda value: json.dumps(value, ensure_ascii=False)  # noqa: E731
    changes = [
        {"path": change["path"]}
        | {side: text(change[side]) for side in ("before", "after") if side in change}
        for change in event.get("changes", [])
    ]
    members = {**event, "changes": changes, "outcome": event.get("outcome", "unknown")}
    if "metadata" in event:
        members["metadata"] = text(event["metadata"])
    if "occurred_at" in event:
        at = event["occurred_at"].replace("Z", "+00:00")
        members["occurred_at"] = datetime.datetime.fromisoformat(at)
    value = io.BytesIO()
    value.write(HEAD)
    fastavro.schemaless_writer(value, SCHEMA, members)
    return value.getvalue()


def main() -> int:
    """Sends every line; 0 once the log has all of them."""
    brokers, topic = sys.argv[1:]
    failed: list[str] = []

    def acknowledged(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            failed.append(f"{message.key()!r}: {error}")

    to = producer(brokers)
    for line in sys.stdin:
        event = json.loads(line)
        to.produce(
            topic,
            key=event["workspace_id"],  # the workspace's events lie on one partition, in order
            value=avro(event),
            headers={"annals-schema": "1"},
            on_delivery=acknowledged,
        )
        to.poll(0)
    to.flush()
    print("\n".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
