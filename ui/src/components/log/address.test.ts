import { afterEach, expect, test } from "vitest";
import { Address, type Place } from "../../model/address";
import { Query } from "../../model/query";

const HERE = location.href;
afterEach(() => history.replaceState(null, "", HERE));

const place = (changed: Partial<Place> = {}): Place => ({
  query: new Query(),
  view: "events",
  shown: null,
  ...changed,
});

test("every place comes back from its link", () => {
  const address = new Address("annals-");
  const places = [
    place(),
    place({ query: new Query([["actor", "a,b & c"]]), view: "resources" }),
    place({ shown: { what: "event", id: "0190-x" } }),
    place({ shown: { what: "actor", id: "u:1/2" } }),
    place({ shown: { what: "resource", type: "a:b/c", id: "x:y%" } }),
  ];
  for (const one of places) {
    address.write(one, "replace");
    const { query, ...rest } = address.read();
    expect({ query: query.toString(), ...rest }).toEqual({ ...one, query: one.query.toString() });
  }
});

test("what belongs to the page around stays as it is", () => {
  history.replaceState(null, "", "?tab=audit&annals-actor=u1#part");
  const address = new Address("annals-");
  expect(address.read().query.pairs).toEqual([["actor", "u1"]]);
  expect(address.link(place())).toMatch(/\?tab=audit#part$/);
});

test("without a prefix every parameter is a filter, unknown ones too", () => {
  history.replaceState(null, "", "?actr=u1");
  expect(new Address("").read().query.pairs).toEqual([["actr", "u1"]]);
});
