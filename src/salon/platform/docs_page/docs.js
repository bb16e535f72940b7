// Draws /openapi.json: one entry an endpoint, with what it takes, what it answers, and how it refuses.

const MAX_DEPTH = 6;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function resolve(part, named) {
  const name = part?.$ref?.split("/").pop();
  return name ? named?.[name] : part;
}

/** An example of a schema's shape: names and types, not values. */
function outline(schema, all, depth = 0) {
  const found = resolve(schema, all) ?? {};
  if (depth > MAX_DEPTH) return "…";
  const variants = found.anyOf ?? found.oneOf;
  if (variants) {
    const some = variants.filter((variant) => variant.type !== "null");
    return outline(some[0] ?? {}, all, depth + 1);
  }
  if (found.type === "array") return [outline(found.items ?? {}, all, depth + 1)];
  if (found.properties) {
    const required = new Set(found.required ?? []);
    const entries = Object.entries(found.properties).map(([name, part]) => [
      required.has(name) ? `${name}*` : name,
      outline(part, all, depth + 1),
    ]);
    return Object.fromEntries(entries);
  }
  if (found.const !== undefined) return found.const;
  if (found.enum) return found.enum.join(" | ");
  const limits = ["minLength", "maxLength", "minimum", "maximum", "pattern"]
    .filter((key) => found[key] !== undefined)
    .map((key) => `${key} ${found[key]}`);
  return [found.type ?? "any", ...limits].join(", ");
}

function shape(content, all) {
  const { schema, example } = content?.["application/json"] ?? {};
  if (!schema || Object.keys(schema).length === 0) return [];
  const drawn = [element("pre", {}, JSON.stringify(outline(schema, all), null, 2))];
  if (example !== undefined) {
    drawn.push(element("h4", {}, "Example"), element("pre", {}, JSON.stringify(example, null, 2)));
  }
  return drawn;
}

function parameters(list) {
  if (!list?.length) return [];
  const rows = list.map((one) =>
    element(
      "tr",
      {},
      element("td", {}, element("code", {}, one.name)),
      element("td", {}, `${one.in}${one.required ? ", required" : ""}`),
      element("td", {}, one.description ?? ""),
    ),
  );
  return [element("h3", {}, "Parameters"), element("table", {}, ...rows)];
}

function endpoint(path, method, operation, components) {
  const all = components.schemas ?? {};
  const body = element("div");
  if (operation.description) body.append(element("p", {}, operation.description));
  body.append(...parameters(operation.parameters));
  if (operation.requestBody) {
    body.append(element("h3", {}, "Body"), ...shape(operation.requestBody.content, all));
  }
  const refusals = element("table");
  for (const [status, said] of Object.entries(operation.responses)) {
    const response = resolve(said, components.responses);
    if (status.startsWith("2")) {
      body.append(element("h3", {}, `Answer ${status}`), ...shape(response.content, all));
    } else {
      refusals.append(
        element("tr", {}, element("th", {}, status), element("td", {}, response.description ?? "")),
      );
    }
  }
  if (refusals.children.length) body.append(element("h3", {}, "Refusals"), refusals);
  return element(
    "details",
    { "data-text": `${method} ${path} ${operation.summary ?? ""}`.toLowerCase() },
    element(
      "summary",
      {},
      element("span", { class: "method" }, method.toUpperCase()),
      element("code", {}, path),
      element("span", { class: "summary" }, operation.summary ?? ""),
    ),
    body,
  );
}

async function draw() {
  const main = document.getElementById("endpoints");
  const answer = await fetch("/openapi.json");
  if (!answer.ok) {
    main.textContent = `The description could not be loaded (${answer.status}). Load this page again.`;
    return;
  }
  const api = await answer.json();
  document.getElementById("about").textContent = `${api.info.description ?? ""} Version ${api.info.version}.`;
  const sections = new Map();
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags?.[0] ?? "other";
      if (!sections.has(tag)) sections.set(tag, element("section", {}, element("h2", {}, tag)));
      sections.get(tag).append(endpoint(path, method, operation, api.components ?? {}));
    }
  }
  main.replaceChildren(...sections.values());
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const entry of main.querySelectorAll("details")) {
      entry.hidden = !entry.dataset.text.includes(wanted);
    }
  });
}

await draw();
