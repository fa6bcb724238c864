import { beforeAll, describe, expect, test } from "vitest";
import { hex, sha256, utf8, type Bytes } from "./bytes";
import { leafOf, nodeOf } from "./tree";
import { messages, verdictOn, type Claim } from "./verdict";

const ORIGIN = "annals/00/3";
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

/** A log of seven records with a signed head, made as RFC 6962 says and not by what is tested. */
class Log {
  entries: Bytes[] = [];
  keys!: CryptoKeyPair;
  vkey = "";
  #hash!: Bytes;

  static async of(size: number): Promise<Log> {
    const log = new Log();
    for (let offset = 0; offset < size; offset += 1) log.entries.push(await entry(offset));
    const usages: KeyUsage[] = ["sign", "verify"];
    log.keys = (await crypto.subtle.generateKey("Ed25519", true, usages)) as CryptoKeyPair;
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", log.keys.publicKey));
    const key = new Uint8Array([1, ...raw]);
    log.#hash = (await sha256(utf8(`${ORIGIN}\n`), key)).slice(0, 4);
    log.vkey = `${ORIGIN}+${hex(log.#hash)}+${base64(key)}`;
    return log;
  }

  async root(start = 0, end = this.entries.length): Promise<Bytes> {
    if (end - start === 1) return leafOf(this.entries[start]!);
    const middle = start + split(end - start);
    return nodeOf(await this.root(start, middle), await this.root(middle, end));
  }

  async path(index: number, start = 0, end = this.entries.length): Promise<Bytes[]> {
    if (end - start === 1) return [];
    const middle = start + split(end - start);
    return index < middle
      ? [...(await this.path(index, start, middle)), await this.root(middle, end)]
      : [...(await this.path(index, middle, end)), await this.root(start, middle)];
  }

  async proof(index: number): Promise<string> {
    const text = `${ORIGIN}\n${this.entries.length}\n${base64(await this.root())}\n`;
    const signature = await crypto.subtle.sign("Ed25519", this.keys.privateKey, utf8(text));
    const signed = base64(new Uint8Array([...this.#hash, ...new Uint8Array(signature)]));
    const path = (await this.path(index)).map((hash) => `${base64(hash)}\n`).join("");
    const head = `${text}\n— ${ORIGIN} ${signed}\n— other AAAAAAAA\n`;
    const extra = base64(this.entries[index]!);
    return `c2sp.org/tlog-proof@v1\nextra ${extra}\nindex ${index}\n${path}\n${head}`;
  }

  async claim(index: number): Promise<Claim> {
    const recordedAt = new Date(1_700_000_000_000 + index).toISOString();
    const leafHash = hex(await leafOf(this.entries[index]!));
    return { workspace: "acme", leafHash, recordedAt, position: { partition: 3, offset: index } };
  }
}

/** An entry of version 1 in partition 3, a millisecond after the one before. */
async function entry(offset: number): Promise<Bytes> {
  const bytes = new Uint8Array(151);
  const view = new DataView(bytes.buffer);
  bytes[0] = 1;
  view.setUint32(17, 3);
  view.setBigUint64(21, BigInt(offset));
  view.setBigInt64(45, BigInt(1_700_000_000_000 + offset));
  bytes.set(await sha256(utf8("acme")), 55);
  return bytes;
}

function split(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

describe("the verdict on a proof", () => {
  let log: Log;
  beforeAll(async () => {
    log = await Log.of(7);
  });

  test("every record of trees of every size is proven", async () => {
    for (const size of [1, 2, 3, 4, 5, 7, 8]) {
      const other = await Log.of(size);
      for (let index = 0; index < size; index += 1) {
        const verdict = verdictOn(await other.proof(index), other.vkey, await other.claim(index));
        expect(await verdict).toMatchObject({ outcome: "proven", index, size });
      }
    }
  });

  test("no changed character of a proof is proven", async () => {
    const [proof, claim] = [await log.proof(4), await log.claim(4)];
    const last = proof.indexOf("— other");
    for (let at = 0; at < last; at += 1) {
      const other = proof[at] === "A" ? "B" : "A";
      const changed = proof.slice(0, at) + other + proof.slice(at + 1);
      const { outcome } = await verdictOn(changed, log.vkey, claim);
      expect(outcome, `${at}: ${proof.slice(at - 5, at + 5)}`).toBe("broken");
    }
    for (let cut = 0; cut < last; cut += 7) {
      const { outcome } = await verdictOn(proof.slice(0, cut), log.vkey, claim);
      expect(outcome).toBe("broken");
    }
  });

  test("the proof of another record, workspace, time or place is none", async () => {
    const [proof, claim] = [await log.proof(4), await log.claim(4)];
    const others: Partial<Claim>[] = [
      { workspace: "other" },
      { recordedAt: new Date(1_700_000_000_005).toISOString() },
      { leafHash: (await log.claim(5)).leafHash },
      { position: { partition: 3, offset: 5 } },
      { position: { partition: 2, offset: 4 } },
    ];
    for (const other of others) {
      const verdict = await verdictOn(proof, log.vkey, { ...claim, ...other });
      expect(verdict).toEqual({ outcome: "broken", reason: "other_event" });
    }
  });

  test("a key that did not sign is not enough, one among others is", async () => {
    const [proof, claim] = [await log.proof(4), await log.claim(4)];
    const stranger = (await Log.of(1)).vkey;
    for (const keys of ["", "nonsense", stranger, log.vkey.replace("/3", "/4")]) {
      const verdict = await verdictOn(proof, keys, claim);
      expect(verdict).toEqual({ outcome: "broken", reason: "no_key" });
    }
    const both = await verdictOn(proof, `${stranger}\n${log.vkey}\n`, claim);
    expect(both).toMatchObject({ outcome: "proven", key: log.vkey.split("+")[1] });
  });

  test("every outcome has its words in both languages", () => {
    expect(Object.keys(messages.fr!)).toEqual(Object.keys(messages.en!));
    const names = (text: string | undefined) => (text?.match(/\{\w+\}/g) ?? []).sort();
    for (const key of Object.keys(messages.en!)) {
      expect(names(messages.fr![key]), key).toEqual(names(messages.en![key]));
    }
    for (const why of ["format", "other_event", "path", "signature", "no_key"]) {
      expect(messages.en).toHaveProperty(`proof_${why}`);
    }
  });
});
