// Passkeys of the user.

import { call, get, patch } from "../lib/api.js";
import { modal, sensitive, sure } from "../lib/confirm.js";
import { toast } from "../lib/dom.js";
import { form } from "../lib/form.js";
import { ago, date, t } from "../lib/i18n.js";
import { action, empty, heading, row, rows, section } from "../lib/parts.js";
import { add, offered } from "../lib/passkey.js";
import { refresh } from "../lib/router.js";

export const title = "passkeys.title";
export const needsUser = true;

export default async function passkeys() {
  const all = await get("passkeys/");
  return [
    heading(t("passkeys.title"), t("passkeys.text")),
    all.length > 0 ? rows(all.map(entry)) : empty(t("passkeys.none"), t("passkeys.none.text")),
    section(t("passkeys.add"), offered() ? form({
      fields: [{ name: "name", label: t("passkeys.name"), hint: t("passkeys.name.hint"), autocomplete: "off", maxlength: "255" }],
      submit: t("passkeys.add"), at: { credential: "name" },
      async send({ name }) {
        await sensitive(() => add(name));
        toast(t("saved"));
        await refresh();
      },
    }) : empty(t("passkeys.not.here"), t("passkeys.not.here.text"))),
  ];
}

function entry({ id, name, created_at, last_used_at }) {
  const rename = async () => {
    await modal(t("rename"), (done) => form({
      fields: [{ name: "name", label: t("passkeys.name"), value: name, autocomplete: "off", maxlength: "255" }],
      submit: t("save"), send: async (values) => { await patch(`passkeys/${id}/`, values); done(); },
    }));
    await refresh();
  };
  const drop = async () => {
    await sure(t("passkeys.remove"), name, t("passkeys.drop"));
    await sensitive(() => call("DELETE", `passkeys/${id}/`));
    await refresh();
  };
  return row(name, [t("created", { time: date(created_at, { dateStyle: "medium" }) }), last_used_at && t("used", { time: ago(last_used_at) })],
    action(t("rename"), rename, { name }), action(t("passkeys.drop"), drop, { name }));
}
