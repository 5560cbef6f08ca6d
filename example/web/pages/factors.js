// Second factors: an authenticator app, codes in mails, recovery codes, and browsers that need none.

import { get, post, remove } from "../lib/api.js";
import { modal, sensitive, sure } from "../lib/confirm.js";
import { agent } from "../lib/agent.js";
import { h, toast } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { ago, date, t } from "../lib/i18n.js";
import { action, badge, empty, heading, lookInMails, recoveryCodes, row, rows, scan, section } from "../lib/parts.js";
import { recoverable, recoveryWarning } from "../lib/recovery.js";
import { go, refresh, replace } from "../lib/router.js";
import { config, currentUser, logOut } from "../lib/session.js";

export const title = "factors.title";
export const needsUser = true;

export default async function factors() {
  const offers = config().features.mfa;
  const [status, browsers] = await Promise.all([get("mfa/status/"), offers.trust_days ? get("mfa/trusted-browsers/") : []]);
  return [
    heading(t("factors.title"), t("factors.text")), recoveryWarning(status),
    rows(app(status), offers.factors.includes("email") && mails(status), status.mfa_enabled && recovery(status), canRecover(status) && lost(browsers)),
    offers.trust_days > 0 && section(t("factors.browsers"), trusted(browsers)),
  ];
}

function app({ factors: on, created_at }) {
  const set = on.includes("totp");
  return row(t("totp.title"), [t("totp.text"), set ? badge(t("state.on"), "good") : badge(t("state.off")), set && created_at && date(created_at, { dateStyle: "medium" })],
    set ? action(t("totp.remove"), () => turnOff(t("totp.remove"), "mfa/totp/deactivate/"), { kind: "quiet" }) : action(t("totp.add"), setUp, { kind: "primary" }));
}

// setUp shows a secret to scan, and asks for the first code of the app.
async function setUp() {
  const offer = await get("mfa/totp/activate/");
  replace([
    heading(t("totp.add"), t("totp.scan")),
    scan(offer),
    form({
      fields: [{ name: "code", label: t("totp.code"), inputmode: "numeric", autocomplete: "one-time-code", maxlength: "8" }],
      submit: t("totp.confirm"),
      async send({ code }) {
        const body = { activation_token: offer.activation_token, code };
        finished((await sensitive(() => post("mfa/totp/activate/", body))).recovery_codes);
      },
    }),
    h("p", { class: "aside" }, h("a", { href: "/account/factors" }, t("cancel"))),
  ]);
}

// finished shows the recovery codes that the user got, once.
function finished(codes) {
  if (!codes?.length) return refresh();
  return replace([heading(t("factors.done")), recoveryCodes(codes), h("p", null, h("a", { class: "button primary", href: "/account/factors" }, t("recovery.kept")))]);
}

function mails({ factors: on }) {
  const set = on.includes("email");
  return row(t("mailcode.title"), [t("mailcode.text"), set ? badge(t("state.on"), "good") : badge(t("state.off"))],
    set ? action(t("mailcode.remove"), () => turnOff(t("mailcode.remove"), "mfa/email/deactivate/", () => post("mfa/email/send/")), { kind: "quiet" }) : action(t("mailcode.add"), setUpMails));
}

async function setUpMails() {
  const { detail } = await sensitive(() => post("mfa/email/send/"));
  replace([
    heading(t("mailcode.title")), lookInMails(detail),
    form({
      fields: [{ name: "code", label: t("code.label"), autocomplete: "one-time-code", maxlength: "32" }],
      submit: t("continue"), send: async ({ code }) => finished((await sensitive(() => post("mfa/email/activate/", { code }))).recovery_codes),
    }),
    h("p", { class: "aside" }, h("a", { href: "/account/factors" }, t("cancel"))),
  ]);
}

// turnOff asks for a code first.
async function turnOff(label, path, before) {
  await before?.();
  await modal(label, (done) => form({
    fields: [{ name: "code", label: t("factor.code"), hint: t("factor.code.hint"), autocomplete: "one-time-code", maxlength: "32" }],
    submit: label, danger: true,
    async send({ code }) {
      toast((await sensitive(() => post(path, { code }))).detail);
      done();
    },
  }));
  await refresh();
}

const recovery = ({ recovery_codes_remaining: left }) => row(t("recovery.title"), [t("recovery.left", { n: left })],
  action(t("recovery.new"), async () => finished((await sensitive(() => post("mfa/recovery-codes/regenerate/"))).codes), { kind: "quiet" }));

// canRecover reports whether the user can begin a recovery: the server refuses it to operators.
const canRecover = (status) => recoverable() && status.mfa_enabled && !status.recovery && !currentUser().is_operator;

// lost leads to a login with a second step, where the recovery begins. If the browser were trusted, the login would skip that step.
const lost = (browsers) => row(t("lost.row"), [t("lost.row.text")], action(t("lost.row.submit"), async () => {
  await sure(t("lost.row"), t("lost.row.sure"), t("lost.row.submit"));
  for (const { id, current } of browsers) if (current) await remove(`mfa/trusted-browsers/${id}/`);
  await logOut();
  await go("/login");
}, { kind: "quiet" }));

function trusted(browsers) {
  if (browsers.length === 0) return empty(t("factors.browsers.none"), t("factors.browsers.text"));
  const forget = (id) => async () => { await remove(`mfa/trusted-browsers/${id}/`); await refresh(); };
  return rows(browsers.map(({ id, user_agent, ip, last_used_at, created_at, expires_at, current }) => row(
    agent(user_agent), [[ip, " · ", ago(last_used_at ?? created_at)], t("expires", { time: date(expires_at, { dateStyle: "medium" }) }), current && badge(t("devices.this"), "good")],
    action(t("factors.browsers.end"), forget(id), { name: agent(user_agent) }))));
}
