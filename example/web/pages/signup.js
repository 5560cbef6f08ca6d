// Create an account: with a password, or with a passkey and none.

import { post } from "../lib/api.js";
import { onward } from "../lib/dead.js";
import { h } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { next, signedUp } from "../lib/login.js";
import { action, heading, passwordHint } from "../lib/parts.js";
import { offered, signUp } from "../lib/passkey.js";
import { go, replace } from "../lib/router.js";
import { config, currentUser } from "../lib/session.js";

export const title = "signup";

// passwordProblems are those that the API does not give to a field.
const passwordProblems = { password_mismatch: "password", password_too_similar: "password", password1: "password" };

const name = () => ({ name: "username", label: t("username"), autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: "150" });

// key asks for an invitation, unless it was in the link.
const key = (invitation) => config().features.invite?.required && !invitation && { name: "invitation", label: t("signup.invitation"), autocomplete: "off" };

export default function signup({ query }) {
  if (currentUser()) return void go(next());
  const invitation = query.get("invitation") ?? undefined;
  const { username, email } = config().registration;
  const fields = [
    key(invitation), username !== "off" && name(),
    email !== "off" && {
      name: "email", label: t(email === "required" ? "email" : "email.optional"), hint: t(invitation ? "signup.invited.email" : "signup.email.hint"),
      type: "email", autocomplete: "email",
    },
    { name: "password", label: t("password"), hint: passwordHint(), type: "password", autocomplete: "new-password", maxlength: "1024" },
  ].filter(Boolean);
  const element = form({
    fields, submit: t("signup.submit"), at: passwordProblems,
    send: ({ password, ...values }) => invited(invitation, async () =>
      signedUp(values.email, await post("registration/", { invitation, ...values, password1: password, password2: password }))),
  });
  return [
    invitation ? heading(t("signup.invited"), t("signup.invited.text")) : heading(t("signup.title"), t("signup.text")), element,
    offered() && config().features.passkeys.sign_up && h("div", { class: "others" }, h("p", { class: "or" }, t("or")), withPasskey(invitation)),
    h("p", { class: "aside" }, t("signup.known"), " ", h("a", { href: "/login" }, t("login"))),
  ];
}

const withPasskey = (invitation) => action(t("signup.passkey"), () => replace([
  heading(t("signup.passkey"), t("signup.passkey.text")),
  form({
    fields: [key(invitation), name(), { name: "email", label: t("email.optional"), type: "email", autocomplete: "email" }].filter(Boolean),
    submit: t("continue"), send: (values) => invited(invitation, async () => signedUp(values.email, await signUp({ invitation, ...values }))),
  }),
  h("p", { class: "aside" }, h("a", { href: `/signup${location.search}` }, t("signup.with.password"))),
]));

// invited runs a sign-up, and says what to do if the invitation of the link is not valid any more.
async function invited(invitation, run) {
  try {
    await run();
  } catch (failure) {
    if (!invitation || !failure.has?.("invitation_not_valid")) throw failure;
    replace([heading(t("invitation.dead"), t("invitation.dead.text")), config().features.invite.required ? null : onward("/signup", t("invitation.without"))]);
  }
}
