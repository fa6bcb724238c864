/** Shows openapi.json: one entry an operation, with its parameters and answers. */

const about = document.getElementById("about");
const operations = document.getElementById("operations");

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function table(heads, rows) {
  const cells = (tag, values) => values.map((value) => element(tag, {}, value ?? ""));
  const head = element("thead", {}, element("tr", {}, ...cells("th", heads)));
  const body = rows.map((row) => element("tr", {}, ...cells("td", row)));
  return element("table", {}, head, element("tbody", {}, ...body));
}

/** The definition behind a reference, else the schema itself. */
function resolved(contract, schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? contract.components.schemas[name] : schema;
}

function answers(contract, operation) {
  return Object.entries(operation.responses ?? {}).map(([status, response]) => {
    const [type, content] = Object.entries(response.content ?? {})[0] ?? [];
    const schema = resolved(contract, content?.schema);
    const shape = schema?.properties && element("details", {},
      element("summary", {}, content.schema.$ref?.split("/").pop() ?? "shape"),
      element("pre", {}, JSON.stringify(schema.properties, null, 2)));
    return [status, response.description ?? "", type ?? "", shape];
  });
}

function entry(contract, path, method, operation) {
  const parameters = (operation.parameters ?? []).map((parameter) => [
    element("code", {}, parameter.name), parameter.in,
    parameter.required ? "required" : "", parameter.description ?? ""]);
  const content = element("div", {}, element("p", {}, operation.description ?? ""));
  if (parameters.length > 0) content.append(table(["Parameter", "In", "", ""], parameters));
  content.append(table(["Status", "", "Type", "Shape"], answers(contract, operation)));
  const title = element("summary", {}, element("span", { className: "method" }, method),
    element("code", {}, path), " ", operation.summary ?? "");
  return element("details", {}, title, content);
}

async function show() {
  const response = await fetch(new URL("../openapi.json", document.baseURI));
  if (!response.ok) throw new Error(`status ${response.status}`);
  const contract = await response.json();
  about.textContent = `${contract.info.description} Version ${contract.info.version}.`;
  for (const [path, methods] of Object.entries(contract.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      operations.append(entry(contract, path, method, operation));
    }
  }
}

show().catch((error) => {
  about.textContent = `The document could not be loaded: ${error.message}`;
});
