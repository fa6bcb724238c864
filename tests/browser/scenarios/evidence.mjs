// What an event is proven by, verified in the browser.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

const PROOF = /\/proof$/;
const VERDICT = "annals-proof .verdict";

/** Presses "Verify" and reads the verdict. */
async function verdict(audit) {
  await audit.press("Verify");
  await audit.page.waitForSelector(VERDICT);
  return audit.text(VERDICT);
}

export async function anEventIsVerified(browser, site) {
  const audit = await open(browser, site, {
    token: site.verifyToken,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const loaded = [];
  audit.page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await audit.openEvent("Segment renamed");
  assert.ok(!loaded.includes("/ui/annals-verdict.js"), "nothing is loaded that nobody asked for");
  const said = await verdict(audit);
  assert.match(said, /^Proven: record \d+ of \d+ in the signed log\. Signed by key [0-9a-f]{8}/);
  assert.match(said, /given by the server itself/);
  assert.match(said, /Not verified here: that the texts shown are the record’s/);
  assert.ok(loaded.includes("/ui/annals-verdict.js"));
  await audit.press("Copy proof");
  await audit.page.waitForFunction(() => navigator.clipboard.readText());
  const proof = await audit.page.evaluate(() => navigator.clipboard.readText());
  assert.match(proof, /^c2sp\.org\/tlog-proof@v1\nextra /);
  await audit.press("Next event");
  await audit.page.waitForSelector(VERDICT, { state: "detached" });
  assert.match(await verdict(audit), /^Proven: /, "another event has a verdict of its own");
  await audit.close();
}

export async function aProofThatDoesNotHoldIsCalledSo(browser, site) {
  const audit = await open(browser, site, { token: site.verifyToken });
  await audit.openEvent("Segment renamed");
  const answering = (change) =>
    audit.page.route(PROOF, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: change(await response.text()) });
    });
  const changed = (line) => line.replace(/^./, (one) => (one === "A" ? "B" : "A"));
  const cases = [
    [(proof) => proof.replace(/(?<=\nindex \d+\n).*/, changed), "does not lead to the signed root"],
    [(proof) => proof.replace(/(?<=extra .{40}).{8}/, "B".repeat(8)), "is of another record"],
    [(proof) => proof.replace(/(?<=\n— \S+ .{20}).*/, (rest) => changed(rest)), "is wrong"],
    [() => "no proof at all", "cannot be read"],
  ];
  for (const [change, why] of cases) {
    await answering(change);
    await audit.press("Verify");
    await audit.page.waitForSelector(`${VERDICT} >> text=${why}`);
    assert.match(await audit.text(VERDICT), /^Not proven: /);
    await audit.page.unroute(PROOF);
  }
  // A key of the host's own counts instead of what the server says.
  await audit.page.evaluate((key) => {
    document.querySelector("annals-log").logKey = key;
  }, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  await audit.press("Verify");
  await audit.page.waitForSelector(`${VERDICT} >> text=none of the known keys`);
  await audit.page.evaluate((key) => {
    document.querySelector("annals-log").logKey = key;
  }, site.logKey);
  await audit.press("Verify");
  await audit.page.waitForSelector(`${VERDICT} >> text=which the product vouches for`);
  await audit.close();
}

export async function whoeverMayNotVerifyIsOfferedNothing(browser, site) {
  const audit = await open(browser, site);
  await audit.openEvent("Segment renamed");
  assert.equal(await audit.page.getByRole("button", { name: "Verify" }).count(), 0);
  await audit.close();
  const administrator = await open(browser, site, { token: site.adminToken });
  await administrator.openEvent("Segment renamed");
  assert.equal(await verdict(administrator), "You do not have permission to verify.");
  await administrator.close();
}
