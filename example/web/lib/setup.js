// A login of a user who must set up a second factor first.

import { post } from "./api.js";
import { h } from "./dom.js";
import { form } from "./form.js";
import { t } from "./i18n.js";
import { heading, lookInMails, recoveryCodes, scan } from "./parts.js";
import { replace } from "./router.js";
import { enter } from "./session.js";

// setUp shows a secret to scan. Unless the login itself came from a mail, the server also mails a code, so that a stolen password is not
// enough to set up an app.
export async function setUp({ ephemeral_token }, then) {
  const offer = await post("mfa/setup/", { ephemeral_token });
  const fields = [{ name: "code", label: t("totp.code"), inputmode: "numeric", autocomplete: "one-time-code", maxlength: "8" }];
  if (offer.email_code_required) fields.push({ name: "email_code", label: t("code.label"), autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: "32" });
  replace([
    heading(t("setup.title"), t("setup.text")), scan(offer), offer.email_code_required && lookInMails(t("setup.mail")),
    form({
      fields, submit: t("totp.confirm"),
      async send(values) {
        const { user } = await post("mfa/setup/confirm/", { ephemeral_token, activation_token: offer.activation_token, ...values });
        await enter(user);
        const { codes } = await post("mfa/recovery-codes/regenerate/");
        replace([heading(t("factors.done")), recoveryCodes(codes), h("p", null, h("a", { class: "button primary", href: then }, t("recovery.kept")))]);
      },
    }),
    h("p", { class: "aside" }, h("a", { href: `/login?${new URLSearchParams({ next: then })}` }, t("factor.restart"))),
  ]);
}
