// How a user is known: addresses, accounts at providers, passkeys.

import { post } from "../../lib/api.js";
import { date, t } from "../../lib/i18n.js";
import { sensitive } from "../../lib/confirm.js";
import { toast } from "../../lib/dom.js";
import { form } from "../../lib/form.js";
import { change } from "../../lib/operator.js";
import { action, badge, row, rows, section } from "../../lib/parts.js";
import { refresh } from "../../lib/router.js";

export const identitySection = (user, at, may) => [
  section(t("emails.title"),
    user.emails.length > 0 ? rows(user.emails.map((one) => address(one, at, may))) : t("emails.none"), may("auth.change_user") && adding(at)),
  known(user).length > 0 && section(t("user.identities"), rows(known(user))),
];

function address({ email, verified, primary }, at, may) {
  const state = [primary && badge(t("emails.primary")), badge(t(verified ? "emails.confirmed" : "emails.unconfirmed"), verified ? "good" : "warn")];
  return row(email, [state.filter(Boolean)],
    !verified && may("auth.change_user") && action(t("verify.submit"), change(() => post(`${at}emails/`, { email }), t("verify.done")), { name: email }));
}

// adding confirms an address without a mail, so operators must know that it is the user's.
const adding = (at) => form({
  fields: [{ name: "email", label: t("user.email.add"), hint: t("user.email.hint"), type: "email", autocomplete: "off" }],
  submit: t("user.email.confirm"),
  async send({ email }) {
    await sensitive(() => post(`${at}emails/`, { email }));
    await refresh();
    toast(t("verify.done"));
  },
});

function known({ features: { social = [], passkeys } }) {
  const added = (time) => t("created", { time: date(time, { dateStyle: "medium" }) });
  return [
    ...social.map((one) => row(`${one.provider}: ${one.uid}`, [t("connections.title"), added(one.date_joined)])),
    ...(passkeys?.passkeys ?? []).map((one) => row(one.name, [t("passkeys.title"), added(one.created_at)])),
  ];
}
