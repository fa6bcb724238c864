/** A real `annals up` to send to: started, stopped, started again where it was. */

import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export const REPOSITORY = resolve(__dirname, "../../../..");
const BINARY = process.env["ANNALS_BIN"] || join(REPOSITORY, "target/debug/annals");

export interface Row {
  event_id: string;
  action: string;
  actor: Record<string, string>;
  context: Record<string, string | null>;
  changes: { path: string; before?: unknown; after?: unknown }[];
  metadata: Record<string, unknown>;
}

/** On a directory of its own; reads are not recorded, so that the log holds what was sent. */
export class AnnalsUp {
  url = "";
  readonly #directory = mkdtempSync(join(tmpdir(), "annals-"));
  readonly #data = join(this.#directory, "data");
  readonly #environment: NodeJS.ProcessEnv;
  #listen = "127.0.0.1:0";
  #process: ChildProcess | undefined;

  constructor(variables: Record<string, string> = {}) {
    this.#environment = { ...process.env, ANNALS_AUTH_RECORD_READS: "false", ...variables };
    // The binary refuses variables that it does not know.
    delete this.#environment["ANNALS_BIN"];
  }

  /** Starts it, on the same port as before. */
  async start(): Promise<this> {
    const command = ["up", "--data", this.#data, "--listen", this.#listen];
    this.#process = spawn(BINARY, command, {
      env: this.#environment,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [line] = (await once(createInterface(this.#process.stdout!), "line")) as [string];
    assert.match(line, /listening on /);
    this.url = line.split("listening on ")[1]!.trim();
    this.#listen = this.url.replace("http://", "");
    return this;
  }

  /** Ends it the way a crash would. */
  async stop(): Promise<void> {
    const ended = once(this.#process!, "exit");
    this.#process!.kill("SIGKILL");
    await ended;
  }

  /** It takes connections, and answers nothing. */
  freeze(): void {
    this.#process!.kill("SIGSTOP");
  }

  /** It goes on. */
  thaw(): void {
    this.#process!.kill("SIGCONT");
  }

  /** A token; by default one that writes. */
  token(workspace = "acme", scope = "audit:write"): string {
    const command = ["token", "--data", this.#data, "--workspace", workspace, "--scope", scope];
    return execFileSync(BINARY, command, { env: this.#environment, encoding: "utf8" }).trim();
  }

  /** So many rows, in the order in which they arrived, as soon as they are there. */
  async rows(count: number, filters: Record<string, string> = {}): Promise<Row[]> {
    const query = new URLSearchParams({ limit: "1000", after: "0", wait: "1s", ...filters });
    const headers = { authorization: `Bearer ${this.token("acme", "audit:read")}` };
    for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
      const answer = await fetch(`${this.url}/v1/workspaces/acme/feed?${query}`, { headers });
      if (answer.status === 429) continue;
      assert.equal(answer.status, 200);
      const { data } = (await answer.json()) as { data: Row[] };
      if (data.length >= count || Date.now() > deadline) {
        assert.equal(data.length, count, data.map(({ action }) => action).join());
        return data;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true });
  }
}
