import type { ReactiveController, ReactiveControllerHost } from "lit";

/**
 * Opens and closes what hangs below a button of class `opener`: a click elsewhere and Escape close
 * it, and the button gets the focus back unless somebody went elsewhere.
 */
export class Popup implements ReactiveController {
  isOpen = false;

  constructor(private readonly host: ReactiveControllerHost & HTMLElement) {
    host.addController(this);
    host.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.isOpen) return;
      event.stopPropagation();
      this.close();
    });
  }

  readonly toggle = (): void => {
    if (this.isOpen) return this.close();
    this.isOpen = true;
    document.addEventListener("pointerdown", this.#elsewhere);
    this.host.requestUpdate();
  };

  close(takesFocus = true): void {
    this.isOpen = false;
    document.removeEventListener("pointerdown", this.#elsewhere);
    if (takesFocus) this.host.shadowRoot?.querySelector<HTMLElement>(".opener")?.focus();
    this.host.requestUpdate();
  }

  hostDisconnected(): void {
    document.removeEventListener("pointerdown", this.#elsewhere);
  }

  readonly #elsewhere = (event: Event): void => {
    if (!event.composedPath().includes(this.host)) this.close(false);
  };
}
