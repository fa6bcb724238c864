// All that a page has to do: say how a token of the viewer is had.
const log = document.querySelector("annals-log");

log.getToken = async () => {
  const response = await fetch("/audit-token", { method: "POST" });
  return (await response.json()).token;
};
log.addEventListener("annals-open-resource", ({ detail: { type, id } }) => {
  console.log(`a click on ${type} ${id}`);
});
