// Prints how fast the page is: node bench.mjs LINK, a sign-in link of a workspace with many events.
import { launch } from "./browser.mjs";

const VISITS = 9;
const ROWS = 10_000;
const SLOW_FRAME_MS = 50;

const link = process.argv[2];
const browser = await launch();

/** Milliseconds from navigation to the first rows on the screen. */
async function firstRows() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await browser.startTracing(page, { categories: ["devtools.timeline", "blink.user_timing"] });
  await page.goto(link);
  await page.waitForSelector("annals-table tr[data-event-id]");
  const shown = await page.evaluate(
    () =>
      new Promise((go) => {
        // The mark is set when rows arrive; two frames later they have been painted.
        requestAnimationFrame(() => requestAnimationFrame(() => go(performance.now())));
      }),
  );
  const [mark, answer] = await page.evaluate(() => {
    const list = performance.getEntriesByType("resource").find(({ name }) => /events\?/.test(name));
    const [rows] = performance.getEntriesByName("annals-first-rows");
    return [rows.startTime, list.responseEnd - list.requestStart];
  });
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  await page.close();
  const rows = traceEvents.find(({ name }) => name === "annals-first-rows");
  const until = traceEvents.filter(({ ts }) => ts > rows.ts - mark * 1000 && ts < rows.ts);
  const work = sum(pieces(until, rows).map(({ tdur = 0 }) => tdur / 1000));
  return { mark, shown, answer, work };
}

/** Scrolls through so many rows, 200 pixels a frame; milliseconds of every frame. */
async function scroll() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(link);
  await page.waitForSelector("annals-table tr[data-event-id]");
  // What the main thread did in each frame, by its own clock: other programs do not lengthen that.
  await browser.startTracing(page, { categories: ["devtools.timeline"] });
  const frames = await page.locator("annals-table").evaluate(async (table, rows) => {
    const scroller = table.shadowRoot.querySelector(".scroller");
    const height = table.shadowRoot.querySelector("tbody tr").offsetHeight;
    const taken = [];
    let before = performance.now();
    while (scroller.scrollTop < rows * height) {
      scroller.scrollTop += 200;
      await new Promise((go) => requestAnimationFrame(go));
      const now = performance.now();
      taken.push(now - before);
      before = now;
    }
    return taken;
  }, ROWS);
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  await page.close();
  return { frames, work: workOfFrames(traceEvents) };
}

const sum = (numbers) => numbers.reduce((one, other) => one + other, 0);

/** What a thread did, piece by piece; what lies inside another piece is counted with that. */
function pieces(events, { pid, tid }) {
  const own = events.filter((event) => event.pid === pid && event.tid === tid && event.ph === "X");
  own.sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  let end = 0;
  return own.filter(({ ts, dur }) => {
    const isOuter = ts >= end;
    if (isOuter) end = ts + dur;
    return isOuter;
  });
}

/** Milliseconds of the page's main thread between one animation frame and the next. */
function workOfFrames(events) {
  // There is one page: its main thread is the one that fires animation frames.
  const thread = events.find(({ name }) => name === "FireAnimationFrame");
  const frames = events.filter(({ name, tid }) => name === thread.name && tid === thread.tid);
  const starts = frames.map(({ ts }) => ts).sort((a, b) => a - b);
  const work = starts.map(() => 0);
  let frame = -1;
  for (const { ts, tdur = 0 } of pieces(events, thread)) {
    while (starts[frame + 1] <= ts) frame += 1;
    if (frame >= 0) work[frame] += tdur / 1000;
  }
  return work;
}

/** Median, 99th percentile, maximum, and how many are slow. */
function summary(milliseconds) {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.floor((sorted.length - 1) * part)].toFixed(1);
  const slow = sorted.filter((one) => one > SLOW_FRAME_MS).length;
  const shares = `median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
  return `${shares}, ${slow} over ${SLOW_FRAME_MS} ms`;
}

const visits = [];
for (let visit = 0; visit < VISITS; visit += 1) visits.push(await firstRows());
const median = (name) => visits.map((one) => one[name]).sort((a, b) => a - b)[VISITS >> 1];
console.log(
  `first rows after navigation: arrived ${median("mark").toFixed(0)} ms, ` +
    `on the screen ${median("shown").toFixed(0)} ms (median of ${VISITS} visits)`,
);
console.log(
  `  until they arrived: the list's answer took ${median("answer").toFixed(0)} ms, ` +
    `the main thread's own work ${median("work").toFixed(0)} ms`,
);
const { frames, work } = await scroll();
console.log(`scrolling ${ROWS} rows, ${frames.length} frames: ${summary(frames)}`);
console.log(`  the main thread's own work in them: ${summary(work)}`);
await browser.close();
