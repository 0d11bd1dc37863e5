/* Starts Swagger UI for people who are not programmers. Nothing is kept by the browser and nothing leaves this origin. */
"use strict";

const PATIENTS = /^\/v1\/patients(\/[0-9a-f-]{36})?$/i;
const DOCUMENT = "/openapi.json";
const PLACEHOLDER = "{patient_id}";
const METHODS = ["get", "post", "put", "patch", "delete"];
const place = (id) => document.getElementById(id);
let inHand = null;

/* Everyone who works down the page needs the same patient in every step: it is shown once and filled in everywhere. */
function takeInHand(patient) {
  const another = inHand?.id !== patient?.id;
  inHand = patient;
  place("patient").hidden = patient === null;
  place("patient-name").textContent = patient ? patient.display_name || "without a name" : "";
  place("patient-id").textContent = patient ? patient.id : "";
  place("patient-report").href = patient ? `/v1/patients/${patient.id}/report` : "";
  if (another) turnTo(patient ? patient.id : "");
}

/* Fill in the patient, and take away what was answered about another: nobody may read it as about this one. */
function turnTo(id) {
  ui.specSelectors.paths().forEach((item, path) => {
    if (!path.includes(PLACEHOLDER)) return;
    for (const method of METHODS.filter((each) => item.has(each))) {
      const field = item.getIn([method, "parameters"]).find((each) => each.get("name") === "patient_id");
      // As typing does it: what was once typed goes before what is only set by name.
      ui.specActions.changeParamByIdentity([path, method], field, id, false);
      if (!path.endsWith(PLACEHOLDER) || method !== "get") ui.specActions.clearResponse(path, method);
    }
  });
}

function noticePatient(response) {
  const asked = new URL(response.url, location.href);
  if (!response.ok || !PATIENTS.test(asked.pathname)) return response;
  const said = read(response.text);
  const found = asked.searchParams.has("identifier") && said.items?.length === 1 ? said.items[0] : said;
  if (found.id && "display_name" in found) setTimeout(takeInHand, 0, found);
  return response;
}

/* The filter that comes with it looks at the names of the groups only. */
function matching(operations, phrase) {
  const wanted = phrase.toLowerCase();
  const said = (operation) =>
    ["summary", "description", "operationId"].map((key) => operation.getIn(["operation", key]) || "").join(" ") +
    operation.get("path");
  return operations
    .map((group, name) =>
      name.toLowerCase().includes(wanted)
        ? group
        : group.update("operations", (all) => all.filter((each) => said(each).toLowerCase().includes(wanted))),
    )
    .filter((group) => group.get("operations").size > 0);
}

/* Episodes come before the trials in them; everything else stays in the order of the document. */
const episodesFirst = (one, other) => Number(isOfEpisodes(other)) - Number(isOfEpisodes(one));
const isOfEpisodes = (operation) => operation.get("path").includes("/episodes");

