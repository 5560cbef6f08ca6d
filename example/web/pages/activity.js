// Security events of the account.

import { get } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { eventRow } from "../lib/events.js";
import { t } from "../lib/i18n.js";
import { empty, heading, rows } from "../lib/parts.js";

export const title = "activity.title";
export const needsUser = true;

export default async function activity() {
  const events = await get("security/events/");
  return [
    heading(t("activity.title"), t("activity.text")),
    events.length > 0 ? rows(events.map(entry)) : empty(t("activity.none"), t("activity.none.text")),
    h("p", { class: "aside" }, t("activity.strange"), " ", h("a", { href: "/account/password" }, t("password.title"))),
  ];
}

function entry(one) {
  const { event, details, actor } = one;
  const about = event === "verify" || event.startsWith("email_") || event.startsWith("social_") ? details : "";
  return eventRow(one, about, actor && t("activity.operator"));
}
