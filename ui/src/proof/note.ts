/** Signed tree heads, C2SP signed-note and tlog-checkpoint, with Ed25519 keys. */
import { decoded, hex, isSame, sha256, utf8, type Bytes } from "./bytes";

const ED25519 = 1;
/** More signature lines than this are refused. */
const MAX_SIGNATURES = 100;

/** A public key with the name it signs under. */
export interface Key {
  name: string;
  /** The first four bytes of its hash. */
  hash: Bytes;
  bytes: Bytes;
}

/** A tree head as it is signed. Nothing is verified yet. */
export interface Head {
  text: string;
  origin: string;
  size: number;
  root: Bytes;
  signatures: { name: string; bytes: Bytes }[];
}

/** Keys of vkey lines; lines that are none are left out. */
export async function keysOf(lines: string): Promise<Key[]> {
  const keys: Key[] = [];
  for (const line of lines.split(/\s+/)) {
    const [name, hash, ...rest] = line.split("+");
    const bytes = decoded(rest.join("+"));
    if (!name || bytes?.length !== 33 || bytes[0] !== ED25519) continue;
    const digest = (await sha256(utf8(`${name}\n`), bytes)).slice(0, 4);
    if (hex(digest) === hash) keys.push({ name, hash: digest, bytes: bytes.slice(1) });
  }
  return keys;
}

/** Takes a signed tree head apart; null if it is none. */
export function headOf(note: string): Head | null {
  const at = note.lastIndexOf("\n\n") + 1;
  const [text, lines] = [note.slice(0, at), note.slice(at + 1)];
  const found = /^(\S+)\n([1-9]\d{0,15})\n(\S+)\n$/.exec(text);
  const root = decoded(found?.[3] ?? "");
  if (!found || root?.length !== 32 || !lines.endsWith("\n")) return null;
  const signatures = lines.slice(0, -1).split("\n").map(signatureOf);
  if (signatures.length > MAX_SIGNATURES || signatures.includes(null)) return null;
  const [, origin, size] = found as unknown as [string, string, string];
  return { text, origin, size: Number(size), root, signatures: signatures as Head["signatures"] };
}

function signatureOf(line: string): Head["signatures"][number] | null {
  const [, name, text] = /^— ([^\s+]+) (\S+)$/.exec(line) ?? [];
  const bytes = decoded(text ?? "");
  return name && bytes && bytes.length > 4 ? { name, bytes } : null;
}

/**
 * The key of the log's own name that signed the head. `wrong` if a signature claims to be of such
 * a key and is not, `unknown` if none is of a key given, `unable` if the browser has no Ed25519.
 */
export async function signerOf(
  head: Head,
  keys: readonly Key[],
): Promise<Key | "wrong" | "unknown" | "unable"> {
  let signer: Key | "unknown" = "unknown";
  for (const { name, bytes } of head.signatures) {
    const isOf = (key: Key) =>
      key.name === name && name === head.origin && isSame(key.hash, bytes.slice(0, 4));
    const key = keys.find(isOf);
    if (!key) continue;
    let isGood: boolean;
    try {
      const verifier = await crypto.subtle.importKey("raw", key.bytes, "Ed25519", false, [
        "verify",
      ]);
      const signature = bytes.slice(4);
      isGood = await crypto.subtle.verify("Ed25519", verifier, signature, utf8(head.text));
    } catch {
      return "unable";
    }
    if (!isGood) return "wrong";
    signer = key;
  }
  return signer;
}
