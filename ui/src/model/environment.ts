import type { Client } from "../api/client";
import type { Words } from "../messages/words";
import type { Zone } from "./zone";

/** What every part of the page works with: the workspace's API, the texts, the clock's zone. */
export interface Environment {
  readonly client: Client;
  readonly words: Words;
  readonly zone: Zone;
  /** Keys that the host vouches for, as vkey lines; empty: those that the server gives. */
  readonly logKey: string;
}
