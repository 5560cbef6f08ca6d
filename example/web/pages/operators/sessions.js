// Sessions and personal tokens of a user.

import { agent } from "../../lib/agent.js";
import { remove } from "../../lib/api.js";
import { sure } from "../../lib/confirm.js";
import { ago, date, has, t } from "../../lib/i18n.js";
import { change } from "../../lib/operator.js";
import { action, badge, row, rows, section } from "../../lib/parts.js";

export function sessionSection(sessions, tokens, at, may) {
  const editable = may("auth.change_user");
  const endAll = async () => {
    await sure(t("user.sessions.end"), t("user.sessions.sure"), t("user.sessions.end"));
    await change(() => remove(`${at}sessions/`), t("devices.ended"))();
  };
  return [
    section(t("devices.title"), sessions.length > 0 ? rows(sessions.map((one) => session(one, at, editable))) : t("user.sessions.none"),
      editable && sessions.length + tokens.length > 0 && action(t("user.sessions.end"), endAll, { kind: "danger" })),
    tokens.length > 0 && section(t("tokens.title"), rows(tokens.map((one) => token(one, at, editable)))),
  ];
}

function session({ id, user_agent, ip, method, created_at, last_seen_at, acr, actor }, at, may) {
  const how = has(`method.${method}`) ? t(`method.${method}`) : method;
  return row(agent(user_agent), [
    [ip, " · ", ago(last_seen_at)], t("devices.since", { time: date(created_at), how }),
    [acr === "aal2" && badge(t("devices.two")), actor && badge(t("activity.operator"), "warn")].filter(Boolean),
  ], may && action(t("devices.end"), change(() => remove(`${at}sessions/${id}/`), t("devices.ended")), { name: agent(user_agent) }));
}

const token = ({ id, name, scopes, created_at, last_used_at }, at, may) => row(name, [
  scopes?.map((one) => badge(one)),
  [t("created", { time: date(created_at, { dateStyle: "medium" }) }), " · ", last_used_at ? t("used", { time: ago(last_used_at) }) : t("unused")],
], may && action(t("tokens.remove"), change(() => remove(`${at}tokens/${id}/`)), { name }));
