// Log in: with a password, a passkey, a code from a mail, or an account at a provider.

import { post } from "../lib/api.js";
import { h, toast } from "../lib/dom.js";
import { field, form } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { finish, next, providers } from "../lib/login.js";
import { action, codeForm, heading, lookInMails } from "../lib/parts.js";
import { logIn, offered } from "../lib/passkey.js";
import { go, replace } from "../lib/router.js";
import { config, currentUser } from "../lib/session.js";
import { keep } from "../lib/typed.js";

export const title = "login";

export default function login() {
  if (currentUser()) return void go(next());
  const name = nameField();
  return [
    heading(t("login.title"), t("login.text")),
    password(name),
    h("p", { class: "aside" }, h("a", { href: "/forgot", onclick: () => keep({ login: name.value() }) }, t("forgot.link"))),
    others(),
    h("p", { class: "aside" }, t("login.new"), " ", h("a", { href: "/signup" }, t("signup"))),
  ];
}

function nameField() {
  const names = config().login.methods.includes("username");
  return field({ name: names ? "username" : "email", label: t(names ? "login.name" : "email"), autocomplete: "username", autocapitalize: "none", spellcheck: "false" });
}

function password(name) {
  return form({
    fields: [
      name,
      { name: "password", label: t("password"), type: "password", autocomplete: "current-password", maxlength: "1024" },
      { name: "remember", label: t("login.remember"), type: "checkbox", value: true },
    ],
    submit: t("login"),
    async send(values) {
      try {
        await finish(await post("login/", values));
      } catch (failure) {
        if (!failure.has?.("email_unverified")) throw failure;
        replace(unverified(values, failure));
      }
    },
  });
}

const others = () => h("div", { class: "others" },
  h("p", { class: "or" }, t("or")),
  offered() && action(t("passkey.use"), async () => finish(await logIn())),
  config().login.code && action(t("login.code"), () => replace(byCode())),
  providers(next()));

const byCode = () => [
  heading(t("login.code"), t("login.code.text")),
  form({
    fields: [{ name: "email", label: t("email"), type: "email", autocomplete: "email" }],
    submit: t("code.send"),
    async send({ email }) {
      const { detail } = await post("login/code/", { email });
      replace([heading(t("code.title"), email), lookInMails(detail), codeForm(email, "login/code/confirm/", (login) => finish(login), t("login"))]);
    },
  }),
  h("p", { class: "aside" }, h("a", { href: "/login" }, t("login.back"))),
];

// unverified is for users who must confirm their address first.
function unverified({ username, email = username }, failure) {
  const resend = form({
    fields: [{ name: "email", label: t("email"), type: "email", value: email.includes("@") ? email : "", autocomplete: "email" }],
    submit: t("emails.resend"),
    async send(values) {
      const { detail } = await post("registration/resend-email/", values);
      replace([heading(t("code.title"), values.email), lookInMails(detail), codeForm(values.email, "registration/verify-email/", (done) => {
        toast(done.detail ?? t("verify.done"));
        go("/login");
      })]);
    },
  });
  return [heading(t("verify.title"), failure.problems[0].detail), resend];
}
