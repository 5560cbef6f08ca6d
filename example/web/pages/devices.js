// Sessions of the user, by device.

import { call, get, remove } from "../lib/api.js";
import { agent } from "../lib/agent.js";
import { toast } from "../lib/dom.js";
import { ago, date, has, t } from "../lib/i18n.js";
import { action, badge, heading, row, rows } from "../lib/parts.js";
import { refresh } from "../lib/router.js";

export const title = "devices.title";
export const needsUser = true;

export default async function devices() {
  const all = (await get("sessions/")).sort((a, b) => b.current - a.current); // this device first
  const others = async () => { await call("DELETE", "sessions/"); toast(t("devices.ended")); await refresh(); };
  return [
    heading(t("devices.title"), t("devices.text")),
    rows(all.map(session)),
    all.length > 1 ? action(t("devices.end.others"), others, { kind: "danger" }) : t("devices.only"),
  ];
}

function session({ id, user_agent, ip, current, method, created_at, last_seen_at, acr, actor }) {
  const how = has(`method.${method}`) ? t(`method.${method}`) : method;
  const end = async () => { await remove(`sessions/${id}/`); toast(t("devices.ended")); await refresh(); };
  return row(agent(user_agent), [
    [ip, " · ", ago(last_seen_at)], t("devices.since", { time: date(created_at), how }),
    [current && badge(t("devices.this"), "good"), acr === "aal2" && badge(t("devices.two")), actor && badge(t("activity.operator"), "warn")].filter(Boolean),
  ], !current && action(t("devices.end"), end, { name: agent(user_agent) }));
}
