import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { Answer } from "../../api/client";
import { Refusal } from "../../api/refusal";
import { provideMessages, Words } from "../../messages/words";
import type { Environment } from "../../model/environment";
import type { Verdict } from "../../proof/verdict";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import { copy } from "../facts";
import { proofStyles } from "./proof.styles";

/** A verdict in words: a sentence, and what is to be known beside it. */
interface Said {
  outcome: Verdict["outcome"] | "none";
  text: string;
  notes: string[];
  proof: string;
}

/**
 * A button that verifies an event's proof in this browser, and the verdict with its limits.
 *
 * What verifies is loaded when somebody asks for it.
 *
 * @fires annals-copied - The proof was copied.
 */
export class AnnalsProof extends LitElement {
  static override styles = [controls, proofStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) event!: Answer<"/events/{event_id}">;
  @state() private said: Said | null = null;
  @state() private isBusy = false;

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("event")) this.said = null;
  }

  protected override render(): TemplateResult {
    const { said, isBusy } = this;
    const { words } = this.environment;
    return html`<button type="button" ?disabled=${isBusy} @click=${this.#verify}>
        ${icon("check")}${words.say("verify")}
      </button>
      <div role="status" aria-busy=${isBusy}>${said ? this.#verdict(said) : nothing}</div>`;
  }

  #verdict({ outcome, text, notes, proof }: Said): TemplateResult {
    const words = new Words(this.environment.words.locale);
    return html`<div class="verdict ${outcome}">
      <p><strong>${text}</strong></p>
      ${notes.map((note) => html`<p class="small quiet">${note}</p>`)}
      ${
        proof
          ? html`<button type="button" class="link" @click=${() => copy(this, proof)}>
              ${words.say("proof_copy")}
            </button>`
          : nothing
      }
    </div>`;
  }

  readonly #verify = async (): Promise<void> => {
    const { event } = this;
    this.isBusy = true;
    const said = await this.#ask(event);
    this.isBusy = false;
    // Another event may have been opened meanwhile.
    if (event === this.event) this.said = said;
  };

  async #ask(event: Answer<"/events/{event_id}">): Promise<Said> {
    const { client, logKey, words: known } = this.environment;
    const chunk = await import("../../proof/verdict").catch(() => null);
    if (!chunk) return { outcome: "none", text: known.say("failed"), notes: [], proof: "" };
    provideMessages(chunk.messages);
    const words = new Words(known.locale);
    const none = (why: string): Said => ({
      outcome: "none",
      text: words.say(`proof_${why}`),
      notes: [],
      proof: "",
    });
    if (!globalThis.crypto?.subtle) return none("insecure");
    try {
      const proof = await client.proof(event.event_id);
      const keys = logKey || (await client.logKeys());
      const { event_id: _, leaf_hash: leafHash, recorded_at: recordedAt, position } = event;
      const claim = { workspace: client.workspace, leafHash, recordedAt, position };
      return inWords(await chunk.verdictOn(proof, keys, claim), words, proof, Boolean(logKey));
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 0;
      const why: Record<number, string> = { 403: "forbidden", 404: "unsigned" };
      return none(why[status] ?? "failed");
    }
  }
}

function inWords(verdict: Verdict, words: Words, proof: string, isPinned: boolean): Said {
  const { outcome } = verdict;
  if (outcome === "broken") {
    const reason = words.say(`proof_${verdict.reason}`);
    return { outcome, text: words.say("proof_broken", { reason }), notes: [], proof };
  }
  const place = { number: verdict.index + 1, size: verdict.size };
  const text = words.say(`proof_${outcome}`, place);
  const limits = words.say("proof_limits");
  if (outcome === "included") return { outcome, text, notes: [limits], proof };
  const by = words.say(isPinned ? "proof_key_pinned" : "proof_key", { key: verdict.key });
  return { outcome, text, notes: [by, limits], proof };
}
