import { AnnalsTimeline } from "./timeline.component";

customElements.define("annals-timeline", AnnalsTimeline);

declare global {
  interface HTMLElementTagNameMap {
    "annals-timeline": AnnalsTimeline;
  }
}
