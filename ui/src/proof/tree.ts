/** Leaves and paths of an RFC 6962 tree, verified as in RFC 9162, section 2.1.3.2. */
import { sha256, type Bytes } from "./bytes";

export const leafOf = (entry: Bytes): Promise<Bytes> => sha256([0], entry);
export const nodeOf = (left: Bytes, right: Bytes): Promise<Bytes> => sha256([1], left, right);

/** The root that a path leads to from a leaf; null if it does not fit a tree of that size. */
export async function rootOf(
  leaf: Bytes,
  index: number,
  size: number,
  path: readonly Bytes[],
): Promise<Bytes | null> {
  if (index >= size) return null;
  let [at, last, hash] = [index, size - 1, leaf];
  // Sizes may pass 2^32: halves by division, not by shifts.
  const up = () => ([at, last] = [Math.floor(at / 2), Math.floor(last / 2)]);
  for (const step of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      hash = await nodeOf(step, hash);
      while (at % 2 === 0 && at !== 0) up();
    } else {
      hash = await nodeOf(hash, step);
    }
    up();
  }
  return last === 0 ? hash : null;
}
