// Times in the viewer's zone, at the edges of summer time and of the day.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

async function times(audit) {
  return (await audit.rows()).map(({ time }) => time.replace(/ recorded .*/, ""));
}

export async function parisHoursAreToldApart(browser, site) {
  const audit = await open(browser, site);
  assert.deepEqual(await times(audit), [
    "27 Oct 2024, 02:30:00 +01:00",
    "27 Oct 2024, 02:30:00 +02:00",
    "30 Jun 2024, 20:30:00 +02:00",
    "31 Mar 2024, 03:00:00 +02:00",
    "31 Mar 2024, 01:59:59 +01:00",
  ]);
  const exact = (await audit.rows()).map((row) => row.exact);
  assert.equal(exact[0], "2024-10-27T01:30:00.000123Z", "the title has the microseconds");
  await audit.close();
}

export async function everyZoneShowsItsOwnDay(browser, site) {
  const june = {
    "Asia/Kathmandu": "1 Jul 2024, 00:15:00 +05:45",
    "Pacific/Kiritimati": "1 Jul 2024, 08:30:00 +14:00",
    "America/St_Johns": "30 Jun 2024, 16:00:00 −02:30",
    UTC: "30 Jun 2024, 18:30:00 +00:00",
  };
  const orders = new Set();
  for (const [timezoneId, expected] of Object.entries(june)) {
    const audit = await open(browser, site, { timezoneId });
    assert.equal((await times(audit))[2], expected, timezoneId);
    assert.match(
      await audit.page.$eval("annals-log .zone select", (zone) => zone.selectedOptions[0].label),
      /^[A-Za-z/_]+$/,
    );
    orders.add((await audit.ids()).join());
    await audit.close();
  }
  assert.equal(orders.size, 1, "everybody sees the same rows in the same order");
}