/* Opens what an address such as "#/group/operation" names. Swagger UI's own way warns of every "_" in a name. */
function openNamed(layout, hash) {
  const [group, operation] = decodeURIComponent(hash).replace(/^#?\/?/, "").split("/");
  if (!group) return;
  layout.show(["operations-tag", group], true);
  if (operation) layout.show(["operations", group, operation], true);
  const parts = [operation ? "operations" : "operations-tag", group.replace(/\s/g, "_"), operation];
  bringIntoView(parts.filter(Boolean).join("-"), 20);
}

/* The operation is drawn a moment after it was opened. */
function bringIntoView(id, triesLeft) {
  const found = place(id);
  if (found) found.scrollIntoView();
  else if (triesLeft > 0) setTimeout(bringIntoView, 50, id, triesLeft - 1);
}

/* Of the answers that an operation may give, only the good one is shown at length; a refusal explains itself. */
const brieflyIfRefused = (Original, { React }) => (props) =>
  /^[2d]/.test(props.code)
    ? React.createElement(Original, props)
    : React.createElement(
        "tr",
        { className: "response brief" },
        React.createElement("td", { className: "response-col_status" }, props.code),
        React.createElement("td", { className: "response-col_description" }, plain(props.response.get("description"))),
      );
const plain = (text) => String(text || "").replaceAll("`", "");

/* What only programs send is left to them. If-Match stays: a change needs it. */
const FOR_PROGRAMS = ["idempotency-key", "if-none-match", "if-none-exist"];
const unlessForPrograms = (Original, { React }) => (props) =>
  FOR_PROGRAMS.includes(props.rawParam.get("name")) ? null : React.createElement(Original, props);

/* The service's own sentences above the JSON: what a status means, or what to correct. Nothing is added to them. */
function inWords(said) {
  if (said.safety && said.summary && said.status)
    return [
      ...(said.patient_id && said.patient_id !== inHand?.id ? [["Mind", `Not the patient in hand: ${said.patient_id}`]] : []),
      ["Safety", said.safety.sentence],
      ["Status", said.status.replaceAll("_", " ")],
      ["Why", said.summary],
      ...(said.missing_information || []).filter((each) => each.could_change_status).map((each) => ["To ask", each.question]),
    ];
  if (said.status === 401 && said.detail) return unauthorized(said);
  if (said.title && said.detail && Array.isArray(said.errors))
    return [["Refused", said.title], ...(said.errors.length ? said.errors.map(correction) : [["To do", said.detail]])];
  return [];
}

function correction(fault) {
  const unsaid = fault.suggestions.filter((each) => !fault.message.includes(each));
  const near = unsaid.length ? ` Nearest: ${unsaid.join(", ")}.` : "";
  return [fault.pointer || "To do", plain(fault.message) + near];
}

const withWords = (Original, { React }) => (props) => {
  const said = read(props.response.get("text"));
  const lines = inWords(said);
  const shown = lines.flatMap(([name, text], at) => [
    React.createElement("dt", { key: `t${at}` }, name),
    React.createElement("dd", { key: `d${at}` }, text),
  ]);
  const words = lines.length ? React.createElement("dl", { className: `in-words ${said.safety?.level || ""}` }, shown) : null;
  const image = picture(props.response.get("text"), React);
  return React.createElement("div", { "aria-live": "polite" }, words, image, React.createElement(Original, props));
};

/* Swagger UI shows the letters of an SVG. As an image it can be seen, and whatever it holds can run or load nothing. */
function picture(text, React) {
  if (!String(text || "").startsWith("<svg")) return null;
  const described = new DOMParser().parseFromString(text, "image/svg+xml").querySelector("desc");
  const src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  return React.createElement("img", { className: "picture", src, alt: described?.textContent || "" });
}

function read(text) {
  try {
    return JSON.parse(text) || {};
  } catch {
    return {};
  }
}

/* The document keeps examples in the order of the alphabet; people fill in a form in the order of its fields. And an id
   or an identifier belongs to one record: whoever tries the example second would be refused. People have the patient in
   hand instead. */
function madeForPeople(text) {
  const found = JSON.parse(text);
  signInOnly(found);
  delete found.components.schemas.PatientCreate?.example?.identifiers;
  for (const schema of Object.values(found.components.schemas)) {
    if (!schema.example) continue;
    delete schema.example.id;
    const fields = Object.keys(schema.properties);
    const entries = Object.entries(schema.example);
    schema.example = Object.fromEntries(entries.sort((a, b) => rank(fields, a[0]) - rank(fields, b[0])));
  }
  for (const operation of Object.values(found.paths).flatMap(Object.values)) {
    withoutCommonHeaders(operation);
    for (const asked of operation.parameters || []) {
      if (asked.in === "path" && asked.schema.format === "uuid") delete asked.example;
    }
  }
  return JSON.stringify(found);
}
/* What every answer has besides, such as the limits of requests, is for programs. */
function withoutCommonHeaders(operation) {
  for (const { headers } of Object.values(operation.responses)) {
    for (const [name, header] of Object.entries(headers || {})) if (header.$ref) delete headers[name];
  }
}
const rank = (fields, name) => (name === "medication" || name === "instrument" ? -1 : fields.indexOf(name));

function noticeAnswer(response) {
  const path = new URL(response.url, location.href).pathname;
  if (path === DOCUMENT && response.ok) response.text = madeForPeople(response.text);
  noticeRefusedToken(response);
  return noticePatient(response);
}

/* The page has an introduction of its own; there is one server: the one that this page came from; and one button to
   sign in, not one in each line. */
const quiet = () => ({
  components: { InfoContainer: () => null, ServersContainer: () => null, authorizeOperationBtn: () => null },
  wrapComponents: { response: brieflyIfRefused, parameterRow: unlessForPrograms, liveResponse: withWords },
  fn: { opsFilter: matching },
  statePlugins: {
    auth: { wrapActions: { authorizePassword: signIn } },
    layout: {
      wrapActions: { parseDeepLinkHash: (_, system) => (hash) => openNamed(system.layoutActions, hash) },
    },
  },
});

const follow = () => openNamed(ui.layoutActions, location.hash);

const ui = SwaggerUIBundle({
  url: DOCUMENT,
  dom_id: "#swagger-ui",
  plugins: [quiet],
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  tagsSorter: "alpha",
  operationsSorter: episodesFirst,
  tryItOutEnabled: true,
  persistAuthorization: false,
  queryConfigEnabled: false,
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  defaultModelRendering: "example",
  requestSnippetsEnabled: true,
  requestSnippets: { generators: { curl_bash: { title: "curl", syntax: "bash" } }, defaultExpanded: false },
  responseInterceptor: noticeAnswer,
  onComplete: () => document.body.classList.add("ready"),
});

/* Swagger UI reads the address only once, when it starts; the steps above are links within the page. */
window.addEventListener("hashchange", follow);
document.querySelectorAll(".steps a, .bar a").forEach((link) =>
  link.addEventListener("click", () => {
    if (link.hash === location.hash) follow();
  }),
);
place("patient-clear").addEventListener("click", () => takeInHand(null));
place("patient-report").addEventListener("click", openReport);
