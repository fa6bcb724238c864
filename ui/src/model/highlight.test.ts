import { expect, test } from "vitest";
import { highlight } from "./highlight";

const matches = (text: string, search: string) =>
  highlight(text, search)
    .map((part) => (part.isMatch ? `[${part.text}]` : part.text))
    .join("");

test.each([
  ["Data Pipeline", "pipe", "Data [Pipe]line"],
  ["Zoë’s list", "zoe", "[Zoë]’s list"],
  ["Zoe\u0308’s list", "zoe", "[Zoe\u0308]’s list"],
  ["VIP EU vip", "vip eu", "[VIP] [EU] [vip]"],
  ["ﬁle", "fi", "[ﬁ]le"],
  ["東京リスト", "東京", "[東京]リスト"],
  ["👩‍👩‍👧‍👦 family", "fam", "👩‍👩‍👧‍👦 [fam]ily"],
  ["<script>", "script", "<[script]>"],
  ["nothing", "", "nothing"],
  ["", "x", ""],
])("%s by %s", (text, search, expected) => {
  expect(matches(text, search)).toBe(expected);
});
