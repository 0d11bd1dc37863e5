/* Signing in: Swagger UI's own Authorize dialog with user name and password only. The token stays in the memory of this
   page: it is gone when the page is closed or loaded again. Loaded before page.js. */
"use strict";

const SCHEME = "signIn";
const NO_ANSWER = "The service did not answer. Try again in a moment.";
const FIELDS = { oauth_username: "username", oauth_password: "current-password" };
const PASSWORD = "oauth_password";
const SUBMIT = ".modal-ux .auth-btn-wrapper .authorize";

/* Programs may also bring a token that they have, and ask for less than they might; people sign in for all that their
   role may do, which is what a token without named scopes is good for. */
function signInOnly(found) {
  const scheme = found.components.securitySchemes?.[SCHEME];
  if (!scheme) return;
  scheme.flows.password.scopes = {};
  found.components.securitySchemes = { [SCHEME]: scheme };
  found.security = [{ [SCHEME]: [] }];
}

/* Instead of Swagger UI's own request, which would send an empty client in a header and say errors as JSON. */
const signIn =
  (_, { authActions, errActions }) =>
  async (auth) => {
    errActions.clear({ source: "auth" });
    const form = { grant_type: "password", username: auth.username || "", password: auth.password || "" };
    const { token, refusal } = await askForToken(auth.schema.get("tokenUrl"), form);
    if (refusal) {
      errActions.newAuthErr({ authId: auth.name, level: "error", source: "auth", message: refusal });
      return;
    }
    const { access_token, token_type } = token;
    const { schema, name, username } = auth;
    authActions.authorizeOauth2WithPersistOption({ auth: { schema, name, username }, token: { access_token, token_type } });
    authActions.showDefinitions(false);
  };

async function askForToken(address, form) {
  try {
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams(form), cache: "no-store" });
    const said = read(await answer.text());
    return answer.ok && said.access_token ? { token: said } : { refusal: whyRefused(said) };
  } catch {
    return { refusal: NO_ANSWER };
  }
}

const whyRefused = (said) => said.detail || said.error_description || said.title || said.error || NO_ANSWER;

/* A token that is refused once is refused always: the lock opens again, and the next request does not send it. */
function noticeRefusedToken(response) {
  if (response.status !== 401 || !ui.authSelectors.authorized().size) return;
  setTimeout(() => ui.authActions.logout([SCHEME]), 0);
}

const openSignIn = () => ui.authActions.showDefinitions(ui.authSelectors.definitionsToAuthorize());

/* Why the service asks for a token, and what to do about it. */
const unauthorized = (said) => [
  ["Refused", said.type?.endsWith("/token-expired") ? "Your session has expired." : said.title],
  ["Why", said.detail],
  ["To do", "Press Authorize above the operations, sign in, and press Execute once more."],
];

/* Password managers know the two fields by these names, and Enter means "sign in". */
document.addEventListener("focusin", ({ target }) => {
  if (FIELDS[target.id]) target.autocomplete = FIELDS[target.id];
});
document.addEventListener("keydown", ({ key, target }) => {
  if (key === "Enter" && (target.id in FIELDS)) {
    // Swagger UI hears of a field when it is left.
    target.dispatchEvent(new Event("change", { bubbles: true }));
    if (target.id === PASSWORD) document.querySelector(SUBMIT)?.click();
    else place(PASSWORD)?.focus();
  }
});

/* A link sends no token. So the report is asked for here and shown in a tab of its own, out of the memory of this page. */
async function openReport(event) {
  event.preventDefault();
  const token = ui.authSelectors.authorized().getIn([SCHEME, "token", "access_token"]);
  const answer = await fetch(event.currentTarget.href, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  noticeRefusedToken(answer);
  if (answer.status === 401) openSignIn();
  else show(await answer.blob());
}

function show(shown) {
  const address = URL.createObjectURL(shown);
  window.open(address, "_blank");
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
