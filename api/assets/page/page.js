/* Starts Swagger UI for people who are not programmers. Nothing is kept by the browser and nothing leaves this origin. */
"use strict";

const PATIENTS = /^\/v1\/patients(\/[0-9a-f-]{36})?$/i;
const METHODS = ["get", "post", "put", "patch", "delete"];
const place = (id) => document.getElementById(id);
let inHand = null;

/* Everyone who works down the page needs the same patient in every step: it is shown once and filled in everywhere. */
function takeInHand(patient) {
  inHand = patient;
  place("patient").hidden = patient === null;
  place("patient-name").textContent = patient ? patient.display_name || "without a name" : "";
  place("patient-id").textContent = patient ? patient.id : "";
  fillIn(patient ? patient.id : "");
}

function fillIn(id) {
  const paths = ui.specSelectors.paths();
  paths.forEach((item, path) => {
    if (!path.includes("{patient_id}")) return;
    for (const method of METHODS) {
      if (item.has(method)) ui.specActions.changeParam([path, method], "patient_id", "path", id, false);
    }
  });
}

function noticePatient(response) {
  const asked = new URL(response.url, location.href);
  if (!response.ok || !PATIENTS.test(asked.pathname)) return response;
  try {
    const said = JSON.parse(response.text);
    const found = said.items && asked.searchParams.has("identifier") && said.items.length === 1 ? said.items[0] : said;
    if (found.id && "display_name" in found) setTimeout(takeInHand, 0, found);
  } catch {
    /* An answer without a body names no patient. */
  }
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

/* The page has an introduction of its own; there is one server: the one that this page came from. */
const quiet = () => ({
  components: { InfoContainer: () => null, ServersContainer: () => null, SchemesContainer: () => null },
  fn: { opsFilter: matching },
});

function follow() {
  ui.layoutActions.parseDeepLinkHash(location.hash);
}

const ui = SwaggerUIBundle({
  url: "/openapi.json",
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
  showCommonExtensions: true,
  requestSnippetsEnabled: true,
  requestSnippets: { generators: { curl_bash: { title: "curl", syntax: "bash" } }, defaultExpanded: false },
  responseInterceptor: noticePatient,
  onComplete: () => document.body.classList.add("ready"),
});

/* Swagger UI reads the address only once, when it starts; the steps above are links within the page. */
window.addEventListener("hashchange", follow);
document.querySelectorAll(".steps a").forEach((link) =>
  link.addEventListener("click", () => {
    if (link.hash === location.hash) follow();
  }),
);
place("patient-clear").addEventListener("click", () => takeInHand(null));
