// Set a new password with the code of a mail. Its link leads to reset.js.

import { post } from "../lib/api.js";
import { h, toast } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { heading, lookInMails, passwordHint } from "../lib/parts.js";
import { go, replace } from "../lib/router.js";
import { take } from "../lib/typed.js";

export const title = "forgot.title";

export default function forgot() {
  const { login = "" } = take(); // the user name or address that the login has
  return [
    heading(t("forgot.title"), t("forgot.text")),
    form({
      fields: [{ name: "email", label: t("email"), type: "email", value: login.includes("@") ? login : "", autocomplete: "email" }],
      submit: t("code.send"),
      async send({ email }) {
        const { detail } = await post("password/reset/", { email });
        replace([heading(t("code.title"), email), lookInMails(detail), withCode(email)]);
      },
    }),
    h("p", { class: "aside" }, h("a", { href: "/login" }, t("login.back"))),
  ];
}

const withCode = (email) => form({
  fields: [
    { name: "code", label: t("code.label"), autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false", maxlength: "32" },
    { name: "password", label: t("password.new"), hint: passwordHint(), type: "password", autocomplete: "new-password", maxlength: "1024" },
  ],
  submit: t("reset.submit"), at: { ticket_not_valid: "code", new_password1: "password", new_password2: "password" },
  async send({ code, password }) {
    const { detail } = await post("password/reset/confirm/", { email, code, new_password1: password, new_password2: password });
    toast(detail);
    await go("/login");
  },
});
