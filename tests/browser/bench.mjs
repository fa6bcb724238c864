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
  // Asked within the page: how long the browser takes to answer this script is not the page's.
  await page.addInitScript(() => {
    globalThis.firstRows = new Promise((go) => {
      const seen = (list, observer) => {
        const [rows] = list.getEntriesByName("annals-first-rows");
        if (!rows) return;
        observer.disconnect();
        // The mark is set when rows arrive; two frames later they have been painted.
        const painted = () => go([rows.startTime, performance.now()]);
        requestAnimationFrame(() => requestAnimationFrame(painted));
      };
      new PerformanceObserver(seen).observe({ type: "mark", buffered: true });
    });
  });
  await page.goto(link);
  const [mark, shown] = await page.evaluate(() => globalThis.firstRows);
  const answer = await page.evaluate(() => {
    const list = performance.getEntriesByType("resource").find(({ name }) => /events\?/.test(name));
    return list.responseEnd - list.requestStart;
  });
  await page.close();
  return { mark, shown, answer };
}

/** Scrolls through so many rows, 200 pixels a frame; milliseconds of every frame. */
async function scroll(isTraced) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(link);
  await page.waitForSelector("annals-table tr[data-event-id]");
  if (isTraced) await browser.startTracing(page, { categories: ["devtools.timeline"] });
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
  const events = isTraced ? JSON.parse(await browser.stopTracing()).traceEvents : [];
  await page.close();
  return { frames, events };
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
    `on the screen ${median("shown").toFixed(0)} ms (median of ${VISITS} visits), ` +
    `the list's answer within it ${median("answer").toFixed(0)} ms`,
);
const { frames } = await scroll(false);
console.log(`scrolling ${ROWS} rows, ${frames.length} frames: ${summary(frames)}`);
// Once more, watched: by the main thread's own clock, which other programs do not lengthen.
const { events } = await scroll(true);
console.log(`  the main thread's own work in them: ${summary(workOfFrames(events))}`);
await browser.close();
