// The dialog before sensitive actions: the user proves who they are, and the action runs again.

import { get, post } from "./api.js";
import { h, unique } from "./dom.js";
import { Cancelled, form } from "./form.js";
import { t } from "./i18n.js";
import { action, mailCode } from "./parts.js";
import { offered, reauthenticate } from "./passkey.js";
import { config, currentUser } from "./session.js";

// sensitive runs an action. If the login is too old for it, or has not proven the second factor, it asks for that and runs it again.
export async function sensitive(run) {
  for (;;) {
    try {
      return await run();
    } catch (failure) {
      if (failure.code !== "fresh_login_required" && failure.code !== "factor_required") throw failure;
      await prove(failure.code === "factor_required");
    }
  }
}

// prove asks for what the user has: a password, a code, a passkey or a login at a provider.
async function prove(factor) {
  const [status, passkeys, accounts] = await Promise.all([
    get("mfa/status/"), offered() ? get("passkeys/") : [], config().features.social ? get("socialaccounts/") : [],
  ]);
  const ask = [];
  if (!factor && currentUser().has_password) ask.push(passwordForm);
  else if (status.mfa_enabled) ask.push(factorForm(status.factors));
  return modal(t("confirm.title"), (done) => [
    h("p", null, t(factor ? "confirm.factor" : "confirm.text")),
    ask.map((make) => make(done)),
    passkeys.length > 0 && action(t("passkey.use"), async () => { await reauthenticate(); done(); }),
    !factor && accounts.map((account) => again(account.provider)),
  ]);
}

const passwordForm = (done) => form({
  username: currentUser().username,
  fields: [{ name: "password", label: t("password.current"), type: "password", autocomplete: "current-password" }],
  submit: t("continue"), at: { password_incorrect: "password" },
  send: async ({ password }) => { await post("reauthenticate/", { password }); done(); },
});

const factorForm = (factors) => (done) => [
  form({
    fields: [{ name: "code", label: t("factor.code"), hint: t("factor.code.hint"), autocomplete: "one-time-code", maxlength: "32" }],
    submit: t("continue"), send: async ({ code }) => { await post("reauthenticate/", { code }); done(); },
  }),
  factors.includes("email") && mailCode(),
];

// again leaves the page to log in at a provider, and comes back to it.
function again(provider) {
  const path = config().features.social.providers.find((one) => one.name === provider)?.reauthenticate_redirect;
  const next = `/account/social?${new URLSearchParams({ then: location.pathname + location.search })}`;
  return path && action(t("social.again", { provider }), async () => location.assign((await post(path, { next })).url));
}

// modal shows a dialog, and resolves when done is called. Escape and the button cancel it.
export function modal(title, content) {
  return new Promise((resolve, reject) => {
    const id = unique("dialog");
    const dialog = h("dialog", { "aria-labelledby": id, onclose: () => { dialog.remove(); reject(new Cancelled()); } });
    const done = () => { resolve(); dialog.close(); };
    dialog.append(h("h2", { id }, title), ...[content(done)].flat(Infinity).filter(Boolean),
      h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, t("cancel")));
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("input")?.focus();
  });
}

// sure asks before something that cannot be undone.
export const sure = (title, text, label) => modal(title, (done) => [
  h("p", null, text), h("button", { type: "button", class: "danger", onclick: done }, label),
]);
