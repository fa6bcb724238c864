/** What stands in place of the rows when there are none. */
import { make } from "./dom.js";

/** Shows a heading, a text and, if given, a button. */
export function showMessage(heading, text, buttonLabel = "", press = null) {
  const button = press ? make("button", { type: "button", onclick: press }, buttonLabel) : null;
  const parts = [make("h2", {}, heading), make("p", {}, text), button];
  const message = document.getElementById("message");
  message.replaceChildren(...parts.filter((part) => part !== null));
  message.hidden = false;
}

/** Says why there is no page, and what can be done about it. */
export function showRefusal(refusal, { retry, startOver }) {
  const { status, problem } = refusal;
  const name = String(problem.type ?? "").split("/").pop();
  if (status === 401) {
    const text = "The link that brought you here is missing or has expired. Open the page again.";
    showMessage("You do not have access", text);
  } else if (status === 403 || status === 404) {
    const text = "Ask an administrator of the workspace for permission to read its audit log.";
    showMessage("You do not have access", text);
  } else if (name === "cursor-mismatch" || name === "cursor-expired") {
    showMessage("This page is no longer there", "The list has a first page.", "Show it", startOver);
  } else if (status === 400) {
    showMessage("This filter cannot be used", faults(problem), "Clear", startOver);
  } else if (status === 429) {
    showMessage("Too many requests", "Wait a moment.", "Retry", retry);
  } else {
    const text = "The audit log cannot be reached. Nothing is lost: try again in a moment.";
    showMessage("Something went wrong", text, "Retry", retry);
  }
}

/** A problem's own words. */
function faults(problem) {
  const words = (fault) => `${fault.parameter ?? ""}: ${fault.detail}`;
  const details = (problem.errors ?? []).map(words);
  return [problem.detail, ...details].filter(Boolean).join(" · ") || "The server refused it.";
}
