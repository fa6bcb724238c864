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
  await page.goto(link);
  await page.waitForSelector("annals-table tr[data-event-id]");
  const shown = await page.evaluate(
    () =>
      new Promise((go) => {
        // The mark is set when rows arrive; two frames later they have been painted.
        requestAnimationFrame(() => requestAnimationFrame(() => go(performance.now())));
      }),
  );
  const [mark] = await page.evaluate(() =>
    performance.getEntriesByName("annals-first-rows").map((entry) => entry.startTime),
  );
  await page.close();
  return { mark, shown };
}

/** Scrolls through so many rows, 200 pixels a frame; milliseconds of every frame. */
async function scroll() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(link);
  await page.waitForSelector("annals-table tr[data-event-id]");
  const session = await page.context().newCDPSession(page);
  // Time of the processor, which other programs on the machine do not lengthen.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  };
  const before = await busy();
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
  const work = ((await busy()) - before) / frames.length;
  await page.close();
  return { frames: frames.sort((a, b) => a - b), work };
}

const visits = [];
for (let visit = 0; visit < VISITS; visit += 1) visits.push(await firstRows());
const median = (name) => visits.map((one) => one[name]).sort((a, b) => a - b)[VISITS >> 1];
console.log(
  `first rows after navigation: arrived ${median("mark").toFixed(0)} ms, ` +
    `on the screen ${median("shown").toFixed(0)} ms (median of ${VISITS} visits)`,
);
const { frames, work } = await scroll();
const share = (part) => frames[Math.floor((frames.length - 1) * part)].toFixed(1);
const slow = frames.filter((frame) => frame > SLOW_FRAME_MS).length;
console.log(
  `scrolling ${ROWS} rows: ${frames.length} frames, median ${share(0.5)} ms, ` +
    `p99 ${share(0.99)} ms, longest ${share(1)} ms, ${slow} over ${SLOW_FRAME_MS} ms; ` +
    `${work.toFixed(1)} ms of the main thread's own time a frame`,
);
await browser.close();
