/**
 * Checks the proof of one event in the browser: from the record's entry by its leaf and the path
 * to a tree head, and the signature on that.
 *
 * A chunk of its own: loaded by whoever asks for a verdict. Deliberately not checked here: that
 * the texts of a row are those of its record, whose bytes do not come with a proof.
 */
import { decoded, hex, isSame, sha256, utf8, type Bytes } from "./bytes";
import { headOf, keysOf, signerOf } from "./note";
import { leafOf, rootOf } from "./tree";

export { messages } from "./messages";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const ENTRY_BYTES = 151;
/** Where in an entry of version 1 these stand (docs/EVIDENCE.md). */
const AT = { partition: 17, offset: 21, timestamp: 45, key: 55 };

/** What the page says of an event, to be held against its entry. */
export interface Claim {
  workspace: string;
  leafHash: string;
  recordedAt: string;
  position?: { partition: number; offset: number } | null | undefined;
}

export type Verdict =
  /** In the tree whose head this key signed. */
  | { outcome: "proven"; index: number; size: number; key: string }
  /** In the tree, but the browser cannot verify the signature on its head. */
  | { outcome: "included"; index: number; size: number }
  /** Something does not hold; `reason` says what. */
  | { outcome: "broken"; reason: "format" | "other_event" | "path" | "signature" | "no_key" };

const broken = (reason: (Verdict & { outcome: "broken" })["reason"]): Verdict => ({
  outcome: "broken",
  reason,
});

/** The verdict on a proof (C2SP tlog-proof) of what is claimed, by keys as vkey lines. */
export async function verdictOn(proof: string, keyLines: string, claim: Claim): Promise<Verdict> {
  const parsed = parse(proof);
  const head = headOf(parsed?.checkpoint ?? "");
  if (!parsed || !head) return broken("format");
  const { entry, index, path } = parsed;
  const leaf = await leafOf(entry);
  if (hex(leaf) !== claim.leafHash || !(await isOf(entry, claim))) return broken("other_event");
  const root = await rootOf(leaf, index, head.size, path);
  if (!root || !isSame(root, head.root)) return broken("path");
  const signer = await signerOf(head, await keysOf(keyLines));
  if (signer === "wrong") return broken("signature");
  if (signer === "unknown") return broken("no_key");
  const { size } = head;
  if (signer === "unable") return { outcome: "included", index, size };
  return { outcome: "proven", index, size, key: hex(signer.hash) };
}

function parse(proof: string) {
  const at = proof.indexOf("\n\n");
  const [first, extra = "", index = "", ...lines] = proof.slice(0, at).split("\n");
  const entry = decoded(extra.replace(/^extra /, ""));
  const number = /^index (0|[1-9]\d{0,15})$/.exec(index)?.[1];
  const path = lines.map(decoded).filter((hash): hash is Bytes => hash?.length === 32);
  const isWhole = at > 0 && first === FIRST_LINE && path.length === lines.length;
  if (!isWhole || entry?.length !== ENTRY_BYTES || entry[0] !== 1 || !number) return null;
  return { entry, index: Number(number), path, checkpoint: proof.slice(at + 2) };
}

/** Whether an entry is of the workspace, the moment and the place that are claimed. */
async function isOf(entry: Bytes, claim: Claim): Promise<boolean> {
  const view = new DataView(entry.buffer);
  const key = entry.slice(AT.key, AT.key + 32);
  if (!isSame(key, await sha256(utf8(claim.workspace)))) return false;
  if (Number(view.getBigInt64(AT.timestamp)) !== Date.parse(claim.recordedAt)) return false;
  const { position } = claim;
  const isThere = ({ partition, offset }: NonNullable<Claim["position"]>) =>
    view.getUint32(AT.partition) === partition && view.getBigUint64(AT.offset) === BigInt(offset);
  return !position || isThere(position);
}
