// Create an account: with a password, with a passkey, or with an account at a provider. Users who have an account accept an invitation here.

import { post } from "../lib/api.js";
import { h, toast } from "../lib/dom.js";
import { field, form, values } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { invited, invitedPage } from "../lib/invitation.js";
import { next, providers, signedUp } from "../lib/login.js";
import { action, heading, passwordHint } from "../lib/parts.js";
import { offered, signUp } from "../lib/passkey.js";
import { go, refresh, replace } from "../lib/router.js";
import { config, currentUser, load, logOut } from "../lib/session.js";
import { keep, take } from "../lib/typed.js";

export const title = "signup";

// passwordProblems are those that the API does not give to a field.
const passwordProblems = { password_mismatch: "password", password_too_similar: "password", password1: "password" };

const name = (value) => ({ name: "username", label: t("username"), value, autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: "150" });

// key asks for an invitation, unless it was in the link.
const key = (invitation, value) => config().features.invite?.required && !invitation && { name: "invitation", label: t("signup.invitation"), value, autocomplete: "off" };

export default function signup({ query }) {
  const invitation = query.get("invitation") || undefined;
  if (currentUser()) return invitation ? accepting(invitation) : void go(next());
  const { username, email } = config().registration;
  const typed = { email: query.get("email"), ...take() };
  const fields = [
    key(invitation, typed.invitation), username !== "off" && name(typed.username),
    email !== "off" && {
      name: "email", label: t(email === "required" ? "email" : "email.optional"), hint: t(invitation ? "signup.invited.email" : "signup.email.hint"),
      type: "email", value: typed.email, autocomplete: "email",
    },
    { name: "password", label: t("password"), hint: passwordHint(), type: "password", autocomplete: "new-password", maxlength: "1024" },
  ].filter(Boolean).map(field);
  const element = form({
    fields, submit: t("signup.submit"), at: passwordProblems,
    send: ({ password, ...rest }) => invited(invitation, async () =>
      signedUp(rest.email, await post("registration/", { invitation, ...rest, password1: password, password2: password }))),
  });
  return [
    invitation ? heading(t("signup.invited"), t("signup.invited.text")) : heading(t("signup.title"), t("signup.text")), element,
    others(invitation, () => values(fields)),
    h("p", { class: "aside" }, t("signup.known"), " ", h("a", { href: invitation ? `/login?${new URLSearchParams({ next: invitedPage(invitation) })}` : "/login" }, t("login"))),
  ];
}

// others are the ways to sign up without a password. With an invitation, a provider sends the browser back to accept it.
function others(invitation, typed) {
  const all = [offered() && config().features.passkeys.sign_up && withPasskey(invitation, typed), providers(invitation ? invitedPage(invitation) : next())].flat().filter(Boolean);
  return all.length > 0 && h("div", { class: "others" }, h("p", { class: "or" }, t("or")), all);
}

// withPasskey asks for a name and an address. What the user typed before, or types here, goes along from one way to the other.
const withPasskey = (invitation, typed) => action(t("signup.passkey"), () => {
  const { invitation: code, username, email } = typed();
  const fields = [
    key(invitation, code), name(username), { name: "email", label: t("email.optional"), type: "email", value: email, autocomplete: "email" },
  ].filter(Boolean).map(field);
  replace([
    heading(t("signup.passkey"), t("signup.passkey.text")),
    form({
      fields, submit: t("continue"), send: (sent) => invited(invitation, async () => signedUp(sent.email, await signUp({ invitation, ...sent }))),
    }),
    h("p", { class: "aside" }, h("a", { href: `/signup${location.search}`, onclick: () => keep(values(fields)) }, t("signup.with.password"))),
  ]);
});

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
