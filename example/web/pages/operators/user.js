// One user, for operators. The sections are in modules of their own.

import { get } from "../../lib/api.js";
import { sensitive } from "../../lib/confirm.js";
import { h } from "../../lib/dom.js";
import { ago, date, has, languages, t } from "../../lib/i18n.js";
import { badges, nameOf } from "../../lib/operator.js";
import { can, config, currentUser } from "../../lib/session.js";
import { heading } from "../../lib/parts.js";
import { accessSection } from "./access.js";
import { eventSection } from "./events.js";
import { identitySection, namesForm } from "./identities.js";
import { rightsSection } from "./rights.js";
import { sessionSection } from "./sessions.js";

export const title = "users.title";
export const needsUser = true;

export default async function user({ params: { id } }) {
  const at = `admin/users/${id}/`;
  const [one, sessions, tokens, events, groups, permissions] = await sensitive(() => Promise.all([
    get(at), get(`${at}sessions/`), get(`${at}tokens/`), get(`${at}events/?limit=10`),
    can("auth.view_group") ? get("admin/groups/") : { results: [] }, can("auth.view_permission") ? get("admin/permissions/") : { results: [] },
  ]));
  const own = one.id === currentUser().pk;
  const may = (permission) => !own && can(permission);
  return [
    heading(nameOf(one), [one.first_name, one.last_name].filter(Boolean).join(" ")),
    badges(one).length > 0 && h("p", { class: "badges" }, badges(one)),
    facts(one), may("auth.change_user") && namesForm(one, at),
    own && h("p", { class: "notice" }, t("user.own"), " ", h("a", { href: "/account" }, t("account"))),
    accessSection(one, at, may), identitySection(one, at, may), sessionSection(sessions.results, tokens.results, at, may),
    rightsSection(one, groups.results, permissions.results, at, may), eventSection(events, at),
  ];
}

function facts(one) {
  const day = (time) => date(time, { dateStyle: "medium", timeStyle: "short" });
  const all = [
    [t("user.id"), one.id], [t("email"), one.email], [t("user.joined"), day(one.date_joined)], [t("user.last"), one.last_login && ago(one.last_login)],
    [t("language"), languages[one.locale] ?? one.locale], [t("user.backend"), one.backend], [t("user.delete_at"), one.delete_at && day(one.delete_at)],
    [t("user.password"), t(one.has_password ? "state.set" : "state.unset")],
    config().features.mfa && [t("user.second"), one.factors.length ? one.factors.map((name) => (has(`factorname.${name}`) ? t(`factorname.${name}`) : name)).join(", ") : t("user.none")],
  ];
  return h("dl", { class: "facts" }, all.filter((pair) => pair && pair[1]).map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
}
