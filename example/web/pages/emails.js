// Addresses of the user: confirm, add, remove, and choose the primary one.

import { get, post, remove } from "../lib/api.js";
import { sensitive, sure } from "../lib/confirm.js";
import { toast } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { t } from "../lib/i18n.js";
import { action, badge, codeForm, empty, heading, lookInMails, row, rows, section } from "../lib/parts.js";
import { refresh } from "../lib/router.js";

export const title = "emails.title";
export const needsUser = true;

export default async function emails() {
  const all = await get("emails/");
  return [
    heading(t("emails.title"), t("emails.text")),
    all.length > 0 ? rows(all.map(address)) : empty(t("emails.none"), t("emails.none.text")),
    all.filter((one) => !one.verified).map(confirming),
    section(t("emails.add"), form({
      fields: [{ name: "email", label: t("email"), type: "email", autocomplete: "email" }],
      submit: t("emails.add"),
      async send({ email }) {
        await sensitive(() => post("emails/", { email }));
        toast(t("emails.added"));
        await refresh();
      },
    })),
  ];
}

function address({ id, email, verified, primary }) {
  const state = [primary && badge(t("emails.primary")), badge(t(verified ? "emails.confirmed" : "emails.unconfirmed"), verified ? "good" : "warn")];
  const choose = async () => { await sensitive(() => post(`emails/${id}/primary/`)); toast(t("saved")); await refresh(); };
  const drop = async () => {
    await sure(t("emails.remove"), email, t("emails.drop"));
    await sensitive(() => remove(`emails/${id}/`));
    await refresh();
  };
  return row(email, [state.filter(Boolean)],
    verified && !primary && action(t("emails.choose"), choose, { name: email }), !primary && action(t("emails.drop"), drop, { name: email }));
}

// confirming asks for the code of the mail. Its link works as well.
const confirming = ({ id, email }) => section(t("emails.confirm.address", { email }),
  lookInMails(t("emails.sent")),
  codeForm(email, "registration/verify-email/", async (done) => { toast(done.detail ?? t("verify.done")); await refresh(); }, t("verify.submit")),
  action(t("emails.resend"), async () => toast((await post(`emails/${id}/resend/`)).detail)));
