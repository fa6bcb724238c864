/** Elements from data. Texts become text nodes and nothing else, whatever is in them. */

/** Makes an element with properties and children; texts among the children are text nodes. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

/** A text of somebody else: kept apart from the direction of writing around it. */
export const foreign = (text) => make("bdi", {}, String(text));
