/** Shows openapi.json: one entry an operation, with its scope, parameters, body and answers. */

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

/** The first media type of a body, and its shape to be opened. */
function body(contract, contents) {
  const [type, content] = Object.entries(contents ?? {})[0] ?? [];
  const schema = content?.schema?.items ?? content?.schema;
  const properties = resolved(contract, schema)?.properties;
  const shape = properties && element("details", {},
    element("summary", {}, schema.$ref?.split("/").pop() ?? "shape"),
    element("pre", {}, JSON.stringify(properties, null, 2)));
  return [type, shape];
}

function answers(contract, operation) {
  return Object.entries(operation.responses ?? {}).map(([status, response]) =>
    [status, response.description, ...body(contract, response.content)]);
}

function entry(contract, path, method, operation) {
  const parameters = (operation.parameters ?? []).map((parameter) => [
    element("code", {}, parameter.name), parameter.in,
    parameter.required ? "required" : "", parameter.description ?? ""]);
  const scopes = (operation.security ?? []).flatMap((needed) => needed.bearer ?? []);
  const content = element("div", {}, element("p", {}, operation.description ?? ""),
    element("p", {}, scopes.length > 0 ? `Needs ${scopes.join(", ")}.` : "Needs no token."));
  if (operation.requestBody) {
    content.append(table(["Body", ""], [body(contract, operation.requestBody.content)]));
  }
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
