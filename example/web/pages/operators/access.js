// Whether and how a user can log in: bans, passwords, second factors, and the account as a whole.

import { patch, post, remove } from "../../lib/api.js";
import { begin } from "../../lib/acting.js";
import { modal, sensitive, sure } from "../../lib/confirm.js";
import { toast } from "../../lib/dom.js";
import { form } from "../../lib/form.js";
import { date, t } from "../../lib/i18n.js";
import { change, nameOf } from "../../lib/operator.js";
import { action, row, rows, section } from "../../lib/parts.js";
import { go, refresh } from "../../lib/router.js";
import { config } from "../../lib/session.js";

export function accessSection(user, at, may) {
  const all = [
    may("auth.ban_user") && banRow(user, at), may("auth.change_user") && activeRow(user, at), may("auth.change_user") && passwordRow(user, at),
    may("auth.change_user") && user.factors.length > 0 && factorsRow(user, at),
    may("auth.impersonate_user") && !user.is_superuser && actingRow(user),
    may("auth.delete_user") && row(t("user.delete"), [t("user.delete.text")], action(t("user.delete"), () => erase(user, at), { kind: "danger" })),
  ].filter(Boolean);
  return all.length > 0 && section(t("user.access"), rows(all));
}

function banRow(user, at) {
  if (!user.is_banned) return row(t("ban"), [t("ban.text")], action(t("ban"), () => ban(at)));
  const { reason, until } = user.ban;
  return row(t("user.banned"), [reason && t("ban.because", { reason }), until ? t("ban.until", { time: date(until) }) : t("ban.forever")],
    action(t("ban.end"), change(() => post(`${at}unban/`), t("ban.ended"))));
}

async function ban(at) {
  await modal(t("ban"), (done) => form({
    fields: [
      { name: "reason", label: t("acting.reason"), hint: t("ban.reason.hint"), autocomplete: "off", maxlength: "255" },
      { name: "until", label: t("ban.end.at"), hint: t("ban.end.at.hint"), type: "datetime-local" },
    ],
    submit: t("ban"), danger: true,
    async send({ reason, until }) {
      await sensitive(() => post(`${at}ban/`, { reason, until: until ? new Date(until).toISOString() : null }));
      done();
    },
  }));
  await refresh();
  toast(t("ban.done"));
}

function activeRow({ is_active: active }, at) {
  return row(t(active ? "user.deactivate" : "user.activate"), [t(active ? "user.deactivate.text" : "user.activate.text")],
    action(t(active ? "user.deactivate" : "user.activate"), change(() => patch(at, { is_active: !active }))));
}

function passwordRow(user, at) {
  const demand = async () => {
    await sure(t("user.password.demand"), t("user.password.demand.text"), t("user.password.demand"));
    await change(() => remove(`${at}password/`), t("user.password.demanded"))();
  };
  return row(t("user.password"), [t("user.password.text")],
    action(t("user.password.link"), async () => toast((await sensitive(() => post(`${at}password/link/`))).detail)), user.has_password && action(t("user.password.demand"), demand));
}

const factorsRow = (user, at) => row(t("user.second"), [t("user.factors.text")], action(t("user.factors.reset"), async () => {
  await sure(t("user.factors.reset"), t("user.factors.sure", { name: nameOf(user) }), t("user.factors.reset"));
  await change(() => remove(`${at}factors/`))();
}));

// actingRow is missing where the server does not offer it: it needs mails, which tell the users.
function actingRow({ id }) {
  const offer = config().features.impersonate;
  return offer && row(t("acting.begin"), [t("acting.begin.text", { n: offer.lifetime / 60 })], action(t("acting.begin"), () => begin(id)));
}

async function erase(user, at) {
  await sure(t("user.delete"), t("user.delete.sure", { name: nameOf(user) }), t("user.delete"));
  await sensitive(() => remove(at));
  toast(t("user.deleted"));
  await go("/operators/users");
}
