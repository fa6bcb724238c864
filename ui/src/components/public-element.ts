import { LitElement, type PropertyValues } from "lit";
import { property } from "lit/decorators.js";
import { Client } from "../api/client";
import type { GetToken } from "../api/tokens";
import { Words } from "../messages/words";
import type { Environment } from "../model/environment";
import { isZone, localZone, Zone } from "../model/zone";

/** Where this module was loaded from is where the API is, one level up. */
const HERE = new URL(/* @vite-ignore */ "..", import.meta.url).href;
/** Whoever changes one of these needs another environment. */
const OF_ENVIRONMENT = ["src", "workspace", "locale", "timeZone", "getToken", "logKey"];

/**
 * What all elements that a host may use have in common: where the API is, who asks, and how times
 * and texts are shown. Inside another element they take all of this from it.
 */
export abstract class PublicElement extends LitElement {
  /** Base address of Annals; by default where this script came from. */
  @property() src = HERE;
  /** The workspace that is looked at. */
  @property() workspace = "";
  /** Language of texts, dates and numbers, such as `fr`; by default the browser's. */
  @property() locale = "";
  /** The workspace's own time zone, such as `Europe/Paris`, offered beside local time and UTC. */
  @property({ attribute: "time-zone" }) timeZone = "";
  /** `light`, `dark` or `auto`: as the viewer's system is. */
  @property({ reflect: true }) theme = "auto";
  /** Public keys (vkey lines) that proofs are verified with; by default those the server gives. */
  @property({ attribute: "log-key" }) logKey = "";
  /** Gives a token of the viewer; asked again before it ends. Until it is set, nothing is asked. */
  @property({ attribute: false }) getToken: GetToken = () => new Promise(() => {});
  /** Of the element around this one. */
  @property({ attribute: false }) environment!: Environment;

  protected override willUpdate(changed: PropertyValues): void {
    const isGiven = changed.has("environment");
    if (!isGiven && OF_ENVIRONMENT.some((name) => changed.has(name))) {
      this.environment = this.#ownEnvironment(changed);
    }
  }

  /** The zone that times are shown in. */
  protected get shownZone(): string {
    return this.timeZone && isZone(this.timeZone) ? this.timeZone : localZone();
  }

  /** The client stays when only words or zone change: its token is still good. */
  #ownEnvironment(changed: PropertyValues): Environment {
    const locale = this.locale || navigator.language;
    const isSameClient = !["src", "workspace", "getToken"].some((name) => changed.has(name));
    const client =
      isSameClient && this.environment
        ? this.environment.client
        : new Client(new URL(this.src, document.baseURI), this.workspace, () => this.getToken());
    const zone = new Zone(this.shownZone, locale);
    return { client, words: new Words(locale), zone, logKey: this.logKey };
  }

  /** Shows times in the zone that is now chosen. */
  protected zoneChanged(): void {
    const zone = new Zone(this.shownZone, this.environment.words.locale);
    this.environment = { ...this.environment, zone };
  }
}
