/** What was lost, by workspace, until it has been told there by an event. */

import { wire } from "./encoder";
import { uuid7 } from "./event";

/** The one action of Annals' own that a client sends. */
const ACTION = "annals.events_lost";
/** Workspaces whose losses are tallied; of others they are only counted. */
const WORKSPACES_MAX = 1_000;

/** Events of one workspace, by the recorder's numbers and their own times. */
export interface Loss {
  events: number;
  firstNumber: number;
  lastNumber: number;
  firstAt: string;
  lastAt: string;
}

/** One event. */
export function lossOf(number: number, at: string): Loss {
  return { events: 1, firstNumber: number, lastNumber: number, firstAt: at, lastAt: at };
}

/** The event that tells of a loss, at the log's time. */
export function telling(workspace: string, loss: Loss, producerId: string): string {
  return wire({
    event_id: uuid7(),
    workspace_id: workspace,
    actor: { kind: "service", id: "annals-recorder" },
    action: ACTION,
    outcome: "failure",
    metadata: {
      producer_id: producerId,
      events: loss.events,
      first_number: loss.firstNumber,
      last_number: loss.lastNumber,
      first_at: loss.firstAt,
      last_at: loss.lastAt,
    },
  });
}

/** Losses that nobody has been told of. */
export class Losses {
  #byWorkspace = new Map<string, Loss>();

  /** Adds what was lost in a workspace. */
  add(workspace: string, loss: Loss): void {
    const known = this.#byWorkspace.get(workspace);
    if (known !== undefined) this.#byWorkspace.set(workspace, sum(known, loss));
    else if (this.#byWorkspace.size < WORKSPACES_MAX) this.#byWorkspace.set(workspace, loss);
  }

  /** Whether there is something to tell. */
  get areSome(): boolean {
    return this.#byWorkspace.size > 0;
  }

  /** Takes what there is to tell. */
  take(): Map<string, Loss> {
    const taken = this.#byWorkspace;
    this.#byWorkspace = new Map();
    return taken;
  }
}

function sum(one: Loss, other: Loss): Loss {
  return {
    events: one.events + other.events,
    firstNumber: Math.min(one.firstNumber, other.firstNumber),
    lastNumber: Math.max(one.lastNumber, other.lastNumber),
    // Times are written alike, so that texts sort as they do.
    firstAt: one.firstAt < other.firstAt ? one.firstAt : other.firstAt,
    lastAt: one.lastAt > other.lastAt ? one.lastAt : other.lastAt,
  };
}
