/** The page at /ui/: what a product does to show its audit log. */
import { openSession } from "./session";
import { text, translate } from "./texts";

const { token, workspace } = openSession();
translate();
const main = document.querySelector("main")!;
const tabs = {
  "#log": document.querySelector("annals-log")!,
  "#health": document.createElement("annals-health"),
};

for (const element of Object.values(tabs)) {
  element.getToken = async () => token;
  element.workspace = workspace;
}
document.getElementById("workspace")!.textContent =
  workspace && `${text("workspace", "Workspace")} ${workspace}`;

const links = document.querySelectorAll<HTMLAnchorElement>("nav a");
for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    for (const other of links) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "page");
    main.replaceChildren(tabs[link.hash as keyof typeof tabs]);
  });
}
