// Accounts at providers that the user can log in with.

import { get, post, remove } from "../lib/api.js";
import { sensitive, sure } from "../lib/confirm.js";
import { ago, date, t } from "../lib/i18n.js";
import { action, empty, heading, row, rows, section } from "../lib/parts.js";
import { refresh } from "../lib/router.js";
import { config } from "../lib/session.js";

export const title = "connections.title";
export const needsUser = true;

export default async function connections() {
  const all = await get("socialaccounts/");
  const more = config().features.social.providers.filter(({ name, connect_redirect }) => connect_redirect && !all.some((one) => one.provider === name));
  return [
    heading(t("connections.title"), t("connections.text")),
    all.length > 0 ? rows(all.map(account)) : empty(t("connections.none"), t(more.length > 0 ? "connections.none.text" : "connections.cannot")),
    more.length > 0 && section(t("connections.add"), more.map(({ name, connect_redirect }) => action(t("connections.with", { provider: name }), () => connect(connect_redirect)))),
  ];
}

function account({ id, provider, uid, date_joined, last_login }) {
  const drop = async () => {
    await sure(t("connections.remove"), `${provider}: ${uid}`, t("connections.remove"));
    await sensitive(() => remove(`socialaccounts/${id}/`));
    await refresh();
  };
  return row(`${provider}: ${uid}`, [t("created", { time: date(date_joined, { dateStyle: "medium" }) }), last_login && t("used", { time: ago(last_login) })],
    action(t("connections.remove"), drop, { name: provider }));
}

// connect leaves the page. The provider sends the browser back to it.
async function connect(path) {
  location.assign((await sensitive(() => post(path, { next: "/account/social?then=/account/connections" }))).url);
}
