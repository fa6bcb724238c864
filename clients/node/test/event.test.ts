/** The builder: what is no event is told at the recorder, and never thrown into the host. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Actions, Event, Fault, InvalidActions, user } from "../src";
import { uuid7 } from "../src/event";
import { TestRecorder } from "../src/testing";

test("states may be what programs have", () => {
  class Segment {
    #rules = ["secret"];
    made = new Date(0);
    size = 12345678901234567890n;
    none = undefined;
    constructor(readonly name: string) {}
    rules() {
      return this.#rules;
    }
  }
  const { changes } = new Event("acme", "a.created").changed(null, new Segment("VIP")).members();
  assert.deepEqual(changes, [
    { path: "made", after: "1970-01-01T00:00:00.000Z" },
    { path: "name", after: "VIP" },
    { path: "size", after: 12345678901234567890n },
  ]);
});

test("later changes of the host's objects do no harm", () => {
  const state = { tags: ["a"] };
  const event = new Event("acme", "a.b").changed(null, state).metadata(state);
  state.tags.push("b");
  const { changes, metadata } = event.members();
  assert.deepEqual(changes, [{ path: "tags", after: ["a"] }]);
  assert.deepEqual(metadata!["tags"], ["a"]);
});

test("what is no event is told and not thrown", () => {
  const circle: Record<string, unknown> = {};
  circle["circle"] = circle;
  const thrower = {
    get trap(): never {
      throw new Error("a trap");
    },
  };
  const event = () => new Event("acme", "a.b");
  const faulty = [
    event().metadata([1]),
    event().metadata(undefined as never),
    event().metadata(circle),
    event().metadata(thrower),
    event().changed(thrower, null),
    event().at("2026-01-01"),
    event().at("2026-02-30T00:00:00Z"),
    event().at("2026-01-01T00:00:60Z"),
    event().at(new Date(NaN)),
    event().by(undefined as never),
    new Event("", "a.b"),
    new Event("acme", undefined as never),
  ];
  for (const one of faulty) {
    assert.equal(one.faults.length, 1, String(one.faults));
    assert.throws(() => new TestRecorder().emit(one), Fault);
  }
  assert.equal(
    event().at("2024-02-29T23:59:59+23:59").members().occurred_at,
    "2024-02-29T00:00:59.000000Z",
  );
});

test("ids are of version 7 and ascend with time", () => {
  const ids = Array.from({ length: 1_000 }, uuid7);
  assert.equal(new Set(ids).size, 1_000);
  for (const id of ids)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(ids[0]!.slice(0, 13) <= ids.at(-1)!.slice(0, 13));
});

test("the test recorder is asked for what must have been recorded", () => {
  const actions = new Actions({ "source.updated": { secret: ["password"] } });
  const recorder = new TestRecorder({ actions, service: "sources" });
  const event = new Event("acme", "source.updated").by(user("u1")).on("source", "s1", "Postgres");
  recorder.emit(event.changed({ password: "old" }, { password: "new" }));
  const resource = { type: "source", id: "s1" };
  const found = recorder.expectAudit("source.updated", {
    workspace: "acme",
    actor: "u1",
    resource,
  });
  assert.equal(found.changes![0]!.after, "••••");
  assert.equal(found.context!.service, "sources");
  recorder.expectNoAudit("source.deleted");
  for (const wrong of [
    { actor: "u2" },
    { resource: { type: "source", id: "s2" } },
    { workspace: "other" },
  ]) {
    assert.throws(
      () => recorder.expectAudit("source.updated", wrong),
      /recorded was: source.updated/,
    );
  }
  assert.throws(() => recorder.expectNoAudit("source.updated"));
});

test("a wrong actions file is refused at the start", () => {
  const wrong = [
    "[]",
    "{",
    '{"a": 1}',
    '{"a": {"secrets": []}}',
    '{"a": {"secret": [""]}}',
    '{"a": {"secret": "password"}}',
    '{"a": {"aliases": ["b"]}, "b": {}}',
    '{"a": {"aliases": ["c"]}, "b": {"aliases": ["c"]}}',
  ];
  for (const text of wrong) assert.throws(() => Actions.parse(text), InvalidActions, text);
});
