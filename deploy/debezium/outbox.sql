-- The outbox that deploy/debezium/connector.json reads: docs/OUTBOX.md. PostgreSQL with wal_level=logical.
--
-- A product inserts an event and deletes it again within the same transaction: Debezium reads the insert from the
-- write-ahead log, and the table stays empty.
--   INSERT INTO annals_outbox_debezium VALUES ('01890a5d-…', 'acme',
--     '{"event_id": "01890a5d-…", "workspace_id": "acme", "action": "segment.updated", "occurred_at": "…"}');
--   DELETE FROM annals_outbox_debezium WHERE event_id = '01890a5d-…';

CREATE TABLE annals_outbox_debezium (
  event_id     uuid PRIMARY KEY,
  -- The record's key.
  workspace_id text NOT NULL,
  event        json NOT NULL,
  -- Debezium may send a row twice. Without an id of its own that would be two events.
  CONSTRAINT annals_outbox_debezium_event_says_the_same CHECK (
    coalesce(event ->> 'event_id' = event_id::text AND event ->> 'workspace_id' = workspace_id
             AND event ->> 'action' <> '', false)
  )
);
