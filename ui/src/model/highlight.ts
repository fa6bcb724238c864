/** A stretch of a text, and whether it is one that was searched for. */
export interface Stretch {
  text: string;
  isMatch: boolean;
}

const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Cuts a text where it matches any word of a search, by case and accents alike. */
export function highlight(text: string, search: string): Stretch[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [{ text, isMatch: false }];
  // Where each folded character comes from: folding changes lengths.
  const origins: number[] = [];
  let folded = "";
  let index = 0;
  for (const character of text) {
    for (const one of fold(character)) {
      folded += one;
      origins.push(...new Array<number>(one.length).fill(index));
    }
    index += character.length;
  }
  origins.push(text.length);
  const matched = new Set<number>();
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      for (let place = origins[at]!; place < origins[at + word.length]!; place += 1) {
        matched.add(place);
      }
    }
  }
  return stretches(text, matched);
}

function stretches(text: string, matched: Set<number>): Stretch[] {
  const found: Stretch[] = [];
  let start = 0;
  for (let place = 1; place <= text.length; place += 1) {
    if (place < text.length && matched.has(place) === matched.has(start)) continue;
    found.push({ text: text.slice(start, place), isMatch: matched.has(start) });
    start = place;
  }
  return found;
}
