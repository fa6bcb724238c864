/** The recorder against a server that answers as it is told, to see what each answer leads to. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createSilent, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { Event, Recorder, type EventMembers, type RecorderOptions } from "../src";

type Answer = [status: number, body?: unknown, headers?: Record<string, string>];
type Step = (events: EventMembers[]) => Answer | Promise<Answer>;

const taken: Step = (events) => [202, { items: events.map(() => ({ status: "accepted" })) }];

/** Answers with the script's steps, one a request; the last one for all that follow. */
async function serve(t: TestContext, script: Step[], options: Partial<RecorderOptions> = {}) {
  const batches: { at: number; events: EventMembers[] }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const events = body.split("\n").map((line) => JSON.parse(line) as EventMembers);
    batches.push({ at: performance.now(), events });
    const step = script.length > 1 ? script.shift()! : script[0]!;
    const [status, answer = "", headers = {}] = await step(events);
    response
      .writeHead(status, headers)
      .end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const recorder = new Recorder({ url, token: "token", onWarning, ...options });
  t.after(async () => {
    await recorder.close(0);
    server.closeAllConnections();
    server.close();
  });
  return { batches, recorder, warnings };
}

function emit(recorder: Recorder, count: number, workspace = "acme") {
  for (let n = 0; n < count; n++) recorder.emit(new Event(workspace, `count.n${n}`));
}

/** A first request that is held until it is let go; then the queue fills. */
function held() {
  let letGo = () => {};
  const gone = new Promise<void>((go) => (letGo = go));
  const step: Step = async (events) => (await gone, taken(events));
  return { step, letGo };
}

async function until(is: () => boolean) {
  while (!is()) await new Promise((next) => setTimeout(next, 5));
}

const counts = ({ delivered, lost }: Recorder) => ({ delivered, lost });

test("a pause that is asked for is kept", async (t) => {
  const wait = { "retry-after": "1" };
  const script: Step[] = [() => [503, {}, wait], () => [429, {}, wait], taken];
  const { batches, recorder } = await serve(t, script);
  emit(recorder, 1);
  assert.ok(await recorder.flush(20_000));
  const [first, second, third] = batches.map(({ at }) => at);
  assert.ok(second! - first! >= 990 && third! - second! >= 990);
  assert.deepEqual(counts(recorder), { delivered: 1, lost: 0 });
});

test("whatever may pass is tried again with the same ids", async (t) => {
  const odd: Answer[] = [
    [202, { items: [] }],
    [200, "<html>"],
    [202, "null"],
    [302, "", { location: "http://127.0.0.1:1/" }],
    [401, { detail: "no" }],
    [404],
    [500, "oops"],
  ];
  const { batches, recorder } = await serve(t, [...odd.map((answer) => () => answer), taken]);
  emit(recorder, 1);
  assert.ok(await recorder.flush(60_000));
  assert.equal(batches.length, odd.length + 1);
  assert.equal(new Set(batches.map(({ events }) => events[0]!.event_id)).size, 1);
  assert.deepEqual(counts(recorder), { delivered: 1, lost: 0 });
});

test("only what the log did not take goes again", async (t) => {
  const { step, letGo } = held();
  const error = (type: string) => ({ status: "rejected", error: { type, detail: "said" } });
  const items = [
    { status: "accepted" },
    error("log-unavailable"),
    error("schema-violation"),
    { status: "duplicate" },
  ];
  const { batches, recorder, warnings } = await serve(t, [step, () => [202, { items }], taken]);
  emit(recorder, 1, "first");
  await until(() => batches.length === 1);
  emit(recorder, 4);
  letGo();
  assert.ok(await recorder.close(20_000));
  assert.deepEqual(counts(recorder), { delivered: 4, lost: 1 });
  const actions = batches.map(({ events }) => events.map(({ action }) => action));
  assert.deepEqual(actions.slice(1), [
    ["count.n0", "count.n1", "count.n2", "count.n3"],
    ["count.n1"],
    ["annals.events_lost"],
  ]);
  const told = batches[3]!.events[0]!.metadata!;
  assert.deepEqual([told["events"], told["first_number"], told["last_number"]], [1, 4, 4]);
  assert.match(warnings[0]!, /refused for good: lost \(schema-violation: said\)/);
});

