// The link of a mail to confirm an address.

import { post } from "../lib/api.js";
import { linkPage, onward } from "../lib/dead.js";
import { toast } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { heading, lookInMails } from "../lib/parts.js";
import { go, replace } from "../lib/router.js";
import { currentUser, load } from "../lib/session.js";

export const title = "verify.title";

export default ({ params: { key } }) => linkPage({
  title: t("verify.title"), text: t("verify.text"), submit: t("verify.submit"),
  async send() {
    const done = await post("registration/verify-email/", { key });
    toast(done.detail ?? t("verify.done"));
    await load(); // a confirmed address can change who is logged in
    await go(currentUser() ? "/" : "/login");
  },
  dead: () => (currentUser() ? onward("/account/emails", t("emails.title")) : again()),
});

// again asks for another mail.
const again = () => form({
  fields: [{ name: "email", label: t("email"), type: "email", autocomplete: "email" }],
  submit: t("emails.resend"),
  async send({ email }) {
    const { detail } = await post("registration/resend-email/", { email });
    replace([heading(t("code.title"), email), lookInMails(detail)]);
  },
});
