// Personal tokens: keys for the user's own programs.

import { get, post, remove } from "../lib/api.js";
import { sensitive, sure } from "../lib/confirm.js";
import { h, toast } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { ago, date, days, t } from "../lib/i18n.js";
import { action, badge, empty, heading, row, rows, section } from "../lib/parts.js";
import { refresh, replace } from "../lib/router.js";

export const title = "tokens.title";
export const needsUser = true;

const day = 24 * 60 * 60; // seconds

export default async function tokens() {
  const all = await get("tokens/");
  return [
    heading(t("tokens.title"), t("tokens.text")),
    all.length > 0 ? rows(all.map(token)) : empty(t("tokens.none"), t("tokens.none.text")),
    section(t("tokens.add"), form({
      fields: [
        { name: "name", label: t("tokens.name"), hint: t("tokens.name.hint"), autocomplete: "off", maxlength: "80" },
        { name: "scopes", label: t("tokens.access"), options: { "list:read": t("tokens.read"), "list:read list:write": t("tokens.write") } },
        { name: "days", label: t("tokens.lifetime"), value: "90", options: Object.fromEntries([7, 30, 90, 365].map((n) => [n, days(n)])) },
      ],
      submit: t("tokens.add"), at: { expires_in: "days" },
      async send({ name, scopes, days: lifetime }) {
        created(await sensitive(() => post("tokens/", { name, scopes: scopes.split(" "), expires_in: Number(lifetime) * day })));
      },
    })),
  ];
}

// created shows the key, once.
function created({ key }) {
  const command = `curl -H "Authorization: Bearer ${key}" ${location.origin}/api/items`;
  replace([
    heading(t("tokens.created"), t("tokens.once")),
    h("pre", { tabindex: "0", role: "region", "aria-label": t("tokens.key") }, h("code", { id: "key" }, key)), action(t("copy"), async () => { await navigator.clipboard.writeText(key); toast(t("copied")); }),
    h("p", null, t("tokens.try")), h("pre", { tabindex: "0", role: "region", "aria-label": t("tokens.try") }, h("code", null, command)),
    h("p", null, h("a", { class: "button primary", href: "/account/tokens" }, t("done"))),
  ]);
}

function token({ id, name, scopes, created_at, last_used_at, expires_at }) {
  const drop = async () => {
    await sure(t("tokens.remove"), name, t("tokens.remove"));
    await remove(`tokens/${id}/`);
    await refresh();
  };
  return row(name, [
    scopes?.map((one) => badge(one)),
    [t("created", { time: date(created_at, { dateStyle: "medium" }) }), " · ", last_used_at === created_at ? t("unused") : t("used", { time: ago(last_used_at) })],
    expires_at && t("expires", { time: date(expires_at, { dateStyle: "medium" }) }),
  ], action(t("tokens.remove"), drop, { name }));
}
