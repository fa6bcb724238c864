import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refusal } from "./refusal";
import { Tokens } from "./tokens";

/** A token that ends at a second. */
const ending = (exp: number, name = "x") => `${name}.${btoa(JSON.stringify({ exp }))}.y`;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a token is asked for once, and again before it ends", async () => {
  const getToken = vi.fn(async () => ending(Date.now() / 1000 + 300));
  const tokens = new Tokens(getToken);
  await Promise.all([tokens.current(), tokens.current()]);
  vi.setSystemTime(269_000);
  await tokens.current();
  expect(getToken).toHaveBeenCalledTimes(1);
  vi.setSystemTime(271_000);
  await tokens.current();
  expect(getToken).toHaveBeenCalledTimes(2);
});

test("an hour passes without anybody noticing", async () => {
  const tokens = new Tokens(async () => ending(Date.now() / 1000 + 300, String(Date.now())));
  for (let minute = 0; minute < 60; minute += 1) {
    vi.setSystemTime(minute * 60_000);
    const { exp } = JSON.parse(atob((await tokens.current()).split(".")[1]!));
    expect(exp * 1000).toBeGreaterThan(Date.now());
  }
});

test("a text that is no JWT is good until it is refused", async () => {
  const getToken = vi.fn(async () => "id.secret");
  const tokens = new Tokens(getToken);
  await tokens.current();
  vi.setSystemTime(1e12);
  await tokens.current();
  expect(getToken).toHaveBeenCalledTimes(1);
});

test("a host that gives none, or cannot be reached, is a refusal", async () => {
  await expect(new Tokens(async () => "").current()).rejects.toMatchObject({ status: 401 });
  const away = new Tokens(() => Promise.reject(new Error("away")));
  await expect(away.current()).rejects.toBeInstanceOf(Refusal);
  await expect(away.current()).rejects.toMatchObject({ status: 0 });
});
