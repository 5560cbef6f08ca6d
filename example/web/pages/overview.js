// The account at a glance: what is set up, and what is worth setting up.

import { get } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { badge, heading } from "../lib/parts.js";
import { sections } from "../lib/sections.js";
import { currentUser } from "../lib/session.js";

export const title = "overview.title";
export const needsUser = true;

// states say something about a page: its state, and whether that is good.
const states = {
  profile: () => [currentUser().username],
  emails: async () => {
    const emails = await get("emails/");
    if (emails.length === 0) return [t("emails.none"), "warn"];
    return emails.some((one) => !one.verified) ? [t("emails.unconfirmed"), "warn"] : [t("emails.confirmed"), "good"];
  },
  password: () => (currentUser().has_password ? [t("state.set"), "good"] : [t("state.unset")]),
  factors: async () => ((await get("mfa/status/")).mfa_enabled ? [t("state.on"), "good"] : [t("state.off"), "warn"]),
  passkeys: async () => [String((await get("passkeys/")).length)],
  connections: async () => [String((await get("socialaccounts/")).length)],
  devices: async () => [String((await get("sessions/")).length)],
  tokens: async () => [String((await get("tokens/")).length)],
};

export default async function overview() {
  const rows = await Promise.all(sections().map(async (name) => {
    const [text, kind] = (await states[name]?.()) ?? [];
    return h("li", null, h("a", { href: `/account/${name}` },
      h("span", { class: "what" }, h("span", { class: "title" }, t(`${name}.title`)), h("span", { class: "meta" }, t(`${name}.short`))),
      text && badge(text, kind)));
  }));
  return [heading(t("account"), t("overview.text", { name: currentUser().username })), h("ul", { class: "glance" }, rows)];
}
