/** Bytes as proofs have them: base64 in, SHA-256 over parts put together. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** The bytes of a base64 text; null if it is none, or not written the one usual way. */
export function decoded(text: string): Bytes | null {
  try {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    return btoa(String.fromCharCode(...bytes)) === text ? bytes : null;
  } catch {
    return null;
  }
}

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

export const hex = (bytes: Bytes): string =>
  Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");

export async function sha256(...parts: (Bytes | number[])[]): Promise<Bytes> {
  const whole = new Uint8Array(parts.flatMap((part) => [...part]));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

export const isSame = (one: Bytes, other: Bytes): boolean => hex(one) === hex(other);