test("a batch that is too much goes in halves and one event is refused", async (t) => {
  const { step, letGo } = held();
  const atMostTwo: Step = (events) =>
    events.length > 2 || events.some(({ action }) => action === "count.n5")
      ? [413, { detail: "no" }]
      : taken(events);
  const { batches, recorder } = await serve(t, [step, atMostTwo]);
  emit(recorder, 1, "first");
  await until(() => batches.length === 1);
  emit(recorder, 9);
  letGo();
  assert.ok(await recorder.close(20_000));
  assert.deepEqual(counts(recorder), { delivered: 9, lost: 1 });
});

test("what finds no room is lost, counted and told", async (t) => {
  const { step, letGo } = held();
  const { batches, recorder } = await serve(t, [step, taken], { queueEvents: 10 });
  emit(recorder, 1, "first");
  await until(() => batches.length === 1);
  emit(recorder, 25);
  assert.equal(recorder.lost, 15);
  letGo();
  assert.ok(await recorder.close(20_000));
  assert.deepEqual(counts(recorder), { delivered: 11, lost: 15 });
  const told = batches.flatMap(({ events }) => events).filter(({ metadata }) => metadata);
  assert.deepEqual(
    told.map(({ workspace_id }) => workspace_id),
    ["acme"],
  );
  const { events, first_number, last_number } = told[0]!.metadata!;
  assert.deepEqual([events, first_number, last_number], [15, 12, 26]);
});

test("the queue is bounded in bytes too", async (t) => {
  const { step, letGo } = held();
  const { recorder } = await serve(t, [step, taken], { queueBytes: 100_000 });
  for (let n = 0; n < 20; n++)
    recorder.emit(new Event("acme", "a.b").metadata({ text: "x".repeat(10_000) }));
  assert.equal(recorder.lost, 11);
  letGo();
  assert.ok(await recorder.flush(20_000));
  assert.equal(recorder.delivered, 9);
});

test("what is no event is lost and told and not thrown", async (t) => {
  const { batches, recorder } = await serve(t, [taken]);
  recorder.emit(new Event("acme", "a.b").metadata([1]));
  recorder.emit(new Event("acme", "a.b").metadata({ text: "x".repeat(70_000) }));
  recorder.emit(undefined as never);
  assert.ok(await recorder.close(20_000));
  assert.deepEqual(counts(recorder), { delivered: 0, lost: 3 });
  const told = batches.flatMap(({ events }) =>
    events.map(({ metadata }) => Number(metadata!["events"])),
  );
  assert.equal(
    told.reduce((sum, events) => sum + events),
    2,
  );
});

test("losses are told while nothing else is emitted", async (t) => {
  const { batches, recorder } = await serve(t, [taken], { tellEveryMs: 50 });
  const faulty = () => recorder.emit(new Event("acme", "a.b").metadata([1]));
  faulty();
  await until(() => batches.length === 1);
  faulty();
  faulty();
  // Its timer keeps no process alive: something else does here.
  await until(() => batches.length === 2);
  assert.equal(batches[1]!.events[0]!.metadata!["events"], 2);
});

test("a silent gateway is not felt and closing keeps its deadline", async (t) => {
  const silent = createSilent().listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => silent.close());
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const recorder = new Recorder({ url, token: "token" });
  emit(recorder, 2_000);
  assert.equal(await recorder.flush(100), false);
  const started = performance.now();
  assert.equal(await recorder.close(300), false);
  assert.ok(performance.now() - started < 2_000);
  assert.deepEqual(counts(recorder), { delivered: 0, lost: 2_000 });
});
