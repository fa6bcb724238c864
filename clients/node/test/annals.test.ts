/** The recorder against a real `annals up`. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";

import { Actions, Event, Recorder, user } from "../src";
import { AnnalsUp } from "./annalsUp";
import { built, vectors } from "./vectors";

const counts = ({ delivered, lost }: Recorder) => ({ delivered, lost });

/** How long each call took, in milliseconds, sorted. */
function emit(recorder: Recorder, first: number, count: number): number[] {
  const times: number[] = [];
  for (let n = first; n < first + count; n++) {
    const event = new Event("acme", `count.n${n}`).by(user("u1", { name: "Ana" }));
    const started = performance.now();
    recorder.emit(event);
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b);
}

test("an event is on the page with all that was given", async () => {
  await using annals = await new AnnalsUp().start();
  const actions = new Actions({ "source.updated": { secret: ["password"] } });
  const token = async () => annals.token();
  await using recorder = new Recorder({ url: annals.url, token, service: "segments", actions });
  const event = new Event("acme", "source.updated")
    .by(user("u1", { name: "Ana", email: "ana@acme.test" }))
    .on("source", "s1", "Postgres")
    .outcome("success")
    .context({ request_id: "r-1" })
    .changed({ password: "old", host: "a" }, { password: "new", host: "b" });
  recorder.emit(event);
  assert.ok(await recorder.flush(20_000));
  assert.deepEqual(counts(recorder), { delivered: 1, lost: 0 });
  const [row] = await annals.rows(1);
  assert.equal(row!.event_id, event.members().event_id);
  assert.equal(row!.actor["name"], "Ana");
  assert.equal(row!.context["service"], "segments");
  assert.equal(row!.context["request_id"], "r-1");
  const changes = row!.changes.map(({ path, before, after }) => [path, before, after]);
  assert.deepEqual(changes, [
    ["host", "a", "b"],
    ["password", "••••", "••••"],
  ]);
});

test("the gateway takes every vector", async () => {
  await using annals = await new AnnalsUp().start();
  await using recorder = new Recorder({ url: annals.url, token: annals.token() });
  for (const vector of vectors()) {
    const members = built(vector);
    recorder.emit({ faults: [], members: () => members } as unknown as Event);
  }
  assert.ok(await recorder.flush(20_000));
  assert.deepEqual(counts(recorder), { delivered: vectors().length, lost: 0 });
});

test("the trace id of the current span goes with an event", async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const span = new BasicTracerProvider().getTracer("test").startSpan("request");
  const { traceId } = span.spanContext();
  await using annals = await new AnnalsUp().start();
  await using recorder = new Recorder({ url: annals.url, token: annals.token() });
  await context.with(trace.setSpan(context.active(), span), async () => {
    await sleep(1);
    recorder.emit(new Event("acme", "login"));
  });
  recorder.emit(new Event("acme", "logout"));
  assert.ok(await recorder.flush(20_000));
  const rows = await annals.rows(2);
  assert.deepEqual(
    rows.map((row) => row.context["trace_id"] ?? null),
    [traceId, null],
  );
  await annals.rows(1, { trace_id: traceId });
});

test("a server that goes and comes again loses nothing and keeps the order", async () => {
  await using annals = await new AnnalsUp().start();
  await using recorder = new Recorder({ url: annals.url, token: annals.token(), onWarning() {} });
  const up = emit(recorder, 0, 300);
  assert.ok(await recorder.flush(20_000));
  await annals.stop();
  const away = emit(recorder, 300, 300);
  assert.equal(await recorder.flush(200), false);
  await annals.start();
  assert.ok(await recorder.flush(30_000));
  annals.freeze();
  const silent = emit(recorder, 600, 300);
  assert.equal(await recorder.flush(200), false);
  annals.thaw();
  assert.ok(await recorder.flush(30_000));
  assert.deepEqual(counts(recorder), { delivered: 900, lost: 0 });
  const rows = await annals.rows(900);
  const expected = Array.from({ length: 900 }, (_, n) => `count.n${n}`);
  assert.deepEqual(
    rows.map(({ action }) => action),
    expected,
  );
  for (const [name, times] of Object.entries({ up, away, silent })) {
    const [p50, p99, max] = [150, 297, 299].map((at) => (times[at]! * 1_000).toFixed(0));
    console.log(`    # emit with the server ${name}: p50 ${p50} µs, p99 ${p99} µs, max ${max} µs`);
    assert.ok(times[297]! < up[297]! + 50, `emit is slowed: ${name}`);
  }
});

test("a rate limit is waited for and losses are told", async () => {
  const limits = { ANNALS_LIMITS_REQUESTS_PER_MINUTE_PER_CALLER: "60" };
  await using annals = await new AnnalsUp(limits).start();
  const options = { batchEvents: 1, queueEvents: 70, tellEveryMs: 100, onWarning() {} };
  await using recorder = new Recorder({ url: annals.url, token: annals.token(), ...options });
  // More requests than a minute has at once: 429 with Retry-After for the last ones.
  emit(recorder, 0, 200);
  const { lost } = recorder;
  assert.equal(lost, 130);
  assert.ok(await recorder.flush(60_000));
  assert.deepEqual(counts(recorder), { delivered: 70, lost });
  assert.ok(await recorder.close(30_000));
  const told = (await annals.rows(71)).filter(({ action }) => action === "annals.events_lost");
  assert.deepEqual(
    told.map(({ metadata }) => metadata["events"]),
    [lost],
  );
});

test("a foreign workspace is refused and does not hold the others up", async () => {
  await using annals = await new AnnalsUp().start();
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  await using recorder = new Recorder({ url: annals.url, token: annals.token(), onWarning });
  recorder.emit(new Event("other", "a.b"));
  recorder.emit(new Event("acme", "a.b"));
  assert.ok(await recorder.close(20_000));
  assert.deepEqual(counts(recorder), { delivered: 1, lost: 1 });
  assert.match(warnings[0]!, /not-found/);
});

test("what was emitted last is sent when the event loop is empty", async () => {
  await using annals = await new AnnalsUp().start();
  const program = `
    const { Event, Recorder } = require(${JSON.stringify(join(__dirname, "../src"))});
    const recorder = new Recorder({ url: process.argv[1], token: process.argv[2] });
    for (let n = 0; n < 100; n++) recorder.emit(new Event("acme", "count.n" + n));`;
  execFileSync(process.execPath, ["-e", program, annals.url, annals.token()], { timeout: 60_000 });
  await annals.rows(100);
  // And where nobody answers, the process ends all the same.
  const away = "http://127.0.0.1:1";
  const started = performance.now();
  execFileSync(process.execPath, ["-e", program, away, "token"], {
    timeout: 60_000,
    stdio: "ignore",
  });
  assert.ok(performance.now() - started < 15_000);
});
