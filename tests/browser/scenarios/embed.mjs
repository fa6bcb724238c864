// A product embeds the log: on its own origin by a proxy, and from another origin.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { open } from "../audit-page.mjs";

const EXAMPLES = new URL("../../../ui/examples/", import.meta.url).pathname;
const DIST = new URL("../../../ui/dist/", import.meta.url);

/** Runs the back end of the examples; `visit` is called with its address. */
async function withProduct(site, visit) {
  const environment = { ANNALS: site.address, ANNALS_KEY: site.adminToken, PORT: "0" };
  const server = spawn(process.execPath, ["server.mjs"], {
    cwd: EXAMPLES,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(server.stdout, "data");
    await visit(String(line).trim());
  } finally {
    server.kill();
  }
}

/** Opens a page of the product; its rows have come. */
async function visit(browser, site, address) {
  const audit = await open(browser, site, { address });
  assert.equal((await audit.rows()).length, site.events);
  return audit;
}

export async function aProductEmbedsItUnderAStrictPolicy(browser, site) {
  await withProduct(site, async (address) => {
    const audit = await visit(browser, site, address);
    const policy = (await (await fetch(address)).headers).get("content-security-policy");
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src/);
    const style = (selector, name) =>
      audit.page
        .locator(selector)
        .first()
        .evaluate((one, name) => getComputedStyle(one)[name], name);
    assert.equal(await style("body > button", "borderTopWidth"), "4px");
    assert.equal(await style("annals-export button", "borderTopWidth"), "1px", "nothing leaks in");
    assert.equal(await style("annals-export button", "textTransform"), "none");
    assert.match(await style("body > h1", "fontFamily"), /Georgia/, "nothing leaks out");
    const chosen = await style("annals-filters .opener", "borderTopLeftRadius");
    assert.equal(chosen, "0px", "the product's radius of 2px, less 2px for what lies inside");
    await audit.after(() => audit.page.click("annals-table button.person >> text=Bob"));
    assert.deepEqual(
      audit.parameters(),
      ["annals-actor=u2", "tab=audit"],
      "its own parameters stay",
    );
    await audit.close();
  });
}

export async function theExamplesOfFrameworksRun(browser, site) {
  execFileSync("npm", ["run", "--silent", "build"], { cwd: EXAMPLES, stdio: "pipe" });
  await withProduct(site, async (address) => {
    for (const framework of ["react/", "vue/"]) {
      const audit = await visit(browser, site, `${address}${framework}`);
      const opened = audit.page.waitForEvent("console", (line) => line.text().includes("a click"));
      await audit.page.click("annals-table button.name >> text=VIP → VIP EU");
      assert.equal((await opened).text(), "a click on segment s1", framework);
      await audit.close();
    }
  });
}

export async function aHostMayShowTheResourceItself(browser, site) {
  await withProduct(site, async (address) => {
    const audit = await visit(browser, site, address);
    await audit.page.evaluate(() =>
      addEventListener("annals-open-resource", (event) => {
        event.preventDefault();
        document.title = `${event.detail.type} ${event.detail.id}`;
      }),
    );
    await audit.page.click("annals-table button.name >> text=VIP → VIP EU");
    assert.equal(await audit.page.title(), "segment s1");
    assert.equal(await audit.page.locator("annals-timeline").count(), 0, "nothing opens by itself");
    await audit.page.evaluate(() => {
      document.querySelector("annals-log").resourceUrl = "/app/{type}/{id}";
    });
    const link = audit.page.locator("annals-table a.name >> text=VIP → VIP EU");
    assert.equal(await link.getAttribute("href"), new URL("app/segment/s1", address).href);
    await audit.close();
  });
}

/** Another origin, which the server allows, shows the element without any back end of its own. */
export async function anotherOriginMayEmbedIt(browser, site) {
  const page = `<!doctype html><title>x</title>
    <script type="module" src="${site.address}/ui/annals-log.js"></script>
    <script type="module" src="/page.js"></script>
    <annals-log workspace="${site.workspace}"></annals-log>`;
  const script = `document.querySelector("annals-log").getToken = async () => "${site.token}";`;
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    const policy = `default-src 'none'; script-src 'self' ${site.address}; style-src 'self'; `;
    response.setHeader("content-security-policy", `${policy}connect-src ${site.address}`);
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : page);
  });
  for (const [port, isAllowed] of [
    [site.allowedPort, true],
    [0, false],
  ]) {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = `http://127.0.0.1:${server.address().port}/`;
    if (isAllowed) {
      await (await visit(browser, site, address)).close();
    } else {
      const other = await browser.newPage();
      await other.goto(address);
      const isDefined = await other.evaluate(() => Boolean(customElements.get("annals-log")));
      assert.equal(isDefined, false, "an origin that is not allowed cannot even load it");
      await other.close();
    }
    server.close();
    server.closeAllConnections();
  }
}

/** The product, its copy of the page's module, and the API each have an origin of their own. */
export async function threeOriginsWorkTogether(browser, site) {
  const product = `http://127.0.0.1:${site.allowedPort}`;
  const bundle = createServer(async (request, response) => {
    response.setHeader("content-type", "text/javascript");
    response.setHeader("access-control-allow-origin", product);
    response.end(await readFile(new URL(`.${request.url}`, DIST)));
  });
  bundle.listen(0, "127.0.0.1");
  await once(bundle, "listening");
  const scripts = `http://127.0.0.1:${bundle.address().port}`;
  const documents = {
    "/": `<!doctype html><title>x</title>
      <script type="module" src="${scripts}/annals-log.js"></script>
      <script type="module" src="/page.js"></script>
      <annals-log src="${site.address}" workspace="${site.workspace}"></annals-log>`,
    "/page.js": `const log = document.querySelector("annals-log");
      log.getToken = async () => "${site.verifyToken}";`,
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, product);
    const policy = `default-src 'none'; script-src 'self' ${scripts}; style-src 'self'; `;
    response.setHeader("content-security-policy", `${policy}connect-src ${site.address}`);
    const kind = pathname.endsWith(".js") ? "text/javascript" : "text/html";
    response.setHeader("content-type", kind);
    response.end(documents[pathname]);
  });
  server.listen(site.allowedPort, "127.0.0.1");
  await once(server, "listening");
  const audit = await visit(browser, site, `${product}/`);
  const origins = new Set();
  audit.page.on("request", (request) => origins.add(new URL(request.url()).origin));
  await audit.openEvent("Segment renamed");
  await audit.press("Verify");
  await audit.page.waitForSelector("annals-proof >> text=Proven: record");
  assert.deepEqual([...origins].sort(), [scripts, site.address].sort(), "nothing else is asked");
  await audit.close();
  for (const one of [bundle, server]) {
    one.close();
    one.closeAllConnections();
  }
}
