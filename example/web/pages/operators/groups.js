// Groups and their permissions.

import { get, post, put } from "../../lib/api.js";
import { checks } from "../../lib/checks.js";
import { modal, sensitive, sure } from "../../lib/confirm.js";
import { toast } from "../../lib/dom.js";
import { form } from "../../lib/form.js";
import { t } from "../../lib/i18n.js";
import { change } from "../../lib/operator.js";
import { action, badge, empty, heading, row, rows } from "../../lib/parts.js";
import { refresh } from "../../lib/router.js";
import { can } from "../../lib/session.js";

export const title = "groups.title";
export const needsUser = true;

export default async function groups() {
  const [all, permissions] = await sensitive(() => Promise.all([get("admin/groups/"), can("auth.view_permission") ? get("admin/permissions/") : { results: [] }]));
  const edit = (one) => editing(one, permissions.results);
  return [
    heading(t("groups.title"), t("groups.text")),
    all.results.length > 0 ? rows(all.results.map((one) => group(one, edit))) : empty(t("groups.none"), t("groups.none.text")),
    can("auth.change_group") && can("auth.add_group") && action(t("groups.add"), () => edit(null), { kind: "primary" }),
  ];
}

function group({ name, permissions }, edit) {
  const drop = async () => {
    await sure(t("groups.remove"), name, t("groups.drop"));
    await change(() => post("admin/groups/delete/", { name }))();
  };
  return row(name, [permissions.length > 0 ? permissions.map((one) => badge(one)) : t("groups.empty")],
    can("auth.change_group") && action(t("groups.edit"), () => edit({ name, permissions }), { name }), can("auth.delete_group") && action(t("groups.drop"), drop, { name }));
}

// editing shows a dialog for a group, or for a new one.
async function editing(one, permissions) {
  const chosen = checks({ name: "permissions", label: t("groups.permissions"), options: permissions, value: one?.permissions });
  await modal(one ? one.name : t("groups.add"), (done) => form({
    fields: [!one && { name: "name", label: t("groups.name"), autocomplete: "off", maxlength: "150" }, chosen].filter(Boolean),
    submit: t("save"),
    async send(values) {
      await sensitive(() => put("admin/groups/", { ...one, ...values }));
      done();
    },
  }));
  await refresh();
  toast(t("saved"));
}
