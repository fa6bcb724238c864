import {
  html,
  type ReactiveController,
  type ReactiveControllerHost,
  type TemplateResult,
} from "lit";
import { Refusal } from "../api/refusal";
import type { Words } from "../messages/words";

/**
 * A question to the server on behalf of an element: whoever asks again forgets the question before,
 * and what went wrong is kept instead of thrown.
 */
export class Asking implements ReactiveController {
  refusal: Refusal | null = null;
  isBusy = true;
  #running = new AbortController();

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly fetch: (signal: AbortSignal) => Promise<void>,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#running.abort();
  }

  /** Asks now, or again. */
  readonly ask = async (): Promise<void> => {
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    this.isBusy = true;
    let refusal: Refusal | null = null;
    try {
      await this.fetch(signal);
    } catch (error) {
      refusal = error instanceof Refusal ? error : new Refusal(0);
    }
    if (signal.aborted) return;
    [this.refusal, this.isBusy] = [refusal, false];
    this.host.requestUpdate();
  };

  /** Why there is no answer, with a way to ask again. */
  failure(words: Words): TemplateResult {
    return html`<annals-message
      .reason=${this.refusal!}
      .words=${words}
      @retry=${this.ask}
    ></annals-message>`;
  }
}
