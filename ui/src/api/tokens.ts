import { Refusal } from "./refusal";

/** How a host gives its viewers' tokens out: short-lived, for one workspace. */
export type GetToken = () => Promise<string>;

/** A token that ends within this time is replaced before it is used. */
const RENEW_BEFORE_MS = 30_000;

/**
 * The host's tokens: asked for when there is none, when the present one is about to end, and when
 * the server refused it. Several requests at once cause one question.
 */
export class Tokens {
  #token = "";
  #asking: Promise<string> | undefined;

  constructor(private readonly getToken: GetToken) {}

  /** A token that is still good, as far as it says. */
  async current(): Promise<string> {
    const isGood = this.#token && endsAt(this.#token) - Date.now() > RENEW_BEFORE_MS;
    return isGood ? this.#token : this.renewed();
  }

  /** A new one. */
  renewed(): Promise<string> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<string> {
    const token = await this.getToken().catch(() => {
      throw new Refusal(0);
    });
    if (!token) throw new Refusal(401);
    this.#token = token;
    return token;
  }
}

/** When a JWT ends; never, if it is no JWT. */
function endsAt(token: string): number {
  try {
    const claims = token.split(".")[1] ?? "";
    const { exp } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof exp === "number" ? exp * 1000 : Infinity;
  } catch {
    return Infinity;
  }
}
