// What follows a response of any login: a user, a second step, or what is missing of a new user.

import { post } from "./api.js";
import { h, toast } from "./dom.js";
import { form } from "./form.js";
import { t } from "./i18n.js";
import { invitationOf, invited } from "./invitation.js";
import { action, codeForm, heading, lookInMails, mailCode } from "./parts.js";
import { verify } from "./passkey.js";
import { lost } from "./recovery.js";
import { replace, go } from "./router.js";
import { config, enter } from "./session.js";
import { setUp } from "./setup.js";

// next returns the page that a login leads to: a path of this application.
export function next() {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/";
  return inside(wanted);
}

// inside returns a path of this application, or "/". The browser decides what leaves it: it drops tabs and turns \ into /. A path that begins with
// two slashes is another host.
export function inside(wanted) {
  try {
    const at = new URL(wanted, location.origin);
    if (at.origin === location.origin) return (at.pathname + at.search + at.hash).replace(/^\/+/, "/");
  } catch { /* not a URL */ }
  return "/";
}

// providers are links to the providers, which log users in and sign them up. They lead to the page social, and from there to then.
export function providers(then) {
  const query = new URLSearchParams({ next: `/account/social?${new URLSearchParams({ then })}` });
  return (config().features.social?.providers ?? []).map(({ name, redirect }) =>
    h("a", { class: "button", href: `/auth/${redirect}?${query}` }, t("social.with", { provider: name })));
}

// finish takes the response of a login.
export async function finish(response, then = next()) {
  if (response.mfa_setup_required) return setUp(response, then);
  if (response.mfa_required) return replace(secondStep(response, then));
  if (response.signup_required) return replace(completion(response, then));
  await enter(response.user);
  return go(then);
}

// signedUp goes on after a sign-up: users are logged in, unless the server wants them to confirm their address first.
export function signedUp(email, response, then = next()) {
  if (response.user || response.mfa_required) return finish(response, then);
  return replace([
    heading(t("code.title"), email), lookInMails(response.detail),
    codeForm(email, "registration/verify-email/", (done) => { toast(done.detail ?? t("verify.done")); return go("/login"); }),
  ]);
}

// secondStep asks for the second factor. The token is valid for 5 minutes.
function secondStep({ ephemeral_token, factors }, then) {
  const send = async (values) => finish(await post("mfa/verify/", { ephemeral_token, ...values }), then);
  const restart = h("a", { href: `/login?${new URLSearchParams({ next: then })}` }, t("factor.restart"));
  const codes = factors.some((one) => one !== "passkey");
  return [
    heading(t("factor.title"), t(factors.includes("totp") ? "factor.text" : factors.includes("email") ? "factor.text.mail" : "factor.text.passkey")),
    factors.includes("email") && mailCode({ ephemeral_token }),
    codes && form({
      fields: [
        { name: "code", label: t("factor.code"), hint: factors.includes("recovery_code") && t("factor.code.hint"), autocomplete: "one-time-code", maxlength: "32" },
        { name: "trust", type: "checkbox", label: t("factor.trust") },
      ],
      submit: t("factor.submit"), send,
    }),
    factors.includes("passkey") && action(t("passkey.use"), async () => finish(await verify(ephemeral_token), then)),
    lost(ephemeral_token),
    h("p", { class: "aside" }, restart),
  ];
}

// completion asks a new user of a provider for what the sign-up needs. An address that the provider has verified stays. The invitation of a link
// is used here, so the user need not accept it afterwards.
function completion({ ticket, required, usernames, email, email_verified, first_name, last_name }, then) {
  const invitation = invitationOf(then);
  const fields = [
    { name: "username", label: t("username"), value: usernames?.[0] ?? "", autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: "150" },
    (required.includes("email") || email) && { name: "email", label: t("email"), type: "email", value: email, autocomplete: "email", readonly: email_verified },
    required.includes("invitation") && !invitation && { name: "invitation", label: t("signup.invitation"), autocomplete: "off" },
  ].filter(Boolean);
  return [
    heading(t("completion.title"), t("completion.text")),
    form({
      fields, submit: t("signup.submit"),
      send: (values) => invited(invitation, async () =>
        signedUp(values.email, await post("socialsignup/", { ticket, first_name, last_name, invitation, ...values }), invitation ? "/" : then)),
    }),
    h("p", { class: "aside" }, h("a", { href: "/login" }, t("login.back"))),
  ];
}
