import { expect, test } from "vitest";
import "../../annals-log";
import { BOB, environment, expectAccessible, mount, ROW, SNAPSHOT, texts } from "../testing";

const by = (actor: object) => ({ actor, event_id: ROW.event_id, at: ROW.effective_at });
const resource = (id: string, creator: object | null, editor: object) => ({
  type: "segment",
  id,
  name: id,
  names: [],
  deleted: false,
  creator: creator && by(creator),
  last_editor: by(editor),
  first_at: ROW.effective_at,
  last_at: ROW.effective_at,
  changes: 2,
});

test("edits by another are marked; creation before recording is said", async () => {
  const { actor: ana } = ROW;
  const data = [resource("a", ana, ana), resource("b", ana, BOB), resource("c", null, BOB)];
  const answer = { data, page: { next: null }, snapshot: SNAPSHOT };
  const answers = environment({ "/resources": answer });
  const element = await mount("annals-resources", { environment: answers });
  const rows = texts(element, "tbody tr");
  expect(rows.map((row) => row.includes("by another"))).toEqual([false, true, false]);
  expect(rows[2]).toContain("unknown (before recording)");
  await expectAccessible(element);
});
