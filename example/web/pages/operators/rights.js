// What a user can do: the rank, groups and single permissions. Operators give only what they have.

import { patch, put } from "../../lib/api.js";
import { sensitive } from "../../lib/confirm.js";
import { checks } from "../../lib/checks.js";
import { h, toast } from "../../lib/dom.js";
import { form } from "../../lib/form.js";
import { t } from "../../lib/i18n.js";
import { badge, row, rows, section } from "../../lib/parts.js";
import { refresh } from "../../lib/router.js";
import { myRights } from "../../lib/session.js";

export function rightsSection(user, groups, permissions, at, may) {
  const { rights } = user;
  if (!may("auth.change_user")) {
    const { granted } = user.features.roles;
    const lists = [["groups.title", rights.groups], ["user.permissions.granted", granted], ["user.permissions.inherited", rights.permissions.filter((name) => !granted.includes(name))]];
    const shown = lists.filter(([, names]) => names.length > 0).map(([title, names]) => row(t(title), [names.map((name) => badge(name))]));
    return shown.length > 0 && section(t("user.rights"), rows(shown));
  }
  return section(t("user.rights"), ranks(user, groups, at), permissions.length > 0 && single(user, groups, permissions, at));
}

function ranks({ rights, is_staff, is_superuser }, groups, at) {
  const options = [["is_staff", t("user.staff")], myRights().is_superuser && ["is_superuser", t("user.superuser")]].filter(Boolean);
  const fields = [checks({ name: "rank", label: t("user.rank"), hint: t("user.rank.hint"), options, value: [is_staff && "is_staff", is_superuser && "is_superuser"] })];
  const known = groups.map((one) => one.name);
  if (known.length > 0) fields.push(checks({ name: "groups", label: t("groups.title"), options: known, value: rights.groups }));
  return form({
    fields, submit: t("save"),
    async send({ rank, groups: chosen }) {
      const body = Object.fromEntries(options.map(([name]) => [name, rank.includes(name)]));
      await sensitive(() => patch(at, body));
      if (chosen && String(chosen) !== String(rights.groups)) await sensitive(() => put(`${at}groups/`, { groups: chosen }));
      await refresh();
      toast(t("saved"));
    },
  });
}

// givers returns what gives a permission besides a grant: the groups of the user that have it. Operators need not see groups.
function givers({ rights, features: { roles } }, groups, name) {
  const all = groups.filter((one) => rights.groups.includes(one.name) && one.permissions.includes(name)).map((one) => one.name);
  return all.length > 0 || !rights.permissions.includes(name) || roles.granted.includes(name) ? all : [t("user.permissions.group")];
}

// single has the permissions that are granted to the user alone, each with the groups that give it as well.
function single(user, groups, permissions, at) {
  const label = (name) => [name, givers(user, groups, name).map((group) => [" ", badge(group)])];
  return h("details", null, h("summary", null, t("user.permissions")), form({
    fields: [checks({
      name: "permissions", label: t("groups.permissions"), hint: t("user.permissions.hint"),
      options: permissions.map((name) => [name, label(name)]), value: user.features.roles.granted,
    })],
    submit: t("user.permissions.save"),
    async send(values) {
      await sensitive(() => put(`${at}permissions/`, values));
      await refresh();
      toast(t("saved"));
    },
  }));
}
