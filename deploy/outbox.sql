-- The transactional outbox of Annals: docs/OUTBOX.md. PostgreSQL 13 or later.
--
-- A product inserts events, the event JSON of docs/EVENT.md, within its own transactions:
--   INSERT INTO annals_outbox (event) VALUES ('{"workspace_id": "acme", "action": "segment.updated"}');
-- `annals outbox` takes them to the log and deletes them.

CREATE TABLE annals_outbox (
  -- The events of a workspace go one after the other, those of other lanes beside them.
  lane        smallint GENERATED ALWAYS AS ((hashtext(event ->> 'workspace_id') & 15)::smallint) STORED,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  -- Fixed here, unless the event has its own: a row that is sent twice is one event.
  event_id    uuid NOT NULL DEFAULT gen_random_uuid(),
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  event       json NOT NULL,
  PRIMARY KEY (lane, id),
  CONSTRAINT annals_outbox_event_names_workspace_and_action CHECK (
    coalesce(event ->> 'workspace_id', '') <> '' AND coalesce(event ->> 'action', '') <> ''
  )
);

-- A relay works on a lane while it holds its row.
CREATE TABLE annals_outbox_lane (lane smallint PRIMARY KEY);
INSERT INTO annals_outbox_lane SELECT generate_series(0, 15);

-- What the log will never take, and why.
CREATE TABLE annals_outbox_refused (
  id          bigint PRIMARY KEY,
  event_id    uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  event       json NOT NULL,
  reason      text NOT NULL,
  refused_at  timestamptz NOT NULL DEFAULT now()
);
