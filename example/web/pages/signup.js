// Create an account: with a password, with a passkey, or with an account at a provider. Users who have an account accept an invitation here.

import { post } from "../lib/api.js";
import { h, toast } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { invited, invitedPage } from "../lib/invitation.js";
import { next, providers, signedUp } from "../lib/login.js";
import { action, heading, passwordHint } from "../lib/parts.js";
import { offered, signUp } from "../lib/passkey.js";
import { go, refresh, replace } from "../lib/router.js";
import { config, currentUser, load, logOut } from "../lib/session.js";

export const title = "signup";

// passwordProblems are those that the API does not give to a field.
const passwordProblems = { password_mismatch: "password", password_too_similar: "password", password1: "password" };

const name = () => ({ name: "username", label: t("username"), autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: "150" });

// key asks for an invitation, unless it was in the link.
const key = (invitation) => config().features.invite?.required && !invitation && { name: "invitation", label: t("signup.invitation"), autocomplete: "off" };

export default function signup({ query }) {
  const invitation = query.get("invitation") || undefined;
  if (currentUser()) return invitation ? accepting(invitation) : void go(next());
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
    others(invitation),
    h("p", { class: "aside" }, t("signup.known"), " ", h("a", { href: invitation ? `/login?${new URLSearchParams({ next: invitedPage(invitation) })}` : "/login" }, t("login"))),
  ];
}

// others are the ways to sign up without a password. With an invitation, a provider sends the browser back to accept it.
function others(invitation) {
  const all = [offered() && config().features.passkeys.sign_up && withPasskey(invitation), providers(invitation ? invitedPage(invitation) : next())].flat().filter(Boolean);
  return all.length > 0 && h("div", { class: "others" }, h("p", { class: "or" }, t("or")), all);
}

const withPasskey = (invitation) => action(t("signup.passkey"), () => replace([
  heading(t("signup.passkey"), t("signup.passkey.text")),
  form({
    fields: [key(invitation), name(), { name: "email", label: t("email.optional"), type: "email", autocomplete: "email" }].filter(Boolean),
    submit: t("continue"), send: (values) => invited(invitation, async () => signedUp(values.email, await signUp({ invitation, ...values }))),
  }),
  h("p", { class: "aside" }, h("a", { href: `/signup${location.search}` }, t("signup.with.password"))),
]));

// accepting asks a user who is logged in, also by a provider just now.
const accepting = (invitation) => [
  heading(t("signup.invited"), t("invitation.accept.text", { name: currentUser().username || currentUser().email })),
  form({
    fields: [], submit: t("invitation.accept"),
    send: () => invited(invitation, async () => {
      await post("invitations/accept/", { invitation });
      await load(); // groups can give permissions
      toast(t("invitation.accepted"));
      await go("/");
    }),
  }),
  action(t("invitation.other"), async () => { await logOut(); await refresh(); }, { kind: "quiet" }),
];
