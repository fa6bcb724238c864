import type { Row } from "../api/types";
import type { Query } from "../model/query";
import type { Place, Shown } from "../model/address";

/** The events that the elements fire; all bubble and leave the shadow tree. */
export interface AnnalsEvents {
  /** Other filters were chosen, maybe of another list; `replace` while somebody is typing. */
  "annals-query": Partial<Place> & { query: Query; replace?: boolean };
  /** One value more of a filter. */
  "annals-narrow": { name: string; value: string };
  /** Rows have arrived. */
  "annals-rows": { rows: readonly Row[] };
  /** The event after or before the open one is to be opened. */
  "annals-step": { by: 1 | -1 };
  /** Something is to be opened beside the table, or closed. */
  "annals-show": { shown: Shown | null };
  /** A resource was clicked. Cancelable: a host that shows it itself prevents the default. */
  "annals-open-resource": { type: string; id: string };
  /** Values were chosen in a combobox. */
  "annals-choose": { values: string[] };
  /** Text was entered in a combobox. */
  "annals-search": { text: string };
  /** A text was copied. */
  "annals-copied": { text: string };
}

/** Fires an event; whether nobody prevented what it announces. */
export function emit<Name extends keyof AnnalsEvents>(
  element: HTMLElement,
  name: Name,
  detail: AnnalsEvents[Name],
): boolean {
  const options = { detail, bubbles: true, composed: true, cancelable: true };
  return element.dispatchEvent(new CustomEvent(name, options));
}

declare global {
  interface HTMLElementEventMap extends AsEvents {}
}

type AsEvents = { [Name in keyof AnnalsEvents]: CustomEvent<AnnalsEvents[Name]> };
