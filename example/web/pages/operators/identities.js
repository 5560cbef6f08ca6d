// How a user is known: names, addresses, accounts at providers, passkeys.

import { patch, post } from "../../lib/api.js";
import { date, t } from "../../lib/i18n.js";
import { sensitive } from "../../lib/confirm.js";
import { h, toast } from "../../lib/dom.js";
import { form } from "../../lib/form.js";
import { change } from "../../lib/operator.js";
import { action, badge, row, rows, section } from "../../lib/parts.js";
import { refresh } from "../../lib/router.js";

export const identitySection = (user, at, may) => [
  section(t("emails.title"),
    user.emails.length > 0 ? rows(user.emails.map((one) => address(one, at, may))) : t("emails.none"), may("auth.change_user") && adding(at)),
  known(user).length > 0 && section(t("user.identities"), rows(known(user))),
];

// namesForm changes the names of a user. A directory can manage the user name.
export const namesForm = (user, at) => h("details", null, h("summary", null, t("user.names")), form({
  fields: [
    { name: "username", label: t("username"), value: user.username, autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "150" },
    { name: "first_name", label: t("profile.first"), value: user.first_name, autocomplete: "off", maxlength: "150" },
    { name: "last_name", label: t("profile.last"), value: user.last_name, autocomplete: "off", maxlength: "150" },
  ],
  submit: t("user.names.save"),
  async send({ username, ...names }) {
    await sensitive(() => patch(at, username === user.username ? names : { username, ...names })); // users need not have a user name
    await refresh();
    toast(t("saved"));
  },
}));

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
